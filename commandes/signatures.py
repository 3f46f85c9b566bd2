"""Commands that sign a batch: order its payment, give it its visa, turn it down, note that the bank has it."""

from typing import Annotated

import typer

from commandes.codes import Par, demander_code
from operations.contexte import contexte
from regles.monnaie import formater_euros

Motif = Annotated[str, typer.Option("--motif", help="Pourquoi : écrit au journal.")]
Reference = Annotated[str, typer.Argument(help="Référence du versement (bordereau).")]
Lot = Annotated[int, typer.Argument(help="Numéro du lot.")]


def ordonner(lot: Lot, par: Par) -> None:
    """Ordonnancer un lot proposé par quelqu'un d'autre ; une troisième personne le visera."""
    from operations.signatures import ordonner_lot

    ordonner_lot(contexte(), lot, par, code=demander_code(par))
    typer.echo(f"Lot n° {lot} ordonnancé. Une troisième personne le vise : campagnes viser {lot}.")


def viser(lot: Lot, par: Par) -> None:
    """Viser un lot ordonnancé, et exporter ses bordereaux et ses virements."""
    from commandes.versements import montrer_export
    from operations.exports import exporter_lot
    from operations.signatures import decider_lot
    from regles.etats import EtatLot

    decider_lot(contexte(), lot, EtatLot.LIBERE, par, code=demander_code(par))
    montrer_export(exporter_lot(contexte(), lot))


def refuser(lot: Lot, par: Par, motif: Motif) -> None:
    """Refuser un lot, jusqu'à son export : ses versements redeviennent dus."""
    from operations.signatures import decider_lot
    from regles.etats import EtatLot

    decider_lot(contexte(), lot, EtatLot.REFUSE, par, motif, code=demander_code(par))
    typer.echo("Lot refusé : ses versements sont de nouveau à proposer.")


def transmettre(lot: Lot, par: Par) -> None:
    """Noter qu'un lot exporté a été transmis à la banque ; on attend alors ses résultats."""
    from operations.signatures import transmettre_lot

    transmettre_lot(contexte(), lot, par, code=demander_code(par))
    typer.echo(f"Lot n° {lot} transmis : chaque ligne attend le résultat de la banque.")


def suspendre(
    reference: Reference,
    motif: Annotated[str, typer.Option("--motif", help="Un code de config/finance.yaml (campagnes suspendus).")],
    texte: Annotated[str, typer.Option("--texte", help="Pourquoi, en clair : écrit au journal.")],
    par: Par,
) -> None:
    """Suspendre un versement encore à payer ; il sort de son lot, qui redevient un brouillon s'il était signé."""
    from operations.suspensions import suspendre as operation
    from regles.etats import EtatLot

    bilan = operation(contexte(), reference, motif, texte, par, code=demander_code(par))
    typer.echo(bilan.phrase)
    if bilan.etat is EtatLot.PROPOSE:
        typer.echo(
            f"Une autre personne l'ordonnance : campagnes ordonner {bilan.lot} ; ou depuis l'interface, Deployments, "
            f"libération, lot n° {bilan.lot}."
        )


def lever(reference: Reference, motif: Motif, par: Par) -> None:
    """Lever la suspension d'un versement : le prochain lot de son étape le prendra."""
    from operations.suspensions import lever_suspension

    lever_suspension(contexte(), reference, motif, par, code=demander_code(par))
    typer.echo(f"{reference} n'est plus suspendu.")


def suspendus() -> None:
    """Lister les versements suspendus, et les motifs que la comptabilité admet."""
    from operations.suspensions import lister_suspensions, motifs

    for du in lister_suspensions(contexte()):
        typer.echo(f"{du.reference}  {formater_euros(du.montant_centimes):>16}  {du.structure} {du.nom}")
        typer.echo(f"    {du.motif} : {du.texte} ({du.par}, le {du.depuis:%d/%m/%Y})")
    for code, libelle in motifs(contexte()).items():
        typer.echo(f"--motif {code:<22} {libelle}")


def contrepasser(reference: Reference, motif: Motif, par: Par) -> None:
    """Contre-passer un versement que la banque a payé, et qui n'est pas arrivé à qui il était dû."""
    from operations.contrepassations import contrepasser as operation

    ecriture = operation(contexte(), reference, motif, par, code=demander_code(par))
    typer.echo(f"{reference} est contre-passé par {ecriture}, à recouvrer : campagnes indus encaisser {ecriture}.")
    typer.echo("Le droit est de nouveau à payer : campagnes proposer.")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (ordonner, viser, refuser, transmettre, suspendre, lever, suspendus, contrepasser):
        application.command()(commande)
