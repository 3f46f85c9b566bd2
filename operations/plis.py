"""Which mails of the outbox leave together: at most one campaign mail a person and a day, whatever the steps."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, and_, col, or_, select

from modeles.tables import Contact, Courriel
from operations.configuration import plan_relances
from operations.contexte import Contexte
from operations.projets import Projet
from regles.calendrier import PARIS, fin_de_reception, ouvrer
from regles.etats import EtatCourriel

# The mails that the calendar decides by itself; the others answer an act, and never wait.
DE_CAMPAGNE = frozenset({"ouverture", "relance", "demande_relance"})
DEMAIN = "un courriel est déjà parti ce jour à cette personne : celui-ci attend le {le:%d/%m}"

Pli = tuple[int, ...]


def plis_dus(session: Session, instant: datetime, *, seuls: bool = False) -> list[Pli]:
    """Give the ids of the mails due, by envelope, oldest first; `seuls`: only those that always leave alone.

    A campaign mail due later on the same day joins the one of the same address that is due now.
    """
    _, fin = _journee(instant.astimezone(PARIS).date())
    lignes = session.exec(
        select(Courriel, Contact)
        .where(
            Courriel.contact_id == Contact.id,
            Courriel.etat == EtatCourriel.A_ENVOYER,
            or_(
                col(Courriel.prochain_essai_le) <= instant,
                and_(col(Courriel.genre).in_(DE_CAMPAGNE), col(Courriel.prochain_essai_le) < fin),
            ),
        )
        .order_by(col(Courriel.id))
    )
    plis: dict[str, list[Courriel]] = {}
    for courriel, contact in lignes:
        if seuls and courriel.genre in DE_CAMPAGNE:
            continue
        cle = adresse_de(contact) if courriel.genre in DE_CAMPAGNE else courriel.cle
        plis.setdefault(cle, []).append(courriel)
    return [_ids(pli) for pli in plis.values() if any(c.prochain_essai_le <= instant for c in pli)]


def plis_interrompus(session: Session) -> list[Pli]:
    """Give the ids of the mails that a run left half-sent, by envelope."""
    plis: dict[str, list[Courriel]] = {}
    for courriel in session.exec(
        select(Courriel).where(Courriel.etat == EtatCourriel.EN_COURS).order_by(col(Courriel.id))
    ):
        plis.setdefault(courriel.porteur or courriel.cle, []).append(courriel)
    return [_ids(pli) for pli in plis.values()]


def du_meme_pli(session: Session, courriel: Courriel) -> list[Courriel]:
    """Give the mails that left, or were to leave, as one with this one; itself alone when it was alone."""
    if not courriel.porteur:
        return [courriel]
    return list(
        session.exec(
            select(Courriel)
            .where(Courriel.porteur == courriel.porteur, Courriel.etat == courriel.etat)
            .order_by(col(Courriel.id))
            .with_for_update()
        )
    )


def adresses_ecrites(session: Session, jour: date) -> set[str]:
    """Give the addresses to which a campaign mail left that day, or may have left."""
    debut, fin = _journee(jour)

    def ce_jour(etat: EtatCourriel, quand: "Mapped[datetime] | Mapped[datetime | None]") -> ColumnElement[bool]:
        return and_(Courriel.etat == etat, quand >= debut, quand < fin)

    lignes = session.exec(
        select(Contact.courriel, Courriel.destinataire).where(
            Courriel.contact_id == Contact.id,
            col(Courriel.genre).in_(DE_CAMPAGNE),
            or_(
                ce_jour(EtatCourriel.ENVOYE, col(Courriel.envoye_le)),
                ce_jour(EtatCourriel.A_VERIFIER, col(Courriel.prochain_essai_le)),
            ),
        )
    )
    return {adresse.lower() for paire in lignes for adresse in paire}


def sans_repetition(pris: Iterable[tuple[Courriel, Projet]]) -> tuple[list[tuple[Courriel, Projet]], list[Courriel]]:
    """Split what leaves together into (said once, said already): two mails of one step to one person say the same."""
    gardes: list[tuple[Courriel, Projet]] = []
    repetes: list[Courriel] = []
    for courriel, projet in pris:
        deja = any(
            (c.etape, c.contact_id) == (courriel.etape, courriel.contact_id)
            and set(courriel.structures) <= set(c.structures)
            for c, _ in gardes
        )
        if deja:
            repetes.append(courriel)
        else:
            gardes.append((courriel, projet))
    return gardes, repetes


def reporter(contexte: Contexte, courriel: Courriel, projet: Projet, instant: datetime) -> None:
    """Put a campaign mail off to the next day at its plan's hour; to the next working one, while reception lasts."""
    plan = plan_relances(contexte, projet.etape)
    demain = instant.astimezone(PARIS).date() + timedelta(days=1)
    jour = max(demain, ouvrer(demain, plan, fin_de_reception(projet.etape, plan) or date.max))
    courriel.prochain_essai_le = datetime.combine(jour, plan.heure, PARIS)
    courriel.motif = DEMAIN.format(le=jour)


def adresse_de(contact: Contact) -> str:
    """Give the address of a person as it is compared."""
    return contact.courriel.lower()


def _ids(courriels: Sequence[Courriel]) -> Pli:
    return tuple(c.id or 0 for c in courriels)


def _journee(jour: date) -> tuple[datetime, datetime]:
    debut = datetime.combine(jour, time.min, PARIS)
    return debut, datetime.combine(jour + timedelta(days=1), time.min, PARIS)
