"""Plausible figures of the other prestations, drawn by the rules of config/demonstration/profils.yaml."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from demonstration.chiffres.commun import MILLE, Donnees, charges_par_compte, completer
from demonstration.hasard import hasard
from regles.champs import Champ, Formulaire, TypeChamp
from schemas.configuration.yaml_strict import ModeleStrict, charger

BRUIT = 15  # thousandths a figure moves from a year to the next
BRUIT_DES_FACTEURS = 8
PETITS_PRODUITS: Mapping[str, int] = {"75": 6, "77": 3, "79": 4}  # thousandths of the charges
CONTRIBUTIONS = (0, 0, 8, 15, 22)  # thousandths of the charges given in kind
CHARGES = "charges"


class Grandeur(ModeleStrict):
    """How a figure is drawn; see config/demonstration/profils.yaml."""

    entre: tuple[Decimal, Decimal] | None = None
    de: tuple[str, ...] = ()
    fois: tuple[Decimal, Decimal] = (Decimal(1), Decimal(1))
    chance: int = MILLE
    stable: bool = False
    pas: Decimal = Decimal(1)


class ProfilPrestation(ModeleStrict):
    """What the structures of a prestation look like."""

    grandeurs: Mapping[str, Grandeur]
    par_type: Mapping[str, Mapping[str, Grandeur]] = {}
    conditions: Mapping[str, Grandeur] = {}
    produits: Mapping[str, int]
    equilibre: str = ""
    actualise: bool = False


class Profils(ModeleStrict):
    """Content of config/demonstration/profils.yaml."""

    profils: Mapping[str, ProfilPrestation]


@lru_cache
def charger_profils(config: Path) -> Mapping[str, ProfilPrestation]:
    """Read the profile of each prestation that is not a crèche.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    return charger(config / "demonstration" / "profils.yaml", Profils).profils


@dataclass(frozen=True, slots=True)
class Sujet:
    """A structure in a year: what every draw of its figures is seeded by. `activite`: thousandths of a usual year."""

    code: str
    annee: str
    activite: int = MILLE

    def tirer(self, cle: str, grandeur: Grandeur, connues: Mapping[str, Fraction]) -> Fraction:
        """Draw a figure: lasting from the structure, then moved by the year."""
        durable = hasard(self.code, cle)
        if durable.randint(1, MILLE) > grandeur.chance:
            return Fraction(0)
        bornes = grandeur.fois if grandeur.entre is None else grandeur.entre
        bas, haut = (Fraction(borne) for borne in bornes)
        valeur = bas + (haut - bas) * Fraction(durable.randint(0, MILLE), MILLE)
        if not grandeur.stable:
            bruit = BRUIT if grandeur.entre else BRUIT_DES_FACTEURS
            valeur *= Fraction(MILLE + hasard(self.code, cle, self.annee).randint(-bruit, bruit), MILLE)
            valeur *= Fraction(self.activite if grandeur.entre else MILLE, MILLE)
        if grandeur.de:
            valeur *= sum(connues[base] for base in grandeur.de)
        pas = Fraction(grandeur.pas)
        return math.floor(valeur / pas + Fraction(1, 2)) * pas


def tirer_grandeurs(profil: ProfilPrestation, type_accueil: str | None, sujet: Sujet) -> dict[str, Fraction]:
    """Draw every figure of a structure for a year, each from those before it."""
    valeurs: dict[str, Fraction] = {}
    for cle, grandeur in {**profil.par_type.get(type_accueil or "", {}), **profil.grandeurs}.items():
        valeurs[cle] = sujet.tirer(cle, grandeur, valeurs)
    return valeurs


def chiffrer_autre(
    profil: ProfilPrestation, formulaire: Formulaire, sujet: Sujet, fiche: Donnees, equilibre: str
) -> Donnees:
    """Give a full set of answers: the figures drawn, their budget shared among the accounts that the form asks.

    `fiche` is what the Caf knows of the structure; `equilibre` the account of the local authority.
    """
    valeurs = tirer_grandeurs(profil, fiche.get("type_accueil"), sujet)
    charges = int(valeurs.pop(CHARGES))
    champs = {champ.cle: champ for champ in formulaire.champs_saisis}
    donnees = {cle: _reponse(champs[cle], valeur) for cle, valeur in valeurs.items()}
    participations = sum(int(valeurs[cle]) for cle in valeurs if champs[cle].sens == "produit")
    comptes = _budget(profil, sujet.code, charges, participations, profil.equilibre or equilibre)
    par_compte = {(c.sens, c.compte): c.cle for c in champs.values() if c.compte}
    budget = {par_compte[lieu]: str(montant) for lieu, montant in comptes.items()}
    return completer({**fiche, **budget, **donnees}, formulaire)


def _budget(
    profil: ProfilPrestation, code: str, charges: int, participations: int, equilibre: str
) -> dict[tuple[str, str], int]:
    """Balance a budget in whole euros, by side and account."""
    produits = {compte: charges * part // MILLE for compte, part in {**PETITS_PRODUITS, **profil.produits}.items()}
    produits[equilibre] = max(charges - sum(produits.values()) - participations, 0)
    nature = charges * hasard(code, "contributions").choice(CONTRIBUTIONS) // MILLE
    return {
        **{("charge", compte): montant for compte, montant in charges_par_compte(charges).items()},
        **{("produit", compte): montant for compte, montant in produits.items()},
        ("charge", "86"): nature,
        ("produit", "87"): nature,
    }


def _reponse(champ: Champ, valeur: Fraction) -> int | str:
    return int(valeur) if champ.type is TypeChamp.ENTIER else en_texte(valeur)


def en_texte(valeur: Fraction) -> str:
    """Write an exact decimal: 3/2 gives « 1.5 »."""
    return f"{Decimal(valeur.numerator) / valeur.denominator:f}"
