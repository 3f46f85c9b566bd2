"""Commands of deposits: check a workbook, drop it in the inbox, send back what it declared."""

import json
import os
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
        typer.echo(en_texte(fichier.name, verification.anomalies, verification.questions))
    if annoter is not None:
        annoter_copie(verification, annoter)
        if not en_json:
            typer.echo(f"\nCopie annotée : {annoter}")
    raise typer.Exit(verification.code_de_sortie)


def deposer(
    fichiers: Annotated[list[Path], typer.Argument(metavar="F.xlsx…", help="Les classeurs à déposer.")],
) -> None:
    """Déposer des classeurs : ils sont copiés dans la boîte d'arrivée, et lus aussitôt si Prefect est là."""
    from echanges.evenements import signaler_depot
    from operations.filoue.depot import nom_a_dire
    from operations.reception import deposer as operation

    noms = []
    for fichier in fichiers:
        noms.append(nom_a_dire(operation(contexte(), fichier)))
        typer.echo(f"Déposé : {noms[-1]}")
    lance = signaler_depot(os.environ.get("PREFECT_API_URL", ""), ", ".join(noms))
    typer.echo("La réception est lancée." if lance else "Lecture à la prochaine réception.")


def rejeter(
    structure: Annotated[str, typer.Argument(help="Code de la structure.")],
    etape: Annotated[str, typer.Argument(help="Identifiant de l'étape, par exemple reels-2025-a.")],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")],
    motif: Annotated[str, typer.Option("--motif", help="Pourquoi : le partenaire le lira, écrivez pour lui.")],
) -> None:
    """Rejeter une déclaration reçue : le partenaire est prévenu, avec le motif, et doit répondre à nouveau."""
    from operations.rejets import rejeter as operation

    typer.echo(operation(contexte(), etape, structure, par, motif).message)


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (verifier, deposer, rejeter):
        application.command()(commande)
