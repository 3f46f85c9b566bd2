"""The deployments of prefect.yaml against those of a server: new ones, those that left, and their regular hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import yaml

from flows.noms import BASSIN

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

Passages = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FluxPose:
    """A deployment as the server holds it: its regular hours (cron) by slug, and the ids to remove them by."""

    id: UUID
    nom: str
    passages: Passages
    ids: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class EcartsFlux:
    """What brings the server's deployments to prefect.yaml. Hours are (deployment, slug, before, after)."""

    a_creer: tuple[str, ...]
    a_retirer: tuple[FluxPose, ...]
    passages_changes: tuple[tuple[str, str, str, str], ...]
    passages_a_retirer: tuple[tuple[FluxPose, str], ...]

    @property
    def est_vide(self) -> bool:
        """Whether nothing is to be created, moved or removed."""
        return not (self.a_creer or self.a_retirer or self.passages_changes or self.passages_a_retirer)


def flux_voulus(fichier: Path) -> dict[str, Passages]:
    """Give the deployments of prefect.yaml with their regular hours by slug."""
    ecrit = yaml.safe_load(fichier.read_text(encoding="utf-8"))
    return {
        d["name"]: {h["slug"]: h["cron"] for h in d.get("schedules", ()) if "cron" in h} for d in ecrit["deployments"]
    }


def flux_poses(client: "SyncPrefectClient") -> tuple[FluxPose, ...]:
    """Give the deployments that the server runs in the project's pool."""
    from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName

    filtre = WorkPoolFilter(name=WorkPoolFilterName(any_=[BASSIN]))
    return tuple(_pose(deploiement) for deploiement in client.read_deployments(work_pool_filter=filtre, limit=200))


def _pose(deploiement: "DeploymentResponse") -> FluxPose:
    reguliers = {h.slug or "": h for h in deploiement.schedules if hasattr(h.schedule, "cron")}
    passages = {slug: str(getattr(h.schedule, "cron", "")) for slug, h in reguliers.items()}
    return FluxPose(deploiement.id, deploiement.name, passages, {slug: h.id for slug, h in reguliers.items()})


def comparer_flux(voulus: Mapping[str, Passages], poses: Iterable[FluxPose]) -> EcartsFlux:
    """Compare prefect.yaml with the server, by name."""
    par_nom = {pose.nom: pose for pose in poses}
    communs = [par_nom[nom] for nom in voulus if nom in par_nom]
    return EcartsFlux(
        a_creer=tuple(nom for nom in voulus if nom not in par_nom),
        a_retirer=tuple(pose for nom, pose in par_nom.items() if nom not in voulus),
        passages_changes=tuple(
            (pose.nom, slug, pose.passages.get(slug, ""), cron)
            for pose in communs
            for slug, cron in voulus[pose.nom].items()
            if pose.passages.get(slug) != cron
        ),
        passages_a_retirer=tuple(
            (pose, slug) for pose in communs for slug in pose.passages if slug not in voulus[pose.nom]
        ),
    )


def decrire_flux(ecarts: EcartsFlux) -> list[str]:
    """Say in French what is about to change, a line each."""
    return [
        *(f"  nouveau     flux « {nom} »" for nom in ecarts.a_creer),
        *(f"  retiré      flux « {pose.nom} » (n'est plus dans prefect.yaml)" for pose in ecarts.a_retirer),
        *(
            f"  changé      flux « {nom} », {slug} : {f'{avant} → ' if avant else ''}{apres}"
            for nom, slug, avant, apres in ecarts.passages_changes
        ),
        *(
            f"  retiré      flux « {pose.nom} », {slug} : {pose.passages[slug]}"
            for pose, slug in ecarts.passages_a_retirer
        ),
    ]


def retirer_flux(client: "SyncPrefectClient", ecarts: EcartsFlux) -> None:
    """Remove from the server what left prefect.yaml: Prefect itself removes nothing."""
    for pose in ecarts.a_retirer:
        client.delete_deployment(pose.id)
    for pose, slug in ecarts.passages_a_retirer:
        client.delete_deployment_schedule(pose.id, pose.ids[slug])
