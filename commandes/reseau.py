"""Commands about the network of partners."""

from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte


def importer(
    dossier: Annotated[
        Path,
        typer.Argument(
            help="Dossier des fichiers à lire : partenaires, contacts, structures, conventions, adhesions (.csv)."
        ),
    ],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant, écrit au journal.")],
    appliquer: Annotated[bool, typer.Option("--appliquer", help="Écrire : sans cette option, rien ne change.")] = False,
) -> None:
    """Comparer le réseau avec des fichiers CSV, puis l'y amener avec --appliquer."""
    from operations.reseau import importer_reseau

    bilan = importer_reseau(contexte(), dossier, par, appliquer=appliquer)
    for faute in bilan.fautes:
        ou = (faute.fichier, f"ligne {faute.ligne}" if faute.ligne else "", faute.colonne)
        typer.echo(f"{', '.join(filter(None, ou))} : {faute.message}", err=True)
    if bilan.fautes:
        typer.echo("Rien n'est écrit tant que ces fichiers portent des fautes.", err=True)
        raise typer.Exit(1)
    for changement in bilan.changements:
        typer.echo(changement)
    if bilan.absents:
        typer.echo(f"Non fournis, leur contenu reste tel quel : {', '.join(bilan.absents)}.")
    for alerte in bilan.alertes:
        typer.echo(f"À lire : {alerte}")
    suite = "écrits" if bilan.applique else "à écrire (aperçu : ajoutez --appliquer)"
    typer.echo(f"{len(bilan.changements)} changement(s) {suite}, {bilan.inchanges} fiche(s) inchangée(s).")


def exporter(
    dossier: Annotated[Path, typer.Argument(help="Dossier vide où écrire les cinq fichiers CSV.")],
) -> None:
    """Écrire le réseau dans des fichiers CSV, à corriger dans un tableur puis à importer."""
    from operations.reseau import exporter_reseau

    for chemin in exporter_reseau(contexte(), dossier):
        typer.echo(f"{chemin}")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    reseau = typer.Typer(help="Partenaires, contacts, structures, conventions et adhésions.", no_args_is_help=True)
    for commande in (importer, exporter):
        reseau.command()(commande)
    application.add_typer(reseau, name="reseau")
