"""The national scale of the families' rates, from the dated parameters, as the vendors' files may write it.

A file carries a rate rounded or cut to two, three or four decimals: 0.0619 comes as 0.062, 0.061 or 0.06. A rate read
is on the scale when one of its rates gives it in one of these ways.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor

from regles.baremes import Bareme, ParametreInconnu
from regles.monnaie import arrondir

TAUX = (
    "filoue.taux_effort.un_enfant",
    "filoue.taux_effort.deux_enfants",
    "filoue.taux_effort.trois_enfants",
    "filoue.taux_effort.quatre_a_sept_enfants",
    "filoue.taux_effort.huit_a_dix_enfants",
)
PLANCHER = "filoue.ressources.plancher"
PLAFOND = "filoue.ressources.plafond"
DECIMALES_ECRITES = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class EchelleTauxEffort:
    """The scale of an exercice: for each rate a file may write (in %), the lowest and highest rate it stands for.

    `plancher` and `plafond` bound the monthly resources, in euros; None when unknown.
    """

    ecrits: Mapping[Fraction, tuple[Fraction, Fraction]]
    plancher: Fraction | None
    plafond: Fraction | None

    def tarifs(self, ecrit: Fraction) -> tuple[Fraction | None, Fraction | None]:
        """Give the lowest and highest hourly amount, in euros, that a rate on the scale allows."""
        bas, haut = self.ecrits[ecrit]
        return (
            None if self.plancher is None else self.plancher * bas / 100,
            None if self.plafond is None else self.plafond * haut / 100,
        )


def charger_echelle(bareme: Bareme, exercice: int, connu_le: date) -> EchelleTauxEffort | None:
    """Give the scale in force for the exercice, as known that day; None as long as one of its rates is unknown."""
    taux = [_nombre(bareme, cle, exercice, connu_le) for cle in TAUX]
    connus = [t for t in taux if t is not None]
    if len(connus) < len(taux):
        return None
    ecrits: dict[Fraction, tuple[Fraction, Fraction]] = {}
    for nombre in connus:
        for ecrit in _ecritures(nombre):
            bas, haut = ecrits.get(ecrit, (nombre, nombre))
            ecrits[ecrit] = (min(bas, nombre), max(haut, nombre))
    plancher, plafond = (_nombre(bareme, cle, exercice, connu_le) for cle in (PLANCHER, PLAFOND))
    return EchelleTauxEffort(ecrits, plancher, plafond)


def _nombre(bareme: Bareme, cle: str, exercice: int, connu_le: date) -> Fraction | None:
    try:
        return bareme.valeur(cle, exercice, connu_le).nombre
    except ParametreInconnu:
        return None


def _ecritures(taux: Fraction) -> set[Fraction]:
    coupes = {Fraction(floor(taux * 10**n), 10**n) for n in DECIMALES_ECRITES}
    return coupes | {Fraction(arrondir(taux, n)) for n in DECIMALES_ECRITES}


def bornes_entieres(
    bornes: tuple[Fraction | None, Fraction | None], tolerance: Fraction, unite: int
) -> tuple[int | None, int | None]:
    """Widen the bounds by the tolerance and give them in whole units (10 000 to the euro), outwards."""
    bas, haut = bornes
    return (
        None if bas is None else floor((bas - tolerance) * unite),
        None if haut is None else ceil((haut + tolerance) * unite),
    )
