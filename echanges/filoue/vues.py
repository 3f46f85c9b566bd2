"""Plain values that the workbook, the page and the drawing of an aggregate are written from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

TOTAL = "Ensemble"


@dataclass(frozen=True, slots=True)
class Mesure:
    """Children (each counted once) and their hours, exact to the hundredth."""

    enfants: int
    heures_facturees: Decimal
    heures_realisees: Decimal


@dataclass(frozen=True, slots=True)
class Tableau:
    """Measures by territory and régime, totals included under « Ensemble »; None for what statistical secrecy masks."""

    titre: str
    note: str
    territoires: tuple[str, ...]
    regimes: tuple[str, ...]
    cases: Mapping[tuple[str, str], Mesure | None]


@dataclass(frozen=True, slots=True)
class VueAgregat:
    """An aggregate to print. `seuil` is the smallest count shown; `mention` a banner (« DÉMONSTRATION »)."""

    caf: str
    exercice: int
    seuil: int
    structures_recues: int
    structures_attendues: int
    absentes: tuple[str, ...]
    tableaux: tuple[Tableau, ...]
    mention: str

    @property
    def masquees(self) -> int:
        """How many cells are masked, over all tables."""
        return sum(case is None for tableau in self.tableaux for case in tableau.cases.values())
