"""Bring a Prefect server to what the project says: deployments of prefect.yaml, schedules equal to the calendar."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from flows.noms import BASSIN, CALENDRIER
from flows.planification import FUSEAU, Horaire, horaires
from operations.configuration import calendriers, plan_relances
from operations.contexte import ActeRefuse, contexte
from schemas.configuration.reglages import RACINE

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import DeploymentSchedule

Dire = Callable[[str], None]
EXECUTIONS_A_LA_FOIS = 2


@dataclass(frozen=True, slots=True)
class HorairePose:
    """A schedule as the server holds it. `actif` is false when the team paused it in the UI."""

    id: UUID
    cle: str
    regle: str
    fuseau: str
    parametres: Mapping[str, Any]
    actif: bool

    def convient(self, horaire: Horaire) -> bool:
        """Whether it already says what the calendar says."""
        return (self.regle, self.fuseau, self.parametres) == (horaire.regle, FUSEAU, horaire.parametres)


@dataclass(frozen=True, slots=True)
class Ecarts:
    """What brings the server's schedules to the calendar."""

    a_creer: tuple[Horaire, ...]
    a_modifier: tuple[tuple[HorairePose, Horaire], ...]
    a_retirer: tuple[HorairePose, ...]
    inchanges: int
    en_pause: int

    @property
    def est_vide(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.a_creer or self.a_modifier or self.a_retirer)


def comparer(voulus: Sequence[Horaire], poses: Sequence[HorairePose]) -> Ecarts:
    """Compare the calendar with the server, by key. A schedule paused by the team stays paused."""
    par_cle = {pose.cle: pose for pose in poses}
    cles = {horaire.cle for horaire in voulus}
    a_modifier = tuple((par_cle[h.cle], h) for h in voulus if h.cle in par_cle and not par_cle[h.cle].convient(h))
    retenus = [pose for pose in poses if pose.cle in cles]
    return Ecarts(
        a_creer=tuple(h for h in voulus if h.cle not in par_cle),
        a_modifier=a_modifier,
        a_retirer=tuple(pose for pose in poses if pose.cle not in cles),
        inchanges=len(retenus) - len(a_modifier),
        en_pause=sum(not pose.actif for pose in retenus),
    )


def decrire(ecarts: Ecarts, voulus: Sequence[Horaire], maintenant: datetime) -> list[str]:
    """Say in French what is about to change, a line each."""
    passes = sum(h.est_passe(maintenant) for h in voulus)
    lignes = [f"  + {_le(h)}  {h.intitule}" for h in ecarts.a_creer if not h.est_passe(maintenant)]
    anciens = sum(h.est_passe(maintenant) for h in ecarts.a_creer)
    if anciens:
        lignes.append(f"  + {anciens} date(s) déjà passée(s), pour mémoire : elles ne se déclencheront pas")
    lignes += [f"  ~ {_le(h)}  {h.intitule}" for _, h in ecarts.a_modifier]
    lignes += [f"  - {pose.cle} (n'est plus au calendrier)" for pose in ecarts.a_retirer]
    bilan = (
        f"Dates du calendrier : {len(voulus)}, dont {passes} passée(s). À créer : {len(ecarts.a_creer)}, "
        f"à modifier : {len(ecarts.a_modifier)}, à retirer : {len(ecarts.a_retirer)}, "
        f"inchangée(s) : {ecarts.inchanges}."
    )
    if ecarts.en_pause:
        bilan += f" {ecarts.en_pause} en pause dans l'interface : elles y restent."
    return [*lignes, bilan]


def _le(horaire: Horaire) -> str:
    return f"{horaire.le:%d/%m/%Y %H:%M}"


def deployer(*, apercu: bool = False, dire: Dire = print) -> Ecarts:
    """Show, then do: pool, deployments, automation, schedules. Again without a change in the calendar, it does nothing.

    Raises:
        ActeRefuse: no Prefect server, or Prefect refuses a deployment.
    """
    _exiger_un_serveur()
    from prefect.client.orchestration import get_client

    ici = contexte()
    voulus = horaires(calendriers(ici), plan_relances(ici))
    with get_client(sync_client=True) as client:
        ecarts = comparer(voulus, _poses(client))
        for ligne in decrire(ecarts, voulus, ici.maintenant()):
            dire(ligne)
        if apercu:
            dire("Aperçu : rien n'a été changé.")
            return ecarts
        _assurer_le_bassin(client)
        _deployer_les_flux()
        _assurer_la_veille(client)
        deploiement = client.read_deployment_by_name(CALENDRIER).id
        _appliquer(client, deploiement, ecarts)
        from tasks.horaires import annoncer

        annoncees = annoncer(client, deploiement, voulus)
    dire(f"Déployé : {annoncees} action(s) à venir, dans « Runs » et sur la page du déploiement « calendrier ».")
    return ecarts


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
