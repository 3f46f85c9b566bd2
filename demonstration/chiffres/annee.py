"""The answers of a structure for a nature and an exercice, whatever its prestation."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demonstration.chiffres.autres import Sujet, charger_profils, chiffrer_autre, en_texte, tirer_grandeurs
from demonstration.chiffres.commun import MILLE, Donnees
from demonstration.chiffres.eaje import Profil, donnees_de_l_annee, tirer_profil
from demonstration.hasard import hasard
from demonstration.lieux import EAJE, Equipement, Gestionnaire
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from regles.calcul import entrees_connues
from regles.champs import Formulaire
from regles.formules.entrees import Genre

COMPTE_EPCI, COMPTE_COMMUNE = "746", "744"
TAUX_REGIME_GENERAL = ("1", "0.98", "0.97", "0.95", "0.93", "0.9")


@dataclass(frozen=True, slots=True)
class Lieu:
    """A structure and who runs it."""

    gestionnaire: Gestionnaire
    equipement: Equipement

    @property
    def statut(self) -> StatutGestionnaire:
        """Private for an association, public otherwise."""
        prive = self.gestionnaire.nature is NaturePartenaire.ASSOCIATION
        return StatutGestionnaire.PRIVE if prive else StatutGestionnaire.PUBLIC

    @property
    def equilibre(self) -> str:
        """The account of the local authority that balances its budget."""
        return COMPTE_EPCI if self.gestionnaire.nature is NaturePartenaire.EPCI else COMPTE_COMMUNE

    @property
    def creche(self) -> Profil:
        """The lasting profile of a crèche."""
        equipement = self.equipement
        return tirer_profil(hasard(equipement.code), equipement.places or 0, self.statut.value, self.equilibre)


@dataclass(frozen=True, slots=True)
class Annee:
    """A declaration to answer. `activite`: thousandths of a usual year."""

    nature: str
    exercice: int
    activite: int = MILLE


def taux_regime_general(lieu: Lieu) -> str:
    """Give the fixed share of the general scheme, a decimal text."""
    if lieu.equipement.prestation == EAJE:
        return lieu.creche.taux_regime_general
    return hasard(lieu.equipement.code, "regime").choice(TAUX_REGIME_GENERAL)


def chiffrer(config: Path, lieu: Lieu, formulaire: Formulaire, annee: Annee) -> Donnees:
    """Give the right answers of a structure: keys of the form, with what the Caf knows and the totals.

    Hours and euros are decimal texts.
    """
    equipement = lieu.equipement
    if equipement.prestation == EAJE:
        alea = hasard(equipement.code, annee.nature, annee.exercice)
        return donnees_de_l_annee(lieu.creche, formulaire, alea, annee.activite)
    profil = charger_profils(config)[equipement.prestation]
    fiche: Donnees = {"taux_regime_general": taux_regime_general(lieu)}
    if equipement.type_accueil:
        fiche["type_accueil"] = equipement.type_accueil
    sujet = Sujet(equipement.code, f"{annee.nature}-{annee.exercice}", annee.activite)
    return chiffrer_autre(profil, formulaire, sujet, fiche, lieu.equilibre)


def est_actualisee(config: Path, prestation: str) -> bool:
    """Whether the trade asks a prestation to update its prévisionnel in June."""
    profil = charger_profils(config).get(prestation)
    return prestation == EAJE if profil is None else profil.actualise


def conditions(config: Path, lieu: Lieu) -> dict[str, Any]:
    """Give what the convention of a structure brings to its right, by key of the formulas."""
    equipement = lieu.equipement
    profil = charger_profils(config).get(equipement.prestation)
    if profil is None:
        return {}
    sujet = Sujet(equipement.code, "convention")
    connues = tirer_grandeurs(profil, equipement.type_accueil, sujet)
    genres = {cle: entree.genre for cle, entree in entrees_connues(equipement.prestation).items()}
    trouvees: dict[str, Any] = {}
    for cle, grandeur in profil.conditions.items():
        valeur = sujet.tirer(cle, grandeur, connues)
        trouvees[cle] = bool(valeur) if genres[cle] is Genre.OUI_NON else en_texte(valeur)
    return trouvees
