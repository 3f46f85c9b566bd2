"""Who a mail about a step goes to: one a person, for all they answer for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from modeles.requetes import contacts_actifs
from modeles.tables import Contact
from operations.attendus import Attendu


@dataclass(frozen=True, slots=True)
class DestinatairePrevu:
    """One person and the structures (or partners) that their mail would speak of (code and name)."""

    contact: int
    nom: str
    adresse: str
    structures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Destinataires:
    """The people to write to, the partners that have nobody (code and name), and how many answers are spoken of."""

    prevus: tuple[DestinatairePrevu, ...]
    sans_contact: tuple[str, ...]
    nombre: int


def grouper(session: Session, attendus: Collection[Attendu], roles: Sequence[str] = ()) -> Destinataires:
    """Group by address the people of some partners: those of the roles first wanted, or all when nobody has them."""
    personnes: dict[str, tuple[Contact, list[Attendu]]] = {}
    sans_contact: dict[str, None] = {}
    for attendu in attendus:
        contacts = contacts_pour(session, attendu.partenaire.id or 0, roles)
        if not contacts:
            sans_contact[f"{attendu.partenaire.code} {attendu.partenaire.nom}"] = None
        for contact in contacts:
            personnes.setdefault(contact.courriel.casefold(), (contact, []))[1].append(attendu)
    prevus = tuple(
        DestinatairePrevu(c.id or 0, c.nom, c.courriel, tuple((a.code, a.nom) for a in siens))
        for c, siens in personnes.values()
    )
    return Destinataires(prevus, tuple(sans_contact), len(attendus))


def contacts_pour(session: Session, partenaire: int, roles: Sequence[str] = ()) -> Sequence[Contact]:
    """Give the active people of a partner who have one of the roles, or all of them when nobody does."""
    contacts = contacts_actifs(session, partenaire)
    return [c for c in contacts if c.role in roles] or contacts
