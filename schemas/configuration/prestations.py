"""Coverage register: which prestation and nature of declaration this system collects, computes and pays."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from regles.calendrier import NatureEtape
from schemas.configuration.yaml_strict import ModeleStrict, charger

OuiNon = Literal["oui", "non"]


class Couverture(ModeleStrict):
    """What is done for one nature of one prestation; `raison` is a French sentence, present when something is not."""

    collecte: OuiNon
    droit: OuiNon
    paiement: OuiNon
    raison: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None

    @model_validator(mode="after")
    def _coherente(self) -> Self:
        actes = (self.collecte, self.droit, self.paiement)
        if ("non" in actes) != (self.raison is not None):
            raise ValueError("une « raison » accompagne chaque « non », et seulement un « non »")
        if actes != tuple(sorted(actes, reverse=True)):
            raise ValueError("on ne calcule que ce qu'on collecte, et on ne paie que ce qu'on calcule")
        return self


class CouverturePrestation(ModeleStrict):
    """The three natures of declaration of a prestation."""

    previsionnel: Couverture
    actualisation: Couverture
    reel: Couverture


class RegistrePrestations(ModeleStrict):
    """Content of config/prestations.yaml, as of `releve_le`."""

    releve_le: Annotated[date, Field(strict=True)]
    couverture: dict[str, CouverturePrestation]

    def est_collectee(self, prestation: str, nature: NatureEtape) -> bool:
        """Whether the workbooks of this prestation and nature are handled here; the other steps are kept by hand."""
        if not nature.est_declaration or prestation not in self.couverture:
            return False
        return self._couverture(prestation, nature).collecte == "oui"

    def raison(self, prestation: str, nature: NatureEtape) -> str:
        """Say in French why a nature of declaration is not collected; "" when it is."""
        if prestation not in self.couverture:
            return f"La prestation {prestation} n'est pas dans le registre (config/prestations.yaml)."
        couverture = self._couverture(prestation, nature)
        return "" if couverture.collecte == "oui" else couverture.raison or ""

    def _couverture(self, prestation: str, nature: NatureEtape) -> Couverture:
        couverture: Couverture = getattr(self.couverture[prestation], nature.value)
        return couverture


def charger_prestations(fichier: Path) -> RegistrePrestations:
    """Read the register.

    Raises:
        ErreurDeConfiguration: at the line of the first fault: a « non » without reason, a payment without a right…
    """
    return charger(fichier, RegistrePrestations)
