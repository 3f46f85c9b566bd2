"""What the controls look at: typed answers, what they are compared with, and the thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from regles.baremes import Statut
from regles.champs import Champ, Formulaire, Total
from regles.monnaie import exact, formater_mesure

Valeur = int | Decimal | bool | str


class Reference(StrEnum):
    """What a declaration is compared with: the same exercice's prévisionnel, or the réel of the year before."""

    PREVISIONNEL = "previsionnel"
    N_1 = "n_1"

    @property
    def libelle(self) -> str:
        """Its name in a French sentence."""
        return {"previsionnel": "au prévisionnel", "n_1": "au réel de l'année précédente"}[self.value]


@dataclass(frozen=True, slots=True)
class Seuil:
    """A threshold: an exact value in `unite`, its source and how sure it is."""

    cle: str
    libelle: str
    valeur: Decimal
    unite: str
    statut: Statut
    source: str


@dataclass(frozen=True, slots=True)
class Variation:
    """How far a field or total may move from a reference: by ratio, and by how much in its own unit."""

    cle: str
    reference: Reference
    seuil: Decimal
    ecart_minimal: Decimal


@dataclass(frozen=True, slots=True)
class Seuils:
    """The thresholds of a prestation."""

    prestation: str
    seuils: tuple[Seuil, ...]
    variations: tuple[Variation, ...]

    def nombre(self, cle: str) -> Fraction:
        """Give a threshold as an exact number.

        Raises:
            KeyError: when the configuration has no such threshold.
        """
        for seuil in self.seuils:
            if seuil.cle == cle:
                return exact(seuil.valeur)
        raise KeyError(cle)


@dataclass(frozen=True, slots=True)
class Dossier:
    """The answers of one declaration, by field key; a key that could not be read is absent.

    `references` holds the answers of each declaration to compare with; one that does not exist is absent.
    """

    formulaire: Formulaire
    exercice: int
    valeurs: Mapping[str, Valeur]
    references: Mapping[Reference, Mapping[str, Valeur]] = field(default_factory=dict)

    def nombre(self, cle: str) -> Fraction | None:
        """Give the exact value of a field or total, None when an answer is missing."""
        return nombre(self.formulaire, self.valeurs, cle)

    def nombres(self, *cles: str) -> tuple[Fraction, ...] | None:
        """Give several values, None as soon as one is missing."""
        lus = [self.nombre(cle) for cle in cles]
        connus = tuple(n for n in lus if n is not None)
        return connus if len(connus) == len(cles) else None

    def definition(self, cle: str) -> Champ | Total:
        """Give the field or the total of a key.

        Raises:
            KeyError: when the form has neither.
        """
        for total in self.formulaire.totaux:
            if total.cle == cle:
                return total
        return self.formulaire.champ(cle)


def nombre(formulaire: Formulaire, valeurs: Mapping[str, Valeur], cle: str) -> Fraction | None:
    """Give the exact value of a field, or of a total from its parts; None when an answer is missing."""
    for total in formulaire.totaux:
        if total.cle == cle:
            parts = [nombre(formulaire, valeurs, part) for part in total.somme_de]
            connues = [p for p in parts if p is not None]
            return sum(connues, Fraction(0)) if len(connues) == len(parts) else None
    valeur = valeurs.get(cle)
    return None if valeur is None or isinstance(valeur, bool) else exact(valeur)


def ecrire(valeur: Fraction, unite: str = "") -> str:
    """Write a number of a control the French way, with at most two places and its unit."""
    return formater_mesure(valeur, unite, 2)


def ecrire_pourcent(valeur: Fraction) -> str:
    """Write a ratio as a percentage with at most two places."""
    return ecrire(valeur * 100, "%")
