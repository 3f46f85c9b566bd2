"""The `campagnes` command line: one application, each module adding its commands; refusals are French sentences."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from commandes import (
    agenda,
    baremes,
    calcul,
    calendrier,
    classeurs,
    codes,
    commission,
    coordonnees,
    courriels,
    depots,
    dossiers,
    filoue,
    indus,
    prefect,
    rappels,
    relances,
    reseau,
    resultats,
    signatures,
    simulation,
    tableau,
    taches,
    versements,
)
from commandes.usage import en_francais


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

    if isinstance(erreur, typer.TyperException):
        return en_francais(erreur)
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
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@application.callback()
def annoncer() -> None:
    """Campagnes de financement des partenaires d'une Caf : déclarations, droits, relances, versements."""
    from schemas.configuration.reglages import charger_reglages

    mention = charger_reglages().mention
    if mention and sys.stderr.isatty():  # a screen, not the answer that a program reads
        typer.echo(f"{mention} : structures et chiffres inventés.", err=True)


reseau.ajouter(application)
coordonnees.ajouter(application)
classeurs.ajouter(application)
depots.ajouter(application)
filoue.ajouter(application)
calendrier.ajouter(application)
agenda.ajouter(application)
relances.ajouter(application)
courriels.ajouter(application)
dossiers.ajouter(application)
taches.ajouter(application)
commission.ajouter(application)
calcul.ajouter(application)
simulation.ajouter(application)
tableau.ajouter(application)
baremes.ajouter(application)
prefect.ajouter(application)
versements.ajouter(application)
signatures.ajouter(application)
codes.ajouter(application)
resultats.ajouter(application)
indus.ajouter(application)
rappels.ajouter(application)
