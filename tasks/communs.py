"""What every task shares: no cache (they touch database, mail, files), and no retry of a refusal."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from operations.contexte import ActeRefuse

P = ParamSpec("P")
R = TypeVar("R")

REPRISES = 2
ATTENTES: list[float] = [5, 30]


def hors_refus(_tache: Any, _execution: Any, etat: Any) -> bool:
    """Retry an incident (a locked file, a dropped connection), never a refusal: it would be refused again."""
    return not isinstance(etat.result(raise_on_failure=False), ActeRefuse)


def tache(nom: str, *, rejouable: bool = False) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a task named in French; `rejouable` when doing it twice does it once.

    The timeline of the UI draws ASCII only: a name is worded without accents.
    """

    def decorer(fonction: Callable[P, R]) -> Task[P, R]:
        return task(
            name=nom,
            task_run_name=nom,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=REPRISES if rejouable else 0,
            retry_delay_seconds=ATTENTES if rejouable else None,
            retry_condition_fn=hors_refus if rejouable else None,
        )(fonction)

    return decorer
