"""Espace de vie sociale: animation locale, a share of the running costs under a yearly ceiling.

Sources: caf45-partenaires.fr, « Animation de la vie sociale » (60 %); nosdeputes.fr, intervention 509450 (63.6 %).
"""

from regles.formules.commun import CHARGES, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Formule
from regles.trace import Calcul

FONCTION = Fonction("evs", "evs", "Animation locale (EVS)")


def evs_2023(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: rate × min(charges, ceiling)."""
    return [financer(calcul, FONCTION, donnees.nombre("charges"))]


FORMULES = (Formule(2023, evs_2023, (CHARGES,)),)
