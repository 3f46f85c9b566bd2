"""Engine and transactions.

Writes are serialised: `BEGIN IMMEDIATE` on SQLite (WAL), so that two processes never fail halfway on a lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine

ATTENTE_VERROU_MS = 30_000


def _preparer_sqlite(connexion: Any, _: Any) -> None:
    connexion.isolation_level = None
    curseur = connexion.cursor()
    for reglage in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # INSERT OR REPLACE then meets the DELETE guards
        f"busy_timeout={ATTENTE_VERROU_MS}",
    ):
        curseur.execute(f"PRAGMA {reglage}")
    curseur.close()


def _debuter_sqlite(connexion: Any) -> None:
    connexion.exec_driver_sql("BEGIN IMMEDIATE")


def creer_moteur(url: str) -> Engine:
    """Create the engine for an SQLite or PostgreSQL (psycopg) URL."""
    moteur = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if moteur.dialect.name == "sqlite":
        event.listen(moteur, "connect", _preparer_sqlite)
        event.listen(moteur, "begin", _debuter_sqlite)
    return moteur


@contextmanager
def transaction(moteur: Engine) -> Iterator[Session]:
    """One transaction: committed at the end of the block, rolled back when it raises."""
    with Session(moteur, expire_on_commit=False) as session, session.begin():
        yield session
