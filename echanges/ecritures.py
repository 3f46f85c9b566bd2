"""The accounting entries of a batch as CSV, balanced to the cent: what is due, what is paid, what is withheld."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from echanges.bordereau import LigneBordereau, a_la_virgule, inoffensif
from regles.monnaie import en_euros

COLONNES = ("Journal", "Date", "Compte", "Tiers", "Pièce", "Libellé", "Débit", "Crédit")


@dataclass(frozen=True, slots=True)
class Plan:
    """The accounts of the Caf: `charges` by prestation (« defaut » for the others), partners, bank, indus."""

    journal: str
    charges: Mapping[str, str]
    tiers: str
    banque: str
    indus: str

    def charge(self, prestation: str) -> str:
        """Give the account that bears a prestation."""
        return self.charges.get(prestation, self.charges["defaut"])


@dataclass(frozen=True, slots=True)
class Ecriture:
    """One side of an entry, in cents: either `debit_centimes` or `credit_centimes` is zero."""

    compte: str
    tiers: str
    piece: str
    libelle: str
    debit_centimes: int
    credit_centimes: int


def ecritures(plan: Plan, lignes: Sequence[LigneBordereau]) -> Iterator[Ecriture]:
    """Give the entries of each payment: the charge against the partner, then the partner against bank and indus."""
    for ligne in lignes:
        piece, tiers = ligne.reference, ligne.siret[:9]
        quoi = f"{ligne.prestation} {ligne.exercice} {ligne.nature} {ligne.structure}"
        yield Ecriture(plan.charge(ligne.prestation), "", piece, quoi, ligne.liquide_centimes, 0)
        yield Ecriture(plan.tiers, tiers, piece, quoi, 0, ligne.liquide_centimes)
        yield Ecriture(plan.tiers, tiers, piece, quoi, ligne.liquide_centimes, 0)
        if ligne.net_centimes:
            yield Ecriture(plan.banque, "", piece, quoi, 0, ligne.net_centimes)
        if ligne.retenu_centimes:
            yield Ecriture(plan.indus, tiers, piece, f"Indus retenus, {quoi}", 0, ligne.retenu_centimes)


def ecritures_csv(plan: Plan, lignes: Sequence[LigneBordereau], jour: date) -> bytes:
    """Write the entries: UTF-8 with BOM, « ; », decimal comma, no text a spreadsheet would compute."""
    tampon = io.StringIO(newline="")
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(COLONNES)
    for e in ecritures(plan, lignes):
        montants = (a_la_virgule(en_euros(centimes)) for centimes in (e.debit_centimes, e.credit_centimes))
        textes = (plan.journal, f"{jour:%d/%m/%Y}", e.compte, e.tiers, e.piece, e.libelle)
        ecrivain.writerow([*map(inoffensif, textes), *montants])
    return tampon.getvalue().encode("utf-8-sig")
