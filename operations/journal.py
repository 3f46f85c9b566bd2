"""Reading the journal: is it whole, and what happened to one thing.

A chain whose end was cut is whole in itself: the exports, frozen, each keep the last line they followed.
"""

import re
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from modeles.base import transaction
from modeles.journal import rupture
from modeles.requetes_lots import debuts_des_bordereaux
from modeles.tables import Declaration, LigneJournal, Lot
from operations.contexte import Contexte

TETE = re.compile(rb"^T\xc3\xaate du journal;(\d{1,9}) ([0-9a-f]{64})\r$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class EtatDuJournal:
    """Number of lines, fingerprint of the last one, and the first broken line if any.

    `ancres`: the lines compared with what an export keeps of them. `defaut`: how a chain whole in itself is broken.
    """

    lignes: int
    tete: str
    rupture: int | None
    ancres: int = 0
    defaut: str = ""


def verifier_journal(contexte: Contexte) -> EtatDuJournal:
    """Read the whole chain again, then compare with it what each export keeps of it."""
    with transaction(contexte.moteur) as session:
        nombre = session.exec(select(func.count()).select_from(LigneJournal)).one()
        if (rompue := rupture(session)) is not None:
            return EtatDuJournal(nombre, "", rompue)
        if nombre == 0 and _a_servi(session):
            return EtatDuJournal(0, "", 1, defaut="il est vide, alors que la base a servi")
        return _comparer_aux_exports(session, nombre)


def _a_servi(session: Session) -> bool:
    """Whether the database holds what nobody writes without a line in the journal."""
    return any(session.exec(select(table.id).limit(1)).first() for table in (Lot, Declaration))


def _comparer_aux_exports(session: Session, nombre: int) -> EtatDuJournal:
    """Compare a chain whole in itself, of so many lines, with the last line that each export followed."""
    gardees = {lot: _tete(debut) for lot, debut in debuts_des_bordereaux(session)}
    numeros = {nombre, *(numero for numero, _ in gardees.values())}
    lignes = select(LigneJournal.numero, LigneJournal.empreinte).where(col(LigneJournal.numero).in_(numeros))
    lues = dict(session.exec(lignes).all())
    manquees = [(numero, lot) for lot, (numero, empreinte) in gardees.items() if lues.get(numero) != empreinte]
    tete = lues.get(nombre, "")
    if not manquees:
        return EtatDuJournal(nombre, tete, None, len(gardees))
    numero, lot = min(manquees)
    dit = f"il s'arrête à la ligne {nombre}" if numero > nombre else "cette ligne n'est plus la même"
    return EtatDuJournal(nombre, tete, numero, len(gardees), f"{dit}, l'export du lot {lot} en garde l'empreinte")


def _tete(bordereau: bytes) -> tuple[int, str]:
    """Give the number and fingerprint that a bordereau keeps; one that says none vouches for no line at all."""
    trouvee = TETE.search(bordereau)
    return (int(trouvee[1]), trouvee[2].decode()) if trouvee else (1, "")


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
