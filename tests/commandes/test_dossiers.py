"""Dossiers, more time, what is open, and tasks, from the terminal, on a frozen day."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commandes import dossiers, taches
from commandes.principal import application
from operations.contexte import Contexte
from operations.relances import ouvrir
from regles.calendrier import PARIS
from tests.operations.dossiers_exemple import RPE, fichier, installer_les_dossiers, rattraper

PAR = ("--par", "c.martin")
AAP = "aap-partenaires-2026"


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, list(arguments))
    return resultat.exit_code, resultat.output.replace("\u00a0", " ")


def figer(contexte: Contexte, monkeypatch: pytest.MonkeyPatch, jour: date) -> None:
    """Give the commands a clock stopped at noon of a day."""
    arrete = replace(contexte, horloge=lambda: datetime(jour.year, jour.month, jour.day, 12, tzinfo=PARIS))
    for module in (dossiers, taches):
        monkeypatch.setattr(module, "contexte", lambda: arrete)


@pytest.fixture
def bilans(contexte: Contexte) -> Contexte:
    """The relays' report, open."""
    installer_les_dossiers(contexte)
    ouvrir(contexte, RPE, date(2026, 4, 14))
    return contexte


def test_recevoir_refuser_dispenser_et_l_etat(
    bilans: Contexte, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    figer(bilans, monkeypatch, date(2026, 5, 20))
    code, sortie = lancer(
        "dossiers", "recevoir", RPE, "S2", "sphinx", "--constat", "vu le 12/05", "--le", "12/05/2026", *PAR
    )
    assert (code, "reçue le 12/05/2026. Dossier complet le 12/05/2026." in sortie) == (0, True)
    code, sortie = lancer("dossiers", "refuser", RPE, "S2", "sphinx", "--motif", "Non validée.", *PAR)
    assert (code, "refusée : Non validée. Il manque : Enquête nationale Sphinx validée." in sortie) == (0, True)
    code, sortie = lancer("dossiers", "clore", RPE, "S3", "--dispense", "--motif", "Fermé.", *PAR)
    assert (code, "en est dispensé : Fermé." in sortie) == (0, True)
    sortie = lancer("dossiers", "etat", RPE, "--xlsx", str(tmp_path / "etat.xlsx"))[1]
    assert (
        "S2  Crèche S2 : commencé\n    manque : Enquête nationale Sphinx validée\nS3  Crèche S3 : sans suite" in sortie
    )
    assert "0 complet(s), 1 commencé(s), 0 sans réponse, 1 sans suite (sur 2)." in sortie
    assert (tmp_path / "etat.xlsx").exists()
    assert "rouvert" in lancer("dossiers", "rouvrir", RPE, "S3", "--motif", "Rouvert.", *PAR)[1]


def test_annoncer_et_recevoir_un_fichier(contexte: Contexte, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installer_les_dossiers(contexte)
    figer(contexte, monkeypatch, date(2025, 12, 5))
    assert "souhaite répondre : c'est noté." in lancer("dossiers", "annoncer", AAP, "P4", *PAR)[1]
    chemin = str(fichier(tmp_path, "demande.pdf"))
    sortie = lancer("dossiers", "recevoir", AAP, "P4", "formulaire", "--fichier", chemin, *PAR)[1]
    assert "Il manque : Budget prévisionnel du projet." in sortie


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("dossiers", "clore", RPE, "S3", "--motif", "Fermé.", *PAR), "Choisissez --renonce ou --dispense."),
        (("dossiers", "recevoir", RPE, "S3", "sphinx", *PAR), "Donnez le fichier reçu (--fichier)"),
        (("dossiers", "etat", "reels-2025-a"), "ne se suit pas par dossier"),
        (("prolonger", RPE, "S3", "--jusqu-au", "bientôt", *PAR), "une date est attendue"),
        (("prolonger", RPE, "S3", "--jusqu-au", "2026-06-30", "--motif", "Départ"), "Votre identifiant est attendu"),
        (("taches", "clore", "appeler:rien", "--suite", "Appelé", *PAR), "Aucune tâche ne porte la clé"),
    ],
)
def test_un_refus_est_une_phrase(
    bilans: Contexte, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], phrase: str
) -> None:
    figer(bilans, monkeypatch, date(2026, 5, 20))
    code, sortie = lancer(*arguments)
    assert (code, phrase in sortie) == (2, True)


def test_prolonger_puis_lire_ce_qui_reste_ouvert(bilans: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    figer(bilans, monkeypatch, date(2026, 5, 29))
    rattraper(bilans, RPE, date(2026, 5, 29))
    delai = ("prolonger", RPE, "S3", "--jusqu-au", "30/06/2026")
    assert "S3 aurait jusqu'au mardi 30 juin 2026 inclus" in lancer(*delai, "--apercu")[1]
    assert "S3 a jusqu'au mardi 30 juin 2026 inclus" in lancer(*delai, "--motif", "Départ.", *PAR)[1]
    sortie = lancer("suites", RPE)[1]
    assert "S3  Crèche S3 : délai en cours, jusqu’au 30/06/2026" in sortie
    assert f"campagnes taches clore appeler:{RPE}:P1" in sortie
    assert "2 tâche(s)." in lancer("taches", "lister")[1]
    assert "est faite : Appelé." in lancer("taches", "clore", f"appeler:{RPE}:P1", "--suite", "Appelé.", *PAR)[1]
    assert "1 tâche(s)." in lancer("taches", "lister", "--etape", RPE)[1]
    assert "faite : Appelé." in lancer("taches", "lister", "--toutes")[1]
