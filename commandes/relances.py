"""Commands of the mails that a step sends: who would be written to, opening it, sending what waits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from operations.contexte import contexte
from regles.dates import en_chiffres

if TYPE_CHECKING:
    from operations.destinataires import DestinatairePrevu


def apercu(
    etape: Annotated[str, typer.Argument(help="Identifiant de l'étape, par exemple reels-2025-a.")],
    rang: Annotated[int, typer.Argument(help="0 pour l'ouverture, 1 pour la première relance…", min=0)],
) -> None:
    """Montrer à qui un courriel partirait, sans rien écrire."""
    from operations.relances import apercu as operation

    prevu = operation(contexte(), etape, rang)
    if prevu.deja:
        typer.echo(prevu.deja)
    else:
        _montrer(prevu.destinataires, prevu.sans_contact)
    if prevu.a_la_main:
        typer.echo(f"À tenir à la main : {', '.join(prevu.a_la_main)}.")
    for delai in prevu.delais:
        typer.echo(f"\nDélai n° {delai.numero}, jusqu'au {en_chiffres(delai.limite)}, le {en_chiffres(delai.le)} :")
        _montrer(delai.destinataires, delai.sans_contact)


def _montrer(destinataires: "Sequence[DestinatairePrevu]", sans_contact: Sequence[str]) -> None:
    for personne in destinataires:
        typer.echo(f"{personne.nom} <{personne.adresse}>")
        for code, nom in personne.structures:
            typer.echo(f"    {code}  {nom}")
    typer.echo(f"{len(destinataires)} courriel(s).")
    if sans_contact:
        typer.echo(f"Sans contact : {', '.join(sans_contact)}.")


def ouvrir(
    etape: Annotated[str, typer.Argument(help="Identifiant de l'étape, par exemple filoue-2026.")],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")],
    confirme: Annotated[bool, typer.Option("--confirme", help="Écrire même à beaucoup de monde, aperçu relu.")] = False,
) -> None:
    """Ouvrir une étape aujourd'hui : les courriels sont mis en attente, « campagnes envoyer » les fait partir."""
    from operations.relances import ouvrir as operation

    typer.echo(operation(contexte(), etape, par=par, confirme=confirme).message)


def envoyer() -> None:
    """Envoyer les courriels en attente, selon le mode réglé (simulation : des fichiers dans var/courriels)."""
    from operations.courriels import envoyer_en_attente

    bilan = envoyer_en_attente(contexte())
    typer.echo(
        f"{bilan.envoyes} envoyé(s), {bilan.sans_objet} sans objet, {bilan.a_reessayer} à réessayer, "
        f"{bilan.refuses} refusé(s), {bilan.a_verifier} à vérifier."
    )
    if bilan.reunis or bilan.reportes:
        typer.echo(
            f"    {bilan.reunis} parti(s) dans le courriel d'une autre campagne, {bilan.reportes} reporté(s) : un seul "
            "courriel de campagne par personne et par jour."
        )
    for motif in dict.fromkeys(bilan.motifs):
        typer.echo(f"    {motif}")
    if bilan.refuses or bilan.a_verifier:
        raise typer.Exit(1)


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (apercu, ouvrir, envoyer):
        application.command()(commande)
