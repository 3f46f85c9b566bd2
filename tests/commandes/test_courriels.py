"""The mails that wait for a person, from the terminal."""

from datetime import date

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from commandes import courriels as commandes
from commandes.principal import application
from modeles.base import transaction
from modeles.tables import Courriel
from operations.contexte import Contexte
from operations.relances import ouvrir
from regles.etats import EtatCourriel
from tests.operations.reseau_exemple import ETAPE, installer

CLE = f"ouverture:{ETAPE}:0:2"
QUI = ("--par", "c.martin", "--motif", "adresse corrigée")


@pytest.fixture
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """An opening whose second mail was refused by the server."""
    installer(contexte)
    ouvrir(contexte, ETAPE, date(2026, 2, 8))
    with transaction(contexte.moteur) as session:
        courriel = session.exec(select(Courriel).where(Courriel.cle == CLE)).one()
        courriel.etat, courriel.motif = EtatCourriel.REFUSE, "550 5.1.1 inconnue"
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)
    return contexte


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, list(arguments))
    return resultat.exit_code, resultat.output


def test_lister_regler_lister(terminal: Contexte) -> None:
    code, sortie = lancer("courriels", "lister", "--refuses")
    assert code == 0
    assert f"{CLE}  refusé, décidé le 08/02/2026\n    Bao <bao@langres.example>, pour S3\n    550 5.1.1" in sortie
    assert "Aucun courriel à régler." in lancer("courriels", "lister", "--a-verifier")[1]
    code, sortie = lancer("courriels", "regler", CLE, "--renvoyer", *QUI)
    assert (code, "il part au prochain envoi" in sortie) == (0, True)
    assert "Aucun courriel à régler." in lancer("courriels", "lister")[1]


@pytest.mark.parametrize("choix", [[], ["--renvoyer", "--deja-parti"]])
def test_regler_demande_un_choix(terminal: Contexte, choix: list[str]) -> None:
    code, sortie = lancer("courriels", "regler", CLE, *choix, *QUI)
    assert (code, "Choisissez --renvoyer ou --deja-parti." in sortie) == (2, True)


def test_desactiver_dit_qui_reste_sans_contact(terminal: Contexte) -> None:
    code, sortie = lancer("contacts", "desactiver", "alix@chaumont.example", *QUI)
    assert code == 0
    assert "Alix ne reçoit plus rien, pour P1 Ville P1, P4 Ville P4." in sortie
    assert "Sans contact désormais : P1 Ville P1, P4 Ville P4." in sortie
