"""A transaction that cannot write: the database itself refuses, and whatever happened is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlmodel import Session


@contextmanager
def lecture_seule(moteur: Engine) -> Iterator[Session]:
    """One transaction for reading: a write in it raises, from the database; rolled back at the end of the block."""
    with moteur.connect() as connexion, Session(connexion, expire_on_commit=False, autoflush=False) as session:
        sqlite = moteur.dialect.name == "sqlite"
        session.execute(text("PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY"))
        try:
            yield session
        finally:
            session.rollback()
            if sqlite:  # the setting stays with the connection, and forbids even to begin the next transaction
                connexion.connection.cursor().execute("PRAGMA query_only = OFF")
