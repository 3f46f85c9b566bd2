"""Looks and safe writing shared by the workbooks we make: colours with enough contrast, texts that stay texts."""

import math
from copy import copy
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

BLEU_NUIT = "1F3A5F"
FOND_TITRE = PatternFill("solid", fgColor=BLEU_NUIT)
FOND_SECTION = PatternFill("solid", fgColor="DCE6F1")
FOND_SAISIE = PatternFill("solid", fgColor="FFF6CC")
FOND_RAPPEL = PatternFill("solid", fgColor="F2F2F2")
FOND_MENTION = PatternFill("solid", fgColor="9C1C1C")
FOND_BLOQUANT = PatternFill("solid", fgColor="FFB3B3")
FOND_ALERTE = PatternFill("solid", fgColor="FFD9A0")
FOND_INFORMATION = PatternFill("solid", fgColor="DDEBF7")
SANS_FOND = PatternFill()

POLICE = "Calibri"
BLANC_GRAS = Font(name=POLICE, bold=True, color="FFFFFF")
GRAS = Font(name=POLICE, bold=True, color=BLEU_NUIT)
NORMALE = Font(name=POLICE)
DISCRETE = Font(name=POLICE, size=7, color="767676")
AIDE = Font(name=POLICE, size=9, color="404040")
RAPPEL = Font(name=POLICE, italic=True, color="404040")
LIEN = Font(name=POLICE, underline="single", color="0B4F9E")

_FILET = Side("thin", color="7F7F7F")
CADRE = Border(_FILET, _FILET, _FILET, _FILET)
_FILET_CLAIR = Side("thin", color="D0D0D0")
SOULIGNE = Border(bottom=_FILET_CLAIR)
SANS_CADRE = Border()
VERROUILLEE = Protection()

RENVOI = Alignment(wrap_text=True, vertical="center")
RETRAIT = Alignment(wrap_text=True, vertical="center", horizontal="left", indent=1)
CENTRE = Alignment(wrap_text=True, vertical="center", horizontal="center")

TEXTE_MAX = 32_767
_DEBUTS_DE_FORMULE = ("=", "+", "-", "@", "\t", "\r")
_HAUTEUR_LIGNE = 12.75  # points, at size 9 or 10
_HAUTEUR_MIN = 18.0
_HAUTEUR_MAX = 400.0  # a spreadsheet takes 409 points


@dataclass(frozen=True, eq=False, slots=True)
class Habit:
    """How a cell looks, its number format apart."""

    police: Font = NORMALE
    fond: PatternFill = SANS_FOND
    cadre: Border = SANS_CADRE
    alignement: Alignment = RENVOI
    protection: Protection = VERROUILLEE


_PORTES: WeakKeyDictionary[Workbook, dict[Habit, StyleArray]] = WeakKeyDictionary()


def habiller(cellule: Cell | MergedCell, habit: Habit) -> None:
    """Dress a cell, before its text is written; what a habit becomes in a workbook is worked out once, then copied."""
    classeur = cellule.parent.parent
    if classeur is None:
        raise ValueError("une case sans classeur ne s'habille pas")
    portes = _PORTES.setdefault(classeur, {})
    if habit not in portes:
        cellule.font, cellule.fill, cellule.border = habit.police, habit.fond, habit.cadre
        cellule.alignment, cellule.protection = habit.alignement, habit.protection
        portes[habit] = cellule._style  # type: ignore[union-attr]
    cellule._style = copy(portes[habit])  # type: ignore[union-attr]


def nettoyer(texte: str) -> str:
    """Take away the control characters that a workbook cannot hold, and what exceeds a cell."""
    return ILLEGAL_CHARACTERS_RE.sub("", texte)[:TEXTE_MAX]


def ecrire_texte(cellule: Cell | MergedCell, texte: str) -> None:
    """Write a text as a text, never as a formula."""
    propre = nettoyer(texte)
    cellule.value = propre
    cellule.data_type = "s"
    if propre.startswith(_DEBUTS_DE_FORMULE):
        cellule.quotePrefix = True


def hauteur(textes: list[tuple[str, float]]) -> float:
    """Estimate the height in points of a row from its (text, column width) pairs, as nothing adjusts it on opening."""
    lignes = max((sum(max(1, math.ceil(len(p) / la)) for p in t.split("\n")) for t, la in textes), default=1)
    return min(_HAUTEUR_MAX, max(_HAUTEUR_MIN, lignes * _HAUTEUR_LIGNE + 4))


def bandeau(feuille: Worksheet, ligne: int, colonnes: str, texte: str, fond: PatternFill, police: Font) -> None:
    """Write a text on a coloured band over columns such as « B:F »."""
    debut, _, fin = colonnes.partition(":")
    feuille.merge_cells(f"{debut}{ligne}:{fin}{ligne}")
    cellule = feuille[f"{debut}{ligne}"]
    ecrire_texte(cellule, texte)
    cellule.font, cellule.fill, cellule.alignment = police, fond, RENVOI


def mettre_en_page(feuille: Worksheet, zone: str, titres: str, pied: str) -> None:
    """Set a sheet up to be printed: A4 landscape, one page wide, titles on each page, a numbered foot."""
    feuille.print_area = zone
    if titres:
        feuille.print_title_rows = titres
    feuille.page_setup.orientation = "landscape"
    feuille.page_setup.paperSize = 9
    feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    feuille.page_margins.left = feuille.page_margins.right = 0.4
    gauche, droite = _HeaderFooterPart(pied.replace("&", "&&")), _HeaderFooterPart("Page &P / &N")
    feuille.oddFooter = HeaderFooterItem(left=gauche, right=droite)
    feuille.sheet_view.showGridLines = False
