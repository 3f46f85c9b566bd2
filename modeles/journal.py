"""Append to the journal and re-read its chain."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from modeles.tables.journal import LigneJournal
from regles.journal import GENESE, empreinte, premiere_rupture

VERROU_JOURNAL = 5_201_026


def _contenu(ligne: LigneJournal) -> Mapping[str, object]:
    return {
        "numero": ligne.numero,
        "le": ligne.le.astimezone(UTC).isoformat(),
        "enregistre_le": ligne.enregistre_le.astimezone(UTC).isoformat(),
        "par": ligne.par,
        "objet": ligne.objet,
        "objet_id": ligne.objet_id,
        "action": ligne.action,
        "avant": ligne.avant,
        "apres": ligne.apres,
        "motif": ligne.motif,
        "details": ligne.details,
    }


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
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:verrou)"), {"verrou": VERROU_JOURNAL})
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
    ligne.empreinte = empreinte(ligne.precedente, _contenu(ligne))
    session.add(ligne)
    session.flush()
    return ligne


def motifs_inscrits(session: Session, objet: str, identifiant: str, action: str) -> list[str]:
    """Give the reasons written for one action on one thing, oldest first."""
    return list(
        session.exec(
            select(LigneJournal.motif)
            .where(LigneJournal.objet == objet, LigneJournal.objet_id == identifiant, LigneJournal.action == action)
            .order_by(col(LigneJournal.numero))
        )
    )


def _lignes(session: Session) -> Iterator[tuple[int, str, str, Mapping[str, object]]]:
    for ligne in session.exec(select(LigneJournal).order_by(col(LigneJournal.numero))):
        yield ligne.numero, ligne.precedente, ligne.empreinte, _contenu(ligne)


def rupture(session: Session) -> int | None:
    """Give the number of the first line that breaks the chain, or None when the journal is whole."""
    return premiere_rupture(_lignes(session))
