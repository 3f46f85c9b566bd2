"""A sheet that is one table: its title, its columns, its rows, a total; ready to read and to print, no live formula."""

from collections.abc import Sequence
from decimal import Decimal

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Valeur = str | int | Decimal
Colonnes = Sequence[tuple[str, int]]


def remplir(feuille: Worksheet, titre: str, colonnes: Colonnes, rangees: Sequence[Sequence[Valeur]]) -> None:
    """Write a table whose columns are (title, width in characters); what is a Decimal is euros, added up below."""
    feuille.append([titre])
    feuille.append([])
    feuille.append([nom for nom, _ in colonnes])
    for rangee in rangees:
        feuille.append(list(rangee))
    feuille.append(["TOTAL", *(_total(rangees, rang) for rang in range(1, len(colonnes)))])
    _mettre_en_forme(feuille, colonnes)


def _total(rangees: Sequence[Sequence[Valeur]], rang: int) -> Decimal | None:
    """Add a column of amounts; nothing under a column that holds none."""
    montants = [valeur for rangee in rangees if isinstance(valeur := rangee[rang], Decimal)]
    return sum(montants, Decimal(0)) if montants else None


def _mettre_en_forme(feuille: Worksheet, colonnes: Colonnes) -> None:
    for cellule in (c for rangee in feuille.iter_rows() for c in rangee):
        if isinstance(cellule.value, str):
            cellule.data_type = "s"
        elif isinstance(cellule.value, Decimal):
            cellule.number_format = "#,##0.00\\ [$€-40C]"
    feuille["A1"].font = Font(bold=True, size=13)
    for titre in feuille[3]:
        titre.font = Font(bold=True, color="FFFFFF")
        titre.fill = PatternFill("solid", fgColor="1F3A5F")
        titre.alignment = Alignment(wrap_text=True, vertical="center")
    feuille.row_dimensions[3].height = 32
    for derniere in feuille[feuille.max_row]:
        derniere.font = Font(bold=True)
    for rang, (_, largeur) in enumerate(colonnes, start=1):
        feuille.column_dimensions[get_column_letter(rang)].width = largeur
    feuille.freeze_panes = "B4"
    feuille.print_title_rows = "3:3"
    feuille.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    feuille.page_setup.orientation, feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = "landscape", 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
