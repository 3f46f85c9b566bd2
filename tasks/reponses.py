"""Asking a person in a suspended run, and forgetting what was typed: no personal code stays in Prefect.

An answer is erased as soon as it is read; so is one that came for a question asked no more.
"""

from datetime import timedelta
from itertools import count
from typing import TypeVar
from uuid import UUID

from prefect import runtime, suspend_flow_run
from prefect.client.orchestration import get_client
from prefect.input import RunInput
from pydantic import ValidationError

Reponse = TypeVar("Reponse", bound=RunInput)
REPONSE = "-response"
LUES_A_LA_FOIS = 200


def attendre(formulaire: type[Reponse], cle: str, delai: timedelta) -> Reponse:
    """Suspend the run until somebody answers; give the answer, then kept nowhere.

    The run is replayed when it resumes: `cle` must be the same then. A run killed just after it read an answer asks
    again, under another key.
    """
    for essai in count():
        cle_de_l_essai = f"{cle}-{essai}"
        _oublier(sauf=f"suspended-{cle_de_l_essai}{REPONSE}")
        try:
            reponse = suspend_flow_run(
                wait_for_input=formulaire, timeout=int(delai.total_seconds()), key=cle_de_l_essai
            )
        except ValidationError:  # nothing is left to read: this question had its answer, and the run was killed
            continue
        _oublier()
        return reponse
    raise AssertionError("count() n'a pas de fin")


def _oublier(sauf: str = "") -> None:
    """Erase the answers stored for this run, but one."""
    execution = UUID(str(runtime.flow_run.id))
    with get_client(sync_client=True) as client:
        for entree in client.filter_flow_run_input(execution, "suspended-", LUES_A_LA_FOIS, set()):
            if entree.key.endswith(REPONSE) and entree.key != sauf:
                client.delete_flow_run_input(execution, entree.key)
