"""Command of what the bank answers: compare with what was sent, then write what is sure."""

from pathlib import Path
from typing import Annotated

import typer

from commandes.codes import Par, demander_code
from operations.contexte import contexte
from regles.monnaie import formater_euros

MONTREES = 20


def resultats(
    fichier: Annotated[Path, typer.Argument(metavar="FICHIER", help="pain.002, camt.054 ou CSV de la banque.")],
    par: Par,
    appliquer: Annotated[
        bool, typer.Option("--appliquer", help="Écrire ce qui est sûr ; sans cela, rien n'est écrit.")
    ] = False,
) -> None:
    """Rapprocher les résultats de la banque de ce qui a été envoyé. Code 1 : quelque chose est à regarder."""
    from operations.rapprochement import rapprocher

    bilan = rapprocher(contexte(), fichier, par, appliquer=appliquer, code=demander_code(par) if appliquer else "")
    typer.echo(f"{len(bilan.payees)} virement(s) payé(s), {formater_euros(bilan.total_paye_centimes)}.")
    for reference, centimes, code in bilan.rejetees:
        typer.echo(f"Rejeté ({code}) : {reference}, {formater_euros(centimes)}, de nouveau dû.")
    comptes = {
        "déjà noté(s)": bilan.deja,
        "en cours à la banque": bilan.en_cours,
        "autre(s) crédit(s)": bilan.autres_credits,
    }
    for quoi, nombre in comptes.items():
        if nombre:
            typer.echo(f"{nombre} {quoi}.")
    for phrase in bilan.a_regarder[:MONTREES]:
        typer.echo(f"À regarder : {phrase}")
    if len(bilan.a_regarder) > MONTREES:
        typer.echo(f"… et {len(bilan.a_regarder) - MONTREES} autres à regarder.")
    typer.echo(f"{bilan.attendues} virement(s) attendent encore leur résultat.")
    if appliquer:
        typer.echo(f"{bilan.courriels} courriel(s) d'avis de paiement à envoyer.")
    else:
        typer.echo("Rien n'est écrit : relancez avec --appliquer.")
    if bilan.a_regarder:
        raise typer.Exit(1)


def ajouter(application: typer.Typer) -> None:
    """Register this command."""
    application.command()(resultats)
