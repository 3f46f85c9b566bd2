"""Espace de rencontre: 60 % of the hourly cost under a ceiling, since 1 January 2015.

Sources: caf.fr, « Espace de rencontre » (rate, hourly base; which hours is not said); ash.tm.fr 2917 (creation).
"""

from regles.formules.commun import CHARGES, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.trace import Calcul

FONCTION = Fonction("espace_rencontre", "espace_rencontre", "Prestation de service espace de rencontre", "h")
HEURES = Entree("heures", "heures de l'espace de rencontre", Genre.NOMBRE, "h", non_nul=True)


def espace_rencontre_2015(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: 60 % × min(charges ÷ hours, ceiling) × hours."""
    return [financer(calcul, FONCTION, donnees.nombre("charges"), donnees.nombre("heures"))]


FORMULES = (Formule(2015, espace_rencontre_2015, (CHARGES, HEURES)),)
