"""Commands of the calendar: the year read, as a diary, as a poster; the next year drafted; a file checked."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operations.contexte import contexte
from regles.agenda import DATES, NATURES
from regles.calendrier import Etape, PlanRelances, Verbe, actions_datees, echeance
from regles.dates import JOURS

if TYPE_CHECKING:
    from operations.calendrier_suivant import BrouillonEcrit

A_CONFIRMER = "à confirmer"
DEDUITE = "déduite de la limite"
SANS_FICHIER = "--ics et --affiche écrivent toute l'année dans un fichier : ils vont sans --json ni --etape."
COLONNES = ("Étape", "Nature", "Ouverture", "Relances", "Limite", "Clôture")
LARGEURS = (36, 16, 11, 23, 11, 11)
COLONNES_DU_BROUILLON = ("Étape", "Date", "Avant", "Après", "Pourquoi")
LARGEURS_DU_BROUILLON = (34, 20, 15, 15, 1)

application = typer.Typer(
    name="calendrier", help="Le calendrier des partenaires : le lire, préparer l'année suivante, vérifier un fichier."
)


def _dates(etape: Etape, plan: PlanRelances) -> dict[str, Any]:
    """Give the days of a step: what partners are given until, and what the software does."""
    jours: dict[Verbe, list[date]] = {verbe: [] for verbe in Verbe}
    for action in actions_datees(etape, plan):
        jours[action.verbe].append(action.le.date())
    return {
        "ouverture": next(iter(jours[Verbe.OUVRIR]), None),
        "relances": jours[Verbe.RELANCER],
        "limite": echeance(etape),
        "limite_finale": etape.limite_finale,
        "cloture": next(iter(jours[Verbe.CLORE]), None),
        "seance": etape.jour,
    }


def _est_deduite(etape: Etape, ouverture: date | None) -> bool:
    """Whether an opening is counted back from the limit: the source gives none."""
    return ouverture not in {None, etape.ouverture, etape.a_partir_du}


def _en_json(etape: Etape, plan: PlanRelances) -> dict[str, Any]:
    dates = _dates(etape, plan)
    deduite = _est_deduite(etape, dates["ouverture"])
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
        "approximations": dict(etape.approximations) | ({"ouverture": DEDUITE} if deduite else {}),
        "a_confirmer": etape.a_confirmer,
    }


def _ligne(valeurs: tuple[str, ...], largeurs: tuple[int, ...] = LARGEURS) -> str:
    return "  ".join(f"{v:<{largeur}}" for v, largeur in zip(valeurs, largeurs, strict=True)).rstrip()


def _jour(jour: date | None, forme: str = "%d/%m/%Y") -> str:
    return f"{jour:{forme}}" if jour else ""


def _afficher(etape: Etape, plan: PlanRelances) -> None:
    dates = _dates(etape, plan)
    relances = ", ".join(_jour(jour, "%d/%m") for jour in dates["relances"])
    cellules = (etape.id, NATURES[etape.nature], _jour(dates["ouverture"]), relances)
    typer.echo(_ligne((*cellules, _jour(dates["limite"]), _jour(dates["cloture"]))))
    suite = f" ({', '.join(etape.prestations)})" if etape.prestations else ""
    typer.echo(f"    {etape.libelle}{suite}")
    for nom, jour in (("dernier délai", etape.limite_finale), ("séance", etape.jour)):
        if jour is not None:
            typer.echo(f"    {nom} : {_jour(jour)}")
    for champ, mots in etape.approximations:
        typer.echo(f"    {A_CONFIRMER} : {DATES[champ]}, « {mots} » au calendrier")
    if _est_deduite(etape, dates["ouverture"]):
        typer.echo(f"    {A_CONFIRMER} : ouverture, {DEDUITE}")
    if etape.a_confirmer:
        typer.echo(f"    {A_CONFIRMER} : {etape.a_confirmer}")


@application.callback(invoke_without_command=True)
def montrer(
    appel: typer.Context,
    annee: Annotated[
        int | None, typer.Option("--annee", metavar="AAAA", help="Une année (défaut : celle en cours).")
    ] = None,
    etape: Annotated[str, typer.Option("--etape", help="Une seule étape, par exemple reels-2025-a.")] = "",
    en_json: Annotated[bool, typer.Option("--json", help="Une sortie pour un programme.")] = False,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="F.ics", help="Écrire l'agenda de l'année, pour l'équipe.")
    ] = None,
    affiche: Annotated[
        Path | None,
        typer.Option("--affiche", metavar="F.html", help="Écrire l'affiche de l'année, à imprimer (A3, A4)."),
    ] = None,
) -> None:
    """Montrer le calendrier des partenaires : ouverture, relances, limite (ce jour compris), clôture."""
    if appel.invoked_subcommand is not None:
        return
    if ics is not None or affiche is not None:
        if en_json or etape:
            raise typer.BadParameter(SANS_FICHIER)
        _ecrire(annee, ics, affiche)
        return
    from operations.calendrier import lire_annee
    from operations.configuration import etape as chercher
    from operations.configuration import plan_relances

    if etape:
        reglee = chercher(contexte(), etape)
        montrees: tuple[tuple[Etape, PlanRelances], ...] = ((reglee, plan_relances(contexte(), reglee)),)
    else:
        montrees = lire_annee(contexte(), annee).etapes
    if en_json:
        typer.echo(json.dumps([_en_json(e, plan) for e, plan in montrees], ensure_ascii=False, indent=2))
        return
    typer.echo(_ligne(COLONNES))
    for montree, plan in montrees:
        _afficher(montree, plan)


def _ecrire(annee: int | None, ics: Path | None, affiche: Path | None) -> None:
    from operations.calendrier import affiche_de_l_annee, ics_de_l_annee

    if ics is not None:
        ics.write_bytes(ics_de_l_annee(contexte(), annee))
        typer.echo(f"Agenda de l'année : {ics}")
    if affiche is not None:
        affiche.write_text(affiche_de_l_annee(contexte(), annee), encoding="utf-8")
        typer.echo(f"Affiche : {affiche} (à ouvrir dans un navigateur, puis imprimer)")


@application.command()
def preparer(
    annee: Annotated[int, typer.Argument(metavar="AAAA", help="L'année à préparer, par exemple 2027.")],
    sortie: Annotated[
        Path | None, typer.Option("--sortie", metavar="F.yaml", help="Où écrire le brouillon (défaut : l'écran).")
    ] = None,
) -> None:
    """Préparer le calendrier de l'année suivante : un brouillon à relire, dont chaque date est à confirmer."""
    from operations.calendrier_suivant import ecrire_brouillon, preparer_annee

    ecrit = preparer_annee(contexte(), annee)
    if sortie is None:
        typer.echo(ecrit.yaml, nl=False)
        _resumer(ecrit, sur_l_erreur=True)
        return
    ecrire_brouillon(ecrit, sortie)
    _resumer(ecrit, sur_l_erreur=False)
    typer.echo(
        f"\nBrouillon écrit : {sortie}. Rien n'est en place : relisez-le, puis « campagnes calendrier verifier »."
    )


def _resumer(ecrit: "BrouillonEcrit", *, sur_l_erreur: bool) -> None:
    """Say what moved and what else must follow, beside the draft when it is on the screen."""
    lignes = [_ligne(COLONNES_DU_BROUILLON, LARGEURS_DU_BROUILLON)]
    for reportee in ecrit.etapes:
        nom = reportee.etape.id
        for d in reportee.dates:
            suite = f" (le {_en_court(d.tombait)} n'est pas ouvrable)" if d.tombait else ""
            valeurs = (nom, DATES[d.champ], _en_court(d.avant), _en_court(d.apres), f"{d.raison}{suite}")
            lignes.append(_ligne(valeurs, LARGEURS_DU_BROUILLON))
            nom = ""
    deja = ecrit.brouillon.deja_publiees
    if deja:
        lignes += [
            "",
            "Déjà publiées, laissées telles quelles :",
            *(f"    {suite} (suite de {de})" for de, suite in deja),
        ]
    if ecrit.demarches:
        lignes += [
            "",
            "À ajouter sous « etapes » de config/demarches.yaml, une fois le calendrier en place :",
            "",
            ecrit.demarches.rstrip("\n"),
        ]
    for ligne in lignes:
        typer.echo(ligne, err=sur_l_erreur)


def _en_court(jour: date) -> str:
    return f"{JOURS[jour.weekday()][:3]} {jour:%d/%m/%Y}"


@application.command()
def verifier(
    fichier: Annotated[
        Path | None, typer.Argument(metavar="F.yaml", help="Le fichier à vérifier (défaut : tous ceux en place).")
    ] = None,
) -> None:
    """Vérifier un calendrier avant de le mettre en place : toutes ses fautes d'un coup. Code 1 s'il y en a."""
    from operations.calendrier import verifier_calendriers

    verification = verifier_calendriers(contexte(), fichier)
    for note in verification.notes:
        typer.echo(f"À lire : {note}")
    for faute in verification.fautes:
        typer.echo(str(faute))
    if verification.fautes:
        typer.echo(f"{len(verification.fautes)} faute(s) à corriger.")
        raise typer.Exit(1)
    typer.echo(f"{', '.join(verification.fichiers)} : aucune faute.")


def ajouter(principale: typer.Typer) -> None:
    """Register these commands."""
    principale.add_typer(application)
