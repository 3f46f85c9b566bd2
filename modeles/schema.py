"""Bring a database to the current schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine


def configuration_alembic(connexion: Connection) -> Config:
    """Give the Alembic configuration bound to an open connection."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    configuration.attributes["connexion"] = connexion
    return configuration


def migrer(moteur: Engine) -> None:
    """Apply the missing migrations, in one transaction. Running it again changes nothing.

    SQLite changes a table by copying it: its foreign keys are let go meanwhile, and checked before the end.
    """
    with moteur.connect() as connexion, _sans_cles_etrangeres(connexion), connexion.begin():
        command.upgrade(configuration_alembic(connexion), "head")
        if moteur.dialect.name == "sqlite" and connexion.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("une migration a laissé une clé étrangère sans cible")


@contextmanager
def _sans_cles_etrangeres(connexion: Connection) -> Iterator[None]:
    pilote: Any = connexion.connection.dbapi_connection
    if connexion.dialect.name != "sqlite":
        yield
        return
    pilote.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        pilote.execute("PRAGMA foreign_keys=ON")
