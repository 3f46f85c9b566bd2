"""Bank accounts from the terminal: never whole on the screen unless asked for by an entitled person."""

import pytest
from typer.testing import CliRunner

from commandes import codes
from commandes import coordonnees as commandes
from commandes.principal import application
from modeles.base import transaction
from operations.contexte import Contexte
from tests.operations.argent import LES_DEUX, LIBERE, PROPOSE, ajouter_partenaire

IBAN = "FR76 3000 6000 0112 3456 7890 189"


@pytest.fixture(autouse=True)
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The commands, on a context of their own, with one partner."""
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session, nom="Commune", compte=False)
    for module in (commandes, codes):
        monkeypatch.setattr(module, "contexte", lambda: contexte)
    return contexte


def lancer(*arguments: str, saisie: str = "") -> tuple[int, str]:
    resultat = CliRunner().invoke(application, ["coordonnees", *arguments], input=saisie)
    return resultat.exit_code, resultat.output


def enregistrer(par: str = PROPOSE) -> tuple[int, str]:
    return lancer("enregistrer", "P1", "--titulaire", "Commune", "--iban", IBAN, "--du", "01/01/2026", "--par", par)


def test_du_rib_au_compte_en_vigueur() -> None:
    assert lancer("lister")[1].splitlines()[-1] == "Aucun compte bancaire enregistré."
    code, sortie = enregistrer()
    assert (code, sortie.splitlines()[-2]) == (0, "Compte n° 1 de Commune : FR76 •••• 0189, à confirmer.")
    code, sortie = lancer("confirmer", "1", "--contre-appel", "mairie, au numéro de l'annuaire", "--par", LIBERE)
    assert (code, sortie.splitlines()[-1]) == (0, "Compte n° 1 de Commune : FR76 •••• 0189, en vigueur.")
    code, sortie = lancer("lister", "P1")
    assert code == 0
    assert "FR76 •••• 0189  depuis le 01/01/2026  en vigueur" in sortie
    assert f"enregistré par {PROPOSE}, confirmé par {LIBERE}" in sortie
    assert IBAN not in sortie


def test_l_iban_demande_au_terminal_n_est_pas_dans_la_commande() -> None:
    arguments = ("enregistrer", "P1", "--titulaire", "Commune", "--par", PROPOSE)
    code, sortie = lancer(*arguments, saisie=f"{IBAN}\n")
    assert (code, "à confirmer" in sortie) == (0, True)


def test_en_clair_dit_qui_lit() -> None:
    enregistrer()
    assert lancer("lister", "--en-clair")[0] == 2
    assert lancer("lister", "--en-clair", "--par", PROPOSE)[0] == 2
    code, sortie = lancer("lister", "--en-clair", "--par", LIBERE)
    assert (code, IBAN in sortie) == (0, True)


def test_la_meme_personne_est_refusee_en_une_phrase() -> None:
    enregistrer(LES_DEUX)
    code, sortie = lancer("confirmer", "1", "--contre-appel", "mairie", "--par", LES_DEUX)
    assert code == 2
    assert sortie.splitlines()[-1] == (
        "La base de données l'interdit : la personne qui a enregistré un compte ne peut pas le confirmer."
    )
