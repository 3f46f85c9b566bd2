"""Append to the journal and re-read its chain."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, String, func, text, type_coerce
from sqlalchemy import select as colonnes_de
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel, col, select

from modeles.tables.journal import LigneJournal
from regles.journal import COUVERTES, GENESE, Contenu, empreinte, premiere_rupture

VERROU_JOURNAL = 5_201_026
INSTANTS = ("enregistre_le", "le")
LUES_ENSEMBLE = 1_000
PAR_AU_PLUS, MOTIF_AU_PLUS = 60, 1_000


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


def inscrire_refus(
    session: Session, *, le: datetime, par: str, objet: str, objet_id: str | int, action: str, refus: str
) -> None:
    """Write that an act was turned down; `par`, whoever it says to be, and `refus` cut to what the journal holds."""
    inscrire(
        session, le=le, par=par[:PAR_AU_PLUS], objet=objet, objet_id=objet_id, action=action,
        motif=refus[:MOTIF_AU_PLUS],
    )  # fmt: skip


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


def _lignes(session: Session, sure: LigneJournal | None) -> Iterator[tuple[int, str, str, Contenu]]:
    """Read the lines after one, or all, as the database keeps them: what cannot be read breaks the chain like the rest.

    Every line: a forged one may stand before the first.
    """
    journal = SQLModel.metadata.tables["journal"].c
    postgres = session.get_bind().dialect.name == "postgresql"

    def en_texte(nom: str) -> ColumnElement[Any]:
        if postgres:
            return func.to_char(func.timezone("UTC", journal[nom]), "YYYY-MM-DD HH24:MI:SS.US AD")
        return type_coerce(journal[nom], String)

    couvertes = [en_texte(nom) if nom in INSTANTS else journal[nom] for nom in COUVERTES]
    suivantes = colonnes_de(journal.numero, journal.precedente, journal.empreinte, *couvertes).order_by(journal.numero)
    if sure is not None:
        suivantes = suivantes.where(journal.numero > sure.numero)
    rangs = [COUVERTES.index(nom) for nom in INSTANTS]
    for numero, precedente, lue, *contenu in session.execute(suivantes.execution_options(yield_per=LUES_ENSEMBLE)):
        for rang in rangs:
            if isinstance(instant := contenu[rang], str):
                contenu[rang] = instant.removesuffix(" AD").replace(" ", "T", 1).removesuffix(".000000") + "+00:00"
        yield numero, precedente, lue, contenu


def rupture(session: Session, sure: LigneJournal | None = None) -> int | None:
    """Give the number of the first line that breaks the chain, or None when the journal is whole.

    `sure`: a line known to end an unbroken chain; only what follows it is read again.
    """
    try:
        return _premiere_rupture(session, sure)
    except OperationalError:  # a text that is no UTF-8, which SQLite keeps and its driver does not read
        if session.get_bind().dialect.name != "sqlite":
            raise
        with _textes_illisibles_admis(session):
            return _premiere_rupture(session, sure)


def _premiere_rupture(session: Session, sure: LigneJournal | None) -> int | None:
    if sure is None:
        return premiere_rupture(_lignes(session, None))
    return premiere_rupture(_lignes(session, sure), sure.empreinte, sure.numero + 1)


@contextmanager
def _textes_illisibles_admis(session: Session) -> Iterator[None]:
    """Let SQLite give texts that are no UTF-8: no fingerprint is ever theirs."""
    pilote: Any = session.connection().connection.dbapi_connection
    habituel = pilote.text_factory
    pilote.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        pilote.text_factory = habituel
