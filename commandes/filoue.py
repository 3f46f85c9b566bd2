"""Commands of the Filoué files: the key, a deposit by hand, the follow-up of the campaign."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commandes import filoue_remise
from operations.contexte import contexte
from regles.etats import EtatDepot

if TYPE_CHECKING:
    from operations.filoue.recus import RecuFiloue

BARRE = 30
ETATS = {
    EtatDepot.RECU: "arrivé, à lire",
    EtatDepot.ACCEPTE: "accepté",
    EtatDepot.REFUSE: "refusé",
    EtatDepot.REMPLACE: "remplacé",
}


def deposer(
    fichier: Annotated[Path, typer.Argument(metavar="F.csv", help="Le fichier Filoué d'une structure.")],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")],
    structure: Annotated[
        str, typer.Option("--structure", help="Code de la structure, si le fichier ne le dit pas.")
    ] = "",
    oppositions: Annotated[
        int | None, typer.Option("--oppositions", min=0, help="Familles opposées, si le partenaire le dit.")
    ] = None,
) -> None:
    """Déposer un fichier Filoué : chiffré, lu aussitôt, répondu. Code 0 : accepté ; 1 : à corriger ou à reprendre."""
    from operations.filoue.depot import deposer as operation
    from operations.filoue.instruction import instruire
    from operations.filoue.recus import lire_recu

    identifiant = operation(contexte(), fichier, par, structure, oppositions)
    bilan = instruire(contexte())
    recu = lire_recu(contexte(), identifiant)
    _dire(recu)
    for ligne in bilan.lignes:
        if ligne.fichier == identifiant and ligne.a_reprendre:
            typer.echo(ligne.a_reprendre)
    typer.echo("L'original est toujours là où vous l'avez pris : effacez-le.")
    if recu.etat is not EtatDepot.ACCEPTE:
        raise typer.Exit(1)


def _dire(recu: "RecuFiloue") -> None:
    typer.echo(f"Reçu n° {recu.numero} ({recu.structure or 'structure inconnue'}) : {ETATS[recu.etat]}.")
    if recu.motif:
        typer.echo(f"    {recu.motif}")
    if recu.lignes:
        typer.echo(f"    {recu.lignes} ligne(s) ; {' ; '.join(recu.sommes)}")
    for lieu, message in recu.points:
        typer.echo(f"    {lieu} : {message}")
    if recu.autres:
        typer.echo(f"    … et {recu.autres} autre(s).")


def suivre(
    etape: Annotated[str, typer.Option("--etape", help="La campagne, par exemple filoue-2026 (celle du jour).")] = "",
) -> None:
    """Suivre le taux de réponse de la campagne Filoué, semaine par semaine, et ce qui manque."""
    from operations.filoue.suivi import barre, pourcentage
    from operations.filoue.suivi import suivre as operation

    suivi = operation(contexte(), identifiant=etape)
    if suivi.mention:
        typer.echo(suivi.mention)
    typer.echo(suivi.phrase)
    for semaine in suivi.semaines:
        part = suivi.part(semaine)
        typer.echo(f"{semaine.debut:%d/%m}  {barre(part, BARRE)}  {pourcentage(part)}  ({semaine.recues})")
    for absente in suivi.manquantes:
        typer.echo(f"{absente.code:<10} {absente.nom:<34.34}  {absente.gestionnaire:<30.30}  {absente.etat}")


def creer() -> None:
    """Créer la clé qui chiffre les fichiers Filoué et fait les pseudonymes ; une seule fois, hors de la base."""
    from operations.filoue.cles import creer_cle

    chemin = creer_cle(contexte())
    typer.echo(f"Clé Filoué créée : {chemin} (lisible par ce compte seulement).")
    typer.echo("Gardez-en une copie ailleurs, en lieu sûr : sans elle, les fichiers reçus ne se relisent plus.")


def ajouter(application: typer.Typer) -> None:
    """Register these commands, and those of the hand-over."""
    filoue = typer.Typer(help="Les fichiers Filoué des établissements d'accueil.", no_args_is_help=True)
    cle = typer.Typer(help="La clé des fichiers Filoué.", no_args_is_help=True)
    cle.callback()(_groupe)
    cle.command()(creer)
    for commande in (deposer, suivre):
        filoue.command()(commande)
    filoue_remise.ajouter(filoue)
    filoue.add_typer(cle, name="cle")
    application.add_typer(filoue, name="filoue")


def _groupe() -> None:
    """La clé des fichiers Filoué."""
