"""Médiation familiale: 75 % of the cost per ETP, minus the families' participations, for the ETP financed.

Sources: caf.fr, « Médiation familiale » (75 % under a ceiling); ash.tm.fr 2687, Cnaf circular 2009-194 (the shape, rate
then 66 %). That source prorates by real ÷ financed, which would inflate the base; financed ÷ real is used.
"""

from collections.abc import Iterable
from fractions import Fraction

from regles.anomalies import Constat
from regles.formules.commun import CHARGES, Fonction, controler_part, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.monnaie import formater_nombre
from regles.trace import Calcul

FONCTION = Fonction("mediation", "mediation", "Prestation de service médiation familiale", "ETP")
REELS = Entree("etp_reels", "équivalents temps plein réels de médiateur", Genre.NOMBRE, "ETP", non_nul=True)
FINANCES = Entree("etp_finances", "équivalents temps plein financés par la convention", Genre.NOMBRE, "ETP")
PARTICIPATIONS = Entree(
    "participations_familiales", "participations familiales et consignations du tribunal", Genre.NOMBRE, "€"
)


def controler_etp(donnees: Donnees) -> Iterable[Constat]:
    """Refuse more ETP financed than there are."""
    return controler_part(donnees, FINANCES, REELS)


def mediation_2010(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: 75 % × min(charges ÷ ETP réels, ceiling) × ETP financés − participations prorated."""
    participations, reels, finances = (
        donnees.nombre(cle) for cle in ("participations_familiales", "etp_reels", "etp_finances")
    )
    deduction: Fraction = participations * finances / reels
    calcul.ligne(
        "mediation_participations", "Participations des familles, au prorata des ETP financés", "€", lambda: (
            f"{formater_nombre(participations)} € × {formater_nombre(finances)} ÷ {formater_nombre(reels)} ETP",
            deduction)
    )  # fmt: skip
    charges = donnees.nombre("charges")
    return [financer(calcul, FONCTION, charges, reels, unites_financees=finances, deduction=deduction)]


FORMULES = (Formule(2010, mediation_2010, (CHARGES, REELS, FINANCES, PARTICIPATIONS), controler_etp),)
