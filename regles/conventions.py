"""Whether a right may be paid: conventions cover the whole period it finances.

Source: a prestation de service is paid under a convention d'objectifs et de financement (docs/regles.md §1). An
exercice is the civil year, except CLAS: the school year, September to June.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from regles.dates import en_chiffres

PAR_ANNEE_SCOLAIRE = frozenset({"CLAS"})


@dataclass(frozen=True, slots=True)
class Periode:
    """Days from `du` to `au`, both included."""

    du: date
    au: date

    @property
    def est_vide(self) -> bool:
        """Whether no day is left: a structure closed before, or opened after."""
        return self.du > self.au

    def __str__(self) -> str:
        """« du 01/01/2025 au 31/12/2025 »."""
        return f"du {en_chiffres(self.du)} au {en_chiffres(self.au)}"


@dataclass(frozen=True, slots=True)
class ConventionConnue:
    """A convention as recorded: its number, its prestation, its period."""

    numero: str
    prestation: str
    periode: Periode


def periode_financee(
    prestation: str, exercice: int, ouverte_le: date | None = None, fermee_le: date | None = None
) -> Periode:
    """Give the days a right of an exercice pays for, within the structure's own activity."""
    if prestation in PAR_ANNEE_SCOLAIRE:
        debut, fin = date(exercice, 9, 1), date(exercice + 1, 6, 30)
    else:
        debut, fin = date(exercice, 1, 1), date(exercice, 12, 31)
    return Periode(max(debut, ouverte_le or debut), min(fin, fermee_le or fin))


def defaut_de_convention(prestation: str, periode: Periode, conventions: Iterable[ConventionConnue]) -> str:
    """Give the French sentence that says why nothing is paid, or "" when the conventions cover every day.

    Conventions that follow one another without a day between them cover together.
    """
    connues = tuple(conventions)
    siennes = sorted((c for c in connues if c.prestation == prestation), key=lambda c: (c.periode.du, c.periode.au))
    if not siennes:
        autres = ", ".join(f"{c.numero} ({c.prestation})" for c in connues)
        suite = f" Convention enregistrée pour une autre prestation : {autres}." if autres else ""
        return f"Aucune convention n’est enregistrée pour la prestation {prestation}.{suite}"
    suivant = periode.du
    derniere = None
    for convention in siennes:
        if convention.periode.du <= suivant <= convention.periode.au:
            derniere = convention
            suivant = convention.periode.au + timedelta(days=1)
    if suivant > periode.au:
        return ""
    if derniere is None:
        return (
            f"Aucune convention n’est en vigueur le {en_chiffres(periode.du)}, premier jour de la période à payer "
            f"({periode}) : enregistrez-la."
        )
    return (
        f"La convention {derniere.numero} s’arrête le {en_chiffres(derniere.periode.au)}, avant la fin de la période à "
        f"payer ({periode}) : enregistrez son renouvellement ou son avenant."
    )
