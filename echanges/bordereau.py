"""The bordereau of a released batch, as CSV and as a workbook: the same lines, the same totals, no live formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from echanges.balance import LigneBalance, ajouter_balance
from echanges.classeur.octets import en_octets
from echanges.ecarts import LigneEcart, ajouter_ecarts
from regles.monnaie import en_euros

# Title and width, in characters, of each column: what says which payment, its amounts, the fingerprint of its right.
TEXTES = (
    ("N° d'ordre", 8),
    ("Référence", 32),
    ("Nature", 10),
    ("Exercice", 9),
    ("Prestation", 22),
    ("Convention", 16),
    ("Période", 22),
    ("SIRET", 16),
    ("Structure", 30),
    ("Gestionnaire", 32),
    ("Compte", 17),
    ("Compte nouveau, du", 12),
)
MONTANTS = (
    ("Droit (attendu pour un acompte)", 16),
    ("Déjà versé", 15),
    ("Liquidé", 15),
    ("Indus retenus", 15),
    ("Net à payer", 15),
)
PREUVES = (("Service fait", 30), ("Pièce (sha256)", 15), ("Barème connu le", 12), ("Empreinte du calcul", 20))
COLONNES = (*TEXTES, *MONTANTS, *PREUVES)
TITRES = tuple(titre for titre, _ in COLONNES)
HAUTEUR_DES_TITRES, HAUTEUR_D_UN_RANG = 48, 15  # points
MARGE_DE_COUPURE = 4  # characters a line may lose by being cut between words
DEBUTS_DE_FORMULE = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LigneBordereau:
    """One payment. Amounts in cents; `compte` is masked.

    `periode` is what is paid for; `compte_depuis` the day the account came, when nothing was paid to it before.
    `service_fait` says who accepted the declaration and when, `piece` begins the sha256 of the file it was read from,
    `connu_le` is the day whose barème was used.

    `liquide_centimes` is what the right makes due, `retenu_centimes` what is withheld of it for indus.

    Raises:
        ValueError: when the net is not the one less the other.
    """

    reference: str
    nature: str
    exercice: int
    prestation: str
    convention: str
    siret: str
    structure: str
    gestionnaire: str
    compte: str
    droit_centimes: int
    deja_verse_centimes: int
    liquide_centimes: int
    retenu_centimes: int
    net_centimes: int
    empreinte: str
    periode: str
    compte_depuis: str
    service_fait: str
    piece: str
    connu_le: str

    def __post_init__(self) -> None:
        if self.net_centimes != self.liquide_centimes - self.retenu_centimes:
            raise ValueError(f"{self.reference} : le net à payer n'est pas le liquidé moins les indus retenus")

    @property
    def preuves(self) -> tuple[str, ...]:
        """What the payment rests on, in the order of the columns."""
        return (self.service_fait, self.piece, self.connu_le, self.empreinte)

    @property
    def montants(self) -> tuple[int, ...]:
        """The amounts in the order of their columns, in cents."""
        return (
            self.droit_centimes,
            self.deja_verse_centimes,
            self.liquide_centimes,
            self.retenu_centimes,
            self.net_centimes,
        )


@dataclass(frozen=True, slots=True)
class EnteteBordereau:
    """What the bordereau is: batch, step, its three people, when each signed, journal's head, mention."""

    numero: str
    etape: str
    propose_par: str
    ordonne_par: str
    ordonne_le: str
    vise_par: str
    vise_le: str
    tete_du_journal: str
    mention: str


def inoffensif(texte: str) -> str:
    """Give a text that no spreadsheet takes for a formula."""
    return f"'{texte}" if texte.startswith(DEBUTS_DE_FORMULE) else texte


def _textes(rang: int, ligne: LigneBordereau) -> list[str | int]:
    return [
        rang,
        ligne.reference,
        ligne.nature,
        ligne.exercice,
        ligne.prestation,
        ligne.convention,
        ligne.periode,
        ligne.siret,
        ligne.structure,
        ligne.gestionnaire,
        ligne.compte,
        ligne.compte_depuis,
    ]


def _totaux(lignes: Sequence[LigneBordereau]) -> list[Decimal]:
    """Give what is liquidated, withheld and paid in all, in euros."""
    return [en_euros(sum(ligne.montants[rang] for ligne in lignes)) for rang in range(2, len(MONTANTS))]


def _resume(entete: EnteteBordereau) -> list[tuple[str, str]]:
    resume = [
        ("Lot", entete.numero),
        ("Étape", entete.etape),
        ("Proposé par", entete.propose_par),
        ("Ordonnancé par", f"{entete.ordonne_par}, le {entete.ordonne_le}"),
        ("Visé par", f"{entete.vise_par}, le {entete.vise_le}"),
        ("Tête du journal", entete.tete_du_journal),
    ]
    return [(entete.mention, "montants inventés, à ne pas payer"), *resume] if entete.mention else resume


def bordereau_csv(entete: EnteteBordereau, lignes: Sequence[LigneBordereau]) -> bytes:
    """Write the bordereau as CSV: UTF-8 with BOM, « ; », decimal comma, header lines first, totals last."""
    tampon = io.StringIO(newline="")
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrivain.writerows([inoffensif(a), inoffensif(b)] for a, b in _resume(entete))
    ecrivain.writerow(TITRES)
    for rang, ligne in enumerate(lignes, start=1):
        textes = [inoffensif(t) if isinstance(t, str) else t for t in _textes(rang, ligne)]
        montants = [a_la_virgule(en_euros(centimes)) for centimes in ligne.montants]
        ecrivain.writerow([*textes, *montants, *map(inoffensif, ligne.preuves)])
    totaux = [a_la_virgule(total) for total in _totaux(lignes)]
    ecrivain.writerow(["TOTAL", *[""] * (len(TEXTES) + 1), *totaux, f"{len(lignes)} lignes"])
    return tampon.getvalue().encode("utf-8-sig")


def a_la_virgule(euros: Decimal) -> str:
    """Write euros with a decimal comma."""
    return str(euros).replace(".", ",")


@dataclass(frozen=True, slots=True)
class Annexes:
    """The other sheets of the workbook: what changes since the last payments, the indus still to recover on a day."""

    ecarts: Sequence[LigneEcart]
    indus: Sequence[LigneBalance]
    jour: date


def bordereau_xlsx(entete: EnteteBordereau, lignes: Sequence[LigneBordereau], annexes: Annexes) -> bytes:
    """Write the bordereau as a workbook, ready to print; amounts are numbers, texts are never formulas."""
    classeur = Workbook()
    feuille = classeur.create_sheet("Bordereau", 0)
    del classeur[classeur.sheetnames[1]]
    for titre, valeur in _resume(entete):
        feuille.append([titre, None, valeur])
        feuille.cell(feuille.max_row, 1).font = Font(bold=True)
    feuille.append([])
    feuille.append(list(TITRES))
    ligne_titres = feuille.max_row
    for rang, ligne in enumerate(lignes, start=1):
        feuille.append([*_textes(rang, ligne), *(en_euros(centimes) for centimes in ligne.montants), *ligne.preuves])
    feuille.append(["TOTAL", *[None] * (len(TEXTES) + 1), *_totaux(lignes), f"{len(lignes)} lignes"])
    _mettre_en_forme(feuille, ligne_titres)
    ajouter_ecarts(classeur, annexes.ecarts)
    ajouter_balance(classeur, annexes.indus, annexes.jour, entete.mention)
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
    feuille.row_dimensions[ligne_titres].height = HAUTEUR_DES_TITRES
    _mettre_en_forme_les_lignes(feuille, ligne_titres + 1)
    for derniere in feuille[feuille.max_row]:
        derniere.font = Font(bold=True)
    for rang, (_, largeur) in enumerate(COLONNES, start=1):
        feuille.column_dimensions[get_column_letter(rang)].width = largeur
    feuille.freeze_panes = f"C{ligne_titres + 1}"
    feuille.print_area = f"A1:{get_column_letter(len(COLONNES))}{feuille.max_row}"
    feuille.print_title_rows = f"{ligne_titres}:{ligne_titres}"
    feuille.page_setup.paperSize = feuille.PAPERSIZE_A3
    feuille.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    feuille.page_setup.orientation, feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = "landscape", 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _mettre_en_forme_les_lignes(feuille: Worksheet, premiere: int) -> None:
    """Wrap the texts, each row as high as its longest one needs; the fingerprint is cut to its column."""
    texte = Alignment(horizontal="left", vertical="center", wrap_text=True)
    montant, empreinte = Alignment(vertical="center"), Alignment(horizontal="fill", vertical="center")
    for numero, rangee in enumerate(feuille.iter_rows(min_row=premiere, max_row=feuille.max_row - 1), start=premiere):
        rangs = 1
        for cellule, (_, largeur) in zip(rangee[: len(TEXTES)], TEXTES, strict=True):
            cellule.alignment = texte
            rangs = max(rangs, ceil(len(str(cellule.value)) / (largeur - MARGE_DE_COUPURE)))
        feuille.row_dimensions[numero].height = HAUTEUR_D_UN_RANG * rangs
        for cellule in rangee[len(TEXTES) : -len(PREUVES)]:
            cellule.alignment = montant
        for cellule in rangee[-len(PREUVES) :]:
            cellule.alignment = empreinte
