"""Lieu d'accueil enfants-parents: 30 % of the hourly cost, hours of opening and of organisation together.

Sources: lalettrecaf92, October 2016 (30 % of a capped cost); the Caf's information to partners, February 2026 (hours of
opening plus organisation, régime général).
"""

from regles.formules.commun import CHARGES, REGIME, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.trace import Calcul

FONCTION = Fonction("laep", "laep", "Prestation de service LAEP", "h")
OUVERTURE = Entree("heures_ouverture", "heures d'ouverture au public", Genre.NOMBRE, "h", non_nul=True)
ORGANISATION = Entree("heures_organisation", "heures d'organisation", Genre.NOMBRE, "h")


def laep_2016(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: 30 % × min(charges ÷ hours, ceiling) × hours × régime général."""
    heures = donnees.nombre("heures_ouverture") + donnees.nombre("heures_organisation")
    regime = donnees.nombre("taux_regime_general")
    return [financer(calcul, FONCTION, donnees.nombre("charges"), heures, regime=regime)]


FORMULES = (Formule(2016, laep_2016, (CHARGES, OUVERTURE, ORGANISATION, REGIME)),)
