"""One real Prefect server for the session; each test has its own database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from commandes.deploiement import deployer
from demonstration.installation import installer
from demonstration.serveur import FICHE, Serveur, arreter_executant, lancer_executant, serveur_prefect
from modeles.base import transaction
from operations.contexte import Contexte
from operations.contexte import contexte as contexte_de_l_installation
from tests.conftest import contexte_de_test
from tests.demonstration.reduit import config_reduite
from tests.operations.argent import ajouter_partenaire, ajouter_reel

RESTE = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)", "prefect server start"]


@dataclass(frozen=True)
class Depart:
    """The session's server, and how it started: a server of a killed session was still running in its folder."""

    serveur: Serveur
    dits: list[str]
    reste: "subprocess.Popen[bytes]"


@pytest.fixture(scope="session")
def depart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depart]:
    dossier = tmp_path_factory.mktemp("prefect")
    reste = subprocess.Popen(RESTE, start_new_session=True, stdout=subprocess.PIPE)
    assert reste.stdout is not None
    reste.stdout.readline()
    (dossier / FICHE).write_text(f'{{"port": 0, "parent": 999999999, "serveur": {reste.pid}}}', encoding="utf-8")
    avant = dict(os.environ)
    dits: list[str] = []
    with serveur_prefect(dossier, dits.append) as serveur:
        for nom in serveur.environnement.keys() - avant.keys():
            del os.environ[nom]
        yield Depart(serveur, dits, reste)


@contextmanager
def _en_vigueur(serveur: Serveur, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the server's settings in force in this process and in those it starts, and forget the installation read."""
    from prefect.settings import (
        PREFECT_API_URL,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        PREFECT_HOME,
        PREFECT_LOGGING_TO_API_ENABLED,
        temporary_settings,
    )

    for nom, valeur in serveur.environnement.items():
        monkeypatch.setenv(nom, valeur)
    contexte_de_l_installation.cache_clear()
    with temporary_settings(
        {
            PREFECT_API_URL: serveur.api,
            PREFECT_HOME: serveur.dossier,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
            PREFECT_LOGGING_TO_API_ENABLED: False,
        }
    ):
        yield
    contexte_de_l_installation.cache_clear()


@pytest.fixture
def serveur(depart: Depart) -> Serveur:
    """The session's server."""
    return depart.serveur


@pytest.fixture
def installation(contexte: Contexte, serveur: Serveur, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contexte]:
    """A database of its own, taken as the installation's by flows and tasks."""
    with _en_vigueur(serveur, monkeypatch):
        yield contexte


@pytest.fixture
def petite_installation(installation: Contexte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The same with the small invented network, its year about to start."""
    config = config_reduite(tmp_path, peu_de_creches=True)
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(config))
    petite = Contexte(installation.reglages.model_copy(update={"config": config}), installation.moteur)
    installer(petite)
    return petite


@pytest.fixture(scope="module")
def atelier(depart: Depart, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contexte]:
    """For a whole module: a database where two crèches have a solde, everything deployed, a worker running."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        contexte_de_test("sqlite", tmp_path_factory.mktemp("atelier"), monkeypatch) as contexte,
        _en_vigueur(depart.serveur, monkeypatch),
    ):
        with transaction(contexte.moteur) as session:
            ajouter_partenaire(session, nom="Commune | test")
            for rang, montant in ((1, 100_000), (2, 5)):
                ajouter_reel(session, rang, montant, 0)
        deployer(dire=lambda _: None)
        lancer_executant(depart.serveur)
        yield contexte
        arreter_executant(depart.serveur)
