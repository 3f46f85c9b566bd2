"""The CSV files of the network: partenaires, contacts, structures, conventions, and adhesions to local schemes.

UTF-8 (with or without BOM), « ; », one header line. Every fault is said with its file, line and column, all at once. A
cell that a spreadsheet would take for a formula is written behind an apostrophe, taken off when it is read again.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.coherence_reseau import FauteReseau, Fichier, Reperes, en_cellule, incoherences
from schemas.reseau import (
    LIGNES,
    Ligne,
    LigneAdhesion,
    LigneContact,
    LigneConvention,
    LignePartenaire,
    LigneStructure,
)

SEPARATEUR = ";"
_FORMULE = re.compile(r"'*[=+\-@]")
_PROTEGEE = re.compile(r"'+[=+\-@]")
_MESSAGES = {
    "string_too_short": "valeur attendue, cellule vide",
    "string_too_long": "texte trop long",
    "string_pattern_mismatch": "forme inattendue",
    "date_parsing": "date attendue (JJ/MM/AAAA)",
    "date_from_datetime_parsing": "date attendue (JJ/MM/AAAA)",
    "int_parsing": "nombre entier attendu",
    "greater_than": "nombre plus grand que zéro attendu",
    "less_than_equal": "nombre trop grand",
}


@dataclass(frozen=True, slots=True)
class FichiersReseau:
    """The files once read; `absents` names those that the folder does not hold, what they bring is left as known."""

    partenaires: tuple[LignePartenaire, ...]
    contacts: tuple[LigneContact, ...]
    structures: tuple[LigneStructure, ...]
    conventions: tuple[LigneConvention, ...]
    adhesions: tuple[LigneAdhesion, ...]
    fautes: tuple[FauteReseau, ...]
    absents: tuple[str, ...] = ()


def lire_reseau(dossier: Path, reperes: Reperes) -> FichiersReseau:
    """Read the CSV files of a folder, those that are there; a fault hides no other, but a wrong header its rows."""
    absents = tuple(f"{nom}.csv" for nom in LIGNES if not (dossier / f"{nom}.csv").exists())
    lus = {
        nom: Fichier((), ()) if f"{nom}.csv" in absents else _lire(dossier / f"{nom}.csv", modele)
        for nom, modele in LIGNES.items()
    }
    fautes = [*(faute for fichier in lus.values() for faute in fichier.fautes), *incoherences(lus, reperes)]
    if len(absents) == len(LIGNES):
        fautes.append(
            FauteReseau(str(dossier), 0, "", f"aucun fichier du réseau ici (attendus : {', '.join(absents)})")
        )
    return FichiersReseau(
        **{nom: tuple(ligne for _, ligne in fichier.lignes) for nom, fichier in lus.items()},
        fautes=tuple(fautes),
        absents=absents,
    )


def _lire(fichier: Path, modele: type[Ligne]) -> Fichier:
    try:
        texte = fichier.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return _illisible(fichier, "fichier à enregistrer en UTF-8 (« CSV UTF-8 » dans le tableur)")
    rangees = csv.DictReader(io.StringIO(texte, newline=""), delimiter=SEPARATEUR)
    fautes = _fautes_de_l_entete(fichier, rangees.fieldnames or (), modele)
    if fautes:
        return Fichier((), fautes)
    return _lire_les_lignes(fichier, rangees, modele)


def _fautes_de_l_entete(fichier: Path, colonnes: Sequence[str], modele: type[Ligne]) -> tuple[FauteReseau, ...]:
    """Say once what is wrong with the header, or that the whole file is cut with another separator."""
    if len(colonnes) <= 1:
        lu = next((signe for signe in (",", "\t", "|") if signe in "".join(colonnes)), "")
        dit = {"": "", "\t": ", lu une tabulation"}.get(lu, f", lu « {lu} »")
        return (FauteReseau(fichier.name, 1, "", f"séparateur « {SEPARATEUR} » attendu entre les colonnes{dit}"),)
    return tuple(FauteReseau(fichier.name, 1, nom, raison) for nom, raison in modele.fautes_de_l_entete(colonnes))


def _lire_les_lignes(fichier: Path, rangees: Iterable[dict[str, Any]], modele: type[Ligne]) -> Fichier:
    lignes: list[tuple[int, Any]] = []
    fautes: list[FauteReseau] = []
    for numero, brute in enumerate(rangees, start=2):
        if None in brute:
            fautes.append(FauteReseau(fichier.name, numero, "", "plus de valeurs que de colonnes"))
            continue
        try:
            valeurs = {cle: _decouvrir(valeur or "") for cle, valeur in brute.items()}
            lignes.append((numero, modele.model_validate(valeurs)))
        except ValidationError as erreurs:
            fautes += [_faute(fichier.name, numero, dict(e)) for e in erreurs.errors()]
    return Fichier(tuple(lignes), tuple(fautes))


def _illisible(fichier: Path, message: str) -> Fichier:
    return Fichier((), (FauteReseau(fichier.name, 0, "", message),))


def _decouvrir(texte: str) -> str:
    return texte[1:] if _PROTEGEE.match(texte) else texte


def _faute(fichier: str, numero: int, erreur: dict[str, Any]) -> FauteReseau:
    colonne = ".".join(str(partie) for partie in erreur["loc"])
    if erreur["type"] == "value_error":
        message = str(erreur["ctx"]["error"])
    elif erreur["type"] == "literal_error":
        message = f"attendu : {erreur['ctx']['expected'].replace(' or ', ' ou ')}, lu « {erreur['input']} »"
    else:
        message = f"{_MESSAGES.get(erreur['type'], 'valeur inattendue')}, lu « {erreur.get('input')} »"
    return FauteReseau(fichier, numero, colonne, message)


def ecrire_reseau(dossier: Path, lignes: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Path, ...]:
    """Write the CSV files of a folder, from the values of each row by column; give their paths."""
    chemins = []
    for nom, modele in LIGNES.items():
        tampon = io.StringIO(newline="")
        ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
        ecrivain.writerow(modele.model_fields)
        for ligne in lignes[nom]:
            ecrivain.writerow(_couvrir(en_cellule(ligne.get(colonne))) for colonne in modele.model_fields)
        chemin = dossier / f"{nom}.csv"
        chemin.write_bytes(tampon.getvalue().encode("utf-8-sig"))
        chemins.append(chemin)
    return tuple(chemins)


def _couvrir(texte: str) -> str:
    return f"'{texte}" if _FORMULE.match(texte) else texte
