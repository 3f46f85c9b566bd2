"""PS Jeunes: half the cost of qualified animators under a ceiling per ETP, generalised on 1 January 2020.

Sources: esprit-de-famille-caf91.fr, « PS Jeunes » (50 %); banquedesterritoires.fr (2020).
"""

from regles.formules.commun import CHARGES, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.trace import Calcul

FONCTION = Fonction("ps_jeunes", "ps_jeunes", "PS Jeunes", "ETP")
ETP = Entree("etp_animateur", "équivalents temps plein d'animateur qualifié", Genre.NOMBRE, "ETP", non_nul=True)


def ps_jeunes_2020(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: 50 % × min(cost of the posts ÷ ETP, ceiling) × ETP."""
    return [financer(calcul, FONCTION, donnees.nombre("charges"), donnees.nombre("etp_animateur"))]


FORMULES = (Formule(2020, ps_jeunes_2020, (CHARGES, ETP)),)
