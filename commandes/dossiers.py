"""Commands of the dossiers: what has come, what is turned down, who gives up, more time, what is still open."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte

Etape = Annotated[str, typer.Argument(metavar="ETAPE", help="Identifiant de l'étape, par exemple bilans-rpe-2025.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="Code de la structure, ou du partenaire.")]
Piece = Annotated[str, typer.Argument(metavar="PIECE", help="Code de la pièce (config/demarches.yaml).")]
Par = Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")]
Motif = Annotated[str, typer.Option("--motif", help="Pourquoi : écrit au journal.")]
MotifLu = Annotated[str, typer.Option("--motif", help="Pourquoi : le partenaire le lira, écrivez pour lui.")]
JOURS = ["%Y-%m-%d", "%d/%m/%Y"]


def recevoir(
    etape: Etape,
    code: Code,
    piece: Piece,
    par: Par,
    fichier: Annotated[
        Path | None, typer.Option("--fichier", metavar="F", help="Le fichier reçu, gardé tel quel.")
    ] = None,
    constat: Annotated[
        str, typer.Option("--constat", help="Où la pièce a été vue : « vu dans Sphinx le 27/05 ».")
    ] = "",
    le: Annotated[
        datetime | None,
        typer.Option("--le", formats=JOURS, metavar="JJ/MM/AAAA", help="Jour d'arrivée, si ce n'est pas aujourd'hui."),
    ] = None,
) -> None:
    """Enregistrer une pièce reçue : le partenaire lit ce qui est arrivé, et ce qui manque encore."""
    from operations.dossiers import recevoir as operation
    from operations.pieces import Apport

    apport = Apport(piece, par, fichier, constat, le.date() if le else None)
    typer.echo(operation(contexte(), etape, code, apport).message)


def refuser(etape: Etape, code: Code, piece: Piece, par: Par, motif: MotifLu) -> None:
    """Refuser une pièce reçue : le partenaire lit pourquoi, et la doit à nouveau."""
    from operations.dossiers import refuser_piece

    typer.echo(refuser_piece(contexte(), etape, code, piece, par, motif).message)


def annoncer(etape: Etape, code: Code, par: Par) -> None:
    """Noter qu'un partenaire souhaite répondre : il sera relancé."""
    from operations.dossiers import noter_intention

    typer.echo(noter_intention(contexte(), etape, code, par).message)


def clore(
    etape: Etape,
    code: Code,
    par: Par,
    motif: Motif,
    renonce: Annotated[bool, typer.Option("--renonce", help="Le partenaire renonce.")] = False,
    dispense: Annotated[bool, typer.Option("--dispense", help="L'équipe l'en dispense.")] = False,
) -> None:
    """Laisser un dossier sans suite : le partenaire renonce, ou l'équipe l'en dispense."""
    from operations.contexte import ActeRefuse
    from operations.dossiers import Sortie, clore_sans_suite

    if renonce == dispense:
        raise ActeRefuse("Choisissez --renonce ou --dispense.")
    sortie = Sortie.RENONCER if renonce else Sortie.DISPENSER
    typer.echo(clore_sans_suite(contexte(), etape, code, sortie, par, motif).message)


def rouvrir(etape: Etape, code: Code, par: Par, motif: Motif) -> None:
    """Reprendre un dossier laissé sans suite."""
    from operations.dossiers import rouvrir as operation

    typer.echo(operation(contexte(), etape, code, par, motif).message)


def etat(
    etape: Etape,
    retards: Annotated[bool, typer.Option("--retards", help="Seulement les dossiers en retard.")] = False,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="F.xlsx", help="Écrire l'état dans un classeur.")
    ] = None,
) -> None:
    """Montrer où en est chaque dossier d'une étape : pièces reçues, pièces manquantes, retards."""
    from operations.dossiers_etat import ecrire_etat, lister_dossiers
    from regles.dates import en_chiffres

    ou = lister_dossiers(contexte(), etape)
    for ligne in ou.retards if retards else ou.lignes:
        quand = f" le {en_chiffres(ligne.complet_le)}" if ligne.complet_le else ""
        delai = f", délai jusqu'au {en_chiffres(ligne.limite)}" if ligne.prolonge and ligne.limite else ""
        typer.echo(f"{ligne.code}  {ligne.nom} : {ligne.dit}{quand}{' (en retard)' if ligne.en_retard else ''}{delai}")
        if ligne.manquantes:
            typer.echo(f"    manque : {', '.join(ligne.manquantes)}")
    typer.echo(ou.phrase)
    if xlsx is not None:
        ecrire_etat(ou, xlsx)
        typer.echo(f"Classeur : {xlsx}")


def prolonger(
    etape: Etape,
    code: Code,
    jusqu_au: Annotated[
        datetime, typer.Option("--jusqu-au", formats=JOURS, metavar="JJ/MM/AAAA", help="Nouveau dernier jour, inclus.")
    ],
    par: Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")] = "",
    motif: Annotated[str, typer.Option("--motif", help="Pourquoi : écrit au journal.")] = "",
    apercu: Annotated[bool, typer.Option("--apercu", help="Dire ce que cela entraînerait, sans rien écrire.")] = False,
) -> None:
    """Donner un délai à un partenaire ou à une structure : les dates de l'étape, elles, ne changent pas."""
    from operations.prolongations import donner_un_delai, prevoir_prolongation

    if apercu:
        typer.echo(prevoir_prolongation(contexte(), etape, code, jusqu_au.date()).message)
        return
    typer.echo(donner_un_delai(contexte(), etape, code, jusqu_au.date(), par, motif).message)


def suites(etape: Etape) -> None:
    """Montrer ce qui reste ouvert dans une étape, et comment chaque chose se décide."""
    from operations.suites import lister_suites

    ouvertes = lister_suites(contexte(), etape)
    for ligne in ouvertes.lignes:
        detail = f", {ligne.detail}" if ligne.detail else ""
        typer.echo(f"{ligne.code}  {ligne.nom} : {ligne.genre}{detail}")
        typer.echo(f"    {ligne.decision}")
    typer.echo(
        f"{ouvertes.libelle} : {len(ouvertes.lignes)} chose(s) à décider." if ouvertes.lignes else "Rien d'ouvert."
    )


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    dossiers = typer.Typer(
        help="Les dossiers de pièces : bilans, renouvellements, appels à projets.", no_args_is_help=True
    )
    for commande in (recevoir, refuser, annoncer, clore, rouvrir, etat):
        dossiers.command()(commande)
    application.add_typer(dossiers, name="dossiers")
    application.command()(prolonger)
    application.command()(suites)
