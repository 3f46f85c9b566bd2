"""The team's pages, refreshed on demand."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeJour
from tasks import artefacts, executions


@flow(
    name="Suivi des campagnes",
    flow_run_name="Tableau de bord",
    description="Met à jour le tableau de bord et l’avancement de chaque campagne ouverte.",
)
@refus_en_clair
def suivre(demande: DemandeJour = DemandeJour()) -> State[Any]:  # noqa: B008
    """Refresh the dashboard and every open step."""
    avancements = artefacts.publier_tableau_de_bord(demande.jour)
    executions.renommer(" ; ".join(avancements) or "Aucune campagne ouverte")
    return termine(*avancements)
