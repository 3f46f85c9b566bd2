"""Commands of the tasks: who is to be phoned, what a person did about it."""

from typing import Annotated

import typer

from operations.contexte import contexte


def lister(
    etape: Annotated[str, typer.Option("--etape", help="Une seule étape.")] = "",
    territoire: Annotated[
        str, typer.Option("--territoire", help="Un seul territoire, tel que config/territoires.yaml.")
    ] = "",
    toutes: Annotated[bool, typer.Option("--toutes", help="Les tâches closes aussi.")] = False,
) -> None:
    """Lister ce qui reste à faire à la main, le plus pressé d'abord."""
    from operations.taches import lister as operation
    from regles.dates import en_chiffres
    from regles.etats import EtatTache

    trouvees = operation(contexte(), tuple(EtatTache) if toutes else (EtatTache.OUVERTE,), etape, territoire)
    for t in trouvees:
        qui = f"{t.confiee_a or 'territoire inconnu'}{f', {t.telephone}' if t.telephone else ''}"
        typer.echo(f"{t.cle}  {t.genre} avant le {en_chiffres(t.echeance)} ({qui})")
        typer.echo(f"    {t.partenaire} {t.nom} : {t.detail}")
        if t.suite:
            typer.echo(f"    {t.etat} : {t.suite}")
    typer.echo(f"{len(trouvees)} tâche(s)." if trouvees else "Aucune tâche.")


def clore(
    cle: Annotated[str, typer.Argument(metavar="CLE", help="Clé de la tâche (campagnes taches lister).")],
    suite: Annotated[str, typer.Option("--suite", help="Ce qui a été fait : « appelé, envoi promis lundi ».")],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")],
) -> None:
    """Noter qu'une tâche est faite, et la suite donnée."""
    from operations.taches import clore as operation

    tache = operation(contexte(), cle, suite, par)
    typer.echo(f"« {tache.cle} » est faite : {tache.suite}")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    taches = typer.Typer(help="Ce que l'équipe fait à la main : appels, adresses à retrouver.", no_args_is_help=True)
    for commande in (lister, clore):
        taches.command()(commande)
    application.add_typer(taches, name="taches")
