"""Fixtures shared by all tests: a context on a fresh database, SQLite always, PostgreSQL when a URL is given."""

import atexit
import itertools
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url, text
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
    fichier = _dossier_du_processus() / "modele.db"
    moteur = creer_moteur(f"sqlite:///{fichier}")
    migrer(moteur)
    moteur.dispose()
    return fichier


@lru_cache
def _dossier_du_processus() -> Path:
    """A folder that lives as long as this process, in memory where the system has such a place."""
    return Path(_A_LA_FIN.enter_context(TemporaryDirectory(dir=EN_MEMOIRE if EN_MEMOIRE.is_dir() else None)))


EN_MEMOIRE = Path("/dev/shm")  # noqa: S108
_A_LA_FIN = ExitStack()
atexit.register(_A_LA_FIN.close)


@dataclass
class _Place:
    """A database that tests use one after the other, through one engine: what it has compiled serves them all.

    On SQLite each test has a file of its own: who still holds the former one cannot disturb it.
    """

    url: str
    moteur: Engine

    def vider(self) -> None:
        """Come back to what a migration leaves; on PostgreSQL ten times faster than a TRUNCATE, and as orderly."""
        if self.moteur.dialect.name == "sqlite":
            self.moteur.dispose()
            fichier = _dossier_du_processus() / f"campagnes-{next(_RANG)}.db"
            self.url = f"sqlite:///{shutil.copy(_modele_sqlite(), fichier)}"
            return
        vidages = "; ".join(f'DELETE FROM "{table}"' for table in SQLModel.metadata.tables)  # noqa: S608
        with self.moteur.begin() as connexion:
            connexion.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connexion.exec_driver_sql(vidages)
            connexion.execute(text(SEQUENCES_AU_DEBUT))
        with self.moteur.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
            connexion.exec_driver_sql("VACUUM " + ", ".join(f'"{table}"' for table in SQLModel.metadata.tables))

    def ouvrir(self, _dialecte: Any, _fiche: Any, arguments: list[Any], _nommes: dict[str, Any]) -> None:
        """Connect to the file of the test under way."""
        arguments[0] = make_url(self.url).database

    def fermer(self) -> None:
        """Let the connections and the file go."""
        self.moteur.dispose()
        if self.moteur.dialect.name == "sqlite":
            Path(make_url(self.url).database or "").unlink()


_LIBRES: dict[str, list[_Place]] = {"sqlite": [], "postgresql": []}
_RANG = itertools.count(1)


def _place(genre: str) -> _Place:
    """Give a database that no test holds, made when there is none."""
    if _LIBRES[genre]:
        return _LIBRES[genre].pop()
    if genre == "sqlite":
        place = _Place("sqlite://", creer_moteur(f"sqlite:///{_modele_sqlite()}"))
        event.listen(place.moteur, "do_connect", place.ouvrir)
    else:
        url = _A_LA_FIN.enter_context(base_postgres())
        place = _Place(url, creer_moteur(url))
        migrer(place.moteur)
    _A_LA_FIN.callback(place.moteur.dispose)
    return place


@contextmanager
def moteur_de_test(genre: str) -> Iterator[tuple[str, Engine]]:
    """Give the URL and the engine of a fresh, migrated database."""
    place = _place(genre)
    place.vider()
    try:
        yield place.url, place.moteur
    finally:
        place.fermer()
        _LIBRES[genre].append(place)


@contextmanager
def contexte_de_test(genre: str, dossier: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contexte]:
    """Give a context on a fresh database under `dossier`, in demonstration mode, the environment saying the same."""
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(RACINE / "config"))
    monkeypatch.setenv("CAMPAGNES_VAR", str(dossier))
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "1")
    monkeypatch.delenv("CAMPAGNES_COURRIEL_MODE", raising=False)
    with moteur_de_test(genre) as (url, moteur):
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


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes plainly: those of an archive hold the time they were made, and two workers must collect the same."""
    return "octets" if isinstance(val, bytes) else None
