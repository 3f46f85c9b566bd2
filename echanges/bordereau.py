"""The bordereau of a released batch, as CSV and as a workbook: the same lines, the same total, no live formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur.octets import en_octets
from regles.monnaie import en_euros

COLONNES = (
    "N° d'ordre",
    "Référence",
    "Exercice",
    "Prestation",
    "Convention",
    "SIRET",
    "Structure",
    "Gestionnaire",
    "Droit réel",
    "Déjà versé",
    "Net à payer",
    "Empreinte du calcul",
)
LARGEURS = (16, 34, 9, 11, 16, 16, 34, 38, 15, 15, 15, 22)
DEBUTS_DE_FORMULE = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LigneBordereau:
    """One payment. Amounts in cents."""

    reference: str
    exercice: int
    prestation: str
    convention: str
    siret: str
    structure: str
    gestionnaire: str
    droit_centimes: int
    deja_verse_centimes: int
    net_centimes: int
    empreinte: str


@dataclass(frozen=True, slots=True)
class EnteteBordereau:
    """What the bordereau is: batch, step, who proposed and released, when, journal's head, mention."""

    numero: str
    etape: str
    propose_par: str
    libere_par: str
    libere_le: str
    tete_du_journal: str
    mention: str


def _inoffensif(texte: str) -> str:
    return f"'{texte}" if texte.startswith(DEBUTS_DE_FORMULE) else texte


def _textes(rang: int, ligne: LigneBordereau) -> list[str | int]:
    return [
        rang,
        ligne.reference,
        ligne.exercice,
        ligne.prestation,
        ligne.convention,
        ligne.siret,
        ligne.structure,
        ligne.gestionnaire,
    ]


def _resume(entete: EnteteBordereau) -> list[tuple[str, str]]:
    resume = [
        ("Lot", entete.numero),
        ("Étape", entete.etape),
        ("Proposé par", entete.propose_par),
        ("Libéré par", f"{entete.libere_par}, le {entete.libere_le}"),
        ("Tête du journal", entete.tete_du_journal),
    ]
    return [(entete.mention, "montants inventés, à ne pas payer"), *resume] if entete.mention else resume


def bordereau_csv(entete: EnteteBordereau, lignes: Sequence[LigneBordereau]) -> bytes:
    """Write the bordereau as CSV: UTF-8 with BOM, « ; », decimal comma, header lines first, total last."""
    tampon = io.StringIO(newline="")
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrivain.writerows([_inoffensif(a), _inoffensif(b)] for a, b in _resume(entete))
    ecrivain.writerow(COLONNES)
    for rang, ligne in enumerate(lignes, start=1):
        montants = [ligne.droit_centimes, ligne.deja_verse_centimes, ligne.net_centimes]
        textes = [_inoffensif(t) if isinstance(t, str) else t for t in _textes(rang, ligne)]
        ecrivain.writerow([*textes, *(f"{en_euros(m)}".replace(".", ",") for m in montants), ligne.empreinte])
    total = f"{en_euros(sum(li.net_centimes for li in lignes))}".replace(".", ",")
    ecrivain.writerow(["TOTAL", *[""] * 9, total, f"{len(lignes)} lignes"])
    return tampon.getvalue().encode("utf-8-sig")


def bordereau_xlsx(entete: EnteteBordereau, lignes: Sequence[LigneBordereau]) -> bytes:
    """Write the bordereau as a workbook, ready to print; amounts are numbers, texts are never formulas."""
    classeur = Workbook()
    feuille = classeur.create_sheet("Bordereau", 0)
    del classeur[classeur.sheetnames[1]]
    for titre, valeur in _resume(entete):
        feuille.append([titre, valeur])
        feuille.cell(feuille.max_row, 1).font = Font(bold=True)
    feuille.append([])
    feuille.append(list(COLONNES))
    ligne_titres = feuille.max_row
    for rang, ligne in enumerate(lignes, start=1):
        montants = (ligne.droit_centimes, ligne.deja_verse_centimes, ligne.net_centimes)
        feuille.append([*_textes(rang, ligne), *(en_euros(m) for m in montants), ligne.empreinte])
    total = en_euros(sum(li.net_centimes for li in lignes))
    feuille.append(["TOTAL", *[None] * 9, total, f"{len(lignes)} lignes"])
    _mettre_en_forme(feuille, ligne_titres)
    return en_octets(classeur)


def _mettre_en_forme(feuille: Worksheet, ligne_titres: int) -> None:
    for cellule in (c for rangee in feuille.iter_rows() for c in rangee):
        if isinstance(cellule.value, str):
            cellule.data_type = "s"
        elif isinstance(cellule.value, Decimal):
            cellule.number_format = "#,##0.00\\ [$€-40C]"
    for titre in feuille[ligne_titres]:
        titre.font = Font(bold=True, color="FFFFFF")
        titre.fill = PatternFill("solid", fgColor="1F3A5F")
        titre.alignment = Alignment(wrap_text=True, vertical="center")
    for derniere in feuille[feuille.max_row]:
        derniere.font = Font(bold=True)
    for lettre, largeur in zip("ABCDEFGHIJKL", LARGEURS, strict=True):
        feuille.column_dimensions[lettre].width = largeur
    feuille.freeze_panes = f"C{ligne_titres + 1}"
    feuille.page_setup.orientation, feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = "landscape", 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
