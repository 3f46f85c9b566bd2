"""A small network for the mails: people with several structures, several people for one, and nobody for another."""

from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Contact, Courriel, Declaration, Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.contexte import Contexte
from operations.relances import actions_a_jouer, sauter
from regles.etats import EtatDeclaration

ETAPE = "reels-2025-a"
ADRESSES = {
    "P1": ["alix@chaumont.example"],
    "P2": ["bao@langres.example", "cleo@langres.example"],
    "P3": [],
    "P4": ["Alix@chaumont.example"],
}
STRUCTURES = {"S1": "P1", "S2": "P1", "S3": "P2", "S4": "P3", "S5": "P4"}
SAINT_DIZIER, VOSGES = ("200068666", "CA du Grand Saint-Dizier Der et Vallées"), ("200068559", "CC de l'Ouest Vosgien")
CHAUMONT = ("200068658", "CA de Chaumont")
TERRITOIRES = {"S2": SAINT_DIZIER, "S3": VOSGES}


def installer(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        for rang, code in enumerate(ADRESSES, start=1):
            session.add(
                Partenaire(id=rang, code=code, nom=f"Ville {code}", nature=NaturePartenaire.COMMUNE, siren="215201211")
            )
        session.flush()
        for code, adresses in ADRESSES.items():
            rang = int(code[1])
            for adresse in adresses:
                session.add(Contact(partenaire_id=rang, nom=adresse.split("@")[0].capitalize(), courriel=adresse))
                session.flush()
        session.add(Contact(partenaire_id=3, nom="Partie", courriel="partie@joinville.example", actif=False))
        for code, partenaire in STRUCTURES.items():
            siren, epci = TERRITOIRES.get(code, CHAUMONT)
            session.add(
                Structure(
                    code=code, nom=f"Crèche {code}", partenaire_id=int(partenaire[1]), prestation="EAJE",
                    siret="21520121100014", commune_insee="52121", commune="Chaumont", epci_siren=siren, epci=epci,
                    places=20, statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="1",
                )
            )  # fmt: skip


def ouvrir_sans_courriel(ctx: Contexte) -> None:
    """Note the opening as done elsewhere, so that reminders are next."""
    (ouverture,) = [a for a in actions_a_jouer(ctx, date(2026, 2, 8))[0] if a.cle == f"{ETAPE}-ouvrir"]
    sauter(ctx, ouverture, date(2026, 2, 8))


def repondre(ctx: Contexte, *codes: str, etat: EtatDeclaration = EtatDeclaration.RECUE) -> None:
    """Write a declaration of the step for some structures."""
    with transaction(ctx.moteur) as session:
        for structure in session.exec(select(Structure).where(col(Structure.code).in_(codes))):
            session.add(
                Declaration(
                    structure_id=structure.id or 0, prestation="EAJE", nature="reel", exercice=2025, etape=ETAPE,
                    origine="test", donnees={}, recue_le=datetime(2026, 2, 12, tzinfo=UTC), etat=etat,
                )
            )  # fmt: skip


def courriels(ctx: Contexte) -> dict[str, Courriel]:
    with transaction(ctx.moteur) as session:
        return {c.cle: c for c in session.exec(select(Courriel).order_by(col(Courriel.id)))}


def message(courriel: Courriel) -> EmailMessage:
    assert courriel.octets is not None
    return cast(EmailMessage, message_from_bytes(courriel.octets, policy=SMTP))


def texte(courriel: Courriel) -> str:
    """The text part, its lines unwrapped."""
    partie = message(courriel).get_body(("plain",))
    assert partie is not None
    return " ".join(partie.get_content().split())


def pieces(courriel: Courriel) -> list[str]:
    return [str(p.get_filename()) for p in message(courriel).iter_attachments()]
