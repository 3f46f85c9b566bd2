"""The département's aggregate as a workbook and as a printable page with a drawing: same cells, same masks."""

from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur.octets import en_octets
from echanges.filoue.pages import environnement
from echanges.filoue.vues import TOTAL, Tableau, VueAgregat
from regles.monnaie import formater_nombre

MASQUE = "masqué"
MESURES = ("enfants", "heures_facturees", "heures_realisees")
TITRES = {"enfants": "Enfants", "heures_facturees": "Heures facturées", "heures_realisees": "Heures réalisées"}
LARGEUR_BARRES, MARGE, PAS = 360, 250, 26


@dataclass(frozen=True, slots=True)
class Barre:
    """A bar of the drawing, in SVG units: its place, its label, its length (None when masked) and its text."""

    y: int
    libelle: str
    longueur: int | None
    texte: str


def regles_de_lecture(vue: VueAgregat) -> tuple[str, ...]:
    """Give the sentences that say what the figures are, for the workbook and for the page."""
    couverture = f"Fichiers reçus et acceptés : {vue.structures_recues} sur {vue.structures_attendues} EAJE attendus"
    manque = f" ; sans fichier : {', '.join(vue.absentes)}" if vue.absentes else ""
    return (
        f"{couverture}{manque}.",
        "Un enfant est une ligne du fichier d’une structure ; présent dans plusieurs structures, il est compté une "
        "seule fois dans chaque ensemble, dont le total peut donc être inférieur à la somme des lignes.",
        f"« {MASQUE} » : effectif de moins de {vue.seuil} enfants, ou effectif qui permettrait d’en retrouver un par "
        "soustraction. Les heures de ces enfants sont masquées avec eux, et restent comptées dans les totaux.",
        "Usage statistique seulement. Une famille peut s’être opposée à la transmission : ces chiffres ne sont pas "
        "ceux de toutes les familles accueillies.",
    )


def agregat_xlsx(vue: VueAgregat) -> bytes:
    """Write the aggregate as a workbook: how to read it, then a sheet a table; same bytes for the same content."""
    classeur = Workbook()
    lecture = classeur.create_sheet("Lecture", 0)
    del classeur[classeur.sheetnames[1]]
    lecture.append([_titre(vue)])
    for phrase in (
        vue.mention and f"{vue.mention} : enfants, structures et chiffres inventés.",
        *regles_de_lecture(vue),
    ):
        if phrase:
            lecture.append([phrase])
    lecture.column_dimensions["A"].width = 110
    for (cellule,) in lecture.iter_rows():
        cellule.data_type, cellule.alignment = "s", Alignment(wrap_text=True, vertical="top")
    lecture["A1"].font = Font(bold=True, size=13)
    for tableau in vue.tableaux:
        _feuille(classeur.create_sheet(tableau.titre[:31]), tableau, vue.mention)
    return en_octets(classeur)


def _titre(vue: VueAgregat) -> str:
    return f"Enfants accueillis en EAJE en {vue.exercice} : {vue.caf}"


def _feuille(feuille: Worksheet, tableau: Tableau, mention: str) -> None:
    regimes = (*tableau.regimes, TOTAL)
    feuille.append([" – ".join(filter(None, (mention, tableau.titre, tableau.note)))])
    feuille.append(["", *(TITRES[mesure] if rang == 0 else "" for mesure in MESURES for rang, _ in enumerate(regimes))])
    feuille.append(["Territoire", *regimes * len(MESURES)])
    for territoire in (*tableau.territoires, TOTAL):
        cases = [tableau.cases[territoire, regime] for regime in regimes]
        feuille.append([territoire, *(getattr(c, m) if c else MASQUE for m in MESURES for c in cases)])
    for ligne in feuille.iter_rows():
        for cellule in ligne:
            _mettre_en_forme(cellule)
    for titre in (*feuille[2], *feuille[3]):
        titre.font, titre.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F3A5F")
        titre.alignment = Alignment(wrap_text=True, vertical="center")
    feuille["A1"].font = Font(bold=True)
    for derniere in feuille[feuille.max_row]:
        derniere.font = Font(bold=True)
    feuille.column_dimensions["A"].width = 46
    for rang in range(2, feuille.max_column + 1):
        feuille.column_dimensions[get_column_letter(rang)].width = 15
    feuille.freeze_panes = "B4"
    feuille.page_setup.orientation, feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = "landscape", 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _mettre_en_forme(cellule: Cell | MergedCell) -> None:
    if isinstance(cellule.value, str):
        cellule.data_type = "s"
        if cellule.value == MASQUE:
            cellule.alignment = Alignment(horizontal="right")
    elif isinstance(cellule.value, Decimal):
        cellule.number_format = "#,##0.00"
    elif isinstance(cellule.value, int):
        cellule.number_format = "#,##0"


def page_agregat(vue: VueAgregat) -> str:
    """Write the aggregate as a self-contained page, with its drawing, to read on screen or on paper."""
    return (
        environnement()
        .get_template("filoue_agregat.html")
        .render(
            vue=vue,
            titre=_titre(vue),
            phrases=regles_de_lecture(vue),
            barres=barres(vue.tableaux[0]),
            largeur=MARGE + LARGEUR_BARRES + 110,
            marge=MARGE,
            pas=PAS,
            mesures=TITRES,
            total=TOTAL,
            masque=MASQUE,
        )
    )


def barres(tableau: Tableau) -> tuple[Barre, ...]:
    """Draw the children of each territory; a masked count has no length."""
    comptes = {t: tableau.cases[t, TOTAL] for t in tableau.territoires}
    maximum = max((case.enfants for case in comptes.values() if case), default=0) or 1
    return tuple(
        Barre(
            y=rang * PAS,
            libelle=territoire,
            longueur=case.enfants * LARGEUR_BARRES // maximum if case else None,
            texte=formater_nombre(case.enfants) if case else MASQUE,
        )
        for rang, (territoire, case) in enumerate(comptes.items())
    )
