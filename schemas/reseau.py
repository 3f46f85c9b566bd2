"""The network as four CSV files: partenaires, contacts, structures, conventions.

UTF-8 (with or without BOM), « ; », one header line. Every fault is said with its file, line and column, all at once.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from stdnum import exceptions as stdnum
from stdnum.fr import siren, siret


def _date_francaise(valeur: object) -> object:
    if isinstance(valeur, str) and "/" in valeur:
        try:
            return datetime.strptime(valeur, "%d/%m/%Y").date()  # noqa: DTZ007
        except ValueError:
            raise ValueError(f"date attendue (JJ/MM/AAAA), lu « {valeur} »") from None
    return valeur


def _oui_non(valeur: object) -> object:
    mots = {"oui": True, "non": False}
    if isinstance(valeur, str) and valeur.strip().lower() in mots:
        return mots[valeur.strip().lower()]
    raise ValueError(f"« oui » ou « non » attendu, lu « {valeur} »")


def _decimal(valeur: object) -> Decimal:
    try:
        nombre = Decimal(str(valeur).replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"nombre attendu, lu « {valeur} »") from None
    if not nombre.is_finite() or nombre < 0:
        raise ValueError(f"nombre positif attendu, lu « {valeur} »")
    return nombre


def _centimes(valeur: Decimal) -> Decimal:
    if valeur != valeur.quantize(Decimal("0.01")):
        raise ValueError(f"au plus deux décimales, lu « {valeur} »")
    return valeur


Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")]
Texte = Annotated[str, Field(min_length=1, max_length=200)]
DateFr = Annotated[date, BeforeValidator(_date_francaise)]
Nombre = Annotated[Decimal, BeforeValidator(_decimal)]


class _Ligne(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LignePartenaire(_Ligne):
    """A gestionnaire."""

    code: Code
    nom: Texte
    nature: Literal["commune", "epci", "association"]
    siren: str

    @field_validator("siren")
    @classmethod
    def _siren(cls, valeur: str) -> str:
        try:
            return str(siren.validate(valeur))
        except stdnum.ValidationError:
            raise ValueError(f"n° SIREN invalide : « {valeur} »") from None


class LigneContact(_Ligne):
    """A person to write to."""

    partenaire: Code
    nom: Texte
    courriel: Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$", max_length=254)]
    actif: Annotated[bool, BeforeValidator(_oui_non)]


class LigneStructure(_Ligne):
    """An equipment. `taux_regime_general` between 0 and 1."""

    code: Code
    nom: Texte
    partenaire: Code
    prestation: Annotated[str, Field(pattern=r"^[A-Z_]{2,20}$")]
    siret: str
    commune_insee: Annotated[str, Field(pattern=r"^[0-9AB]{5}$")]
    commune: Texte
    epci_siren: Annotated[str, Field(pattern=r"^\d{9}$")]
    epci: Texte
    places: Annotated[int, Field(gt=0, le=1000)]
    statut_gestionnaire: Literal["public", "prive"]
    taux_regime_general: Nombre

    @field_validator("siret")
    @classmethod
    def _siret(cls, valeur: str) -> str:
        try:
            return str(siret.validate(valeur))
        except stdnum.ValidationError:
            raise ValueError(f"n° SIRET invalide : « {valeur} »") from None

    @field_validator("taux_regime_general")
    @classmethod
    def _taux(cls, valeur: Decimal) -> Decimal:
        if valeur > 1:
            raise ValueError(f"taux entre 0 et 1 attendu (0,95 pour 95 %), lu « {valeur} »")
        return valeur


class LigneConvention(_Ligne):
    """The convention of a structure; `forfait_territoire` in euros per place and year, `hausse_places` a ratio."""

    structure: Code
    numero: Annotated[str, Field(min_length=1, max_length=40)]
    du: DateFr
    au: DateFr
    forfait_territoire: Annotated[Nombre, AfterValidator(_centimes)]
    attractivite: Annotated[bool, BeforeValidator(_oui_non)]
    hausse_places: Nombre

    @model_validator(mode="after")
    def _dates(self) -> "LigneConvention":
        if self.du > self.au:
            raise ValueError(f"la convention finit ({self.au}) avant de commencer ({self.du})")
        return self


@dataclass(frozen=True, slots=True)
class FauteReseau:
    """A fault in a file of the network: line 1 is the header."""

    fichier: str
    ligne: int
    colonne: str
    message: str


@dataclass(frozen=True, slots=True)
class FichiersReseau:
    """The four files once read."""

    partenaires: tuple[LignePartenaire, ...]
    contacts: tuple[LigneContact, ...]
    structures: tuple[LigneStructure, ...]
    conventions: tuple[LigneConvention, ...]
    fautes: tuple[FauteReseau, ...]


FICHIERS: Mapping[str, type[_Ligne]] = {
    "partenaires": LignePartenaire,
    "contacts": LigneContact,
    "structures": LigneStructure,
    "conventions": LigneConvention,
}
_MESSAGES = {
    "missing": "colonne attendue, absente",
    "extra_forbidden": "colonne inconnue",
    "string_too_short": "valeur attendue, cellule vide",
    "string_pattern_mismatch": "forme inattendue",
}


def lire_reseau(dossier: Path) -> FichiersReseau:
    """Read the four CSV files of a folder; a fault never hides the others."""
    lus: dict[str, tuple[Any, ...]] = {}
    fautes: list[FauteReseau] = []
    for nom, modele in FICHIERS.items():
        lignes, mauvaises = _lire(dossier / f"{nom}.csv", modele)
        lus[nom] = lignes
        fautes += mauvaises
    return FichiersReseau(**lus, fautes=(*fautes, *_references(lus, {f.fichier for f in fautes})))


def _lire(fichier: Path, modele: type[_Ligne]) -> tuple[tuple[_Ligne, ...], list[FauteReseau]]:
    try:
        texte = fichier.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return (), [FauteReseau(fichier.name, 0, "", "fichier absent")]
    except UnicodeDecodeError:
        return (), [FauteReseau(fichier.name, 0, "", "fichier à enregistrer en UTF-8 (« CSV UTF-8 » dans le tableur)")]
    lignes: list[_Ligne] = []
    fautes: list[FauteReseau] = []
    for numero, brute in enumerate(csv.DictReader(io.StringIO(texte), delimiter=";"), start=2):
        if None in brute:
            fautes.append(FauteReseau(fichier.name, numero, "", "plus de valeurs que de colonnes"))
            continue
        try:
            lignes.append(modele.model_validate({cle: valeur or "" for cle, valeur in brute.items()}))
        except ValidationError as erreurs:
            fautes += [_faute(fichier.name, numero, dict(e)) for e in erreurs.errors()]
    return tuple(lignes), fautes


def _faute(fichier: str, numero: int, erreur: dict[str, Any]) -> FauteReseau:
    colonne = ".".join(str(partie) for partie in erreur["loc"])
    if erreur["type"] == "value_error":
        message = str(erreur["ctx"]["error"])
    elif erreur["type"] == "literal_error":
        message = f"attendu : {erreur['ctx']['expected'].replace(' or ', ' ou ')}, lu « {erreur['input']} »"
    else:
        message = f"{_MESSAGES.get(erreur['type'], 'valeur inattendue')}, lu « {erreur.get('input')} »"
    return FauteReseau(fichier, numero, colonne, message)


def _references(lus: Mapping[str, tuple[Any, ...]], fautifs: set[str]) -> list[FauteReseau]:
    """Codes given twice, and codes that point to nothing; a file with faults of its own is no reference."""
    fautes = []
    codes = {nom: [ligne.code for ligne in lus[nom]] for nom in ("partenaires", "structures")}
    for nom, connus in codes.items():
        fautes += [
            FauteReseau(f"{nom}.csv", 0, "code", f"code « {code} » donné plusieurs fois")
            for code in sorted({c for c in connus if connus.count(c) > 1})
        ]
    for nom, colonne, cible in (
        ("contacts", "partenaire", "partenaires"),
        ("structures", "partenaire", "partenaires"),
        ("conventions", "structure", "structures"),
    ):
        if f"{cible}.csv" in fautifs:
            continue
        vises = {getattr(ligne, colonne) for ligne in lus[nom]}
        fautes += [
            FauteReseau(f"{nom}.csv", 0, colonne, f"« {code} » n'est pas dans {cible}.csv")
            for code in sorted(vises - set(codes[cible]))
        ]
    return fautes
