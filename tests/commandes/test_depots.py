"""Sending a declaration back, and asking the journal, from the terminal."""

from datetime import date

import pytest
from typer.testing import CliRunner

from commandes import depots, versements
from commandes.principal import application
from operations.contexte import Contexte
from operations.reception import enregistrer_arrivees, instruire
from tests.fabrique import classeur, deposer_octets, poser_structure


@pytest.fixture
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """E1 has declared."""
    poser_structure(contexte, "E1")
    deposer_octets(contexte, "réel.xlsx", classeur("E1"))
    enregistrer_arrivees(contexte, date(2026, 2, 20))
    instruire(contexte, date(2026, 2, 20))
    for module in (depots, versements):
        monkeypatch.setattr(module, "contexte", lambda: contexte)
    return contexte


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, list(arguments))
    return resultat.exit_code, resultat.output


def test_rejeter_puis_lire_le_journal(terminal: Contexte) -> None:
    code, sortie = lancer("rejeter", "E1", "reels-2025-a", "--par", "c.martin", "--motif", "Heures de 2024")
    assert (code, sortie.startswith("Déclaration de E1 rejetée : 1 courriel(s) à envoyer.")) == (0, True)
    code, sortie = lancer("journal", "montrer", "declaration", "1")
    assert (code, "rejeter recue → rejetee (Heures de 2024)" in sortie) == (0, True)


@pytest.mark.parametrize(("objet", "identifiant"), [("declaration", "99"), ("licorne", "1")])
def test_un_objet_inconnu_du_journal_se_dit(terminal: Contexte, objet: str, identifiant: str) -> None:
    code, sortie = lancer("journal", "montrer", objet, identifiant)
    assert (code, sortie) == (
        1,
        f"Le journal ne dit rien de « {objet} {identifiant} » : vérifiez son nom et son identifiant.\n",
    )
