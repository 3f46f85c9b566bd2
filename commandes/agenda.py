"""The command that gives a partner's own dates."""

from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte


def agenda(
    partenaire: Annotated[str, typer.Argument(metavar="PARTENAIRE", help="Code du partenaire.")],
    ics: Annotated[Path | None, typer.Option("--ics", help="Fichier d'agenda (.ics) à écrire.")] = None,
) -> None:
    """Montrer toutes les dates d'un partenaire : ouvertures, limites (prolongations comprises), séances."""
    from operations.agendas import agenda as operation

    lu = operation(contexte(), partenaire)
    for date in lu.dates:
        typer.echo(f"{date.evenement.jour:%d/%m/%Y}  {date.evenement.titre}")
    typer.echo(f"{lu.nom} : {len(lu.dates)} date(s).")
    if ics is not None:
        ics.write_bytes(lu.ics)
        typer.echo(f"{ics}")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    application.command()(agenda)
