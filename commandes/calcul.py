"""The command that computes a right from JSON. It opens no database and starts no orchestrator."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from commandes.baremes import ConnuLe, Json, lire_bareme, lire_jour

LARGEUR_OPERATION = 68


def calculer(
    fichier: Annotated[str, typer.Argument(metavar="D.json", help="La demande, en JSON ; - pour l'entrée standard.")],
    parametre: Annotated[
        list[str] | None,
        typer.Option("--parametre", metavar="CLE=VALEUR", help="Essayer une autre valeur (répétable)."),
    ] = None,
    connu_le: ConnuLe = "",
    en_json: Json = False,
    document: Annotated[
        Path | None, typer.Option(metavar="F.html", help="Écrire aussi l'explication, à lire ou à imprimer.")
    ] = None,
) -> None:
    """Calculer un droit et l'expliquer. Code 0 : calculé ; 1 : réponse manquante ou contradictoire ; 2 : illisible."""
    from echanges.pages import document_droit
    from operations.calcul import calculer as operation
    from operations.calcul import expliquer
    from schemas.calcul import lire_demande, lire_json

    demande = lire_demande(lire_json(lire_fichier(fichier)))
    jour = lire_jour(connu_le)
    bareme, mention = lire_bareme()
    explication = expliquer(operation(bareme, demande, _parametres(parametre or ()), jour), connu_le=jour)
    if document is not None:
        document.write_text(document_droit(explication, {}, mention), encoding="utf-8")
    if en_json:
        typer.echo(json.dumps(explication, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_recit(explication)))
    if any(a["severite"] == "bloquante" for a in explication["anomalies"]):
        raise typer.Exit(1)


def lire_fichier(fichier: str) -> str:
    """Read the text of a request, from a file or from the standard input (« - »).

    Raises:
        DemandeIllisible: a file that is missing, or not in UTF-8.
    """
    from schemas.calcul import DemandeIllisible

    try:
        octets = sys.stdin.buffer.read() if fichier == "-" else Path(fichier).read_bytes()
        return octets.decode("utf-8-sig")
    except OSError:
        raise DemandeIllisible((f"{fichier} : fichier introuvable ou illisible",)) from None
    except UnicodeDecodeError:
        raise DemandeIllisible((f"{fichier} : le fichier n'est pas en UTF-8",)) from None


def _parametres(saisis: Sequence[str]) -> dict[str, str]:
    from schemas.calcul import DemandeIllisible

    parametres: dict[str, str] = {}
    for saisi in saisis:
        cle, egal, valeur = saisi.partition("=")
        if not egal or not cle.strip() or not valeur.strip():
            raise DemandeIllisible((f"--parametre : lu « {saisi} », attendu clé=valeur",))
        parametres[cle.strip()] = valeur.strip()
    return parametres


def _recit(explication: dict[str, Any]) -> list[str]:
    from regles.monnaie import formater_euros

    titre = f"{explication['prestation']} {explication['nature']} {explication['exercice']}"
    mentions = [m for m, vraie in _mentions(explication) if vraie]
    lignes = [" – ".join([titre, f"connu le {explication['connu_le']}", *mentions]), ""]
    lignes += _table(explication["lignes"])
    if explication["droit_centimes"] is not None:
        lignes.append(f"\nDroit : {formater_euros(explication['droit_centimes'])}")
    elif explication["lignes"]:
        partiel = formater_euros(explication["partiel_centimes"])
        lignes.append(f"\nDroit : inconnu (ce qui peut être calculé : {partiel}, ce n'est pas un total)")
    if explication["payable"]:
        lignes.append("Payable." if not explication["demonstration"] else "Payable, dans la démonstration seulement.")
    else:
        lignes += ["Pas payable :", *(f"  - {motif}" for motif in explication["motifs"])]
    remarques = [a["message"] for a in explication["anomalies"] if a["severite"] != "bloquante"]
    if remarques:
        lignes += ["À regarder :", *(f"  - {message}" for message in remarques)]
    return lignes


def _mentions(explication: dict[str, Any]) -> tuple[tuple[str, bool], ...]:
    return (("DÉMONSTRATION", explication["demonstration"]), ("SIMULATION", explication["simulation"]))


def _table(lignes: list[dict[str, Any]]) -> list[str]:
    """Align label, value and operation in columns; a long operation goes on under itself."""
    import textwrap

    if not lignes:
        return []
    libelles = max(len(ligne["libelle"]) for ligne in lignes)
    valeurs = [_valeur(ligne) for ligne in lignes]
    largeur = max(map(len, valeurs))
    rendu = []
    for ligne, valeur in zip(lignes, valeurs, strict=True):
        premiere, *suite = textwrap.wrap(ligne["operation"], LARGEUR_OPERATION) or [""]
        rendu.append(f"{ligne['libelle']:<{libelles}}  {valeur:>{largeur}}  {premiere}")
        rendu += [f"{'':<{libelles}}  {'':>{largeur}}  {morceau}" for morceau in suite]
    return rendu


def _valeur(ligne: dict[str, Any]) -> str:
    from fractions import Fraction

    from regles.monnaie import formater_nombre

    if ligne["valeur"] is None:
        return "inconnu"
    nombre = Fraction(ligne.get("valeur_exacte", ligne["valeur"]))
    return f"{formater_nombre(nombre)} {ligne['unite']}" if ligne["unite"] else f"{formater_nombre(nombre * 100)} %"


def ajouter(application: typer.Typer) -> None:
    """Register this command."""
    application.command()(calculer)
