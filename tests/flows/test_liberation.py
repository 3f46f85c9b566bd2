"""The release of a batch by a real worker: suspended, turned down by the database, asked again, across a restart."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

from demonstration.operateurs import ExecutionRatee
from demonstration.serveur import Serveur, arreter_executant, lancer_executant, relancer_serveur
from echanges.evenements import signaler_depot
from operations.contexte import Contexte
from operations.journal import verifier_journal
from operations.lots import resume_lot
from operations.signatures import ordonner_lot
from regles.calendrier import Verbe
from regles.etats import EtatLot
from tests.operations.argent import CODE, poser_les_codes

if TYPE_CHECKING:
    from demonstration.orchestre import OperateurPrefect

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

ETAPE = "reels-2025-a"
PROPOSITION = "Proposition de lot/proposition"
JOUR = date(2026, 3, 12)
ATTENTE_S = 300
FAUX, JUSTE = "un code inventé de travers", CODE


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


def formulaires(serveur: Serveur, execution: str) -> list[dict[str, Any]]:
    """What Prefect keeps of the forms of a run, and of what was answered."""
    demande = {"prefix": "suspended-", "limit": 200, "exclude_keys": []}
    reponse = httpx.post(f"{serveur.api}/flow_runs/{execution}/input/filter", json=demande, timeout=30)
    return list(reponse.raise_for_status().json())


def test_l_horloge_de_la_machine_est_mise_de_cote_et_un_echec_se_dit(atelier: Contexte) -> None:
    from demonstration.orchestre import A_L_HEURE_DE_LA_MACHINE

    with operateur(atelier) as ici:
        ici.preparer()
        for nom in A_L_HEURE_DE_LA_MACHINE:
            horaires = ici.client.read_deployment_schedules(ici.client.read_deployment_by_name(nom).id)
            assert [h.active for h in horaires] == [False]
        with pytest.raises(ExecutionRatee, match="Clôture : Réels 2025"):
            ici.jouer(ETAPE, Verbe.CLORE, 0, date(2026, 2, 8))


def test_un_lot_attend_trois_personnes_et_leurs_codes(atelier: Contexte, serveur: Serveur) -> None:
    """From the proposal to the export, each by its person, wrong codes and a restart on the way.

    Nothing of a code typed, right, wrong or for a form asked no more, is left in what Prefect keeps.
    """
    poser_les_codes(atelier, "j.moreau", "m.lefevre", "a.leroy")
    with operateur(atelier) as ici:
        proposition = lancer(ici, serveur, PROPOSITION, {"etape": ETAPE, "par": "j.moreau"})
        repondre(ici, serveur, proposition, {"code": f"{JUSTE} j"})
        message = ici.client.read_flow_run(UUID(proposition)).state
        assert message is not None
        assert "Lot n° 1 proposé par j.moreau. À ordonnancer par quelqu’un d’autre" in (message.message or "")

        (liberation,) = (run["id"] for run in executions(serveur, "libération"))
        attendre_la_suite(ici, serveur, liberation, 0)
        refuser_les_reponses_incompletes(serveur, liberation)
        repondre(ici, serveur, liberation, signature("Ordonnancer", "m.lefevre", FAUX))
        assert "encore 4 essai(s)" in str(formulaires(serveur, liberation))
        assert resume_lot(atelier, 1).etat is EtatLot.PROPOSE

        arreter_executant(serveur)
        relancer_serveur(serveur, dire=lambda _: None)
        lancer_executant(serveur)
        repondre(ici, serveur, liberation, signature("Ordonnancer", "j.moreau", f"{JUSTE} j"))
        assert "La base de données l'interdit" in resume_lot(atelier, 1).tentatives_refusees[-1]
        ordonner_lot(atelier, 1, "m.lefevre", JOUR, f"{JUSTE} m")
        repondre(ici, serveur, liberation, signature("Ordonnancer", "m.lefevre", f"{JUSTE} m"))
        assert resume_lot(atelier, 1).ordonne_par == "m.lefevre"
        repondre(ici, serveur, liberation, signature("Viser", "a.leroy", f"{JUSTE} a"))
        fin = ici.client.read_flow_run(UUID(liberation)).state
    assert fin is not None
    assert "reels-2025-a-lot-01 visé par a.leroy et exporté : 1\u202f000,05\u00a0€" in (fin.message or "")
    textes = {entree["key"]: entree["value"] for entree in formulaires(serveur, liberation)}
    assert sum("La base de données l'interdit" in texte for texte in textes.values()) == 1
    assert [cle for cle in textes if cle.endswith("-response")] == []
    assert resume_lot(atelier, 1).etat is EtatLot.EXPORTE
    assert verifier_journal(atelier).rupture is None
    verifier_la_publication(atelier, serveur)
    assert trouver(Path(serveur.dossier), (FAUX, JUSTE)) == []


def signature(decision: str, par: str, code: str) -> dict[str, str]:
    """What a person answers to the form of a batch."""
    return {"decision": decision, "par": par, "motif": "", "code": code}


def refuser_les_reponses_incompletes(serveur: Serveur, execution: str) -> None:
    """The server itself turns down a form half filled, and the run goes on waiting."""
    for incomplete in ({}, {"run_input": {"decision": "Ordonnancer"}}, {"run_input": {"par": "m.lefevre"}}):
        reponse = httpx.post(f"{serveur.api}/flow_runs/{execution}/resume", json=incomplete, timeout=30)
        assert reponse.json()["status"] == "REJECT"


def verifier_la_publication(atelier: Contexte, serveur: Serveur) -> None:
    """The artifact of the batch gives each exported file with the sha256 of its bytes."""
    cle = {"key": {"any_": ["lot-reels-2025-a-lot-01"]}}
    publie = chercher(serveur, "artifacts", artifacts=cle, sort="CREATED_DESC")[0]["data"]
    exports = list((atelier.reglages.var / "exports" / "reels-2025-a-lot-01").iterdir())
    assert len(exports) == 7
    for export in exports:
        assert f"{export.name} | {hashlib.sha256(export.read_bytes()).hexdigest()}" in publie


def lancer(ici: "OperateurPrefect", serveur: Serveur, nom: str, demande: dict[str, Any]) -> str:
    """Start a run, and wait until it asks something."""
    from prefect.states import Scheduled

    cible = ici.client.read_deployment_by_name(nom).id
    parametres = {"demande": {**demande, "jour": JOUR.isoformat()}}
    execution = ici.client.create_flow_run_from_deployment(cible, parameters=parametres, state=Scheduled()).id
    attendre_la_suite(ici, serveur, str(execution), 0)
    return str(execution)


def repondre(ici: "OperateurPrefect", serveur: Serveur, execution: str, reponse: dict[str, str]) -> None:
    """Answer a form, and wait until the run asks something else, or ends."""
    poses = len(formulaires(serveur, execution))
    ici.client.resume_flow_run(UUID(execution), run_input=reponse)
    attendre_la_suite(ici, serveur, execution, poses)


def attendre_la_suite(ici: "OperateurPrefect", serveur: Serveur, execution: str, poses: int) -> None:
    fin = time.monotonic() + ATTENTE_S
    while True:
        etat = ici.client.read_flow_run(UUID(execution)).state
        assert etat is not None
        assert not etat.is_failed(), etat.message
        if etat.is_final() or (etat.is_paused() and len(formulaires(serveur, execution)) > poses):
            return
        assert time.monotonic() < fin, etat
        time.sleep(0.2)


def trouver(dossier: Path, secrets: tuple[str, ...]) -> list[str]:
    """Look for secrets in every value of every table of the SQLite databases of a folder, and in its other files."""
    trouves = []
    for fichier in (f for f in dossier.rglob("*") if f.is_file()):
        if fichier.suffix == ".db":
            base = sqlite3.connect(f"file:{fichier}?mode=ro", uri=True)
            textes = "\n".join(base.iterdump())
            base.close()
        elif fichier.name.endswith(("-wal", "-shm")):
            continue
        else:
            textes = fichier.read_text(encoding="utf-8", errors="replace")
        trouves += [f"{fichier.name} : {secret}" for secret in secrets if secret in textes]
    return trouves


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
