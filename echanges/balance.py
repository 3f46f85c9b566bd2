"""The aged balance of the indus: what each partner owes, and since when, as a workbook."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook

from echanges.classeur.octets import en_octets
from echanges.feuilles import Valeur, remplir
from regles.dates import en_chiffres
from regles.monnaie import en_euros

# Age bands in days, the last day of each included; how a debt is usually followed, no rule rests on them.
TRANCHES = ((30, "Jusqu'à 30 j"), (90, "31 à 90 j"), (180, "91 à 180 j"), (365, "181 à 365 j"), (None, "Plus d'un an"))
PAR_PARTENAIRE = (("Gestionnaire", 44), *((titre, 16) for _, titre in TRANCHES), ("Reste dû", 16))
PAR_INDU = (
    ("Gestionnaire", 40),
    ("Structure", 34),
    ("Exercice", 9),
    ("Référence", 32),
    ("Depuis le", 12),
    ("Jours", 8),
    ("Indu", 15),
    ("Rentré", 15),
    ("Reste dû", 15),
    ("dont retenu, lot proposé", 17),
)


@dataclass(frozen=True, slots=True)
class LigneBalance:
    """An indu of a partner, in cents; `en_cours_centimes` is withheld in batches not yet released."""

    gestionnaire: str
    structure: str
    exercice: int
    reference: str
    depuis: date
    montant_centimes: int
    rentre_centimes: int
    en_cours_centimes: int

    @property
    def du_centimes(self) -> int:
        """What is still owed on this day, in cents."""
        return self.montant_centimes - self.rentre_centimes


def tranche(depuis: date, jour: date) -> int:
    """Give the rank of the band of a debt born on `depuis`, seen on `jour`."""
    age = (jour - depuis).days
    return next(rang for rang, (fin, _) in enumerate(TRANCHES) if fin is None or age <= fin)


def balance_xlsx(lignes: Sequence[LigneBalance], jour: date, mention: str) -> bytes:
    """Write the balance: a sheet by partner with its age bands, a sheet by indu; no live formula."""
    classeur = Workbook()
    del classeur[classeur.sheetnames[0]]
    ajouter_balance(classeur, lignes, jour, mention)
    ajouter_indus(classeur, lignes, jour, mention)
    return en_octets(classeur)


def ajouter_balance(classeur: Workbook, lignes: Sequence[LigneBalance], jour: date, mention: str) -> None:
    """Add the sheet that says what each partner owes, by age."""
    feuille = classeur.create_sheet("Balance âgée")
    remplir(feuille, _titre(jour, mention), PAR_PARTENAIRE, _par_partenaire(lignes, jour))


def ajouter_indus(classeur: Workbook, lignes: Sequence[LigneBalance], jour: date, mention: str) -> None:
    """Add the sheet that lists each indu."""
    detail: list[list[Valeur]] = [
        [
            li.gestionnaire, li.structure, li.exercice, li.reference, en_chiffres(li.depuis), (jour - li.depuis).days,
            *map(en_euros, (li.montant_centimes, li.rentre_centimes, li.du_centimes, li.en_cours_centimes)),
        ]
        for li in lignes
    ]  # fmt: skip
    remplir(classeur.create_sheet("Indus"), _titre(jour, mention), PAR_INDU, detail)


def _titre(jour: date, mention: str) -> str:
    titre = f"Indus à recouvrer au {en_chiffres(jour)}"
    return f"{mention} : montants inventés. {titre}" if mention else titre


def _par_partenaire(lignes: Iterable[LigneBalance], jour: date) -> list[list[Valeur]]:
    sommes: dict[str, list[int]] = {}
    for ligne in lignes:
        sommes.setdefault(ligne.gestionnaire, [0] * len(TRANCHES))[tranche(ligne.depuis, jour)] += ligne.du_centimes
    return [[nom, *map(en_euros, parts), en_euros(sum(parts))] for nom, parts in sorted(sommes.items())]
