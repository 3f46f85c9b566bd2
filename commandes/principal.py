"""The `campagnes` command line: one application, each module adding its commands; refusals are French sentences."""

from typing import Any

import typer
from typer.core import TyperGroup

from commandes import baremes, calcul, calendrier, classeurs, depots, prefect, reseau, versements


class GroupeFrancais(TyperGroup):
    """Turns every refusal of the house into one sentence on stderr and exit code 2, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command asked for."""
        try:
            return super().invoke(ctx)
        except Exception as erreur:
            phrase = _phrase(erreur)
            if phrase is None:
                raise
            typer.echo(phrase, err=True)
            raise typer.Exit(2) from None


def _phrase(erreur: Exception) -> str | None:
    """Give the French sentence of what stopped a command, or None for a fault of the program itself."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    if isinstance(erreur, _refus()):
        return str(erreur)
    if isinstance(erreur, OSError) and erreur.filename is not None:
        return f"« {erreur.filename} » ne s'ouvre pas ou ne s'écrit pas : vérifiez le chemin et les droits d'accès."
    if isinstance(erreur, OperationalError | ArgumentError):
        return "La base de données ne répond pas : vérifiez CAMPAGNES_BASE_URL, et qu'elle est démarrée."
    return None


def _refus() -> tuple[type[Exception], ...]:
    """Give the exceptions whose message is meant for the person who typed the command."""
    from operations.contexte import ActeRefuse
    from regles.baremes import ErreurDeBareme
    from regles.calcul import FormuleAbsente
    from schemas.calcul import DemandeIllisible
    from schemas.configuration.yaml_strict import ErreurDeConfiguration

    return ActeRefuse, DemandeIllisible, ErreurDeBareme, ErreurDeConfiguration, FormuleAbsente


application = typer.Typer(
    name="campagnes",
    cls=GroupeFrancais,
    help="Campagnes de financement des partenaires d'une Caf : déclarations, droits, relances, versements.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

reseau.ajouter(application)
classeurs.ajouter(application)
depots.ajouter(application)
calendrier.ajouter(application)
calcul.ajouter(application)
baremes.ajouter(application)
prefect.ajouter(application)
versements.ajouter(application)
