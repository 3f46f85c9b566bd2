"""Indus and payments from the terminal: told, listed, paid back in an amount written the French way."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from commandes import codes, versements
from commandes import indus as commandes
from commandes.principal import application
from modeles.base import transaction
from operations.contexte import Contexte
from tests.operations.argent import (
    ETAPE,
    LES_DEUX,
    LIBERE,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reprise,
    ajouter_structure,
)

INDU = "2025-EAJE-S01-02"


@pytest.fixture(autouse=True)
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands, where S01 owes 1 234,56 € back and S02 is due 100,00 €."""
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session, nom="Commune")
        for rang in (1, 2):
            ajouter_structure(session, rang)
            ajouter_declaration(session, rang, rang)
        ajouter_reprise(session, 1, 500_000)
        ajouter_droit(session, 1, 376_544)
        ajouter_droit(session, 2, 10_000)
    for module in (commandes, codes, versements):
        monkeypatch.setattr(module, "contexte", lambda: contexte)


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, list(arguments))
    return resultat.exit_code, resultat.output.replace("\u202f", " ").replace("\u00a0", " ")


def encaisser(montant: str, par: str = LIBERE) -> tuple[int, str]:
    return lancer("indus", "encaisser", INDU, montant, "--motif", "virement du 12 mars", "--par", par)


def test_proposer_dit_l_indu_a_annoncer_et_le_compte_nouveau() -> None:
    code, sortie = lancer("proposer", ETAPE, "--par", PROPOSE)
    assert code == 0
    assert "1 indu(s) : 1 234,56 €." in sortie
    assert "Indu à annoncer autrement, personne à qui écrire : P1 Commune." in sortie
    assert "Premier versement à ce compte : S02." in sortie


def test_lister_puis_encaisser_jusqu_au_bout(tmp_path: Path) -> None:
    assert lancer("indus", "lister")[1].splitlines()[-1] == "Aucun indu à recouvrer."
    lancer("proposer", ETAPE, "--par", PROPOSE)
    code, sortie = lancer("indus", "lister", "--xlsx", str(tmp_path / "balance.xlsx"))
    assert code == 0
    assert "S01 =Crèche, exercice 2025 : indu de 1 234,56 €, rentré 0,00 €" in sortie
    assert "1 indu(s) à recouvrer : 1 234,56 €." in sortie
    assert load_workbook(tmp_path / "balance.xlsx")["Balance âgée"]["G4"].value == 1234.56
    for montant, par, reste in (("1 000,06 €", LIBERE, "234,50"), ("234,50", LES_DEUX, "0,00")):
        code, sortie = encaisser(montant, par)
        assert (code, sortie.splitlines()[-1]) == (0, f"{INDU} : il reste {reste} € à recouvrer.")
    assert lancer("indus", "lister")[1].splitlines()[-1] == "Aucun indu à recouvrer."


@pytest.mark.parametrize(
    ("montant", "phrase"),
    [
        ("1.234", "« 1.234 » peut se lire"),
        ("12,3456", "trop de décimales"),
        ("cent", "Montant illisible, lu « cent »"),
        ("1 234,57", "dépasse ce qui reste dû"),
        ("-5", "montant positif"),
        ("", "montant positif"),
    ],
)
def test_montants_refuses(montant: str, phrase: str) -> None:
    lancer("proposer", ETAPE, "--par", PROPOSE)
    code, sortie = lancer("indus", "encaisser", INDU, "--motif", "virement", "--par", LIBERE, "--", montant)
    assert (code, phrase in sortie) == (2, True), sortie


def test_tape_deux_fois_un_encaissement_se_confirme() -> None:
    lancer("proposer", ETAPE, "--par", PROPOSE)
    assert encaisser("100")[0] == 0
    code, sortie = encaisser("100")
    assert (code, "--confirmer" in sortie) == (2, True)
    motif = ("--motif", "virement du 12 mars")
    code, sortie = lancer("indus", "encaisser", INDU, "100", *motif, "--par", LIBERE, "--confirmer")
    assert (code, "il reste 1 034,56 € à recouvrer" in sortie) == (0, True), sortie


def test_qui_encaisse() -> None:
    lancer("proposer", ETAPE, "--par", PROPOSE)
    assert encaisser("1", PROPOSE)[0] == 2
