"""The command that makes the form of a structure."""

from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte

Prestation = Annotated[str, typer.Argument(help="Prestation, par exemple EAJE.")]
Nature = Annotated[str, typer.Argument(help="previsionnel, actualisation ou reel.")]
Exercice = Annotated[int, typer.Argument(help="Exercice, par exemple 2025.")]
CodeStructure = Annotated[str, typer.Option("--structure", help="Code de la structure.")]
Sortie = Annotated[
    Path | None, typer.Option("-o", "--sortie", help="Fichier à écrire ; par défaut, son nom usuel ici.")
]


def modele(
    prestation: Prestation, nature: Nature, exercice: Exercice, structure: CodeStructure, sortie: Sortie = None
) -> None:
    """Écrire le classeur à remplir par une structure : identité et année précédente déjà portées."""
    from operations.classeurs import produire_modele

    nom, octets = produire_modele(contexte(), prestation, nature, exercice, structure)
    chemin = sortie or Path(nom)
    chemin.write_bytes(octets)
    typer.echo(f"{chemin} ({len(octets) // 1024} ko)")


def ajouter(application: typer.Typer) -> None:
    """Register this command."""
    application.command()(modele)
