"""Commands about the network of partners."""

from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte


def importer(
    dossier: Annotated[
        Path, typer.Argument(help="Dossier de partenaires.csv, contacts.csv, structures.csv, conventions.csv.")
    ],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant, écrit au journal.")],
    appliquer: Annotated[bool, typer.Option("--appliquer", help="Écrire : sans cette option, rien ne change.")] = False,
) -> None:
    """Comparer le réseau avec des fichiers CSV, puis l'y amener avec --appliquer."""
    from operations.reseau import importer_reseau

    bilan = importer_reseau(contexte(), dossier, par, appliquer=appliquer)
    for faute in bilan.fautes:
        ou = f", ligne {faute.ligne}" if faute.ligne else ""
        typer.echo(f"{faute.fichier}{ou}, {faute.colonne} : {faute.message}", err=True)
    if bilan.fautes:
        typer.echo("Rien n'est écrit tant que ces fichiers portent des fautes.", err=True)
        raise typer.Exit(1)
    for changement in bilan.changements:
        typer.echo(changement)
    suite = "écrits" if bilan.applique else "à écrire (aperçu : ajoutez --appliquer)"
    typer.echo(f"{len(bilan.changements)} changement(s) {suite}, {bilan.inchanges} fiche(s) inchangée(s).")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    reseau = typer.Typer(help="Partenaires, contacts, structures et conventions.", no_args_is_help=True)
    reseau.command("importer")(importer)
    reseau.callback()(lambda: None)
    application.add_typer(reseau, name="reseau")
