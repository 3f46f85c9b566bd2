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
            if not isinstance(erreur, _refus()):
                raise
            typer.echo(str(erreur), err=True)
            raise typer.Exit(2) from None


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
