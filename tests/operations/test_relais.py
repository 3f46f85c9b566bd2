"""Somebody leaves between the decision of a mail and its departure: nobody who answers is left without it."""

from datetime import date

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Contact
from operations.contexte import Contexte
from operations.courriels import envoyer_en_attente
from operations.relances import ouvrir
from regles.etats import EtatCourriel
from tests.operations.reseau_exemple import ETAPE, courriels, installer

OUVERTURE = date(2026, 2, 8)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    ouvrir(contexte_deux_bases, ETAPE, OUVERTURE)
    return contexte_deux_bases


def partir(ctx: Contexte, *adresses: str) -> None:
    """The contacts with exactly these addresses leave."""
    with transaction(ctx.moteur) as session:
        for contact in session.exec(select(Contact)):
            contact.actif = contact.actif and contact.courriel not in adresses


def arriver(ctx: Contexte, partenaire: int, adresse: str) -> None:
    with transaction(ctx.moteur) as session:
        session.add(Contact(partenaire_id=partenaire, nom="Neuve", courriel=adresse))


def recus(ctx: Contexte) -> dict[str, list[str]]:
    """What left, by address."""
    return {c.destinataire: c.structures for c in courriels(ctx).values() if c.etat is EtatCourriel.ENVOYE}


def test_qui_remplace_une_personne_recoit_le_courriel_qu_elle_attendait(ctx: Contexte) -> None:
    partir(ctx, "alix@chaumont.example", "Alix@chaumont.example")
    arriver(ctx, 1, "neuve@chaumont.example")
    for _ in range(2):
        envoyer_en_attente(ctx, OUVERTURE)
    assert recus(ctx) == {
        "neuve@chaumont.example": ["S1", "S2"],
        "bao@langres.example": ["S3"],
        "cleo@langres.example": ["S3"],
    }


@pytest.mark.parametrize("parti", ["alix@chaumont.example", "Alix@chaumont.example"])
def test_qui_quitte_un_seul_de_ses_partenaires_garde_l_autre(ctx: Contexte, parti: str) -> None:
    partir(ctx, parti)
    arriver(ctx, 1 if parti[0] == "a" else 4, "neuve@chaumont.example")
    envoyer_en_attente(ctx, OUVERTURE)
    siens, autres = (["S5"], ["S1", "S2"]) if parti[0] == "a" else (["S1", "S2"], ["S5"])
    dits = {adresse.lower(): structures for adresse, structures in recus(ctx).items()}
    assert (dits["alix@chaumont.example"], dits["neuve@chaumont.example"]) == (siens, autres)


def test_qui_avait_le_sien_n_en_recoit_pas_un_second(ctx: Contexte) -> None:
    partir(ctx, "bao@langres.example")
    envoyer_en_attente(ctx, OUVERTURE)
    assert recus(ctx) == {"alix@chaumont.example": ["S1", "S2", "S5"], "cleo@langres.example": ["S3"]}
    assert len(courriels(ctx)) == 3
