"""Where each structure and partner stands, and whom to call about it: read once for the whole board."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from modeles.tables import Contact, Partenaire, Structure
from operations.contexte import Contexte
from operations.projets import interlocuteurs

SANS_TERRITOIRE = "Territoire inconnu"
SANS_PRESTATION = "Hors prestation"
SANS_CONTACT = "aucun contact : à trouver"


@dataclass(frozen=True, slots=True)
class Fiche:
    """Of a structure, or of a partner as a whole: its names, its officer's territory and phone, its contact.

    `volet`: the part of the territory that the officer answers for, "" for the whole.
    """

    code: str
    nom: str
    gestionnaire: str
    prestation: str
    territoire: str
    telephone: str
    contact: str
    volet: str = ""


class Annuaire:
    """Every structure and partner of the network, by code and by id."""

    def __init__(self, contexte: Contexte, session: Session) -> None:
        """Read the network."""
        contacts = _contacts(session)
        self._structures: dict[str, Fiche] = {}
        self._par_id: dict[int, str] = {}
        partenaires = {p.id or 0: p for p in session.exec(select(Partenaire))}
        premieres: dict[int, Structure] = {}
        for structure in session.exec(select(Structure).order_by(Structure.code)):
            partenaire = partenaires[structure.partenaire_id]
            premieres.setdefault(structure.partenaire_id, structure)
            territoire, telephone, volet = _officier(contexte, [structure])
            self._par_id[structure.id or 0] = structure.code
            self._structures[structure.code] = Fiche(
                structure.code, structure.nom, partenaire.nom, structure.prestation, territoire, telephone,
                contacts.get(structure.partenaire_id, SANS_CONTACT), volet,
            )  # fmt: skip
        self._partenaires: dict[str, Fiche] = {}
        for i, p in partenaires.items():
            territoire, telephone, volet = _officier(contexte, [premieres[i]] if i in premieres else [])
            self._partenaires[p.code] = Fiche(
                p.code, p.nom, p.nom, SANS_PRESTATION, territoire, telephone, contacts.get(i, SANS_CONTACT), volet
            )

    @property
    def structures(self) -> Mapping[str, Fiche]:
        """Every structure by code."""
        return self._structures

    def fiche(self, code: str) -> Fiche:
        """Give a structure or a partner by its code; an empty one for a code that the network does not hold."""
        inconnue = Fiche(code, "", "", SANS_PRESTATION, SANS_TERRITOIRE, "", "")
        return self._structures.get(code) or self._partenaires.get(code) or inconnue

    def de_la_structure(self, identifiant: int) -> Fiche:
        """Give a structure by its id."""
        return self._structures[self._par_id[identifiant]]


def _officier(contexte: Contexte, structures: Iterable[Structure]) -> tuple[str, str, str]:
    """Give the territory of the officer in charge, the phone, and the part of the territory it is about."""
    appele = next(iter(interlocuteurs(contexte, structures)), None)
    return (
        (appele.territoire or SANS_TERRITOIRE, appele.telephone, appele.volet) if appele else (SANS_TERRITOIRE, "", "")
    )


def _contacts(session: Session) -> dict[int, str]:
    """Give the first active contact of each partner, as « Nom, adresse »."""
    actifs = session.exec(select(Contact).where(col(Contact.actif).is_(True)).order_by(col(Contact.id)))
    trouves: dict[int, str] = {}
    for contact in actifs:
        trouves.setdefault(contact.partenaire_id, f"{contact.nom}, {contact.courriel}")
    return trouves
