"""Commands of the outbox's left-overs: list what waits for a person, settle it, stop writing to somebody."""

from typing import Annotated

import typer

from operations.contexte import contexte

Par = Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")]
Motif = Annotated[str, typer.Option("--motif", help="Pourquoi : écrit au journal.")]


def lister(
    a_verifier: Annotated[bool, typer.Option("--a-verifier", help="Seulement ceux dont on ignore le départ.")] = False,
    refuses: Annotated[bool, typer.Option("--refuses", help="Seulement ceux que le serveur a refusés.")] = False,
) -> None:
    """Lister les courriels qui attendent une personne : refusés, ou dont on ignore s'ils sont partis."""
    from operations.boite_envoi import A_REGLER
    from operations.boite_envoi import lister as operation
    from regles.calendrier import PARIS
    from regles.etats import EtatCourriel

    choisis = {etat for etat, voulu in ((EtatCourriel.A_VERIFIER, a_verifier), (EtatCourriel.REFUSE, refuses)) if voulu}
    trouves = operation(contexte(), choisis or A_REGLER)
    for c in trouves:
        etat = "refusé" if c.etat is EtatCourriel.REFUSE else "à vérifier"
        typer.echo(f"{c.cle}  {etat}, décidé le {c.decide_le.astimezone(PARIS):%d/%m/%Y}")
        typer.echo(f"    {c.nom} <{c.adresse}>, pour {', '.join(c.structures)}")
        if c.motif:
            typer.echo(f"    {c.motif}")
    typer.echo(f"{len(trouves)} courriel(s) à régler." if trouves else "Aucun courriel à régler.")


def regler(
    cle: Annotated[str, typer.Argument(metavar="CLE", help="Clé du courriel (campagnes courriels lister).")],
    par: Par,
    motif: Motif,
    renvoyer: Annotated[bool, typer.Option("--renvoyer", help="Le remettre dans la boîte d'envoi.")] = False,
    deja_parti: Annotated[bool, typer.Option("--deja-parti", help="Noter qu'il est bien parti.")] = False,
) -> None:
    """Régler un courriel refusé ou incertain : le renvoyer, ou noter qu'il est déjà parti."""
    from operations.boite_envoi import Suite
    from operations.boite_envoi import regler as operation
    from operations.contexte import ActeRefuse

    if renvoyer == deja_parti:
        raise ActeRefuse("Choisissez --renvoyer ou --deja-parti.")
    regle = operation(contexte(), cle, Suite.RENVOYER if renvoyer else Suite.DEJA_PARTI, par, motif)
    suite = "il part au prochain envoi, s'il est encore utile" if renvoyer else "noté comme parti"
    typer.echo(f"« {regle.cle} », à {regle.nom} : {suite}.")


def desactiver(
    adresse: Annotated[str, typer.Argument(metavar="ADRESSE", help="Adresse de la personne, telle qu'enregistrée.")],
    par: Par,
    motif: Motif,
) -> None:
    """Ne plus écrire à une personne partie ou dont l'adresse ne répond plus."""
    from operations.adresses import desactiver_contact

    bilan = desactiver_contact(contexte(), adresse, par, motif)
    typer.echo(f"{bilan.nom} ne reçoit plus rien, pour {', '.join(bilan.partenaires)}.")
    if bilan.sans_contact:
        typer.echo(f"Sans contact désormais : {', '.join(bilan.sans_contact)}.")


def a_chercher() -> None:
    """Lister les adresses à trouver : refusées par un serveur, ou partenaires sans personne à qui écrire."""
    from operations.adresses import lister as operation

    trouvees = operation(contexte())
    for a in trouvees:
        typer.echo(f"{a.partenaire}, depuis le {a.depuis:%d/%m/%Y}")
        typer.echo(f"    {a.detail}" + (f" ({a.adresse})" if a.adresse else ""))
        if a.confiee_a:
            typer.echo(f"    À voir avec le territoire {a.confiee_a}{', ' if a.telephone else ''}{a.telephone}")
    typer.echo(f"{len(trouvees)} adresse(s) à trouver." if trouvees else "Chaque partenaire a quelqu'un à qui écrire.")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    courriels = typer.Typer(help="Les courriels qui attendent une personne.", no_args_is_help=True)
    for commande in (lister, regler):
        courriels.command()(commande)
    application.add_typer(courriels, name="courriels")
    contacts = typer.Typer(help="Les personnes à qui l'on écrit.", no_args_is_help=True)
    contacts.command("lister")(a_chercher)
    contacts.command()(desactiver)
    application.add_typer(contacts, name="contacts")
