"""A sheet that is one table: its title, its columns, its rows, a total; ready to read and to print, no live formula."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from math import ceil

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Valeur = str | int | Decimal
Colonnes = Sequence[tuple[str, int]]
EUROS = "#,##0.00\\ [$€-40C]_-"
NEANT = "Néant"
HAUTEUR_DES_TITRES, HAUTEUR_D_UN_RANG = 48, 15  # points
MARGE_DE_COUPURE = 2  # characters a line may lose by being cut between words
POLICE = "Calibri"
SIMPLE, GRAS, EN_TETE = Font(name=POLICE), Font(name=POLICE, bold=True), Font(name=POLICE, bold=True, size=13)
SUR_BLEU, BLEU = Font(name=POLICE, bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F3A5F")
TEXTE, MONTANT = Alignment(horizontal="left", vertical="center", wrap_text=True), Alignment(vertical="center")
TRAIT = Border(bottom=Side("hair", color="8C97A3"))


def remplir(
    feuille: Worksheet,
    titre: str,
    colonnes: Colonnes,
    rangees: Sequence[Sequence[Valeur]],
    *,
    entete: Sequence[tuple[str, str]] = (),
    sans_total: Collection[str] = (),
    figees: int = 1,
) -> None:
    """Write a table whose columns are (title, width in characters); what is a Decimal is euros, added up below.

    `entete` says under the title what the table is of; the columns named by `sans_total` are not added up; the first
    `figees` columns stay on the screen.
    """
    rang_des_titres = len(entete) + 3
    feuille.append(_cellules(feuille, [titre], EN_TETE))
    for nom, valeur in entete:
        feuille.append([*_cellules(feuille, [nom, None], GRAS), *_cellules(feuille, [valeur])])
    feuille.append([])
    feuille.append(_cellules(feuille, [nom for nom, _ in colonnes]))
    _mettre_en_forme_les_titres(feuille, rang_des_titres)
    _ecrire_les_rangees(feuille, rang_des_titres, colonnes, rangees or [[NEANT]])
    if rangees:
        totaux = totaliser(colonnes[1:], [rangee[1:] for rangee in rangees], sans_total)
        feuille.append(_cellules(feuille, ["TOTAL", *totaux], GRAS))
    _mettre_en_page(feuille, titre, colonnes, rang_des_titres, figees)


def _cellules(feuille: Worksheet, valeurs: Sequence[Valeur | None], police: Font = SIMPLE) -> list[Cell]:
    """Make cells whose texts are never formulas, and whose decimals are euros."""
    cellules = [Cell(feuille, 1, 1, valeur) for valeur in valeurs]
    for cellule in cellules:
        cellule.font = police
        if isinstance(cellule.value, str):
            cellule.data_type = "s"
        elif isinstance(cellule.value, Decimal):
            cellule.number_format = EUROS
    return cellules


def totaliser(
    colonnes: Colonnes, rangees: Sequence[Sequence[Valeur]], sans_total: Collection[str] = ()
) -> list[str | Decimal | None]:
    """Add up each column of amounts; the first says how many rows, unless it is one."""
    totaux: list[str | Decimal | None] = []
    for rang, (nom, _) in enumerate(colonnes):
        montants = [valeur for rangee in rangees if isinstance(valeur := rangee[rang], Decimal)]
        totaux.append(sum(montants, Decimal(0)) if montants and nom not in sans_total else None)
    if totaux[0] is None:
        totaux[0] = f"{len(rangees)} ligne(s)"
    return totaux


def _mettre_en_forme_les_titres(feuille: Worksheet, numero: int) -> None:
    for titre in feuille[numero]:
        titre.font, titre.fill, titre.alignment = SUR_BLEU, BLEU, TEXTE
    feuille.row_dimensions[numero].height = HAUTEUR_DES_TITRES


def _ecrire_les_rangees(
    feuille: Worksheet, apres: int, colonnes: Colonnes, rangees: Sequence[Sequence[Valeur]]
) -> None:
    """Write rows under a row: texts wrapped, never formulas, each row as high as its longest text needs."""
    # Cells share two styles: set cell by cell, property by property, they took most of the time of a large batch.
    texte, montant = _cellules(feuille, ["", Decimal(0)])
    texte.border, texte.alignment = TRAIT, TEXTE
    montant.border, montant.alignment = TRAIT, MONTANT
    for numero, rangee in enumerate(rangees, start=apres + 1):
        cellules = [Cell(feuille, 1, 1, valeur) for valeur in rangee]
        rangs = 1
        for cellule, (_, largeur) in zip(cellules, colonnes, strict=False):
            modele = montant if isinstance(cellule.value, Decimal) else texte
            cellule._style = modele._style  # type: ignore[attr-defined]
            if isinstance(cellule.value, str):
                cellule.data_type = "s"
                rangs = max(rangs, _rangs(cellule.value, largeur))
        feuille.append(cellules)
        feuille.row_dimensions[numero].height = HAUTEUR_D_UN_RANG * rangs


def _rangs(texte: str, largeur: int) -> int:
    """Count the lines a text takes in a column of `largeur` characters."""
    return sum(
        1 if len(ligne) <= largeur else ceil(len(ligne) / max(largeur - MARGE_DE_COUPURE, 1))
        for ligne in texte.split("\n")
    )


def _mettre_en_page(feuille: Worksheet, titre: str, colonnes: Colonnes, rang_des_titres: int, figees: int) -> None:
    """Print on A4 landscape, all columns on the width of a page, the titles and the page number on each."""
    for rang, (_, largeur) in enumerate(colonnes, start=1):
        feuille.column_dimensions[get_column_letter(rang)].width = largeur
    feuille.freeze_panes = f"{get_column_letter(figees + 1)}{rang_des_titres + 1}"
    feuille.print_title_rows = f"{rang_des_titres}:{rang_des_titres}"
    feuille.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, footer=0.3)
    feuille.page_setup.paperSize = feuille.PAPERSIZE_A4
    feuille.page_setup.orientation, feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = "landscape", 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    pied = HeaderFooterItem()
    pied.left.text, pied.right.text = titre.replace("&", "&&"), "Page &P sur &N"
    feuille.HeaderFooter.oddFooter = pied
