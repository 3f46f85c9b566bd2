"""Commands about the bank accounts of partners: record, confirm after a call back, list."""

from datetime import datetime
from typing import Annotated

import typer

from commandes.codes import Par, demander_code
from operations.contexte import contexte


def enregistrer(
    partenaire: Annotated[str, typer.Argument(help="Code du partenaire.")],
    titulaire: Annotated[str, typer.Option(help="Titulaire, tel qu'il figure sur le RIB.")],
    par: Par,
    du: Annotated[
        datetime | None, typer.Option(formats=["%d/%m/%Y"], metavar="JJ/MM/AAAA", help="Premier jour (aujourd'hui).")
    ] = None,
    iban: Annotated[str, typer.Option(prompt="IBAN", help="Demandé s'il n'est pas donné : il reste alors ici.")] = "",
) -> None:
    """Enregistrer le compte d'un partenaire, reçu de lui sur un RIB. Rien n'y est payé avant sa confirmation."""
    from operations.coordonnees import enregistrer as operation

    premier_jour = du.date() if du else contexte().maintenant().date()
    compte = operation(contexte(), partenaire, iban, titulaire, premier_jour, par, code=demander_code(par))
    typer.echo(f"Compte n° {compte.id} de {compte.nom} : {compte.iban}, {compte.etat}.")
    typer.echo(
        "Une autre personne rappelle le partenaire à un numéro déjà connu, puis : campagnes coordonnees confirmer."
    )


def confirmer(
    compte: Annotated[int, typer.Argument(help="Numéro du compte (campagnes coordonnees lister).")],
    contre_appel: Annotated[str, typer.Option(help="Qui a répondu, quand, à quel numéro déjà connu.")],
    par: Par,
) -> None:
    """Confirmer un compte enregistré par quelqu'un d'autre, après avoir rappelé le partenaire."""
    from operations.coordonnees import confirmer as operation

    connu = operation(contexte(), compte, par, contre_appel, code=demander_code(par))
    typer.echo(f"Compte n° {connu.id} de {connu.nom} : {connu.iban}, {connu.etat}.")


def lister(
    partenaire: Annotated[str | None, typer.Argument(help="Code du partenaire (tous par défaut).")] = None,
    en_clair: Annotated[
        bool, typer.Option("--en-clair", help="IBAN entiers : demande --par, écrit au journal.")
    ] = False,
    par: Annotated[str | None, typer.Option("--par", help="Votre identifiant, avec --en-clair.")] = None,
) -> None:
    """Lister les comptes bancaires, IBAN masqués."""
    from operations.contexte import ActeRefuse
    from operations.coordonnees import lister as operation

    if en_clair and par is None:
        raise ActeRefuse("--en-clair demande --par : la lecture est écrite au journal.")
    comptes = operation(contexte(), partenaire, en_clair_pour=par if en_clair else None)
    for c in comptes:
        confirmation = f", confirmé par {c.confirmee_par}" if c.confirmee_par else ""
        typer.echo(f"{c.id:>4}  {c.partenaire:<10} {c.nom:<34.34}  {c.iban}  depuis le {c.du:%d/%m/%Y}  {c.etat}")
        typer.echo(f"      {c.titulaire}, enregistré par {c.enregistree_par}{confirmation}")
    if not comptes:
        typer.echo("Aucun compte bancaire enregistré.")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    coordonnees = typer.Typer(help="Les comptes bancaires des partenaires.", no_args_is_help=True)
    for commande in (enregistrer, confirmer, lister):
        coordonnees.command()(commande)
    application.add_typer(coordonnees, name="coordonnees")
