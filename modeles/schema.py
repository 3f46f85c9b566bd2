"""Bring a database to the current schema."""

from pathlib import Path

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
    """Apply the missing migrations, in one transaction. Running it again changes nothing."""
    with moteur.begin() as connexion:
        command.upgrade(configuration_alembic(connexion), "head")
