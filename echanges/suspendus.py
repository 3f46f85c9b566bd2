"""The dues of a step that its batch leaves behind: suspended, by whom, since when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook

from echanges.feuilles import Valeur, remplir
from regles.dates import en_chiffres
from regles.monnaie import en_euros

FEUILLE = "Suspendus"
COLONNES = (
    ("Référence", 26),
    ("Structure", 34),
    ("Gestionnaire", 32),
    ("Montant", 15),
    ("Code", 16),
    ("Motif", 34),
    ("Depuis le", 12),
    ("Par", 14),
    ("En clair", 46),
)


@dataclass(frozen=True, slots=True)
class LigneSuspendue:
    """A due under an open suspension, in cents; the motive as its code and in words."""

    reference: str
    structure: str
    gestionnaire: str
    montant_centimes: int
    code: str
    motif: str
    depuis: date
    par: str
    texte: str


def ajouter_suspendus(classeur: Workbook, lignes: Sequence[LigneSuspendue], jour: date) -> None:
    """Add the sheet of the dues held back on a day."""
    rangees: list[list[Valeur]] = [
        [
            li.reference, li.structure, li.gestionnaire, en_euros(li.montant_centimes), li.code, li.motif,
            en_chiffres(li.depuis), li.par, li.texte,
        ]
        for li in lignes
    ]  # fmt: skip
    titre = f"Versements de l'étape suspendus au {en_chiffres(jour)}"
    remplir(classeur.create_sheet(FEUILLE), titre, COLONNES, rangees)
