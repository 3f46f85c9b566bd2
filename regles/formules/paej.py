"""Point accueil écoute jeunes: a prestation de service since 1 January 2024, whose formula no source read gives.

Sources: enfancejeunesseinfos.fr, « Les modalités de financement des PAEJ pour 2024 » ; touteduc.fr 22845. The former
aid of 20 000 € per ETP belongs to the regime before 2024. The shape itself is a parameter, `paej.formule`: unknown
until the Caf enters it, with the rate and the ceiling that this shape calls for.
"""

from regles.formules.commun import CHARGES, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.trace import Calcul

FONCTION = Fonction("paej", "paej", "Prestation de service PAEJ", "ETP", formule=True)
ETP = Entree("etp", "équivalents temps plein du point accueil écoute", Genre.NOMBRE, "ETP", non_nul=True)


def paej_2024(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros, once its shape is known; each missing parameter is named until then."""
    return [financer(calcul, FONCTION, donnees.nombre("charges"), donnees.nombre("etp"))]


FORMULES = (Formule(2024, paej_2024, (CHARGES, ETP)),)
