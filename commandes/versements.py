"""Commands of the team and of finance: validate, compute, propose, release, export, and read the journal."""

from pathlib import Path
from typing import Annotated

import typer

from operations.contexte import contexte
from regles.monnaie import formater_euros

Etape = Annotated[str, typer.Argument(help="Identifiant de l'étape, par exemple reels-2025-a.")]
Par = Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")]
Motif = Annotated[str, typer.Option("--motif", help="Pourquoi : écrit au journal.")]
Lot = Annotated[int, typer.Argument(help="Numéro du lot.")]


def valider(etape: Etape, par: Par, motif: Motif = "") -> None:
    """Valider les déclarations reçues d'une étape."""
    from operations.droits import valider as operation

    bilan = operation(contexte(), etape, par, motif)
    typer.echo(f"{bilan.validees} déclaration(s) validée(s).")
    if bilan.en_attente:
        typer.echo(f"À valider avec un motif (alertes) : {', '.join(bilan.en_attente)}.")


def droits(etape: Etape) -> None:
    """Calculer les droits des déclarations validées, et écrire leur explication."""
    from operations.droits import calculer_droits, ecrire_explications

    bilan = calculer_droits(contexte(), etape)
    for ligne in bilan.lignes:
        montant = "inconnu" if ligne.montant_centimes is None else formater_euros(ligne.montant_centimes)
        typer.echo(f"{ligne.structure}  {ligne.nom:<40.40}  {montant:>16}  {'' if ligne.payable else 'SIMULATION'}")
        for raison in ligne.motifs:
            typer.echo(f"    {raison}")
    typer.echo(f"{bilan.nouveaux} droit(s) nouveau(x). Total payable : {formater_euros(bilan.total_centimes)}.")
    for chemin in ecrire_explications(contexte(), etape)[:1]:
        typer.echo(f"Explications : {Path(chemin).parent}")


def proposer(etape: Etape, par: Par) -> None:
    """Préparer les soldes et indus d'une étape, puis proposer un lot de paiement."""
    from operations.versements import preparer_dus, proposer_lot, resume_lot

    contexte().exiger_droit(par, "proposer")
    dus = preparer_dus(contexte(), etape)
    for refus in dus.refus:
        typer.echo(f"Non payable : {refus.structure} {refus.nom} ({' ; '.join(refus.motifs)})")
    if dus.indus:
        typer.echo(f"{dus.indus} indu(s) à recouvrer, pour {formater_euros(dus.total_indus_centimes)}.")
    lot = proposer_lot(contexte(), etape, par)
    if lot is None:
        typer.echo("Rien à payer.")
        return
    resume = resume_lot(contexte(), lot)
    typer.echo(f"Lot n° {lot} ({resume.numero}) : {resume.nombre} lignes, {formater_euros(resume.total_centimes)}.")
    typer.echo("Une autre personne le libère : campagnes liberer, ou dans l'interface Prefect.")


def liberer(lot: Lot, par: Par) -> None:
    """Libérer un lot proposé par quelqu'un d'autre, et exporter ses bordereaux."""
    from operations.exports import exporter_lot
    from operations.versements import decider_lot
    from regles.etats import EtatLot

    decider_lot(contexte(), lot, EtatLot.LIBERE, par)
    for fait in exporter_lot(contexte(), lot):
        typer.echo(f"{fait.chemin}\n  sha256 {fait.sha256}")


def refuser(lot: Lot, par: Par, motif: Motif) -> None:
    """Refuser un lot : ses versements redeviennent dus."""
    from operations.versements import decider_lot
    from regles.etats import EtatLot

    decider_lot(contexte(), lot, EtatLot.REFUSE, par, motif)
    typer.echo("Lot refusé : ses versements sont de nouveau à proposer.")


def exporter(lot: Lot) -> None:
    """Redonner les bordereaux d'un lot libéré, aux mêmes octets."""
    from operations.exports import exporter_lot

    for fait in exporter_lot(contexte(), lot):
        typer.echo(f"{fait.chemin}\n  sha256 {fait.sha256}")


def journal_verifier() -> None:
    """Relire toute la chaîne du journal ; code 1 si une ligne a été touchée."""
    from operations.journal import verifier_journal

    etat = verifier_journal(contexte())
    if etat.rupture is not None:
        typer.echo(f"Journal rompu à la ligne {etat.rupture} sur {etat.lignes}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Journal entier : {etat.lignes} lignes, tête {etat.tete}.")


def journal_montrer(
    objet: Annotated[str, typer.Argument(help="lot, versement, declaration, depot, droit, courriel, etape.")],
    identifiant: Annotated[str, typer.Argument(help="Identifiant de l'objet, par exemple reels-2025-a-lot-01.")],
) -> None:
    """Montrer tout ce qui est arrivé à un objet : quand, qui, quoi, pourquoi."""
    from operations.journal import histoire
    from regles.calendrier import PARIS

    for ligne in histoire(contexte(), objet, identifiant):
        passage = f" {ligne.avant or '∅'} → {ligne.apres}" if ligne.apres else ""
        motif = f" ({ligne.motif})" if ligne.motif else ""
        quand = f"{ligne.le.astimezone(PARIS):%d/%m/%Y %H:%M}"
        typer.echo(f"{ligne.numero:>5}  {quand}  {ligne.par:<12} {ligne.action}{passage}{motif}")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (valider, droits, proposer, liberer, refuser, exporter):
        application.command()(commande)
    journal = typer.Typer(help="Le journal des actes, enchaîné et vérifiable.", no_args_is_help=True)
    journal.command("verifier")(journal_verifier)
    journal.command("montrer")(journal_montrer)
    application.add_typer(journal, name="journal")
