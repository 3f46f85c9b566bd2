"""Controls across the answers of a declaration: each gives a `Constat`, none computes a right."""

from regles.controles.dossier import (
    BaremeDuJour,
    Cout,
    Dossier,
    Rapport,
    Reference,
    Seuil,
    Seuils,
    Somme,
    Variation,
)
from regles.controles.formule import REPONSE_MANQUANTE
from regles.controles.registre import controler

__all__ = [
    "REPONSE_MANQUANTE",
    "BaremeDuJour",
    "Cout",
    "Dossier",
    "Rapport",
    "Reference",
    "Seuil",
    "Seuils",
    "Somme",
    "Variation",
    "controler",
]
