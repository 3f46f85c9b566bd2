"""Migrations lead to the tables of the models, on both databases, and can run again."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from modeles.schema import migrer
from operations.contexte import Contexte


def test_migrations_et_modeles_disent_la_meme_chose(contexte_deux_bases: Contexte) -> None:
    migrer(contexte_deux_bases.moteur)
    with contexte_deux_bases.moteur.connect() as connexion:
        ecarts = compare_metadata(MigrationContext.configure(connexion), SQLModel.metadata)
    assert ecarts == []


def test_sqlite_est_durable(contexte: Contexte) -> None:
    with contexte.moteur.connect() as connexion:
        assert connexion.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connexion.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
