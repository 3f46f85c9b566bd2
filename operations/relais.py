"""A campaign mail still to leave, decided for somebody who has left since: it goes to those who answer now."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, select

from modeles.tables import Contact, Courriel
from modeles.transitions import Acte, consigner
from operations.attendus import Attendu
from operations.configuration import demarche, etape
from operations.contexte import ActeRefuse, Contexte
from operations.destinataires import DestinatairePrevu, grouper
from operations.relecture import PROLONGATION, concernes_par
from regles.etats import EtatCourriel

AUTOMATE = "envoi"
RELAYES = frozenset({"ouverture", "relance", PROLONGATION})


def relayer_les_departs(contexte: Contexte, session: Session, instant: datetime) -> None:
    """Give what waits for people who have left, wholly or for one of their partners, to those who answer now.

    Whoever was written to for the same action is not written to twice.
    """
    partis = select(func.lower(Contact.courriel)).where(col(Contact.actif).is_(False))
    en_attente = session.exec(
        select(Courriel, Contact)
        .where(
            Courriel.contact_id == Contact.id,
            Courriel.etat == EtatCourriel.A_ENVOYER,
            col(Courriel.genre).in_(RELAYES),
            func.lower(Contact.courriel).in_(partis),
        )
        .order_by(col(Courriel.id))
    ).all()
    for courriel, contact in en_attente:
        try:
            dus = concernes_par(contexte, session, courriel, etape(contexte, courriel.etape))
        except ActeRefuse:  # a step that no calendar holds any more: its mail will be said of no use
            continue
        confies = [a for a in dus if not contact.actif or a.partenaire.id not in _partenaires(session, contact)]
        _confier(contexte, session, courriel, confies, instant)
        if contact.actif and confies:
            courriel.structures = [c for c in courriel.structures if c not in {a.code for a in confies}]


def _partenaires(session: Session, contact: Contact) -> Collection[int]:
    """Give the partners that the address of a contact still stands for."""
    return session.exec(
        select(Contact.partenaire_id).where(
            func.lower(Contact.courriel) == contact.courriel.lower(), col(Contact.actif).is_(True)
        )
    ).all()


def _confier(
    contexte: Contexte, session: Session, courriel: Courriel, confies: list[Attendu], instant: datetime
) -> None:
    action = courriel.cle.rpartition(":")[0]
    for prevu in grouper(session, confies, demarche(contexte, etape(contexte, courriel.etape)).roles).prevus:
        cle = f"{action}:{prevu.contact}"
        if session.exec(select(Courriel.id).where(Courriel.cle == cle)).first() is None:
            relais = _copier(courriel, cle, prevu, instant)
            session.add(relais)
            session.flush()
            consigner(session, relais, Acte(instant, AUTOMATE, "relayer"), {"de": courriel.cle})


def _copier(courriel: Courriel, cle: str, prevu: DestinatairePrevu, instant: datetime) -> Courriel:
    return Courriel(
        cle=cle,
        genre=courriel.genre,
        etape=courriel.etape,
        rang=courriel.rang,
        contact_id=prevu.contact,
        structures=[code for code, _ in prevu.structures],
        contexte=courriel.contexte,
        etat=EtatCourriel.A_ENVOYER,
        prochain_essai_le=instant,
        decide_le=courriel.decide_le,
    )
