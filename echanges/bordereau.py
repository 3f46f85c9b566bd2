"""The bordereau of a released batch, as CSV and as a workbook: the same lines, the same totals, no live formula.

The workbook holds on two sheets what the CSV says on one line, so that both print on A4: what is paid, to whom; then,
under the same rank and reference, what each payment rests on.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openpyxl import Workbook

from echanges.balance import LigneBalance, ajouter_balance
from echanges.classeur.octets import en_octets
from echanges.ecarts import LigneEcart, ajouter_ecarts
from echanges.feuilles import Valeur, remplir, totaliser
from echanges.suspendus import LigneSuspendue, ajouter_suspendus
from regles.monnaie import en_euros

RANG = ("N°", 6)
DEBUTS_DE_FORMULE = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class LigneBordereau:
    """One payment. Amounts in cents; `compte` is masked.

    `periode` is what is paid for; `compte_depuis` the day the account came, when nothing was paid to it before.
    `suspension` says each suspension of the due that was lifted, "" when it never was suspended.
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
    suspension: str

    def __post_init__(self) -> None:
        if self.net_centimes != self.liquide_centimes - self.retenu_centimes:
            raise ValueError(f"{self.reference} : le net à payer n'est pas le liquidé moins les indus retenus")


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


Colonne = tuple[str, int, Callable[[LigneBordereau], Valeur]]  # title, width in characters, what a line says there
REFERENCE: Colonne = ("Référence", 26, lambda li: li.reference)
BORDEREAU: tuple[Colonne, ...] = (
    REFERENCE,
    ("Structure", 26, lambda li: li.structure),
    ("Gestionnaire", 26, lambda li: li.gestionnaire),
    ("Compte", 16, lambda li: li.compte),
    ("Prestation", 14, lambda li: li.prestation),
    ("Nature", 9, lambda li: li.nature),
    ("Exercice", 9, lambda li: li.exercice),
    ("Droit (attendu pour un acompte)", 15, lambda li: en_euros(li.droit_centimes)),
    ("Déjà versé", 15, lambda li: en_euros(li.deja_verse_centimes)),
    ("Liquidé", 15, lambda li: en_euros(li.liquide_centimes)),
    ("Indus retenus", 13, lambda li: en_euros(li.retenu_centimes)),
    ("Net à payer", 15, lambda li: en_euros(li.net_centimes)),
    ("Suspension", 22, lambda li: li.suspension),
)
JUSTIFICATIFS: tuple[Colonne, ...] = (
    ("Compte nouveau, du", 12, lambda li: li.compte_depuis),
    ("SIRET", 17, lambda li: li.siret),
    ("Convention", 16, lambda li: li.convention),
    ("Période", 24, lambda li: li.periode),
    ("Service fait", 34, lambda li: li.service_fait),
    ("Pièce (sha256)", 15, lambda li: li.piece),
    ("Barème connu le", 12, lambda li: li.connu_le),
    ("Empreinte du calcul", 68, lambda li: li.empreinte),
)
SANS_TOTAL = frozenset({"Droit (attendu pour un acompte)", "Déjà versé"})
TITRES = (RANG[0], *(titre for titre, _, _ in (*BORDEREAU, *JUSTIFICATIFS)))


@dataclass(frozen=True, slots=True)
class Annexes:
    """The other sheets of the workbook: what changes since the last payments, what is held back, the indus on a day."""

    ecarts: Sequence[LigneEcart]
    suspendus: Sequence[LigneSuspendue]
    indus: Sequence[LigneBalance]
    jour: date


def inoffensif(texte: str) -> str:
    """Give a text that no spreadsheet takes for a formula."""
    return f"'{texte}" if texte.startswith(DEBUTS_DE_FORMULE) else texte


def a_la_virgule(euros: Decimal) -> str:
    """Write euros with a decimal comma."""
    return str(euros).replace(".", ",")


def bordereau_csv(entete: EnteteBordereau, lignes: Sequence[LigneBordereau]) -> bytes:
    """Write the bordereau as CSV: UTF-8 with BOM, « ; », decimal comma, header lines first, totals last."""
    tampon = io.StringIO(newline="")
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrivain.writerows([inoffensif(a), inoffensif(b)] for a, b in _resume(entete))
    ecrivain.writerow(TITRES)
    colonnes = (*BORDEREAU, *JUSTIFICATIFS)
    rangees = [[lire(ligne) for _, _, lire in colonnes] for ligne in lignes]
    for rang, rangee in enumerate(rangees, start=1):
        ecrivain.writerow([rang, *map(_en_csv, rangee)])
    totaux = totaliser([colonne[:2] for colonne in colonnes], rangees, SANS_TOTAL)
    ecrivain.writerow(["TOTAL", *("" if total is None else _en_csv(total) for total in totaux)])
    return tampon.getvalue().encode("utf-8-sig")


def bordereau_xlsx(entete: EnteteBordereau, lignes: Sequence[LigneBordereau], annexes: Annexes) -> bytes:
    """Write the bordereau as a workbook, ready to print; amounts are numbers, texts are never formulas."""
    classeur = Workbook()
    del classeur[classeur.sheetnames[0]]
    for nom, colonnes in (("Bordereau", BORDEREAU), ("Justificatifs", (REFERENCE, *JUSTIFICATIFS))):
        rangees = [[rang, *(lire(li) for _, _, lire in colonnes)] for rang, li in enumerate(lignes, start=1)]
        remplir(
            classeur.create_sheet(nom), f"{nom} du lot {entete.numero}", [RANG, *(c[:2] for c in colonnes)], rangees,
            entete=_resume(entete), sans_total=SANS_TOTAL, figees=2,
        )  # fmt: skip
    ajouter_suspendus(classeur, annexes.suspendus, annexes.jour)
    ajouter_ecarts(classeur, annexes.ecarts)
    ajouter_balance(classeur, annexes.indus, annexes.jour, entete.mention)
    return en_octets(classeur)


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


def _en_csv(valeur: Valeur) -> str | int:
    match valeur:
        case Decimal():
            return a_la_virgule(valeur)
        case str():
            return inoffensif(valeur)
    return valeur
