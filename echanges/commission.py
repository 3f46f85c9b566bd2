"""The file of a sitting: printable pages (agenda, one sheet a request) and the workbook where decisions are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur.octets import en_octets
from echanges.classeur.style import (
    BLANC_GRAS,
    CADRE,
    FOND_MENTION,
    FOND_SAISIE,
    FOND_SECTION,
    FOND_TITRE,
    GRAS,
    NORMALE,
    RENVOI,
    bandeau,
    ecrire_texte,
    hauteur,
    mettre_en_page,
)
from echanges.pages import gabarit
from regles.commission import Cofinanceur
from regles.dates import en_toutes_lettres
from regles.monnaie import en_euros, formater_euros, formater_nombre

EUROS = "#,##0.00\\ [$€-40C]"
COLONNES = (
    ("Référence", 17), ("Enveloppe", 18), ("Partenaire", 26), ("Commune", 16), ("Intercommunalité", 22), ("Objet", 34),
    ("Demandé", 14), ("Budget", 14), ("Part du budget", 9), ("Autres financeurs", 26), ("Part propre", 14),
    ("Pièces manquantes", 20), ("Accordé en N-1", 14), ("Chargé de développement", 18),
    ("Décision", 14), ("Montant accordé", 15), ("Motif", 36),
)  # fmt: skip
SAISIES = ("Décision", "Montant accordé", "Motif")
LIGNE_DES_TITRES = 6


@dataclass(frozen=True, slots=True)
class DemandeEtudiee:
    """A request as the sitting reads it. Amounts in cents; `etat` says where it stands in plain French.

    `sens`, `accorde_centimes` and `motif`: what this sitting has decided, if recorded.
    """

    reference: str
    partenaire: str
    commune: str
    epci: str
    objet: str
    appel: str
    structure: str
    demande_centimes: int
    budget_centimes: int
    part_propre_centimes: int
    cofinanceurs: tuple[Cofinanceur, ...]
    recues: tuple[str, ...]
    manquantes: tuple[str, ...]
    accorde_avant_centimes: int
    officier: str
    etat: str
    sens: str = ""
    accorde_centimes: int | None = None
    motif: str = ""

    @property
    def decision(self) -> str:
        """What was decided, in words: « accord : 1 500,00 € », "" before."""
        return self.sens if self.accorde_centimes is None else f"{self.sens} : {formater_euros(self.accorde_centimes)}"

    @property
    def part_du_budget(self) -> str:
        """The share of the budget asked for: « 41,7 % »."""
        return f"{formater_nombre(Fraction(self.demande_centimes * 100, self.budget_centimes), 1)} %"


@dataclass(frozen=True, slots=True)
class EnveloppeEtudiee:
    """An envelope before the sitting, in cents, and its requests. `montant_centimes` is None while unknown."""

    libelle: str
    exercice: int
    montant_centimes: int | None
    certitude: str
    accorde_centimes: int
    demandes: tuple[DemandeEtudiee, ...]

    @property
    def reste_centimes(self) -> int | None:
        """What is left before this sitting, or None while the amount is unknown."""
        return None if self.montant_centimes is None else self.montant_centimes - self.accorde_centimes

    @property
    def demande_centimes(self) -> int:
        """All that is asked of it at this sitting."""
        return sum(d.demande_centimes for d in self.demandes)


@dataclass(frozen=True, slots=True)
class DossierSeance:
    """The file of a sitting. `arrete`: whether its agenda is fixed; `a_confirmer`: the source's words for its day."""

    etape: str
    libelle: str
    caf: str
    jour: date
    a_confirmer: str
    limite: date
    edite_le: date
    arrete: bool
    enveloppes: tuple[EnveloppeEtudiee, ...]
    mention: str

    @property
    def nombre(self) -> int:
        """How many requests."""
        return sum(len(e.demandes) for e in self.enveloppes)

    @property
    def demande_centimes(self) -> int:
        """All that is asked, in cents."""
        return sum(e.demande_centimes for e in self.enveloppes)

    @property
    def quand(self) -> str:
        """« jeudi 12 février 2026 », with « à confirmer » where the source is vague."""
        suite = f" (à confirmer : « {self.a_confirmer} » dans le calendrier)" if self.a_confirmer else ""
        return en_toutes_lettres(self.jour) + suite


def ordre_du_jour_html(dossier: DossierSeance) -> str:
    """Write the agenda: one table an envelope, with blank columns for what is decided."""
    return gabarit("commission_ordre_du_jour.html").render(d=dossier, en_lettres=en_toutes_lettres)


def fiches_html(dossier: DossierSeance) -> str:
    """Write one sheet a request, each on its own page."""
    return gabarit("commission_fiches.html").render(d=dossier, en_lettres=en_toutes_lettres)


def classeur_de_seance(dossier: DossierSeance) -> bytes:
    """Write the workbook of the sitting: a row a request, the three last columns to fill. No live formula."""
    classeur = Workbook()
    feuille = classeur.create_sheet("Décisions", 0)
    del classeur[classeur.sheetnames[1]]
    derniere = get_column_letter(len(COLONNES))
    _entete(feuille, dossier, derniere)
    for rang, (titre, largeur) in enumerate(COLONNES, start=1):
        cellule = feuille.cell(LIGNE_DES_TITRES, rang)
        ecrire_texte(cellule, titre)
        cellule.font, cellule.fill, cellule.alignment, cellule.border = BLANC_GRAS, FOND_TITRE, RENVOI, CADRE
        feuille.column_dimensions[get_column_letter(rang)].width = largeur
    feuille.row_dimensions[LIGNE_DES_TITRES].height = 32
    for enveloppe in dossier.enveloppes:
        for demande in enveloppe.demandes:
            _ecrire_demande(feuille, enveloppe, demande)
    _choix(feuille, dossier)
    _enveloppes(classeur, dossier)
    feuille.freeze_panes = f"B{LIGNE_DES_TITRES + 1}"
    mettre_en_page(
        feuille, f"A1:{derniere}{feuille.max_row}", f"{LIGNE_DES_TITRES}:{LIGNE_DES_TITRES}", dossier.libelle
    )
    feuille.page_setup.paperSize = feuille.PAPERSIZE_A3  # seventeen columns
    return en_octets(classeur)


def _entete(feuille: Worksheet, dossier: DossierSeance, derniere: str) -> None:
    colonnes = f"A:{derniere}"
    bandeau(feuille, 1, colonnes, f"{dossier.libelle}, {dossier.quand}", FOND_TITRE, BLANC_GRAS)
    etat = (
        "ordre du jour arrêté"
        if dossier.arrete
        else f"projet d’ordre du jour, dossiers attendus jusqu’au {en_toutes_lettres(dossier.limite)} inclus"
    )
    bandeau(
        feuille,
        2,
        colonnes,
        f"{etat} ; édité le {en_toutes_lettres(dossier.edite_le)}".capitalize(),
        FOND_SECTION,
        GRAS,
    )
    bandeau(
        feuille, 3, colonnes,
        "À remplir dans les trois colonnes jaunes : accord (avec un montant), refus ou ajournement (avec un motif). Le "
        "partenaire lira le motif, même d’un accord. Une ligne vide n’est pas décidée.", FOND_SECTION, NORMALE,
    )  # fmt: skip
    if dossier.mention:
        bandeau(feuille, 4, colonnes, f"{dossier.mention} : structures et montants inventés.", FOND_MENTION, BLANC_GRAS)


def _ecrire_demande(feuille: Worksheet, enveloppe: EnveloppeEtudiee, d: DemandeEtudiee) -> None:
    autres = " ; ".join(f"{c.nom} : {formater_euros(c.montant_centimes)}" for c in d.cofinanceurs)
    valeurs: list[str | Decimal] = [
        d.reference, f"{enveloppe.libelle} {enveloppe.exercice}", d.partenaire, d.commune, d.epci, d.objet,
        en_euros(d.demande_centimes), en_euros(d.budget_centimes), d.part_du_budget, autres,
        en_euros(d.part_propre_centimes), ", ".join(d.manquantes) or "aucune",
        en_euros(d.accorde_avant_centimes), d.officier, d.sens,
        "" if d.accorde_centimes is None else en_euros(d.accorde_centimes), d.motif,
    ]  # fmt: skip
    ligne = feuille.max_row + 1
    for rang, (valeur, (titre, _)) in enumerate(zip(valeurs, COLONNES, strict=True), start=1):
        cellule = feuille.cell(ligne, rang)
        if isinstance(valeur, Decimal):
            cellule.value, cellule.number_format = valeur, EUROS
            cellule.alignment = Alignment(vertical="center")
        elif valeur:
            ecrire_texte(cellule, valeur)
            cellule.alignment = RENVOI
        if titre in SAISIES:
            cellule.fill, cellule.alignment = FOND_SAISIE, RENVOI
        if titre == "Montant accordé":
            cellule.number_format = EUROS
        cellule.font, cellule.border = NORMALE, CADRE
    textes = [(str(v), float(la)) for v, (_, la) in zip(valeurs, COLONNES, strict=True) if isinstance(v, str)]
    feuille.row_dimensions[ligne].height = hauteur(textes)


def _choix(feuille: Worksheet, dossier: DossierSeance) -> None:
    if not dossier.nombre:
        return
    colonne = get_column_letter([titre for titre, _ in COLONNES].index("Décision") + 1)
    choix = DataValidation(type="list", formula1='"accord,refus,ajournement"', allow_blank=True)
    choix.error, choix.errorTitle = "Écrivez accord, refus ou ajournement.", "Décision"
    feuille.add_data_validation(choix)
    choix.add(f"{colonne}{LIGNE_DES_TITRES + 1}:{colonne}{LIGNE_DES_TITRES + dossier.nombre}")


def _enveloppes(classeur: Workbook, dossier: DossierSeance) -> None:
    feuille = classeur.create_sheet("Enveloppes")
    titres = (
        "Enveloppe",
        "Exercice",
        "Montant",
        "Certitude",
        "Déjà accordé",
        "Reste avant la séance",
        "Demandé à la séance",
    )
    rangees: list[Sequence[str | int | Decimal]] = [
        (
            e.libelle, e.exercice, _euros_ou_inconnu(e.montant_centimes), e.certitude, en_euros(e.accorde_centimes),
            _euros_ou_inconnu(e.reste_centimes), en_euros(e.demande_centimes),
        )
        for e in dossier.enveloppes
    ]  # fmt: skip
    for ligne, rangee in enumerate([titres, *rangees], start=1):
        for rang, valeur in enumerate(rangee, start=1):
            cellule = feuille.cell(ligne, rang)
            if isinstance(valeur, str):
                ecrire_texte(cellule, valeur)
            else:
                cellule.value = valeur
                cellule.number_format = EUROS if isinstance(valeur, Decimal) else "0"
            cellule.font, cellule.border, cellule.alignment = NORMALE, CADRE, RENVOI
            if ligne == 1:
                cellule.font, cellule.fill = BLANC_GRAS, FOND_TITRE
    for rang, largeur in enumerate((28, 10, 16, 16, 16, 18, 18), start=1):
        feuille.column_dimensions[get_column_letter(rang)].width = largeur
    mettre_en_page(feuille, f"A1:G{feuille.max_row}", "1:1", dossier.mention or dossier.libelle)


def _euros_ou_inconnu(centimes: int | None) -> str | Decimal:
    return "inconnu" if centimes is None else en_euros(centimes)
