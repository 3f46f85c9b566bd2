"""Strict YAML: duplicate keys and floats refused, and every validation error placed at its line."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Chemin = tuple[str | int, ...]
Modele = TypeVar("Modele", bound=BaseModel)


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
        except (yaml.YAMLError, ValueError) as erreur:
            raise ErreurDeConfiguration(self.fichier, ligne, f"valeur illisible ({noeud.value}) : {erreur}") from None

    def _table(self, noeud: yaml.MappingNode, chemin: Chemin) -> dict[Hashable, Any]:
        table: dict[Hashable, Any] = {}
        for noeud_cle, noeud_valeur in noeud.value:
            cle = self.constructeur.construct_object(noeud_cle)
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
        raise ErreurDeConfiguration(fichier, 0, f"fichier illisible ({erreur.strerror})") from None
    except UnicodeDecodeError:
        raise ErreurDeConfiguration(fichier, 0, "fichier à enregistrer en UTF-8") from None
    try:
        racine = yaml.compose(texte, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as erreur:
        ligne = erreur.problem_mark.line + 1 if erreur.problem_mark else 0
        raise ErreurDeConfiguration(fichier, ligne, f"YAML mal formé : {erreur.problem}") from None
    if racine is None:
        raise ErreurDeConfiguration(fichier, 0, "fichier vide")
    lecteur = _Lecteur(fichier)
    return lecteur.valeur(racine, ()), lecteur.lignes


_ATTENDUS = {
    "date_type": "une date (AAAA-MM-JJ, sans guillemets)",
    "int_type": "un nombre entier",
    "int_parsing": "un nombre entier",
    "string_type": "un texte",
    "string_too_short": "un texte non vide",
    "string_pattern_mismatch": "un texte d'une autre forme",
    "bool_type": "oui ou non (true, false)",
    "bool_parsing": "oui ou non (true, false)",
    "tuple_type": "une liste",
    "list_type": "une liste",
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
            attente = f"{attendu} est attendu" if attendu else str(erreur["msg"])
            return f"« {nom} » : {attente} (lu : {erreur.get('input')!r})"


def charger(fichier: Path, modele: type[Modele]) -> Modele:
    """Read and validate a file; validators raise ValueError with a French sentence.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    valeurs, lignes = lire_yaml(fichier)
    try:
        return modele.model_validate(valeurs)
    except ValidationError as erreurs:
        premiere = dict(erreurs.errors()[0])
        loc: Chemin = erreurs.errors()[0]["loc"]
        while loc and loc not in lignes:
            loc = loc[:-1]
        raise ErreurDeConfiguration(fichier, lignes.get(loc, 0), _raison(premiere)) from None
