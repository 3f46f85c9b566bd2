"""The templates of the Filoué pages: every text escaped, no name left out."""

from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from echanges.pages import GABARITS
from regles.monnaie import formater_nombre


@lru_cache(maxsize=1)
def environnement() -> Environment:
    """Give the environment of templates/documents/."""
    environnement = Environment(
        loader=FileSystemLoader(GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters["nombre"] = lambda valeur: formater_nombre(valeur, 2)
    return environnement
