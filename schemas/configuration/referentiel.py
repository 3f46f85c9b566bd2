"""The département's communes and EPCI (config/referentiel/, source beside the files)."""

import csv
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, ValidationError, model_validator

from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict

Siren = Annotated[str, Field(pattern=r"^\d{9}$")]
Ligne = TypeVar("Ligne", bound=ModeleStrict)


class Commune(ModeleStrict):
    """A commune: Insee code, postal codes, municipal population, and the EPCI it belongs to."""

    insee: Annotated[str, Field(pattern=r"^52\d{3}$")]
    nom: str
    siren: Siren
    codes_postaux: tuple[str, ...]
    population: Annotated[int, Field(ge=0)]
    epci_siren: Siren
    epci_nom: str

    @model_validator(mode="before")
    @classmethod
    def _decouper_les_codes(cls, valeurs: dict[str, str]) -> dict[str, object]:
        return {**valeurs, "codes_postaux": tuple((valeurs.get("codes_postaux") or "").split("|"))}


class Epci(ModeleStrict):
    """An EPCI; counts and municipal populations as a whole, and of its communes in the département."""

    siren: Siren
    nom: str
    type: str
    communes_total: int
    communes_52: int
    pop_municipale_totale: int
    pop_municipale_52: int


def _lire(fichier: Path, modele: type[Ligne]) -> list[Ligne]:
    lues = []
    try:
        with fichier.open(encoding="utf-8", newline="") as flux:
            for numero, valeurs in enumerate(csv.DictReader(flux, delimiter=";"), start=2):
                try:
                    lues.append(modele.model_validate(valeurs))
                except ValidationError as erreurs:
                    faute = erreurs.errors()[0]
                    raison = f"« {'.'.join(map(str, faute['loc']))} » : {faute['msg']}"
                    raise ErreurDeConfiguration(fichier, numero, raison) from None
    except OSError as erreur:
        raise ErreurDeConfiguration(fichier, 0, f"fichier illisible ({erreur.strerror})") from None
    return lues


def charger_communes(config: Path) -> dict[str, Commune]:
    """Give the communes by Insee code.

    Raises:
        ErreurDeConfiguration: missing file, or a line that is not a commune, at its line number.
    """
    return {c.insee: c for c in _lire(config / "referentiel" / "communes_52.csv", Commune)}


def charger_epci(config: Path) -> dict[str, Epci]:
    """Give the EPCI by SIREN.

    Raises:
        ErreurDeConfiguration: missing file, or a line that is not an EPCI, at its line number.
    """
    return {e.siren: e for e in _lire(config / "referentiel" / "epci_52.csv", Epci)}
