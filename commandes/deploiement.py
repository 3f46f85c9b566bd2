"""Bring a Prefect server to what the project says: deployments of prefect.yaml, schedules equal to the calendar."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from commandes.flux_deployes import comparer_flux, decrire_flux, flux_poses, flux_voulus, retirer_flux
from commandes.horaires import Ecarts, HorairePose, comparer, decrire, decrire_les_oubliees
from flows.noms import BASSIN, CALENDRIER
from flows.planification import FUSEAU, Horaire, horaires
from operations.configuration import calendriers, plan_relances
from operations.contexte import ActeRefuse, Contexte, contexte
from operations.relances import actions_a_jouer
from schemas.configuration.reglages import RACINE

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import DeploymentSchedule

Dire = Callable[[str], None]
EXECUTIONS_A_LA_FOIS = 2


def deployer(*, apercu: bool = False, dire: Dire = print) -> Ecarts:
    """Show, then do: pool, deployments, automation, schedules. Again without a change in the calendar, it does nothing.

    Raises:
        ActeRefuse: no Prefect server, or Prefect refuses a deployment.
    """
    _exiger_un_serveur()
    from prefect.client.orchestration import get_client

    ici = contexte()
    voulus = horaires(calendriers(ici), partial(plan_relances, ici))
    with get_client(sync_client=True) as client:
        flux = comparer_flux(flux_voulus(RACINE / "prefect.yaml"), flux_poses(client))
        ecarts = comparer(voulus, _poses(client))
        for ligne in [*decrire_flux(flux), *decrire(ecarts, voulus, ici.maintenant()), *_oubliees(ici, voulus)]:
            dire(ligne)
        if ecarts.est_vide and flux.est_vide:
            dire("Rien à changer : le serveur dit déjà ce que dit le calendrier.")
        if apercu:
            dire("Aperçu : rien n'a été changé.")
            return ecarts
        _assurer_le_bassin(client)
        _deployer_les_flux()
        retirer_flux(client, flux)
        _assurer_la_veille(client)
        deploiement = client.read_deployment_by_name(CALENDRIER).id
        _appliquer(client, deploiement, ecarts)
        from tasks.horaires import annoncer

        annoncees = annoncer(client, deploiement, voulus)
    dire(f"Déployé : {annoncees} action(s) à venir, dans « Runs » et sur la page du déploiement « calendrier ».")
    return ecarts


def _oubliees(ici: Contexte, voulus: Sequence[Horaire]) -> list[str]:
    """Say what the calendar has asked for and nobody has played yet."""
    a_jouer, a_sauter = actions_a_jouer(ici)
    return decrire_les_oubliees(voulus, [a.cle for a in a_jouer], [a.cle for a in a_sauter])


def _exiger_un_serveur() -> None:
    adresse = os.environ.get("PREFECT_API_URL", "")
    if not adresse:
        raise ActeRefuse("Aucun serveur Prefect n'est désigné : donnez son adresse dans PREFECT_API_URL.")
    try:
        joint = httpx.get(f"{adresse.rstrip('/')}/health", timeout=10).status_code < httpx.codes.INTERNAL_SERVER_ERROR
    except httpx.HTTPError:
        joint = False
    if not joint:
        raise ActeRefuse(f"Le serveur Prefect ne répond pas à {adresse}.")


def _poses(client: "SyncPrefectClient") -> list[HorairePose]:
    from prefect.exceptions import ObjectNotFound

    try:
        deploiement = client.read_deployment_by_name(CALENDRIER)
    except ObjectNotFound:
        return []
    return [_pose(horaire) for horaire in client.read_deployment_schedules(deploiement.id)]


def _pose(horaire: "DeploymentSchedule") -> HorairePose:
    regle = getattr(horaire.schedule, "rrule", "")
    fuseau = getattr(horaire.schedule, "timezone", "") or ""
    return HorairePose(horaire.id, horaire.slug or "", regle, fuseau, horaire.parameters, horaire.active)


def _assurer_le_bassin(client: "SyncPrefectClient") -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound

    try:
        client.read_work_pool(BASSIN)
    except ObjectNotFound:
        client.create_work_pool(
            WorkPoolCreate(
                name=BASSIN,
                type="process",
                description="Le poste qui exécute les campagnes.",
                # Here rather than `worker start --limit`: a run resumed while its first process ends stops that worker.
                concurrency_limit=EXECUTIONS_A_LA_FOIS,
            )
        )


def _deployer_les_flux() -> None:
    fait = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", "prefect.yaml"],
        cwd=RACINE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if fait.returncode:
        raise ActeRefuse(f"Prefect a refusé le déploiement :\n{fait.stdout}{fait.stderr}")


def _assurer_la_veille(client: "SyncPrefectClient") -> None:
    from flows.veille import automatisme

    voulu = automatisme()
    existants = client.read_automations_by_name(voulu.name)
    if not existants:
        client.create_automation(voulu)
    elif existants[0].model_dump(include=set(type(voulu).model_fields)) != voulu.model_dump():
        client.update_automation(existants[0].id, voulu)


def _appliquer(client: "SyncPrefectClient", deploiement: UUID, ecarts: Ecarts) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import RRuleSchedule

    for pose in ecarts.a_retirer:
        client.delete_deployment_schedule(deploiement, pose.id)
    for pose, horaire in ecarts.a_modifier:
        client.update_deployment_schedule(
            deploiement,
            pose.id,
            schedule=RRuleSchedule(rrule=horaire.regle, timezone=FUSEAU),
            parameters=dict(horaire.parametres),
        )
    if ecarts.a_creer:
        client.create_deployment_schedules(
            deploiement,
            [
                DeploymentScheduleCreate(
                    schedule=RRuleSchedule(rrule=h.regle, timezone=FUSEAU),
                    active=True,
                    parameters=dict(h.parametres),
                    slug=h.cle,
                )
                for h in ecarts.a_creer
            ],
        )
