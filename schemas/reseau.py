"""The network as rows: partenaires, contacts, structures, conventions, adhesions (CSV files: `fichiers_reseau`)."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from stdnum import exceptions as stdnum
from stdnum.fr import siren, siret

from regles.calcul import entrees_connues
from regles.dates import en_chiffres
from regles.formules.entrees import Genre
from schemas.adresse_postale import COLONNES, lire_partie

ADMINISTRATEUR = "administrateur"
AVEC_PLACES = "EAJE"
AVEC_TYPE = "ALSH"
IDENTIFIANT_FILOUE = r"^[0-9A-Za-z/-]{1,40}$"
# What a convention brings to a right beside the columns every convention has, by prestation: keys of its formulas.
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "MEDIATION_FAMILIALE": ("etp_finances",),
    "RPE": ("mission_renforcee",),
}


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


def _dix_signes(valeur: Decimal) -> Decimal:
    if len(str(valeur)) > 10:
        raise ValueError(f"nombre trop long (dix signes au plus), lu « {valeur} »")
    return valeur


def _part(valeur: Decimal) -> Decimal:
    if valeur > 1:
        raise ValueError(f"part entre 0 et 1 attendue (0,4 pour 40 %), lu « {valeur} »")
    return _dix_signes(valeur)


def _imprimable(valeur: str) -> str:
    if any(unicodedata.category(c) == "Cc" for c in valeur):
        raise ValueError("retour à la ligne ou caractère de contrôle dans le texte")
    return valeur


def _vide(valeur: object) -> object:
    return None if isinstance(valeur, str) and not valeur.strip() else valeur


Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")]
Texte = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_imprimable)]
DateFr = Annotated[date, BeforeValidator(_date_francaise)]
Nombre = Annotated[Decimal, BeforeValidator(_decimal)]
OuiNon = Annotated[bool, BeforeValidator(_oui_non)]
ParVide = BeforeValidator(_vide)
PartieDAdresse = Annotated[Annotated[str, AfterValidator(_imprimable)] | None, ParVide, Field(validate_default=True)]
_PAR_GENRE: Mapping[Genre, Any] = {
    Genre.OUI_NON: OuiNon | None,
    Genre.NOMBRE: Annotated[Nombre, AfterValidator(_dix_signes)] | None,
}


class Ligne(BaseModel):
    """A row of a file; a column it lacks leaves what is known as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @classmethod
    def fautes_de_l_entete(cls, colonnes: Collection[str]) -> Iterator[tuple[str, str]]:
        """Give what is wrong with the columns of a file: (column, reason)."""
        for nom, champ in cls.model_fields.items():
            if champ.is_required() and nom not in colonnes:
                yield nom, "colonne attendue, absente"
        for colonne in colonnes:
            if colonne not in cls.model_fields:
                yield colonne, "colonne inconnue" if colonne else "colonne sans nom"


class LignePartenaire(Ligne):
    """A gestionnaire. Its postal address is whole or blank; a number written in `rue` leaves `numero_voie` blank."""

    code: Code
    nom: Texte
    nature: Literal["commune", "epci", "association"]
    siren: str
    numero_voie: PartieDAdresse = None
    rue: PartieDAdresse = None
    pays: PartieDAdresse = None
    code_postal: PartieDAdresse = None
    ville: PartieDAdresse = None

    @field_validator("siren")
    @classmethod
    def _siren(cls, valeur: str) -> str:
        try:
            return str(siren.validate(valeur))
        except stdnum.ValidationError:
            raise ValueError(f"n° SIREN invalide : « {valeur} »") from None

    @field_validator(*COLONNES)
    @classmethod
    def _partie(cls, valeur: str | None, info: ValidationInfo) -> str | None:
        return lire_partie(info.field_name or "", valeur, info.data)

    @classmethod
    def fautes_de_l_entete(cls, colonnes: Collection[str]) -> Iterator[tuple[str, str]]:
        """Give what is wrong with the columns: those of the address come together."""
        yield from super().fautes_de_l_entete(colonnes)
        absentes = [nom for nom in COLONNES if nom not in colonnes]
        if 0 < len(absentes) < len(COLONNES):
            yield absentes[0], f"les colonnes de l'adresse vont ensemble, il manque : {', '.join(absentes)}"


class LigneContact(Ligne):
    """A person to write to."""

    partenaire: Code
    nom: Texte
    courriel: Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$", max_length=254)]
    actif: OuiNon
    role: Literal["administrateur", "direction", "petite_enfance", "comptabilite", "correspondant"] = "correspondant"


class LigneStructure(Ligne):
    """An equipment. `taux_regime_general` between 0 and 1; `places` for an EAJE, `type_accueil` for an ALSH, only.

    `dossier_afc` and `idequ` name an EAJE in its Filoué file.
    """

    code: Code
    nom: Texte
    partenaire: Code
    prestation: Annotated[str, Field(pattern=r"^[A-Z_]{2,20}$")]
    siret: str
    commune_insee: Annotated[str, Field(pattern=r"^[0-9AB]{5}$")]
    commune: Annotated[Texte, Field(max_length=100)]
    epci_siren: Annotated[str, Field(pattern=r"^\d{9}$")]
    epci: Annotated[Texte, Field(max_length=100)]
    places: Annotated[Annotated[int, Field(gt=0, le=1000)] | None, ParVide, Field(validate_default=True)] = None
    type_accueil: Annotated[
        Literal["periscolaire", "extrascolaire", "adolescents"] | None, ParVide, Field(validate_default=True)
    ] = None
    ouverte_le: Annotated[DateFr | None, ParVide] = None
    fermee_le: Annotated[DateFr | None, ParVide] = None
    statut_gestionnaire: Literal["public", "prive"]
    taux_regime_general: Nombre
    dossier_afc: Annotated[Annotated[str, Field(pattern=IDENTIFIANT_FILOUE)] | None, ParVide] = None
    idequ: Annotated[Annotated[str, Field(pattern=IDENTIFIANT_FILOUE)] | None, ParVide] = None

    @field_validator("dossier_afc", "idequ")
    @classmethod
    def _pour_un_eaje(cls, valeur: str | None, info: ValidationInfo) -> str | None:
        prestation = info.data.get("prestation")
        if valeur is not None and prestation not in {AVEC_PLACES, None}:
            raise ValueError(f"à laisser vide pour la prestation {prestation} (réservé à {AVEC_PLACES})")
        return valeur

    @field_validator("siret")
    @classmethod
    def _siret(cls, valeur: str) -> str:
        try:
            return str(siret.validate(valeur))
        except stdnum.ValidationError:
            raise ValueError(f"n° SIRET invalide : « {valeur} »") from None

    @field_validator("places", "type_accueil")
    @classmethod
    def _selon_la_prestation(cls, valeur: int | str | None, info: ValidationInfo) -> int | str | None:
        prestation, colonne = info.data.get("prestation"), info.field_name
        celle_qui_l_attend = AVEC_PLACES if colonne == "places" else AVEC_TYPE
        if prestation == celle_qui_l_attend and valeur is None:
            raise ValueError(f"valeur attendue pour la prestation {prestation}, cellule vide")
        if prestation not in {celle_qui_l_attend, None} and valeur is not None:
            raise ValueError(f"à laisser vide pour la prestation {prestation} (réservé à {celle_qui_l_attend})")
        return valeur

    @field_validator("fermee_le")
    @classmethod
    def _dans_l_ordre(cls, valeur: date | None, info: ValidationInfo) -> date | None:
        ouverte = info.data.get("ouverte_le")
        if valeur is not None and ouverte is not None and valeur < ouverte:
            raise ValueError(
                f"la structure ferme ({en_chiffres(valeur)}) avant son premier jour ({en_chiffres(ouverte)})"
            )
        return valeur

    @field_validator("taux_regime_general")
    @classmethod
    def _taux(cls, valeur: Decimal) -> Decimal:
        if valeur > 1:
            raise ValueError(f"taux entre 0 et 1 attendu (0,95 pour 95 %), lu « {valeur} »")
        return valeur


class LigneConvention(Ligne):
    """The convention of a structure; `forfait_territoire` in euros per place and year, `hausse_places` a ratio.

    `retenue_maximale`: the share of a payment that may be withheld for an indu.
    """

    structure: Code
    numero: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_imprimable)]
    prestation: Annotated[str | None, ParVide] = None
    du: DateFr
    au: DateFr
    forfait_territoire: Annotated[Nombre, AfterValidator(_centimes)]
    attractivite: OuiNon
    hausse_places: Annotated[Nombre, AfterValidator(_dix_signes)]
    retenue_maximale: Annotated[Annotated[Nombre, AfterValidator(_part)] | None, ParVide] = None

    @model_validator(mode="after")
    def _dates(self) -> "LigneConvention":
        if self.du > self.au:
            raise ValueError(f"la convention finit ({self.au}) avant de commencer ({self.du})")
        return self

    @property
    def conditions(self) -> dict[str, bool | str | None]:
        """The conditions whose column is in the file: None for a blank cell, a number as a decimal text."""
        lues = {cle: getattr(self, cle) for cles in CONDITIONS.values() for cle in cles if cle in self.model_fields_set}
        return {cle: str(valeur) if isinstance(valeur, Decimal) else valeur for cle, valeur in lues.items()}


class LigneAdhesion(Ligne):
    """A partner's part in a local scheme; `au` is blank while it lasts."""

    partenaire: Code
    dispositif: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    du: DateFr
    au: Annotated[DateFr | None, ParVide] = None

    @field_validator("au")
    @classmethod
    def _dans_l_ordre(cls, valeur: date | None, info: ValidationInfo) -> date | None:
        du = info.data.get("du")
        if valeur is not None and du is not None and valeur < du:
            raise ValueError(f"l'adhésion finit ({en_chiffres(valeur)}) avant de commencer ({en_chiffres(du)})")
        return valeur


def _avec_conditions() -> type[LigneConvention]:
    champs: dict[str, Any] = {
        cle: (Annotated[_PAR_GENRE[entrees_connues(prestation)[cle].genre], ParVide], None)
        for prestation, cles in CONDITIONS.items()
        for cle in cles
    }
    return create_model("LigneConventionComplete", __base__=LigneConvention, **champs)


LIGNES: Mapping[str, type[Ligne]] = {
    "partenaires": LignePartenaire,
    "contacts": LigneContact,
    "structures": LigneStructure,
    "conventions": _avec_conditions(),
    "adhesions": LigneAdhesion,
}
