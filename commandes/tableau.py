"""The team's board from the terminal: who must act, amounts that wait, indicators; as a workbook too."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.contexte import contexte
from regles.monnaie import formater_euros

if TYPE_CHECKING:
    from operations.tableau.synthese import Tableau


def tableau(
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="F.xlsx", help="Écrire tout le tableau dans un classeur.")
    ] = None,
) -> None:
    """Montrer où en est l'équipe : campagnes, retards, ce que chacun doit faire, montants, indicateurs du CPOG."""
    from operations.tableau.classeur import ecrire_tableau
    from operations.tableau.synthese import dresser

    dresse = dresser(contexte()) if xlsx is None else ecrire_tableau(contexte(), xlsx)
    _afficher(dresse)
    if xlsx is not None:
        typer.echo(f"\nClasseur : {xlsx}")


def _afficher(dresse: "Tableau") -> None:
    from operations.tableau.affaires import Acteur

    for campagne in dresse.campagnes:
        typer.echo(campagne.phrase)
    typer.echo("")
    for acteur in Acteur:
        typer.echo(
            f"À faire, {acteur.value} : {len(dresse.pour(acteur))}, dont {len(dresse.retards(acteur))} en retard"
        )
    typer.echo("")
    for groupe in dresse.territoires:
        a_payer = groupe.a_payer_centimes + groupe.en_lot_centimes
        typer.echo(
            f"{groupe.nom} ({groupe.telephone or 'boîte partagée'}) : "
            f"{groupe.en_retard} en retard chez les partenaires, {groupe.equipe} à faire à la Caf, "
            f"{formater_euros(a_payer)} à payer"
        )
    typer.echo("")
    for indicateur in dresse.indicateurs:
        code = f"{indicateur.code} " if indicateur.code else ""
        typer.echo(f"{code}{indicateur.libelle} : {indicateur.valeur_dite} (cible : {indicateur.cible_dite})")


def ajouter(application: typer.Typer) -> None:
    """Register this command."""
    application.command()(tableau)
