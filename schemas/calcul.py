"""The JSON of a computation asked from the terminal: what may enter, and what is wrong, all at once, in French."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from regles.calcul import COMPOSANTES, Donnee, entrees_connues
from regles.calendrier import NatureEtape
from regles.formules.entrees import Entree, Genre
from regles.monnaie import exact

NATURES = tuple(str(n) for n in NatureEtape if n.est_declaration)
CLES = ("prestation", "nature", "exercice", "donnees")
NOMBRE = re.compile(r"-?\d{1,15}(\.\d{1,10})?")
ANNEES = range(2000, 2100)


class DemandeIllisible(Exception):
    """A request that cannot be read; `fautes` says for each fault where it is, what was read and what is expected."""

    def __init__(self, fautes: tuple[str, ...]) -> None:
        super().__init__("\n".join(fautes))
        self.fautes = fautes


@dataclass(frozen=True, slots=True)
class DemandeCalcul:
    """A request of computation: exact numbers, None for an answer left blank."""

    prestation: str
    nature: str
    exercice: int
    donnees: Mapping[str, Donnee]


class _Faute(Exception):
    pass


def lire_json(texte: str) -> object:
    """Parse JSON, refusing repeated keys.

    Raises:
        DemandeIllisible: naming the line of a syntax error, or the repeated key.
    """
    try:
        return json.loads(texte, object_pairs_hook=_sans_doublon)
    except json.JSONDecodeError as erreur:
        raise DemandeIllisible((f"JSON mal formé, ligne {erreur.lineno}, colonne {erreur.colno}",)) from None
    except (ValueError, RecursionError):
        raise DemandeIllisible(("JSON illisible : nombre démesuré ou structure trop profonde",)) from None


def _sans_doublon(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for cle, valeur in paires:
        if cle in table:
            raise DemandeIllisible((f"clé répétée : « {cle} »",))
        table[cle] = valeur
    return table


def lire_demande(brut: object) -> DemandeCalcul:
    """Read a parsed JSON request. Decimal numbers are texts (« "35200.5" »), never floats.

    Only the shape is checked here: an answer missing or out of bounds is a finding of the computation itself.

    Raises:
        DemandeIllisible: with every fault found.
    """
    if not isinstance(brut, dict):
        raise DemandeIllisible((f"un objet JSON est attendu ({', '.join(CLES)}), lu : {_ecrire(brut)}",))
    fautes = [_inconnue("", str(cle), CLES) for cle in brut if cle not in CLES]
    fautes += [f"{cle} : absent de la demande" for cle in CLES if cle not in brut]
    if fautes:
        raise DemandeIllisible(tuple(fautes))
    fautes += _fautes_identite(brut)
    connues = entrees_connues(brut["prestation"]) if isinstance(brut["prestation"], str) else {}
    donnees: dict[str, Donnee] = {}
    if not isinstance(brut["donnees"], dict):
        fautes.append(f"donnees : un objet JSON est attendu, lu : {_ecrire(brut['donnees'])}")
    elif connues:
        for cle, valeur in brut["donnees"].items():
            try:
                donnees[cle] = _lire_donnee(cle, valeur, connues)
            except _Faute as faute:
                fautes.append(str(faute))
    if fautes:
        raise DemandeIllisible(tuple(fautes))
    return DemandeCalcul(brut["prestation"], brut["nature"], brut["exercice"], donnees)


def _fautes_identite(brut: dict[str, Any]) -> Iterator[str]:
    for cle, attendues in (("prestation", tuple(sorted(COMPOSANTES))), ("nature", NATURES)):
        if brut[cle] not in attendues:
            yield f"{cle} : lu {_ecrire(brut[cle])}, attendu {' ou '.join(f'« {a} »' for a in attendues)}"
    exercice = brut["exercice"]
    if isinstance(exercice, bool) or not isinstance(exercice, int) or exercice not in ANNEES:
        yield f"exercice : lu {_ecrire(exercice)}, attendu une année, par exemple 2025"


def _lire_donnee(cle: str, valeur: object, connues: Mapping[str, Entree]) -> Donnee:
    if cle not in connues:
        raise _Faute(_inconnue("donnees.", cle, tuple(connues)))
    entree = connues[cle]
    if valeur is None:
        return None
    if entree.genre is Genre.OUI_NON and isinstance(valeur, bool):
        return valeur
    if entree.genre is Genre.MOT and isinstance(valeur, str):
        return valeur
    if entree.genre in {Genre.ENTIER, Genre.NOMBRE}:
        nombre = _lire_nombre(valeur)
        if nombre is not None and (entree.genre is Genre.NOMBRE or nombre.denominator == 1):
            return int(nombre) if entree.genre is Genre.ENTIER else nombre
    raise _Faute(f"donnees.{cle} ({entree.libelle}) : lu {_ecrire(valeur)}, attendu {_attendu(entree)}")


def _lire_nombre(valeur: object) -> Fraction | None:
    if isinstance(valeur, bool) or not isinstance(valeur, int | str):
        return None
    texte = str(valeur)
    return exact(texte) if NOMBRE.fullmatch(texte) else None


def _attendu(entree: Entree) -> str:
    match entree.genre:
        case Genre.OUI_NON:
            return "true ou false"
        case Genre.MOT:
            return entree.attendu
        case Genre.ENTIER:
            return "un nombre entier, par exemple 20"
    return 'un nombre entre guillemets, avec un point décimal, par exemple "35200.50"'


def _inconnue(ou: str, cle: str, connues: tuple[str, ...]) -> str:
    proches = difflib.get_close_matches(cle, connues, n=1)
    suite = f"vouliez-vous dire « {proches[0]} » ?" if proches else f"attendu : {', '.join(connues)}"
    return f"{ou}{cle} : clé inconnue ; {suite}"


def _ecrire(valeur: object) -> str:
    ecrit = json.dumps(valeur, ensure_ascii=False)
    nature = " (nombre à virgule sans guillemets)" if isinstance(valeur, float) else ""
    return (ecrit if len(ecrit) <= 60 else f"{ecrit[:57]}…") + nature
