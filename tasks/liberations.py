"""Asking for the signatures of a batch: a run of its own, that waits for two other people."""

from datetime import date

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from operations.lots import ResumeLot
from regles.etats import EtatLot
from tasks.communs import tache

LIBERATION = "Libération de lot/libération"


def nom(lot: object) -> str:
    """Name the run of a batch: it is found again by that name."""
    return f"Libération du lot n° {lot}"


@tache("Demander les signatures", rejouable=True)
def demander(lot: int, jour: date | None) -> str:
    """Have a run wait for the signatures of a batch, a new one when none does any more; say where it waits."""
    demande: dict[str, int | str] = {"lot": lot}
    if jour is not None:
        demande["jour"] = jour.isoformat()
    filtre = FlowRunFilter(name=FlowRunFilterName(any_=[nom(lot)]))
    with get_client(sync_client=True) as client:
        siennes = client.read_flow_runs(flow_run_filter=filtre)
    if all(execution.state is None or execution.state.is_final() for execution in siennes):
        try:
            run_deployment(
                LIBERATION, parameters={"demande": demande}, timeout=0, as_subflow=False, flow_run_name=nom(lot),
                idempotency_key=f"lot-{lot}-{len(siennes)}",
            )  # fmt: skip
        except ObjectNotFound:
            return f"À ordonnancer par quelqu’un d’autre : campagnes ordonner {lot}."
    return "À ordonnancer par quelqu’un d’autre : « Libération de lot », suspendue, l’attend."


def suite_d_un_export_refuse(lot: ResumeLot, defaut: str) -> str:
    """Say what a person may do of a batch whose visa is given and whose files could not be made, or not be written."""
    if lot.etat is not EtatLot.LIBERE:
        return (
            f"{defaut} Le lot n° {lot.lot} est exporté, il ne se refuse plus : ses fichiers restent à écrire. Relancez "
            f"« libération », ou campagnes exporter {lot.lot}."
        )
    return (
        f"{defaut} Le lot n° {lot.lot} garde son visa, rien n’est exporté. Corrigez, puis relancez « libération » ; "
        "sinon mettez une ligne de côté (« suspension »), ou refusez le lot (« refus »)."
    )
