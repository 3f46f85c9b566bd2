"""Reading the journal: is it whole, and what happened to one thing."""

from dataclasses import dataclass

from sqlmodel import col, func, select

from modeles.base import transaction
from modeles.journal import rupture
from modeles.tables import LigneJournal
from operations.contexte import Contexte


@dataclass(frozen=True, slots=True)
class EtatDuJournal:
    """Number of lines, fingerprint of the last one, and the first broken line if any."""

    lignes: int
    tete: str
    rupture: int | None


def verifier_journal(contexte: Contexte) -> EtatDuJournal:
    """Read the whole chain again."""
    with transaction(contexte.moteur) as session:
        derniere = session.exec(select(LigneJournal).order_by(col(LigneJournal.numero).desc()).limit(1)).first()
        nombre = session.exec(select(func.count()).select_from(LigneJournal)).one()
        return EtatDuJournal(nombre, derniere.empreinte if derniere else "", rupture(session))


def histoire(contexte: Contexte, objet: str, identifiant: str) -> list[LigneJournal]:
    """Give the lines about one thing (« lot » « reels-2025-a-lot-01 »), oldest first; none when it is unknown."""
    with transaction(contexte.moteur) as session:
        return list(
            session.exec(
                select(LigneJournal)
                .where(LigneJournal.objet == objet, LigneJournal.objet_id == identifiant)
                .order_by(col(LigneJournal.numero))
            )
        )
