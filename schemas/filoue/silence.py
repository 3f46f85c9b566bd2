"""Nothing that an exception of polars or pandera says may leave: they quote the values they stumble on."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import pandera.polars as pa
import polars as pl

P = ParamSpec("P")
R = TypeVar("R")


class ErreurFiloue(Exception):
    """A fault of this program while it handled a file; says nothing of what the file holds."""


def muette(fonction: Callable[P, R]) -> Callable[P, R]:
    """Make a function raise `ErreurFiloue` in place of any exception of polars or pandera.

    Raised once the other is over, so that it carries neither its words nor its frames.
    """

    @wraps(fonction)
    def enveloppe(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return fonction(*args, **kwargs)
        except (pl.exceptions.PolarsError, pa.errors.SchemaError, pa.errors.SchemaErrors) as erreur:
            faute = type(erreur).__name__
        raise ErreurFiloue(f"traitement d'un fichier Filoué interrompu ({faute})")

    return enveloppe
