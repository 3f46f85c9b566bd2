"""Fixtures shared by all tests: a context on a fresh database, SQLite always, PostgreSQL when a URL is given."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from modeles.base import creer_moteur
from modeles.schema import migrer
from operations.contexte import Contexte
from schemas.configuration.reglages import RACINE, Reglages, charger_reglages

URL_POSTGRES = os.environ.get("CAMPAGNES_TEST_POSTGRES_URL", "")
sans_postgres = pytest.mark.skipif(not URL_POSTGRES, reason="CAMPAGNES_TEST_POSTGRES_URL n'est pas donnée")
DEUX_BASES = ["sqlite", pytest.param("postgresql", marks=sans_postgres)]


@contextmanager
def base_postgres() -> Iterator[str]:
    """Create a database of its own for one test, and drop it."""
    administration = creer_moteur(URL_POSTGRES).execution_options(isolation_level="AUTOCOMMIT")
    nom = f"campagnes_{uuid.uuid4().hex}"
    with administration.connect() as connexion:
        connexion.execute(text(f"CREATE DATABASE {nom}"))
    try:
        yield make_url(URL_POSTGRES).set(database=nom).render_as_string(hide_password=False)
    finally:
        with administration.connect() as connexion:
            connexion.execute(text(f"DROP DATABASE {nom} WITH (FORCE)"))
        administration.dispose()


@contextmanager
def moteur_de_test(genre: str, dossier: Path) -> Iterator[tuple[str, Engine]]:
    """Give the URL and the engine of a fresh, migrated database."""
    if genre == "postgresql":
        with base_postgres() as url:
            moteur = creer_moteur(url)
            migrer(moteur)
            yield url, moteur
            moteur.dispose()
    else:
        url = f"sqlite:///{dossier / 'campagnes.db'}"
        moteur = creer_moteur(url)
        migrer(moteur)
        yield url, moteur
        moteur.dispose()


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
