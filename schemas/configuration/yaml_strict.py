"""Strict YAML: duplicate keys and floats refused, and every validation error placed at its line."""

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Chemin = tuple[str | int, ...]
Modele = TypeVar("Modele", bound=BaseModel)

PROFONDEUR_AU_PLUS = 20  # an alias inside what it names would never end
LECTEUR_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where libyaml was built in


class ErreurDeConfiguration(Exception):
    """A configuration file that cannot be used: `fichier`, `ligne` (1-based, 0 when the file as a whole), `raison`."""

    def __init__(self, fichier: Path, ligne: int, raison: str) -> None:
        super().__init__(f"{fichier.name}, ligne {ligne} : {raison}" if ligne else f"{fichier.name} : {raison}")
        self.fichier = fichier
        self.ligne = ligne
        self.raison = raison


class ModeleStrict(BaseModel):
    """Base of configuration models: an unknown key is refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Lecteur:
    """Walks the YAML nodes so that each value keeps its line."""

    def __init__(self, fichier: Path) -> None:
        self.fichier = fichier
        self.lignes: dict[Chemin, int] = {}
        self.constructeur = yaml.SafeLoader("")

    def valeur(self, noeud: yaml.Node, chemin: Chemin) -> Any:
        ligne = noeud.start_mark.line + 1
        if len(chemin) > PROFONDEUR_AU_PLUS:
            raise ErreurDeConfiguration(self.fichier, ligne, "trop de niveaux les uns dans les autres")
        self.lignes[chemin] = ligne
        if isinstance(noeud, yaml.MappingNode):
            return self._table(noeud, chemin)
        if isinstance(noeud, yaml.SequenceNode):
            return [self.valeur(enfant, (*chemin, rang)) for rang, enfant in enumerate(noeud.value)]
        if noeud.tag == "tag:yaml.org,2002:float":
            raise ErreurDeConfiguration(
                self.fichier, ligne, f'nombre à virgule sans guillemets ({noeud.value}) : l\'écrire « "{noeud.value}" »'
            )
        try:
            return self.constructeur.construct_object(noeud)
        except yaml.YAMLError:
            raise ErreurDeConfiguration(self.fichier, ligne, f"valeur illisible ({noeud.value})") from None
        except ValueError:
            raison = f"valeur illisible ({noeud.value}) : cette date n'existe pas"
            raise ErreurDeConfiguration(self.fichier, ligne, raison) from None

    def _cle(self, noeud: yaml.Node) -> Any:
        try:
            if isinstance(noeud, yaml.ScalarNode):
                return self.constructeur.construct_object(noeud)
        except (yaml.YAMLError, ValueError):
            pass
        raise ErreurDeConfiguration(self.fichier, noeud.start_mark.line + 1, "une clé est un mot simple")

    def _table(self, noeud: yaml.MappingNode, chemin: Chemin) -> dict[Hashable, Any]:
        table: dict[Hashable, Any] = {}
        for noeud_cle, noeud_valeur in noeud.value:
            cle = self._cle(noeud_cle)
            if cle in table:
                raise ErreurDeConfiguration(self.fichier, noeud_cle.start_mark.line + 1, f"clé répétée : « {cle} »")
            table[cle] = self.valeur(noeud_valeur, (*chemin, cle))
            self.lignes[(*chemin, cle)] = noeud_cle.start_mark.line + 1
        return table


def lire_yaml(fichier: Path) -> tuple[Any, dict[Chemin, int]]:
    """Read a file into plain values, with the line of each path.

    Raises:
        ErreurDeConfiguration: missing or malformed file, duplicate key, unquoted decimal.
    """
    try:
        texte = fichier.read_text(encoding="utf-8")
    except OSError as erreur:
        raison = "il n'existe pas" if isinstance(erreur, FileNotFoundError) else erreur.strerror
        raise ErreurDeConfiguration(fichier, 0, f"fichier illisible ({raison})") from None
    except UnicodeDecodeError:
        raise ErreurDeConfiguration(fichier, 0, "fichier à enregistrer en UTF-8") from None
    try:
        racine = yaml.compose(texte, Loader=LECTEUR_YAML)
    except yaml.YAMLError as erreur:
        raise _mal_forme(fichier, texte, erreur) from None
    if racine is None:
        raise ErreurDeConfiguration(fichier, 0, "fichier vide")
    lecteur = _Lecteur(fichier)
    return lecteur.valeur(racine, ()), lecteur.lignes


def _mal_forme(fichier: Path, texte: str, erreur: yaml.YAMLError) -> ErreurDeConfiguration:
    """Say where a file stops being YAML; the two usual causes in French, the library's own words for the others."""
    marque = erreur.problem_mark if isinstance(erreur, yaml.MarkedYAMLError) else None
    if marque is None:
        return ErreurDeConfiguration(fichier, _ligne_illisible(texte), "caractère invisible, à effacer")
    ligne = marque.line + 1
    ecrite = "".join(texte.split("\n")[marque.line : ligne])
    if "\t" in ecrite[: len(ecrite) - len(ecrite.lstrip())]:
        return ErreurDeConfiguration(fichier, ligne, "tabulation en début de ligne : la remplacer par des espaces")
    probleme = erreur.problem if isinstance(erreur, yaml.MarkedYAMLError) else ""
    return ErreurDeConfiguration(fichier, ligne, f"YAML mal formé, retrait ou ponctuation à revoir ({probleme})")


def _ligne_illisible(texte: str) -> int:
    for rang, ligne in enumerate(texte.split("\n"), start=1):
        if any(not c.isprintable() and c not in "\t\r\xa0\u202f" for c in ligne):
            return rang
    return 0


_ATTENDUS = {
    "date_type": "une date (AAAA-MM-JJ, sans guillemets)",
    "int_type": "un nombre entier",
    "int_parsing": "un nombre entier",
    "finite_number": "un nombre",
    "string_type": "un texte",
    "string_too_short": "un texte non vide",
    "string_pattern_mismatch": "un texte d'une autre forme",
    "bool_type": "oui ou non (true, false)",
    "bool_parsing": "oui ou non (true, false)",
    "tuple_type": "une liste",
    "list_type": "une liste",
    "too_short": "une liste non vide",
    "dict_type": "une table de clés et de valeurs",
    "model_type": "une table de clés et de valeurs",
    "model_attributes_type": "une table de clés et de valeurs",
}


def _raison(erreur: dict[str, Any]) -> str:
    nom = ".".join(str(e) for e in erreur["loc"])
    match erreur["type"]:
        case "extra_forbidden":
            return f"clé inconnue : « {nom} »"
        case "missing":
            return f"clé manquante : « {nom} »"
        case "value_error":
            return str(erreur["ctx"]["error"])
        case "enum" | "literal_error":
            attendus = erreur["ctx"]["expected"].replace(" or ", " ou ")
            return f"« {nom} » : « {erreur['input']} » n'est pas admis ; attendu : {attendus}"
        case genre:
            attendu = _ATTENDUS.get(genre)
            accord = "attendue" if attendu and attendu.startswith("une ") else "attendu"
            attente = f"{attendu} est {accord}" if attendu else str(erreur["msg"])
            return f"« {nom} » : {attente} (lu : {_montrer(erreur.get('input'))})"


def _montrer(lu: Any) -> str:
    return str(lu) if isinstance(lu, date) else repr(lu)


def charger(fichier: Path, modele: type[Modele]) -> Modele:
    """Read and validate a file; validators raise ValueError with a French sentence.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    valeurs, lignes = lire_yaml(fichier)
    try:
        return modele.model_validate(valeurs)
    except ValidationError as erreurs:
        raise fautes_de(fichier, lignes, erreurs)[0] from None


def fautes_de(fichier: Path, lignes: Mapping[Chemin, int], erreurs: ValidationError) -> list[ErreurDeConfiguration]:
    """Place every error of a validation at its line, with its French reason."""
    fautes = []
    for erreur in erreurs.errors():
        loc: Chemin = erreur["loc"]
        while loc and loc not in lignes:
            loc = loc[:-1]
        fautes.append(ErreurDeConfiguration(fichier, lignes.get(loc, 0), _raison(dict(erreur))))
    return fautes
