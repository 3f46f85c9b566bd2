"""Commands over the accepted Filoué files: compare them with the réels, add them up, hand them over."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from operations.filoue.croisement import Croisement

Exercice = Annotated[int, typer.Argument(metavar="AAAA", help="L'année des enfants accueillis, par exemple 2025.")]
Sortie = Annotated[Path, typer.Option("--sortie", metavar="DOSSIER", help="Où écrire.")]


def croiser(exercice: Exercice) -> None:
    """Comparer les sommes de chaque fichier Filoué au réel AFAS de la structure ; rien n'est écrit."""
    from operations.contexte import contexte
    from operations.filoue.croisement import croiser as operation

    bilan = operation(contexte(), exercice)
    for ligne in bilan.lignes:
        for phrase in _phrases(ligne):
            typer.echo(f"{ligne.structure}  {ligne.nom:<34.34}  {phrase}")
    typer.echo(bilan.phrase)


def _phrases(ligne: "Croisement") -> list[str]:
    if ligne.ecarts is None:
        return ["pas encore de réel"]
    return [ecart.phrase for ecart in ligne.alertes] or ["conforme au réel"]


def agreger(exercice: Exercice, sortie: Sortie) -> None:
    """Additionner les enfants et les heures du département, par territoire et régime ; petits effectifs masqués."""
    from operations.contexte import contexte
    from operations.filoue.agregat import ecrire_agregat

    bilan = ecrire_agregat(contexte(), exercice, sortie)
    vue = bilan.vue
    typer.echo(f"{vue.structures_recues} fichier(s) sur {vue.structures_attendues}, {vue.masquees} case(s) masquée(s).")
    for chemin in bilan.chemins:
        typer.echo(f"Écrit : {chemin}")


def remettre(
    exercice: Exercice,
    version: Annotated[str, typer.Option("--version", metavar="V1|V2|V3", help="La présentation à écrire.")],
    sortie: Sortie,
    par: Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")],
) -> None:
    """Écrire les lignes nettoyées des fichiers acceptés, sans rien qui identifie, dans la présentation de la Cnaf."""
    from operations.contexte import ActeRefuse, contexte
    from operations.filoue.remise import remettre as operation
    from regles.filoue import VersionFiloue

    if version not in set(VersionFiloue):
        raise ActeRefuse(f"« {version} » n'est pas une présentation Filoué : {', '.join(VersionFiloue)}.")
    bilan = operation(contexte(), exercice, VersionFiloue(version), sortie, par)
    typer.echo(f"{bilan.lignes} ligne(s) dans {len(bilan.fichiers)} fichier(s).")
    if bilan.absentes:
        typer.echo(f"Sans fichier accepté : {', '.join(bilan.absentes)}.")
    for chemin in bilan.chemins:
        typer.echo(f"Écrit : {chemin}")


def ajouter(filoue: typer.Typer) -> None:
    """Register these commands in the group « filoue »."""
    for commande in (croiser, agreger, remettre):
        filoue.command()(commande)
