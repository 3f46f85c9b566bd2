"""Centre social: the animation globale et coordination (AGC) and the animation collective familles (ACF), apart.

Sources: caf45-partenaires.fr, « Animation de la vie sociale » (bases, 40 and 60 %); nosdeputes.fr, interventions 509450
and 517060, March 2024 (42.4 and 63.6 %, costed for 2024). The rate moved, not the shape: it is dated in the barème.
"""

from regles.formules.commun import Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.trace import Calcul

GLOBALE = Fonction("agc", "agc", "Animation globale et coordination")
FAMILLES = Fonction("acf", "acf", "Animation collective familles")
PILOTAGE = Entree("cout_pilotage", "coût de la fonction de pilotage et d'animation globale", Genre.NOMBRE, "€")
REFERENT = Entree("cout_referent_familles", "salaire du référent familles", Genre.NOMBRE, "€")
LOGISTIQUE = Entree("cout_logistique_familles", "part de logistique de l'animation familles", Genre.NOMBRE, "€")


def agc_2023(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the AGC, in euros: rate × min(cost of the function, ceiling)."""
    return [financer(calcul, GLOBALE, donnees.nombre("cout_pilotage"))]


def acf_2023(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the ACF, in euros: rate × min(référent + logistics, ceiling); a centre without it has nothing to read."""
    cout = donnees.nombre("cout_referent_familles") + donnees.nombre("cout_logistique_familles")
    if cout == 0:
        aucune = ("aucune animation collective familles déclarée : 0 €", cout)
        return [calcul.ligne("acf", FAMILLES.libelle, "€", lambda: aucune)]
    return [financer(calcul, FAMILLES, cout)]


FORMULES = (Formule(2023, agc_2023, (PILOTAGE,)),)
FORMULES_FAMILLES = (Formule(2023, acf_2023, (REFERENT, LOGISTIQUE)),)
