"""The commission from the terminal, as its secretary types it: from a request to its convention."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commandes import commission as commandes
from commandes.principal import application
from operations.contexte import Contexte
from regles.calendrier import PARIS
from schemas.commission import DEMANDES
from tests.operations.commission.fonds import APPEL, FEVRIER, demander, installer, jouer_jusqu_au

DEMANDE = (
    "deposer", "P1", "--appel", APPEL, "--enveloppe", "partenaires", "--exercice", "2026", "--objet", "Ludothèque",
    "--budget", "5 000", "--par", "c.martin",
)  # fmt: skip


@pytest.fixture(autouse=True)
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The commands, on a context of their own, with two partners."""
    ctx = replace(contexte, horloge=lambda: datetime(2026, 3, 2, 10, tzinfo=PARIS))
    installer(ctx)
    monkeypatch.setattr(commandes, "contexte", lambda: ctx)
    return ctx


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, ["commission", *arguments])
    return resultat.exit_code, resultat.output.replace("\u202f", " ").replace("\xa0", " ")


def test_d_une_demande_a_sa_liste() -> None:
    code, sortie = lancer(*DEMANDE, "--montant", "2 500,50", "--cofinanceur", "MSA : 1 000")
    assert code == 0
    assert "2026-PART-0001" in sortie
    assert "Part propre du partenaire : 1 499,50 €." in sortie
    code, sortie = lancer("piece", "2026-PART-0001", "budget", "--constat", "vu au dossier papier", "--par", "c.martin")
    assert (code, "Il manque : Formulaire de demande." in sortie) == (0, True)
    code, sortie = lancer("lister")
    assert ("manque : Formulaire de demande" in sortie, "déposée" in sortie) == (True, True)
    code, sortie = lancer("enveloppes", "2026")
    assert "Projets des partenaires 2026 : 120 000,00 € (inventé pour la démonstration)" in sortie
    assert "en attente de décision 2 500,50 €" in sortie
    assert lancer("retirer", "2026-PART-0001", "--motif", "Renonce.", "--par", "c.martin")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("--montant", "1,234"), "--montant : « 1,234 » peut se lire"),
        (("--montant", "beaucoup"), "--montant : Un nombre est attendu"),
        (("--montant", "2 500", "--cofinanceur", "MSA"), "« Nom : montant » est attendu"),
        (("--montant", "6 000"), "est plus petit que ce qui le finance"),
    ],
)
def test_une_faute_se_dit_en_une_phrase(arguments: tuple[str, ...], phrase: str) -> None:
    code, sortie = lancer(*DEMANDE, *arguments)
    assert code == 2
    assert phrase in sortie


def test_un_tableau_faux_dit_ses_cellules(tmp_path: Path) -> None:
    chemin = tmp_path / "demandes.csv"
    chemin.write_text(";".join(DEMANDES) + f"\r\nP9;;{APPEL};partenaires;2026;Fête;800;1 600;", "utf-8-sig")
    code, sortie = lancer("importer", str(chemin), "--par", "c.martin")
    assert code == 1
    assert "Cellule A2 : « P9 » n'est le code d'aucun partenaire." in sortie


def test_de_l_ordre_du_jour_a_la_convention(terminal: Contexte) -> None:
    demander(terminal, date(2025, 12, 15))
    jouer_jusqu_au(terminal, date(2026, 1, 11))
    code, sortie = lancer("preparer", FEVRIER)
    assert (code, "1 demande(s), 2 500,00 € demandés" in sortie) == (0, True)
    classeur = sortie.splitlines()[-1]
    code, sortie = lancer("saisir", FEVRIER, classeur, "--par", "s.dubois")
    assert "0 décision(s)" in sortie
    assert "Sans décision : 2026-PART-0001." in sortie
    decider = ("decider", FEVRIER, "2026-PART-0001", "accord", "--montant", "2 000", "--par")
    assert lancer(*decider, "c.martin") == (
        2, "Camille Martin (action sociale) n'est pas habilité(e) à enregistrer ce que décide la commission.\n",
    )  # fmt: skip
    code, sortie = lancer(*decider, "s.dubois")
    assert "2026-PART-0001 : accord. Reste 118 000,00 €" in sortie
    assert "    accordé : 2 000,00 €" in lancer("lister", FEVRIER)[1]
    erreur = ("annuler", FEVRIER, "2026-PART-0001", "--par", "s.dubois", "--motif", "Erreur de saisie.")
    assert "de nouveau à l'ordre du jour" in lancer(*erreur)[1]
    assert "accordé" not in lancer("lister", FEVRIER)[1]
    assert lancer(*decider, "s.dubois")[0] == 0
    code, sortie = lancer(
        "conventionner", "2026-PART-0001", "--numero", "FL-1", "--du", "01/03/2026", "--au", "31/12/2026", "--par",
        "c.martin",
    )  # fmt: skip
    assert (code, "2 000,00 € à payer par un lot : campagnes proposer cas-2026-02." in sortie) == (0, True)
