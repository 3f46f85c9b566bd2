"""What every flow shares: a refusal ends the run with its French sentence, not with a traceback."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from operations.contexte import ActeRefuse

P = ParamSpec("P")


def phrases(*morceaux: str) -> str:
    """Join sentences, each with its full stop, leaving out the empty ones."""
    return " ".join(m if m.endswith((".", "!", "?")) else f"{m}." for m in morceaux if m)


def termine(*morceaux: str) -> State[Any]:
    """End a run well, saying what it did."""
    return Completed(message=phrases(*morceaux))


def refus_en_clair(fonction: Callable[P, State[Any]]) -> Callable[P, State[Any]]:
    """Turn a refusal into a failed run whose message is the French sentence."""

    @wraps(fonction)
    def enveloppe(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
        try:
            return fonction(*args, **kwargs)
        except ActeRefuse as refus:
            return Failed(message=str(refus))

    return enveloppe
