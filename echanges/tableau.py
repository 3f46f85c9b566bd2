"""The team's board as a workbook: a sheet a table, days that sort, amounts that add up, texts that stay texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur.octets import en_octets
from echanges.classeur.style import (
    BLANC_GRAS,
    FOND_ALERTE,
    FOND_MENTION,
    FOND_SECTION,
    FOND_TITRE,
    GRAS,
    RENVOI,
    SOULIGNE,
    bandeau,
    ecrire_texte,
    hauteur,
    mettre_en_page,
)

Valeur = str | int | Decimal | date | None
FORMATS: Mapping[str, str] = {
    "date": "dd/mm/yyyy",
    "euros": '#,##0.00\\ "€";-#,##0.00\\ "€";""',
    "nombre": "#,##0",
    "mesure": "#,##0.##",
    "part": "0.0%",
}
TITRES = 3
COLONNE_SIGNALEE = 2


@dataclass(frozen=True, slots=True)
class Colonne:
    """A column: its title, its width in characters, and what it holds (« texte », or a key of `FORMATS`)."""

    titre: str
    largeur: int
    genre: str = "texte"


@dataclass(frozen=True, slots=True)
class Feuille:
    """A table. `total`: add up its amounts and counts below. `signalees`: ranks of the rows that are late."""

    nom: str
    titre: str
    colonnes: tuple[Colonne, ...]
    rangees: Sequence[Sequence[Valeur]]
    total: bool = False
    signalees: frozenset[int] = frozenset()


def classeur_du_tableau(feuilles: Sequence[Feuille], mention: str) -> bytes:
    """Write the sheets in order. `mention`: what must stand on every page (« DÉMONSTRATION »), or ""."""
    classeur = Workbook()
    del classeur[classeur.sheetnames[0]]
    for feuille in feuilles:
        _ecrire(classeur.create_sheet(feuille.nom), feuille, mention)
    return en_octets(classeur)


def _ecrire(page: Worksheet, feuille: Feuille, mention: str) -> None:
    derniere = get_column_letter(len(feuille.colonnes))
    bandeau(page, 1, f"A:{derniere}", feuille.titre, FOND_TITRE, BLANC_GRAS)
    page.row_dimensions[1].height = 24
    if mention:
        bandeau(page, 2, f"A:{derniere}", f"{mention} : réseau et montants inventés", FOND_MENTION, BLANC_GRAS)
    for rang, colonne in enumerate(feuille.colonnes, start=1):
        titre = page.cell(TITRES, rang)
        ecrire_texte(titre, colonne.titre)
        titre.font, titre.fill, titre.alignment = GRAS, FOND_SECTION, _alignement(colonne.genre)
        page.column_dimensions[get_column_letter(rang)].width = colonne.largeur
    page.row_dimensions[TITRES].height = 32
    for numero, rangee in enumerate(feuille.rangees):
        _rangee(page, TITRES + 1 + numero, feuille.colonnes, rangee, signalee=numero in feuille.signalees)
    fin = TITRES + len(feuille.rangees)
    page.auto_filter.ref = f"A{TITRES}:{derniere}{fin}"
    if feuille.total and feuille.rangees:
        fin += 1
        _rangee(page, fin, feuille.colonnes, _total(feuille), signalee=False)
        for cellule in page[fin]:
            cellule.font = GRAS
    page.freeze_panes = f"B{TITRES + 1}"
    mettre_en_page(page, f"A1:{derniere}{fin}", f"{TITRES}:{TITRES}", feuille.titre)


def _rangee(
    page: Worksheet, ligne: int, colonnes: Sequence[Colonne], rangee: Sequence[Valeur], *, signalee: bool
) -> None:
    for rang, (colonne, valeur) in enumerate(zip(colonnes, rangee, strict=True), start=1):
        cellule = page.cell(ligne, rang)
        _valeur(cellule, valeur, colonne.genre)
        cellule.border = SOULIGNE
        if signalee and rang == COLONNE_SIGNALEE:
            cellule.fill = FOND_ALERTE
    textes = [(v, c.largeur) for c, v in zip(colonnes, rangee, strict=True) if isinstance(v, str)]
    page.row_dimensions[ligne].height = hauteur([(v, float(largeur)) for v, largeur in textes])


def _valeur(cellule: Cell | MergedCell, valeur: Valeur, genre: str) -> None:
    cellule.alignment = _alignement(genre)
    if isinstance(valeur, str):
        ecrire_texte(cellule, valeur)
    elif valeur is not None:
        cellule.value = valeur
        cellule.number_format = FORMATS.get(genre, "General")


def _alignement(genre: str) -> Alignment:
    return RENVOI if genre == "texte" else Alignment(vertical="center", horizontal="right", wrap_text=True)


def _total(feuille: Feuille) -> list[Valeur]:
    """Add up the columns of counts and of euros."""
    totaux: list[Valeur] = ["TOTAL"]
    for rang, colonne in enumerate(feuille.colonnes[1:], start=1):
        lues = [rangee[rang] for rangee in feuille.rangees]
        if colonne.genre in {"euros", "nombre"}:
            totaux.append(sum((Decimal(v) for v in lues if isinstance(v, int | Decimal)), Decimal(0)))
        else:
            totaux.append(None)
    return totaux
