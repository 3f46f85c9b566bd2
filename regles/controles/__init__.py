"""Controls across the answers of a declaration: each gives a `Constat`, none computes a right."""

from regles.controles.dossier import Dossier, Reference, Seuil, Seuils, Variation
from regles.controles.registre import controler

__all__ = ["Dossier", "Reference", "Seuil", "Seuils", "Variation", "controler"]
