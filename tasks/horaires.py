"""The coming runs, created at once and named as the team speaks (Prefect would call them « cosmic-bear »)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

HORIZON = timedelta(days=400)
PAGE = 200


class ActionAnnoncee(Protocol):
    """What is announced of an action."""

    @property
    def cle(self) -> str:
        """Slug of its schedule."""

    @property
    def intitule(self) -> str:
        """Name of its run."""


def annoncer(client: "SyncPrefectClient", deploiement: UUID, actions: Sequence[ActionAnnoncee]) -> int:
    """Have the server create the runs of every schedule over 400 days now, name them, and give their number."""
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        DeploymentFilterId,
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType

    client.request(
        "POST",
        "/deployments/{id}/schedule",
        path_params={"id": deploiement},
        json={"end_time": (datetime.now(UTC) + HORIZON).isoformat()},
    )
    noms = {action.cle: action.intitule for action in actions}
    vues = 0
    while True:
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deploiement])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
            ),
            limit=PAGE,
            offset=vues,
        )
        for run in runs:
            nom = noms.get(run.created_by.display_value or "") if run.created_by else None
            if nom and run.name != nom:
                client.update_flow_run(run.id, name=nom)
        vues += len(runs)
        if len(runs) < PAGE:
            return vues
