"""Filoué: what a file of the children received says, and what is found in it. Statistical purpose only.

One line a child with an invoice in the year. Versions: V1 (until 2020), V2 (2021) adds the Caf and the file number of
the structure, V3 (since 2022) its IDEQU; a file is read by its header's names. Sources: docs/regles.md, Filoué.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from regles.anomalies import Severite


class VersionFiloue(StrEnum):
    """Layout of a file, told by its header."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"


class ColonneFiloue(StrEnum):
    """The columns of every version, in the order of the fullest. Hours, euros, rate in % of monthly resources."""

    NUMERO_CAF = "NUMERO_CAF"
    NUMERO_DOSSIER_AFC = "NUMERO_DOSSIER_AFC"
    IDEQU = "IDEQU"
    TOP_ALLOC = "TOP_ALLOC"
    MATRICULE = "MATRICULE"
    REGIME = "REGIME"
    DATE_NAISSANCE_INDIVIDU = "DATE_NAISSANCE_INDIVIDU"
    CODE_POSTAL_FAMILLE = "CODE_POSTAL_FAMILLE"
    VILLE_FAMILLE = "VILLE_FAMILLE"
    NOMBRE_HEURES_FACTUREES = "NOMBRE_HEURES_FACTUREES"
    NOMBRE_HEURES_REALISEES = "NOMBRE_HEURES_REALISEES"
    MONTANT_FACTURE = "MONTANT_FACTURE"
    MONTANT_HORAIRE = "MONTANT_HORAIRE"
    TAUX_EFFORT = "TAUX_EFFORT"
    PREMIERJOUR = "PREMIERJOUR"
    DERNIERJOUR = "DERNIERJOUR"


@dataclass(frozen=True, slots=True)
class AnomalieFiloue:
    """What is wrong at a line (1 is the header, 0 the file as a whole) and column.

    `message` is a full French sentence that never quotes a matricule, a birth date, a town nor a postal code.
    """

    code: str
    severite: Severite
    message: str
    ligne: int = 0
    colonne: str = ""


@dataclass(frozen=True, slots=True)
class StructureAttendue:
    """What the file of a structure must say of itself; an identifier the Caf has not recorded ("") is not checked."""

    code: str
    exercice: int
    code_organisme: str
    dossier_afc: str
    idequ: str


@dataclass(frozen=True, slots=True)
class SommesFiloue:
    """Sums of a file: hours, euros, exact."""

    lignes: int
    heures_facturees: Fraction
    heures_realisees: Fraction
    montant_facture: Fraction
