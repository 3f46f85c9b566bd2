"""A workbook once read: plain values by sheet and coordinates, whatever library read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time


class FichierRefuse(Exception):
    """A file that is not read at all. `code` is short and stable; the message is a French sentence for the partner."""

    def __init__(self, code: str, phrase: str) -> None:
        super().__init__(phrase)
        self.code = code
        self.phrase = phrase


FORMULE_NON_CALCULEE = "formule non calculée"

ValeurCellule = str | int | float | bool | date | datetime | time


@dataclass(frozen=True, slots=True)
class Grille:
    """Non-empty cells by sheet, then by (row, column), both from 1.

    `erreurs` holds cells in error (« #DIV/0! ») and formulas that carry no result (`FORMULE_NON_CALCULEE`), those of
    the form's own totals included: only the errors of cells one reads matter.
    A float here is what the spreadsheet stores; the French reading turns it into a Decimal or refuses it.
    """

    feuilles: Mapping[str, Mapping[tuple[int, int], ValeurCellule]]
    erreurs: Mapping[tuple[str, int, int], str]


def adresse(ligne: int, colonne: int) -> str:
    """Write coordinates as a cell address: (12, 3) gives « C12 »."""
    lettres = ""
    while colonne:
        colonne, reste = divmod(colonne - 1, 26)
        lettres = chr(ord("A") + reste) + lettres
    return f"{lettres}{ligne}"
