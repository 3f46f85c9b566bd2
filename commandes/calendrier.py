"""Commands of the calendar and the outbox: what comes when, who would be written to, and sending."""

import json
from datetime import date
from typing import Annotated, Any

import typer

from operations.contexte import contexte
from regles.calendrier import Etape, PlanRelances, Verbe, actions_datees

A_CONFIRMER = "à confirmer"
COLONNES = ("Étape", "Nature", "Ouverture", "Relances", "Limite", "Clôture")
LARGEURS = (36, 16, 11, 23, 11, 11)


def _dates(etape: Etape, plan: PlanRelances) -> dict[str, Any]:
    """Give the dated actions of a step: opening (or day), reminders, closing."""
    actions = actions_datees(etape, plan)
    ouvertures = [a.le.date() for a in actions if a.verbe is Verbe.OUVRIR]
    clotures = [a.le.date() for a in actions if a.verbe is Verbe.CLORE]
    return {
        "ouverture": ouvertures[0] if ouvertures else None,
        "relances": [a.le.date() for a in actions if a.verbe is Verbe.RELANCER],
        "limite": etape.limite,
        "cloture": clotures[0] if clotures else None,
    }


def _en_json(etape: Etape, plan: PlanRelances) -> dict[str, Any]:
    dates = _dates(etape, plan)
    return {
        "id": etape.id,
        "nature": etape.nature.value,
        "libelle": etape.libelle,
        "exercice": etape.exercice,
        "canal": etape.canal,
        "prestations": list(etape.prestations),
        **{
            cle: [d.isoformat() for d in valeur] if isinstance(valeur, list) else valeur and valeur.isoformat()
            for cle, valeur in dates.items()
        },
        "approximations": dict(etape.approximations),
        "a_confirmer": etape.a_confirmer,
    }


def _ligne(valeurs: tuple[str, ...]) -> str:
    return "  ".join(f"{v:<{largeur}}" for v, largeur in zip(valeurs, LARGEURS, strict=True)).rstrip()


def _jour(jour: date | None, forme: str = "%d/%m/%Y") -> str:
    return f"{jour:{forme}}" if jour else ""


def _afficher(etape: Etape, plan: PlanRelances) -> None:
    dates = _dates(etape, plan)
    relances = ", ".join(_jour(jour, "%d/%m") for jour in dates["relances"])
    cellules = (etape.id, etape.nature.value, _jour(dates["ouverture"]), relances)
    typer.echo(_ligne((*cellules, _jour(dates["limite"]), _jour(dates["cloture"]))))
    suite = f" ({', '.join(etape.prestations)})" if etape.prestations else ""
    typer.echo(f"    {etape.libelle}{suite}")
    for champ, mots in etape.approximations:
        typer.echo(f"    {A_CONFIRMER} : {champ}, « {mots} » dans la source")
    if etape.a_confirmer:
        typer.echo(f"    {A_CONFIRMER} : {etape.a_confirmer}")


def calendrier(
    en_json: Annotated[bool, typer.Option("--json", help="Une sortie pour un programme.")] = False,
    etape: Annotated[str, typer.Option("--etape", help="Une seule étape, par exemple reels-2025-a.")] = "",
) -> None:
    """Montrer le calendrier des partenaires : ouverture, relances, limite (ce jour compris), clôture."""
    from operations.configuration import calendriers, plan_relances
    from operations.configuration import etape as chercher

    plan = plan_relances(contexte())
    montrees = [chercher(contexte(), etape)] if etape else [e for c in calendriers(contexte()) for e in c.etapes]
    if en_json:
        typer.echo(json.dumps([_en_json(e, plan) for e in montrees], ensure_ascii=False, indent=2))
        return
    typer.echo(_ligne(COLONNES))
    for montree in montrees:
        _afficher(montree, plan)


def apercu(
    etape: Annotated[str, typer.Argument(help="Identifiant de l'étape, par exemple reels-2025-a.")],
    rang: Annotated[int, typer.Argument(help="0 pour l'ouverture, 1 pour la première relance…", min=0)],
) -> None:
    """Montrer à qui un courriel partirait, sans rien écrire."""
    from operations.relances import apercu as operation

    prevu = operation(contexte(), etape, rang)
    for personne in prevu.destinataires:
        typer.echo(f"{personne.nom} <{personne.adresse}>")
        for code, nom in personne.structures:
            typer.echo(f"    {code}  {nom}")
    typer.echo(f"{len(prevu.destinataires)} courriel(s).")
    if prevu.sans_contact:
        typer.echo(f"Sans contact : {', '.join(prevu.sans_contact)}.")
    if prevu.a_la_main:
        typer.echo(f"À tenir à la main : {', '.join(prevu.a_la_main)}.")


def envoyer() -> None:
    """Envoyer les courriels en attente, selon le mode réglé (simulation : des fichiers dans var/courriels)."""
    from operations.courriels import envoyer_en_attente

    bilan = envoyer_en_attente(contexte())
    typer.echo(
        f"{bilan.envoyes} envoyé(s), {bilan.sans_objet} sans objet, {bilan.a_reessayer} à réessayer, "
        f"{bilan.refuses} refusé(s), {bilan.a_verifier} à vérifier."
    )
    for motif in dict.fromkeys(bilan.motifs):
        typer.echo(f"    {motif}")
    if bilan.refuses or bilan.a_verifier:
        raise typer.Exit(1)


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    for commande in (calendrier, apercu, envoyer):
        application.command()(commande)
