"""The release of a batch by a real worker: suspended, turned down by the database, asked again, across a restart."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from demonstration.operateurs import ExecutionRatee
from demonstration.serveur import Serveur, arreter_executant, lancer_executant, relancer_serveur
from echanges.evenements import signaler_depot
from operations.contexte import Contexte
from operations.journal import verifier_journal
from operations.versements import resume_lot
from regles.calendrier import Verbe
from regles.etats import EtatLot

if TYPE_CHECKING:
    from demonstration.orchestre import OperateurPrefect

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

ETAPE = "reels-2025-a"
JOUR = date(2026, 3, 12)
ATTENTE_S = 120


@contextmanager
def operateur(contexte: Contexte) -> "Iterator[OperateurPrefect]":
    """What starts runs, answers the form as the UI does, and waits."""
    from prefect.client.orchestration import get_client

    from demonstration.orchestre import OperateurPrefect

    with get_client(sync_client=True) as client:
        yield OperateurPrefect(contexte, client)


def chercher(serveur: Serveur, quoi: str, **filtre: Any) -> list[dict[str, Any]]:
    return list(httpx.post(f"{serveur.api}/{quoi}/filter", json=filtre, timeout=30).raise_for_status().json())


def executions(serveur: Serveur, deploiement: str) -> list[dict[str, Any]]:
    return chercher(serveur, "flow_runs", deployments={"name": {"any_": [deploiement]}})


def test_l_horloge_de_la_machine_est_mise_de_cote_et_un_echec_se_dit(atelier: Contexte) -> None:
    from demonstration.orchestre import A_L_HEURE_DE_LA_MACHINE

    with operateur(atelier) as ici:
        ici.preparer()
        for nom in A_L_HEURE_DE_LA_MACHINE:
            horaires = ici.client.read_deployment_schedules(ici.client.read_deployment_by_name(nom).id)
            assert [h.active for h in horaires] == [False]
        with pytest.raises(ExecutionRatee, match="clore"):
            ici.jouer(ETAPE, Verbe.CLORE, 0, date(2026, 2, 8))


def test_un_lot_attend_une_autre_personne(atelier: Contexte, serveur: Serveur) -> None:
    with operateur(atelier) as ici:
        message = ici.proposer(ETAPE, "j.moreau", JOUR)
        assert "Lot n° 1 proposé par j.moreau. À libérer par quelqu’un d’autre" in message
        for _ in range(2):
            assert "La base de données l'interdit" in ici.liberer(1, "j.moreau", JOUR)
    assert len(resume_lot(atelier, 1).tentatives_refusees) == 1
    assert resume_lot(atelier, 1).etat is EtatLot.PROPOSE

    [execution] = executions(serveur, "libération")
    for incomplete in ({}, {"run_input": {"decision": "Libérer"}}, {"run_input": {"par": "a.leroy"}}):
        reponse = httpx.post(f"{serveur.api}/flow_runs/{execution['id']}/resume", json=incomplete, timeout=30)
        assert reponse.json()["status"] == "REJECT"

    arreter_executant(serveur)
    relancer_serveur(serveur, dire=lambda _: None)
    lancer_executant(serveur)
    with operateur(atelier) as ici:
        message = ici.liberer(1, "a.leroy", JOUR)
        assert "reels-2025-a-lot-01 libéré par a.leroy et exporté : 1\u202f000,05\u00a0€" in message
        assert "libéré et exporté" in ici.liberer(1, "a.leroy", JOUR)
    assert {run["id"]: run["state_type"] for run in executions(serveur, "libération")}[execution["id"]] == "COMPLETED"
    formulaire = httpx.get(f"{serveur.api}/flow_runs/{execution['id']}/input/suspended-decision-1-description").json()
    assert "La base de données l'interdit" in formulaire
    assert resume_lot(atelier, 1).etat is EtatLot.EXPORTE
    assert verifier_journal(atelier).rupture is None

    cle = {"key": {"any_": ["lot-reels-2025-a-lot-01"]}}
    publie = chercher(serveur, "artifacts", artifacts=cle, sort="CREATED_DESC")[0]["data"]
    exports = list((atelier.reglages.var / "exports" / "reels-2025-a-lot-01").iterdir())
    assert len(exports) == 2
    for export in exports:
        assert f"{export.name} | {hashlib.sha256(export.read_bytes()).hexdigest()}" in publie


def test_un_fichier_signale_lance_la_reception(atelier: Contexte, serveur: Serveur) -> None:
    avant = {run["id"] for run in executions(serveur, "réception")}
    assert signaler_depot(serveur.api, "declaration.xlsx")
    fin = time.monotonic() + ATTENTE_S
    while True:
        lancees = [r for r in executions(serveur, "réception") if r["id"] not in avant and not r["auto_scheduled"]]
        if lancees and lancees[0]["state_type"] == "COMPLETED":
            break
        assert time.monotonic() < fin, lancees
        time.sleep(0.2)
    assert lancees[0]["name"] == "Boîte de dépôt : rien de nouveau"
