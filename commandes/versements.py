"""Commands of the team and of finance: validate, compute, propose, export, explain, and read the journal."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commandes.codes import Par, demander_code
from operations.contexte import contexte
from regles.monnaie import formater_euros

if TYPE_CHECKING:
    from operations.exports import ExportFait

Etape = Annotated[str, typer.Argument(help="Identifiant de l'étape, par exemple reels-2025-a.")]
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
    from operations.avis_indus import notifier_indus
    from operations.dus import preparer_dus
    from operations.lots import proposer_lot, resume_lot

    contexte().exiger_droit(par, "proposer")
    dus = preparer_dus(contexte(), etape)
    for refus in dus.refus:
        typer.echo(f"Non payable : {refus.structure} {refus.nom} ({' ; '.join(refus.motifs)})")
    for nature, (nombre, total) in sorted(dus.ecrits.items()):
        typer.echo(f"{nombre} {nature}(s) : {formater_euros(total)}.")
    avis = notifier_indus(contexte(), etape)
    if avis.phrase:
        typer.echo(avis.phrase)
    lot = proposer_lot(contexte(), etape, par, code=demander_code(par))
    if lot is None:
        typer.echo("Rien à payer.")
        return
    resume = resume_lot(contexte(), lot)
    typer.echo(f"Lot n° {lot} ({resume.numero}) : {resume.nombre} lignes, {formater_euros(resume.total_centimes)}.")
    if resume.comptes_nouveaux:
        typer.echo(f"Premier versement à ce compte : {', '.join(resume.comptes_nouveaux)}.")
    typer.echo(
        f"Une autre personne l'ordonnance : campagnes ordonner {lot} ; ou depuis l'interface, Deployments, libération, "
        f"lot n° {lot}."
    )


def exporter(lot: Lot) -> None:
    """Redonner les bordereaux et les virements d'un lot visé, aux mêmes octets."""
    from operations.exports import exporter_lot

    montrer_export(exporter_lot(contexte(), lot))


def expliquer(
    reference: Annotated[str, typer.Argument(help="Référence du versement ou de l'indu (bordereau, courriel).")],
    sortie: Annotated[
        Path | None,
        typer.Option("--sortie", metavar="DOSSIER", help="Où écrire la page et le fichier reçu du partenaire."),
    ] = None,
) -> None:
    """Remonter d'un versement au fichier reçu, aux paramètres et aux personnes : une page, et le fichier lui-même."""
    from operations.explication import ecrire_explication, expliquer_versement

    trouvee = expliquer_versement(contexte(), reference)
    typer.echo(
        f"{trouvee.reference} : {trouvee.nature} de {formater_euros(trouvee.montant_centimes)}, "
        f"{trouvee.structure['nom']} ({trouvee.structure['code']})"
    )
    if trouvee.lot is not None:
        lot = trouvee.lot
        signe = f", ordonnancé par {lot.ordonne_par} le {lot.ordonne_le}" if lot.ordonne_par else ""
        decide = f", décidé par {lot.decide_par} le {lot.decide_le}" if lot.decide_par else ""
        typer.echo(f"    lot {lot.numero}, proposé par {lot.propose_par}{signe}{decide}")
    if trouvee.fichier is not None:
        altere = "" if trouvee.fichier.intact else " ALTÉRÉ : les octets conservés n'ont plus cette empreinte"
        typer.echo(f"    fichier « {trouvee.fichier.nom} », sha256 {trouvee.fichier.sha256}{altere}")
    typer.echo(f"    {len(trouvee.actes)} ligne(s) du journal, {'entier' if trouvee.journal_entier else 'ROMPU'}")
    dossier = sortie or contexte().reglages.var / "documents" / "versements"
    for chemin in ecrire_explication(trouvee, dossier):
        typer.echo(str(chemin))
    if not trouvee.journal_entier or (trouvee.fichier is not None and not trouvee.fichier.intact):
        raise typer.Exit(1)


def montrer_export(faits: "Sequence[ExportFait]") -> None:
    """Say where each exported file is, its sha256, and what somebody had changed on disk."""
    from operations.exports import dire_les_alteres
    from operations.virements import SANS_COMPTE, est_possible

    for fait in faits:
        typer.echo(f"{fait.chemin}\n  sha256 {fait.sha256}")
    if alteres := dire_les_alteres(faits):
        typer.echo(alteres, err=True)
    if not est_possible(contexte()):
        typer.echo(SANS_COMPTE)


def journal_verifier() -> None:
    """Relire toute la chaîne du journal, et la comparer aux exports ; code 1 si une ligne a été touchée ou retirée."""
    from operations.journal import verifier_journal

    etat = verifier_journal(contexte())
    if etat.rupture is not None:
        pourquoi = f" : {etat.defaut}" if etat.defaut else f" sur {etat.lignes}"
        typer.echo(f"Journal rompu à la ligne {etat.rupture}{pourquoi}.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Journal entier : {etat.lignes} lignes, tête {etat.tete}.")
    typer.echo(f"{etat.ancres} ligne(s) comparée(s) à l'empreinte que garde l'export d'un lot.")


def journal_montrer(
    objet: Annotated[str, typer.Argument(help="lot, versement, declaration, depot, droit, courriel, etape.")],
    identifiant: Annotated[str, typer.Argument(help="Identifiant de l'objet, par exemple reels-2025-a-lot-01.")],
) -> None:
    """Montrer tout ce qui est arrivé à un objet : quand, qui, quoi, pourquoi."""
    from operations.journal import histoire
    from regles.calendrier import PARIS

    lignes = histoire(contexte(), objet, identifiant)
    if not lignes:
        typer.echo(
            f"Le journal ne dit rien de « {objet} {identifiant} » : vérifiez son nom et son identifiant.", err=True
        )
        raise typer.Exit(1)
    for ligne in lignes:
        passage = f" {ligne.avant or '∅'} → {ligne.apres}" if ligne.apres else ""
        motif = f" ({ligne.motif})" if ligne.motif else ""
        quand = f"{ligne.le.astimezone(PARIS):%d/%m/%Y %H:%M}"
        typer.echo(f"{ligne.numero:>5}  {quand}  {ligne.par:<12} {ligne.action}{passage}{motif}")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (valider, droits, proposer, exporter, expliquer):
        application.command()(commande)
    journal = typer.Typer(help="Le journal des actes, enchaîné et vérifiable.", no_args_is_help=True)
    journal.command("verifier")(journal_verifier)
    journal.command("montrer")(journal_montrer)
    application.add_typer(journal, name="journal")
