"""Relais petite enfance: 43 % of the running costs under a ceiling per ETP, and a flat rate for a mission renforcée.

Source: Caf de Saône-et-Loire, « Relais petite enfance ». The start of the rate is not published: 2024 is the first
exercice whose ceiling is spoken of (caf37-partenaires.fr, + 3.9 %).
"""

from fractions import Fraction

from regles.formules.commun import CHARGES, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.trace import Calcul

FONCTION = Fonction("rpe", "rpe", "Prestation de service RPE", "ETP")
ETP = Entree("etp_animateur", "équivalents temps plein d'animateur", Genre.NOMBRE, "ETP", non_nul=True)
MISSION = Entree(
    "mission_renforcee", "mission renforcée inscrite au projet validé par la Caf", Genre.OUI_NON, obligatoire=False
)


def rpe_2024(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: 43 % × min(charges ÷ ETP, ceiling) × ETP."""
    return [financer(calcul, FONCTION, donnees.nombre("charges"), donnees.nombre("etp_animateur"))]


def mission_2024(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Add the flat rate of one mission renforcée (guichet unique, analyse de la pratique or promotion), in euros."""

    def operation() -> tuple[str, Fraction | None]:
        if not donnees.oui("mission_renforcee"):
            return "aucune mission renforcée au projet : 0 €", Fraction(0)
        forfait = calcul.parametre("rpe.mission_renforcee.forfait").nombre
        return "forfait d'une mission renforcée", forfait

    return [calcul.ligne("mission_renforcee", "Mission renforcée", "€", operation)]


FORMULES = (Formule(2024, rpe_2024, (CHARGES, ETP)),)
MISSIONS = (Formule(2024, mission_2024, (MISSION,)),)
