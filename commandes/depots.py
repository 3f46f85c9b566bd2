"""Commands of deposits: check a workbook before sending it, and drop it in the inbox."""

import json
from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte


def verifier(
    fichier: Annotated[Path, typer.Argument(metavar="F.xlsx", help="Le classeur à vérifier.")],
    en_json: Annotated[bool, typer.Option("--json", help="Répondre en JSON.")] = False,
    annoter: Annotated[
        Path | None, typer.Option(metavar="G.xlsx", help="Écrire aussi une copie annotée du classeur.")
    ] = None,
) -> None:
    """Vérifier un classeur sans le déposer. Code 0 : rien à corriger ; 1 : à corriger ; 2 : illisible."""
    from operations.verification import annoter_copie
    from operations.verification import verifier as operation
    from schemas.rapport import en_texte

    verification = operation(contexte(), fichier)
    if en_json:
        typer.echo(json.dumps(verification.en_valeurs(), ensure_ascii=False, indent=2))
    else:
        typer.echo(en_texte(fichier.name, verification.anomalies))
    if annoter is not None:
        annoter_copie(verification, annoter)
        if not en_json:
            typer.echo(f"\nCopie annotée : {annoter}")
    raise typer.Exit(verification.code_de_sortie)


def deposer(
    fichiers: Annotated[list[Path], typer.Argument(metavar="F.xlsx…", help="Les classeurs à déposer.")],
) -> None:
    """Déposer des classeurs : ils sont copiés dans la boîte d'arrivée, et seront lus à la prochaine réception."""
    from operations.reception import deposer as operation

    for fichier in fichiers:
        typer.echo(f"Déposé : {operation(contexte(), fichier).name}")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (verifier, deposer):
        application.command()(commande)
