"""Asking for the signatures of a batch: a run of its own, that waits for two other people."""

from datetime import date

from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

from tasks.communs import tache

LIBERATION = "Libération de lot/libération"


@tache("Demander les signatures", rejouable=True)
def demander(lot: int, jour: date | None) -> str:
    """Start the run that waits for the signatures, once for a batch; say where it waits."""
    demande: dict[str, int | str] = {"lot": lot}
    if jour is not None:
        demande["jour"] = jour.isoformat()
    try:
        run_deployment(
            LIBERATION, parameters={"demande": demande}, timeout=0, as_subflow=False, idempotency_key=f"lot-{lot}"
        )
    except ObjectNotFound:
        return f"À ordonnancer par quelqu’un d’autre : campagnes ordonner {lot}."
    return "À ordonnancer par quelqu’un d’autre : « Libération de lot », suspendue, l’attend."
