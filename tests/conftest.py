"""Fixtures shared by all tests: a context on a fresh database, SQLite always, PostgreSQL when a URL is given."""

import atexit
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, make_url, text
from sqlmodel import SQLModel

from modeles.base import creer_moteur
from modeles.schema import migrer
from operations.contexte import Contexte
from schemas.configuration.reglages import RACINE, Reglages, charger_reglages

URL_POSTGRES = os.environ.get("CAMPAGNES_TEST_POSTGRES_URL", "")
sans_postgres = pytest.mark.skipif(not URL_POSTGRES, reason="CAMPAGNES_TEST_POSTGRES_URL n'est pas donnée")
DEUX_BASES = ["sqlite", pytest.param("postgresql", marks=sans_postgres)]


SEQUENCES_AU_DEBUT = (
    "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences "
    "WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


@contextmanager
def base_postgres() -> Iterator[str]:
    """Create an empty database, and drop it in the end."""
    administration = creer_moteur(URL_POSTGRES).execution_options(isolation_level="AUTOCOMMIT")
    nom = f"campagnes_{uuid.uuid4().hex}"
    with administration.connect() as connexion:
        connexion.execute(text(f"CREATE DATABASE {nom}"))
        connexion.execute(text(f"ALTER DATABASE {nom} SET synchronous_commit = off"))  # nothing here outlives the tests
    try:
        yield make_url(URL_POSTGRES).set(database=nom).render_as_string(hide_password=False)
    finally:
        with administration.connect() as connexion:
            connexion.execute(text(f"DROP DATABASE {nom} WITH (FORCE)"))
        administration.dispose()


@lru_cache
def _modele_sqlite() -> Path:
    """Migrate one database a process; each test gets a copy."""
    fichier = Path(_A_LA_FIN.enter_context(TemporaryDirectory())) / "modele.db"
    _migrer(f"sqlite:///{fichier}")
    return fichier


@lru_cache
def _base_postgres_du_processus() -> str:
    """Migrate one database a process; each test finds it empty."""
    url = _A_LA_FIN.enter_context(base_postgres())
    _migrer(url)
    return url


def _vider_postgres(url: str) -> None:
    """Empty every table, guards and foreign keys put aside for this connection; ten times faster than a TRUNCATE."""
    moteur = creer_moteur(url)
    with moteur.begin() as connexion:
        connexion.execute(text("SET LOCAL session_replication_role = replica"))
        for table in SQLModel.metadata.tables:
            connexion.execute(text(f'DELETE FROM "{table}"'))  # noqa: S608
        connexion.execute(text(SEQUENCES_AU_DEBUT))
    moteur.dispose()


def _migrer(url: str) -> None:
    moteur = creer_moteur(url)
    migrer(moteur)
    moteur.dispose()


_A_LA_FIN = ExitStack()
atexit.register(_A_LA_FIN.close)


@contextmanager
def moteur_de_test(genre: str, dossier: Path) -> Iterator[tuple[str, Engine]]:
    """Give the URL and the engine of a fresh, migrated database."""
    with ExitStack() as pile:
        if genre == "postgresql":
            url = _base_postgres_du_processus()
            _vider_postgres(url)
        else:
            url = f"sqlite:///{shutil.copy(_modele_sqlite(), dossier / 'campagnes.db')}"
        moteur = creer_moteur(url)
        pile.callback(moteur.dispose)
        yield url, moteur


@contextmanager
def contexte_de_test(genre: str, dossier: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contexte]:
    """Give a context on a fresh database under `dossier`, in demonstration mode, the environment saying the same."""
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(RACINE / "config"))
    monkeypatch.setenv("CAMPAGNES_VAR", str(dossier))
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "1")
    monkeypatch.delenv("CAMPAGNES_COURRIEL_MODE", raising=False)
    with moteur_de_test(genre, dossier) as (url, moteur):
        monkeypatch.setenv("CAMPAGNES_BASE_URL", url)
        reglages: Reglages = charger_reglages()
        reglages.boite_depots.mkdir(parents=True)
        yield Contexte(reglages, moteur)


@pytest.fixture
def contexte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contexte]:
    """A context on SQLite, in demonstration mode, with the project's own config/."""
    with contexte_de_test("sqlite", tmp_path, monkeypatch) as ctx:
        yield ctx


@pytest.fixture(params=DEUX_BASES)
def contexte_deux_bases(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Contexte]:
    """The same, on SQLite and on PostgreSQL."""
    with contexte_de_test(request.param, tmp_path, monkeypatch) as ctx:
        yield ctx
