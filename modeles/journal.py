"""Append to the journal and re-read its chain."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select as colonnes_de
from sqlalchemy import text
from sqlmodel import Session, col, select

from modeles.tables.journal import LigneJournal
from regles.journal import GENESE, empreinte, premiere_rupture

VERROU_JOURNAL = 5_201_026


COUVERTES = (
    "numero", "le", "enregistre_le", "par", "objet", "objet_id", "action", "avant", "apres", "motif", "details",
)  # fmt: skip


def _contenu(valeurs: Iterable[object]) -> Mapping[str, object]:
    """Name what the fingerprint of a line covers; its instants in UTC, as text."""
    contenu = dict(zip(COUVERTES, valeurs, strict=True))
    for instant in ("le", "enregistre_le"):
        le = contenu[instant]
        if isinstance(le, datetime):
            contenu[instant] = le.astimezone(UTC).isoformat()
    return contenu


def verrouiller(session: Session) -> None:
    """Make the other writers of the journal wait until the end of the transaction; SQLite already does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:verrou)"), {"verrou": VERROU_JOURNAL})


def inscrire(
    session: Session,
    *,
    le: datetime,
    par: str,
    objet: str,
    objet_id: str | int,
    action: str,
    avant: str = "",
    apres: str = "",
    motif: str = "",
    details: Mapping[str, Any] | None = None,
) -> LigneJournal:
    """Write one line, chained to the last, in the caller's transaction.

    `details` must hold neither a child's data nor an address: the journal is read by auditors.
    """
    verrouiller(session)
    derniere = session.exec(select(LigneJournal).order_by(col(LigneJournal.numero).desc()).limit(1)).first()
    ligne = LigneJournal(
        numero=1 if derniere is None else derniere.numero + 1,
        le=le,
        enregistre_le=datetime.now(UTC),
        par=par,
        objet=objet,
        objet_id=str(objet_id),
        action=action,
        avant=avant,
        apres=apres,
        motif=motif,
        details=json.dumps(details or {}, ensure_ascii=False, sort_keys=True),
        precedente=GENESE if derniere is None else derniere.empreinte,
        empreinte="",
    )
    ligne.empreinte = empreinte(ligne.precedente, _contenu(getattr(ligne, nom) for nom in COUVERTES))
    session.add(ligne)
    session.flush()
    return ligne


def lignes_de(session: Session, objet: str, identifiant: str, action: str) -> Sequence[LigneJournal]:
    """Give the lines of one action on one thing, oldest first."""
    return session.exec(
        select(LigneJournal)
        .where(LigneJournal.objet == objet, LigneJournal.objet_id == identifiant, LigneJournal.action == action)
        .order_by(col(LigneJournal.numero))
    ).all()


def actes_sur(session: Session, objet: str, identifiant: str) -> Sequence[LigneJournal]:
    """Give every line that speaks of one thing, oldest first."""
    return session.exec(
        select(LigneJournal)
        .where(LigneJournal.objet == objet, LigneJournal.objet_id == identifiant)
        .order_by(col(LigneJournal.numero))
    ).all()


def motifs_inscrits(session: Session, objet: str, identifiant: str, action: str) -> list[str]:
    """Give the reasons written for one action on one thing, oldest first."""
    return [ligne.motif for ligne in lignes_de(session, objet, identifiant, action)]


def _lignes(session: Session, depuis: int) -> Iterator[tuple[int, str, str, Mapping[str, object]]]:
    colonnes = [getattr(LigneJournal, nom) for nom in ("precedente", "empreinte", *COUVERTES)]
    suivantes = colonnes_de(*colonnes).where(col(LigneJournal.numero) > depuis).order_by(col(LigneJournal.numero))
    for precedente, lue, *couvertes in session.execute(suivantes):
        yield couvertes[0], precedente, lue, _contenu(couvertes)


def rupture(session: Session, sure: LigneJournal | None = None) -> int | None:
    """Give the number of the first line that breaks the chain, or None when the journal is whole.

    `sure`: a line known to end an unbroken chain; only what follows it is read again.
    """
    if sure is None:
        return premiere_rupture(_lignes(session, 0))
    return premiere_rupture(_lignes(session, sure.numero), sure.empreinte, sure.numero + 1)
