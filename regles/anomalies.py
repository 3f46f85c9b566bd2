"""What is wrong in a declaration, said precisely: where, what was read, what is expected."""

from dataclasses import dataclass
from enum import StrEnum


class Severite(StrEnum):
    """How much an anomaly weighs: a blocking one refuses the declaration, an alert asks for an explanation."""

    BLOQUANTE = "bloquante"
    ALERTE = "alerte"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Constat:
    """Result of a control of the domain, which knows fields and totals (`champs`, by key) and no cells.

    `message` is a full French sentence; `attendu` says what would be right, rewritten for the reader.
    """

    code: str
    severite: Severite
    champs: tuple[str, ...]
    message: str
    lu: str = ""
    attendu: str = ""


@dataclass(frozen=True, slots=True)
class Anomalie:
    """A `Constat`, or a reading problem, located in a workbook (no cell: the file as a whole)."""

    code: str
    severite: Severite
    message: str
    feuille: str = ""
    cellule: str = ""
    champ: str = ""
    lu: str = ""
    attendu: str = ""

    @property
    def est_bloquante(self) -> bool:
        """Whether the declaration is refused because of it."""
        return self.severite is Severite.BLOQUANTE
