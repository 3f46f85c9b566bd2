"""Commands of the barèmes: list, compare, say what is missing, confirm, close. No database, no orchestrator."""

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from operations.cloture import Cloture
    from regles.baremes import Bareme

Json = Annotated[bool, typer.Option("--json", help="Répondre en JSON.")]
ConnuLe = Annotated[
    str, typer.Option(metavar="AAAA-MM-JJ", help="Avec ce qui était connu ce jour-là (défaut : aujourd'hui).")
]
MOUVEMENTS = {
    "ajoute": "Paramètres nouveaux",
    "retire": "Paramètres qui n'existent plus",
    "modifie": "Valeurs changées",
    "devenu_connu": "Inconnus avant, connus maintenant",
    "devenu_inconnu": "Connus avant, inconnus maintenant",
    "certitude": "Même valeur, autre degré de certitude",
}
CERTITUDES = {
    "publie": "publié",
    "deduit": "déduit",
    "a_confirmer": "à confirmer",
    "confirme": "confirmé",
    "demonstration": "démonstration",
    "inconnu": "inconnu",
}
MANQUES = {"a_saisir": "À saisir", "a_confirmer": "À confirmer"}

groupe = typer.Typer(invoke_without_command=True)


@groupe.callback()
def baremes(
    contexte: typer.Context,
    en_json: Json = False,
    exercice: Annotated[int | None, typer.Option(metavar="AAAA", help="Un seul exercice.")] = None,
) -> None:
    """Lister tous les paramètres, avec leur période, leur source et leur certitude ; comparer ; confirmer ; clore."""
    if contexte.invoked_subcommand is not None:
        return
    from operations.calcul import lister_baremes

    bareme, mention = lire_bareme()
    valeurs = lister_baremes(bareme, exercice)
    if en_json:
        typer.echo(json.dumps(valeurs, ensure_ascii=False, indent=2))
        return
    if mention:
        typer.echo(f"{mention}\n")
    for valeur in valeurs:
        montant = "inconnu" if valeur["valeur"] is None else f"{valeur['valeur']} {valeur['unite']}".rstrip()
        connu = f", connu le {valeur['connu_le']}" if valeur["connu_le"] else ""
        typer.echo(f"{valeur['cle']} : {montant} ({valeur['statut']}, du {valeur['du']} au {valeur['au']}{connu})")
        typer.echo(f"    {valeur['libelle']}\n    source : {valeur['source']}")


@groupe.command()
def comparer(
    avant: Annotated[int, typer.Argument(metavar="AAAA", help="L'exercice de départ.")],
    apres: Annotated[int, typer.Argument(metavar="AAAA", help="L'exercice d'arrivée.")],
    connu_le: ConnuLe = "",
    en_json: Json = False,
) -> None:
    """Montrer ce qui change d'un exercice à l'autre : ajouts, valeurs changées, devenus connus ou inconnus."""
    from operations.calcul import comparer_baremes

    jour = lire_jour(connu_le)
    bareme, mention = lire_bareme()
    ecarts = comparer_baremes(bareme, avant, apres, jour)
    if en_json:
        typer.echo(json.dumps(ecarts, ensure_ascii=False, indent=2))
        return
    if mention:
        typer.echo(f"{mention}\n")
    combien = f"{len(ecarts)} paramètres changent" if len(ecarts) > 1 else f"{len(ecarts) or 'aucun'} paramètre change"
    typer.echo(f"De {avant} à {apres}, tel que connu le {jour:%d/%m/%Y} : {combien}.")
    for mouvement, titre in MOUVEMENTS.items():
        concernes = [ecart for ecart in ecarts if ecart["mouvement"] == mouvement]
        if concernes:
            typer.echo(f"\n{titre} ({len(concernes)})")
        for ecart in concernes:
            typer.echo(f"  {ecart['libelle']}\n    {ecart['cle']} : {_dire(ecart)}")


@groupe.command()
def confirmer(
    cle: Annotated[str, typer.Argument(metavar="CLE", help="Le paramètre, par exemple alsh.taux.")],
    exercice: Annotated[int, typer.Option(metavar="AAAA", help="L'exercice de la valeur.")],
    par: Annotated[str, typer.Option(metavar="PERSONNE", help="Qui confirme : un identifiant de l'équipe.")],
    source: Annotated[str, typer.Option(metavar="TEXTE", help="Où la valeur a été lue : texte, page, date.")],
) -> None:
    """Confirmer une valeur « à confirmer » : à partir d'aujourd'hui, les droits qui en dépendent peuvent être payés."""
    from operations.calcul import confirmer as operation
    from schemas.configuration.reglages import charger_reglages

    bareme, _ = lire_bareme()
    faite = operation(charger_reglages(), bareme, cle, exercice, par, source, lire_jour(""))
    unite = bareme.definitions[cle].unite
    typer.echo(f"Confirmé : {cle} = {faite.valeur} {unite}".rstrip() + f" pour {exercice}, par {par}.")
    typer.echo("Les droits déjà calculés restent comme ils sont ; un nouveau calcul s'appuiera sur cette confirmation.")


@groupe.command()
def inconnus(
    exercice: Annotated[int | None, typer.Option(metavar="AAAA", help="Un seul exercice.")] = None,
    en_json: Json = False,
) -> None:
    """Dire ce que l'équipe doit encore saisir ou confirmer, par prestation, hors valeurs de démonstration."""
    from operations.calcul import lister_manques
    from schemas.configuration.baremes import charger_bareme
    from schemas.configuration.reglages import charger_reglages

    manques = lister_manques(charger_bareme(charger_reglages().config, demonstration=False), lire_jour(""), exercice)
    if en_json:
        typer.echo(json.dumps(manques, ensure_ascii=False, indent=2))
        return
    for manque, verbe in MANQUES.items():
        concernes = [m for m in manques if m["manque"] == manque]
        typer.echo(f"{verbe} : {len(concernes) or 'aucune'} valeur{'s' if len(concernes) > 1 else ''}")
    for prestation, siens in _par(manques, "prestation").items():
        typer.echo(f"\n{'Toutes les prestations' if prestation == 'TOUTES' else prestation}")
        for cle, lignes in _par(siens, "cle").items():
            typer.echo(f"  {cle} – {lignes[0]['libelle']}")
            for manque, verbe in MANQUES.items():
                annees = [_dire_manque(m) for m in lignes if m["manque"] == manque]
                if annees:
                    typer.echo(f"    {verbe.lower()} : {' ; '.join(annees)}")


@groupe.command()
def clore(
    exercice: Annotated[int, typer.Argument(metavar="AAAA", help="L'exercice fini, dont les valeurs sont figées.")],
    par: Annotated[str, typer.Option(metavar="PERSONNE", help="Qui clôt : un identifiant qui peut libérer.")] = "",
    motif: Annotated[str, typer.Option(metavar="TEXTE", help="Pourquoi l'exercice est clos, ou clos à nouveau.")] = "",
) -> None:
    """Clore le barème d'un exercice fini : figer ses valeurs. Sans --par, les compter sans rien écrire."""
    from operations.cloture import clore as operation
    from operations.cloture import preparer_cloture
    from schemas.configuration.reglages import charger_reglages

    reglages, jour = charger_reglages(), lire_jour("")
    cloture = preparer_cloture(reglages, exercice, jour)
    typer.echo("\n".join(_dire_cloture(cloture)))
    if not par:
        typer.echo("Rien n'est écrit : pour clore, ajouter --par PERSONNE --motif TEXTE.")
        return
    operation(reglages, cloture, par, motif, jour)
    typer.echo(f"Clos : l'exercice {exercice}, par {par}. Une valeur changée dans son fichier sera désormais refusée.")


def _dire_cloture(cloture: "Cloture") -> list[str]:
    lignes = [f"Barème {cloture.exercice} : {sum(cloture.valeurs.values())} valeurs à figer."]
    lignes += [f"  {CERTITUDES[statut]} : {nombre}" for statut, nombre in sorted(cloture.valeurs.items())]
    lignes.append(f"  empreinte : {cloture.empreinte}")
    if cloture.ancien is not None:
        ancien = cloture.ancien
        lignes.append(
            f"Il était clos depuis le {ancien.clos_le:%d/%m/%Y}, par {ancien.clos_par} ({ancien.motif}) ; ses valeurs "
            f"ont changé. Ancienne empreinte, gardée dans l'historique : {ancien.empreinte}"
        )
    return lignes


def _par(lignes: list[dict[str, Any]], cle: str) -> dict[str, list[dict[str, Any]]]:
    groupes: dict[str, list[dict[str, Any]]] = {}
    for ligne in lignes:
        groupes.setdefault(ligne[cle], []).append(ligne)
    return groupes


def _dire_manque(manque: dict[str, Any]) -> str:
    valeur = "" if manque["valeur"] is None else f" ({_valeur(manque['valeur'], manque['unite'])})"
    return f"{manque['exercice']}{valeur}"


def lire_jour(texte: str) -> date:
    """Read the day of `--connu-le`; today in Paris when nothing was typed.

    Raises:
        DemandeIllisible: for anything else than AAAA-MM-JJ.
    """
    from regles.calendrier import PARIS
    from schemas.calcul import DemandeIllisible

    if not texte:
        return datetime.now(PARIS).date()
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise DemandeIllisible((f"--connu-le : lu « {texte} », attendu une date AAAA-MM-JJ",)) from None


def lire_bareme() -> "tuple[Bareme, str]":
    """Give the barème of the installation, and the words every screen carries when its figures are not real."""
    from schemas.configuration.baremes import charger_bareme
    from schemas.configuration.reglages import charger_reglages

    reglages = charger_reglages()
    return charger_bareme(reglages.config, demonstration=reglages.demonstration), reglages.mention


def _dire(ecart: dict[str, Any]) -> str:
    from decimal import Decimal

    from regles.monnaie import formater_nombre

    avant, apres = (_valeur(ecart[quand], ecart["unite"]) for quand in ("avant", "apres"))
    match ecart["mouvement"]:
        case "ajoute":
            return apres
        case "retire":
            return avant
        case "certitude":
            return f"{apres} ({CERTITUDES[ecart['statut_avant']]} → {CERTITUDES[ecart['statut_apres']]})"
    chemin = f"{avant} → {apres}"
    if ecart["difference"] is None:
        return chemin
    parts = [_signer(formater_nombre(Decimal(ecart["difference"])))]
    if ecart["variation"] is not None:
        parts.append(_signer(formater_nombre(Decimal(ecart["variation"]) * 100, 2)) + " %")
    return f"{chemin} ({' ; '.join(parts)})"


def _signer(nombre: str) -> str:
    return nombre if "-" in nombre else f"+{nombre}"


def _valeur(texte: str | None, unite: str) -> str:
    from regles.monnaie import exact, formater_nombre

    if texte is None:
        return "inconnu"
    try:
        return f"{formater_nombre(exact(texte))} {unite}".rstrip()
    except ValueError:
        return texte


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    application.add_typer(groupe, name="baremes")
