"""Commands about the indus: what partners owe back, and what they pay back."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from commandes.codes import Par, demander_code
from operations.contexte import contexte
from regles.monnaie import formater_euros


def lister(
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", metavar="F.xlsx", help="Écrire aussi la balance âgée, par partenaire.")
    ] = None,
) -> None:
    """Lister les indus à recouvrer, du plus ancien au plus récent."""
    from operations.indus import ecrire_balance, lister_indus

    indus = lister_indus(contexte())
    for indu in indus:
        typer.echo(
            f"{indu.reference:<32} {indu.gestionnaire:<34.34} depuis le {indu.depuis:%d/%m/%Y}  "
            f"{formater_euros(indu.montant_centimes - indu.rentre_centimes):>16}"
        )
        typer.echo(
            f"    {indu.structure} {indu.nom}, exercice {indu.exercice} : indu de "
            f"{formater_euros(indu.montant_centimes)}, rentré {formater_euros(indu.rentre_centimes)}, retenu dans un "
            f"lot proposé {formater_euros(indu.en_cours_centimes)}"
        )
    total = sum(indu.montant_centimes - indu.rentre_centimes for indu in indus)
    typer.echo(f"{len(indus)} indu(s) à recouvrer : {formater_euros(total)}." if indus else "Aucun indu à recouvrer.")
    if xlsx is not None:
        typer.echo(f"Balance âgée : {ecrire_balance(contexte(), xlsx)}")


def encaisser(
    reference: Annotated[str, typer.Argument(help="Référence de l'indu (campagnes indus lister).")],
    montant: Annotated[str, typer.Argument(help="En euros, par exemple « 1 234,56 ».")],
    motif: Annotated[str, typer.Option("--motif", help="D'où il vient : virement du…, titre n°…")],
    par: Par,
    confirmer: Annotated[
        bool, typer.Option("--confirmer", help="Le même montant, pour le même motif, le même jour : c'en est un autre.")
    ] = False,
) -> None:
    """Noter ce qu'un partenaire rembourse d'un indu."""
    from operations.indus import encaisser as operation

    centimes = _centimes(montant)
    etat = operation(contexte(), reference, centimes, par, motif, code=demander_code(par), confirme=confirmer)
    typer.echo(f"{etat.reference} : il reste {formater_euros(etat.restant_centimes)} à recouvrer.")


def _centimes(montant: str) -> int:
    """Read an amount as the workbooks are read: French writing, nothing guessed.

    Raises:
        ActeRefuse: what is typed is no amount in euros and cents.
    """
    from operations.contexte import ActeRefuse
    from regles.champs import Champ, TypeChamp
    from schemas.declarations.lecture_fr import Refus, lire_cellule

    lu = lire_cellule(Champ("montant", "Montant", "", "", TypeChamp.EUROS, "€"), montant)
    if isinstance(lu, Refus):
        raise ActeRefuse(f"Montant illisible, lu « {lu.lu} ». {lu.message} Attendu : {lu.attendu}.")
    return int(Decimal(lu or 0) * 100)


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    indus = typer.Typer(help="Ce que les partenaires doivent rendre.", no_args_is_help=True)
    for commande in (lister, encaisser):
        indus.command()(commande)
    application.add_typer(indus, name="indus")
