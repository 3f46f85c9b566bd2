"""Who answers the partners: the development officer of each EPCI, by field where a territory has two."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator
from stdnum.fr import siren

from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

Volet = Literal["enfance", "jeunesse"]
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@dataclass(frozen=True, slots=True)
class ContactTerritoire:
    """Whom to call for a structure. `telephone` is empty when only the shared mailbox answers.

    `volet`: which of the officers of a territory that has several, or that none of them is in charge.
    """

    territoire: str
    telephone: str
    volet: str = ""


class TerritoireFichier(ModeleStrict):
    """One officer: an EPCI, possibly one field of it. No phone: none is published."""

    siren: str
    epci: Texte
    volet: Volet | None = None
    telephone: Annotated[str, StringConstraints(pattern=r"^0\d(\.\d\d){4}$")] | None = None

    @field_validator("siren")
    @classmethod
    def _siren_exact(cls, valeur: str) -> str:
        if not siren.is_valid(valeur):
            raise ValueError(f"SIREN faux : « {valeur} »")
        return valeur


class Territoires(ModeleStrict):
    """Content of config/territoires.yaml."""

    source: Texte
    releve_le: Annotated[date, Field(strict=True)]
    volets: dict[Volet, tuple[str, ...]]
    territoires: tuple[TerritoireFichier, ...]

    def contact(self, epci_siren: str, prestation: str) -> ContactTerritoire:
        """Give the contact for a prestation in an EPCI; without a phone when none is published for both."""
        du_territoire = [t for t in self.territoires if t.siren == epci_siren]
        for territoire in du_territoire:
            if territoire.volet is None or prestation in self.volets.get(territoire.volet, ()):
                volet = f"volet {territoire.volet}" if territoire.volet else ""
                return ContactTerritoire(territoire.epci, territoire.telephone or "", volet)
        if not du_territoire:
            return ContactTerritoire("", "")
        volets = " et ".join(t.volet for t in du_territoire if t.volet)
        return ContactTerritoire(du_territoire[0].epci, "", f"hors volets {volets}")


def charger_territoires(fichier: Path) -> Territoires:
    """Read the territories.

    Raises:
        ErreurDeConfiguration: at the line of the first fault: wrong SIREN or phone, the same EPCI and field twice.
    """
    lu = charger(fichier, Territoires)
    _, lignes = lire_yaml(fichier)
    vus: dict[str, set[Volet | None]] = {}
    for rang, territoire in enumerate(lu.territoires):
        volets = vus.setdefault(territoire.siren, set())
        if volets and (territoire.volet is None or volets & {None, territoire.volet}):
            raise ErreurDeConfiguration(
                fichier, lignes[("territoires", rang)], f"territoire répété : {territoire.epci} ({territoire.siren})"
            )
        volets.add(territoire.volet)
    return lu
