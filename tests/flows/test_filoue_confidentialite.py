"""What the orchestrator keeps of the Filoué files: numbers, codes and counts. Its whole database is searched."""

import logging
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from demonstration.serveur import Serveur
from flows.demandes import DemandeJour, DemandeReception
from flows.filoue import effacer, suivre
from flows.receptions import recevoir
from operations.contexte import Contexte
from operations.filoue.suivi import suivre as suivi
from tests.filoue.fabrique import JOUR, declarer_reel, poser_creche
from tests.filoue.plantes import fichiers_plantes, fouiller_base, fouiller_dossier, fouiller_textes

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]


def test_l_orchestrateur_ne_garde_rien_qui_identifie(
    installation: Contexte, serveur: Serveur, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    attendu = poser_creche(installation, "EAJE01")
    declarer_reel(installation, "EAJE01", {"heures_facturees": "100"})
    for nom, octets in fichiers_plantes(attendu).items():
        (installation.reglages.boite_depots / nom).write_bytes(octets)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}):
        recevoir(DemandeReception(jour=JOUR))
        suivre(DemandeJour(jour=JOUR))
        effacer(DemandeJour(jour=JOUR + timedelta(days=400)))
        APILogHandler().flush()

    assert suivi(installation, JOUR).recues == 1
    journal = httpx.post(f"{serveur.api}/logs/filter", json={"sort": "TIMESTAMP_DESC", "limit": 50}).raise_for_status()
    assert any("fichier(s) Filoué effacé(s)" in ligne["message"] for ligne in journal.json())
    ailleurs = [*fouiller_base(installation), *fouiller_dossier(installation.reglages.var)]
    assert sorted(set(ailleurs)) == []
    assert sorted(set(fouiller_dossier(Path(serveur.dossier)))) == []
    assert fouiller_textes([*capfd.readouterr(), caplog.text]) == []
