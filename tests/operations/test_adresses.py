"""Whom nobody can write to any more becomes a task for the team, closed by itself once somebody can be written to."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Contact, Courriel, Tache
from operations.adresses import desactiver_contact, lister
from operations.boite_envoi import Suite, regler
from operations.contexte import Contexte
from operations.courriels import envoyer_en_attente
from operations.relances import ouvrir
from regles.etats import EtatTache
from schemas.configuration.reglages import ModeCourriel
from tests.operations.reseau_exemple import ETAPE, installer
from tests.operations.test_courriels import Boite, boite, en_mode, smtp  # noqa: F401

LUNDI, MARDI = date(2026, 2, 16), date(2026, 2, 17)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def closes(ctx: Contexte) -> list[tuple[str, str]]:
    with transaction(ctx.moteur) as session:
        return [(t.etat.value, t.suite) for t in session.exec(select(Tache).where(Tache.etat != EtatTache.OUVERTE))]


def test_un_partenaire_sans_personne_se_dit_une_fois_et_se_ferme_seul(ctx: Contexte) -> None:
    for jour in (LUNDI, MARDI):
        envoyer_en_attente(ctx, jour)
        (a_chercher,) = lister(ctx)
    assert (a_chercher.partenaire, a_chercher.nom, a_chercher.depuis) == ("P3 Ville P3", "", LUNDI)
    assert a_chercher.detail == "Plus personne à qui écrire : trouver un contact."
    assert (a_chercher.confiee_a, a_chercher.telephone) == ("CA de Chaumont", "03.25.30.62.42")
    with transaction(ctx.moteur) as session:
        session.add(Contact(partenaire_id=3, nom="Nouvelle", courriel="nouvelle@joinville.example"))
    envoyer_en_attente(ctx, MARDI)
    assert lister(ctx) == ()
    assert closes(ctx) == [("sans_objet", "le partenaire a un contact actif")]


def test_une_personne_desactivee_sans_relais_est_a_remplacer(ctx: Contexte) -> None:
    desactiver_contact(ctx, "alix@chaumont.example", "c.martin", "partie", LUNDI)
    assert [a.partenaire for a in lister(ctx)] == ["P1 Ville P1", "P3 Ville P3", "P4 Ville P4"]


def test_une_adresse_refusee_attend_son_remplacement(ctx: Contexte, boite: Boite, smtp: dict[str, Any]) -> None:  # noqa: F811
    boite.reponses = {"bao@langres.example": "550 5.1.1 inconnue", "cleo@langres.example": "451 plus tard"}
    reel = en_mode(ctx, ModeCourriel.REEL, **smtp)
    ouvrir(ctx, ETAPE, LUNDI)
    envoyer_en_attente(reel, LUNDI)
    envoyer_en_attente(reel, LUNDI)
    assert [(a.nom, a.adresse) for a in lister(ctx)] == [("Bao", "bao@langres.example"), ("", "")]
    desactiver_contact(ctx, "bao@langres.example", "c.martin", "adresse morte", MARDI)
    assert [a.partenaire for a in lister(ctx)] == ["P3 Ville P3"]
    assert closes(ctx) == [("sans_objet", "cette personne est remplacée")]


def test_une_adresse_qui_repond_de_nouveau_ferme_la_tache(ctx: Contexte, boite: Boite, smtp: dict[str, Any]) -> None:  # noqa: F811
    boite.reponses = {"bao@langres.example": "550 5.1.1 inconnue"}
    reel = en_mode(ctx, ModeCourriel.REEL, **smtp)
    ouvrir(ctx, ETAPE, LUNDI)
    envoyer_en_attente(reel, LUNDI)
    boite.reponses = {}
    with transaction(ctx.moteur) as session:
        (refuse,) = [c.cle for c in session.exec(select(Courriel)) if c.etat == "refuse"]
    regler(ctx, refuse, Suite.RENVOYER, "c.martin", "boîte rouverte", MARDI)
    envoyer_en_attente(reel, MARDI)
    assert closes(ctx) == [("sans_objet", "un courriel est parti depuis à cette personne")]
    boite.reponses = {"bao@langres.example": "550 5.1.1 inconnue"}
    ouvrir(ctx, "reels-2025-b", MARDI)
    assert [a.nom for a in lister(ctx)] == [""]
