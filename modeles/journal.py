"""Append to the journal and re-read its chain."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, func, text, type_coerce
from sqlalchemy import select as colonnes_de
from sqlmodel import Session, SQLModel, col, select

from modeles.tables.journal import LigneJournal
from regles.journal import COUVERTES, GENESE, Contenu, empreinte, premiere_rupture

VERROU_JOURNAL = 5_201_026
INSTANTS = ("enregistre_le", "le")
LUES_ENSEMBLE = 1_000


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
    ligne.empreinte = empreinte(ligne.precedente, _contenu(ligne))
    session.add(ligne)
    session.flush()
    return ligne


def _contenu(ligne: LigneJournal) -> Contenu:
    """Give what the fingerprint of a line covers, its instants in UTC, as texts."""
    valeurs = [getattr(ligne, nom) for nom in COUVERTES]
    return [valeur.astimezone(UTC).isoformat() if isinstance(valeur, datetime) else valeur for valeur in valeurs]


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


def _lignes(session: Session, depuis: int) -> Iterator[tuple[int, str, str, Contenu]]:
    """Read the lines after one as the database keeps them: what is not an instant breaks the chain like the rest."""
    journal = SQLModel.metadata.tables["journal"].c
    postgres = session.get_bind().dialect.name == "postgresql"

    def en_texte(nom: str) -> ColumnElement[Any]:
        if postgres:
            return func.to_char(func.timezone("UTC", journal[nom]), "YYYY-MM-DD HH24:MI:SS.US")
        return type_coerce(journal[nom], String)

    couvertes = [en_texte(nom) if nom in INSTANTS else journal[nom] for nom in COUVERTES]
    suivantes = (
        colonnes_de(journal.numero, journal.precedente, journal.empreinte, *couvertes)
        .where(journal.numero > depuis)
        .order_by(journal.numero)
        .execution_options(yield_per=LUES_ENSEMBLE)
    )
    rangs = [COUVERTES.index(nom) for nom in INSTANTS]
    for numero, precedente, lue, *contenu in session.execute(suivantes):
        for rang in rangs:
            contenu[rang] = contenu[rang].replace(" ", "T", 1).removesuffix(".000000") + "+00:00"
        yield numero, precedente, lue, contenu


def rupture(session: Session, sure: LigneJournal | None = None) -> int | None:
    """Give the number of the first line that breaks the chain, or None when the journal is whole.

    `sure`: a line known to end an unbroken chain; only what follows it is read again.
    """
    if sure is None:
        return premiere_rupture(_lignes(session, 0))
    return premiere_rupture(_lignes(session, sure.numero), sure.empreinte, sure.numero + 1)
