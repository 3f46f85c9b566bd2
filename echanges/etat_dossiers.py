"""Where the dossiers of a step stand, as a workbook: a row each, days that sort, the partners' words as text."""

from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from echanges.classeur.octets import en_octets
from echanges.classeur.style import BLANC_GRAS, FOND_TITRE, GRAS, bandeau, ecrire_texte, mettre_en_page

COLONNES = (
    ("Code", 12),
    ("Structure ou partenaire", 38),
    ("Gestionnaire", 34),
    ("Territoire", 30),
    ("État", 14),
    ("Pièces reçues", 44),
    ("Pièces manquantes", 44),
    ("Limite", 12),
    ("Complet le", 12),
    ("En retard", 10),
)
TITRES = 2


def ecrire(titre: str, rangees: Sequence[Sequence[str | date | None]], mention: str) -> bytes:
    """Write the workbook; a row holds the values of `COLONNES`. `mention`: what must stand on every page, or ""."""
    classeur = Workbook()
    feuille = classeur.worksheets[0]
    feuille.title = "Dossiers"
    derniere = get_column_letter(len(COLONNES))
    bandeau(feuille, 1, f"A:{derniere}", f"{titre}{f' ({mention})' if mention else ''}", FOND_TITRE, BLANC_GRAS)
    for colonne, (nom, largeur) in enumerate(COLONNES, start=1):
        cellule = feuille.cell(TITRES, colonne)
        ecrire_texte(cellule, nom)
        cellule.font = GRAS
        feuille.column_dimensions[get_column_letter(colonne)].width = largeur
    for ligne, valeurs in enumerate(rangees, start=TITRES + 1):
        for colonne, valeur in enumerate(valeurs, start=1):
            cellule = feuille.cell(ligne, colonne)
            if isinstance(valeur, date):
                cellule.value = valeur
                cellule.number_format = "dd/mm/yyyy"
            elif valeur:
                ecrire_texte(cellule, valeur)
    feuille.freeze_panes = f"B{TITRES + 1}"
    feuille.auto_filter.ref = f"A{TITRES}:{derniere}{max(feuille.max_row, TITRES)}"
    mettre_en_page(feuille, f"A1:{derniere}{feuille.max_row}", f"{TITRES}:{TITRES}", titre)
    return en_octets(classeur)
