"""Plausible figures of an invented structure: the same seed, the same figures.

Everything is drawn as integers and exact fractions, so that no float comes near money.
"""

from demonstration.chiffres.annee import Annee, Lieu, chiffrer, conditions, est_actualisee, taux_regime_general
from demonstration.chiffres.commun import Donnees

__all__ = ["Annee", "Donnees", "Lieu", "chiffrer", "conditions", "est_actualisee", "taux_regime_general"]
