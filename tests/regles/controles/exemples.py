"""Dossiers of any prestation, from the answers a formula reads: totals are given by one account, the others are 0."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from regles.anomalies import Severite
from regles.baremes import Bareme
from regles.champs import Formulaire, Origine, TypeChamp
from regles.controles import BaremeDuJour, Dossier, Reference, Seuils, controler
from regles.controles.dossier import Valeur
from regles.formules.entrees import Donnee
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.controles import charger_seuils
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE

CONFIG = RACINE / "config"
PRESTATIONS = tuple(sorted(f.stem for f in (CONFIG / "formulaires").glob("*.yaml")))
JOUR = date(2026, 2, 8)
B, A, N = Severite.BLOQUANTE, Severite.ALERTE, Severite.INFORMATION


@lru_cache
def formulaire_de(prestation: str) -> Formulaire:
    return charger_formulaire(CONFIG, prestation)


@lru_cache
def seuils_de(prestation: str) -> Seuils:
    return charger_seuils(CONFIG, formulaire_de(prestation))


@lru_cache
def bareme_du_projet() -> Bareme:
    return charger_bareme(CONFIG, demonstration=False)


def connu(parametres: Mapping[str, str] | None = None) -> BaremeDuJour:
    """The project's barème, some parameters typed."""
    return BaremeDuJour(bareme_du_projet().simuler(parametres or {}), JOUR)


def repondre(prestation: str, donnees: Mapping[str, Any]) -> dict[str, Valeur]:
    """Give the form's answers: `charges` goes to account 60, `produits` to 744, accounts not given are 0."""
    formulaire = formulaire_de(prestation)
    totaux = {"charges": "charges_60", "produits": "produits_744"}
    voulues = {totaux.get(cle, cle): valeur for cle, valeur in donnees.items()}
    comptes: dict[str, Any] = {c.cle: "0" for c in formulaire.champs if c.compte or c.sens}
    return {
        champ.cle: _typer(champ.type, valeur)
        for champ in formulaire.champs
        if (valeur := {**comptes, **voulues}.get(champ.cle)) is not None
    }


def _typer(genre: TypeChamp, valeur: Any) -> Valeur:
    if genre in {TypeChamp.DECIMAL, TypeChamp.EUROS}:
        return Decimal(str(valeur))
    return int(valeur) if genre is TypeChamp.ENTIER else valeur


def conditions(prestation: str, donnees: Mapping[str, Any]) -> dict[str, Donnee]:
    """Give what the form does not ask: the convention brings it."""
    formulaire = formulaire_de(prestation)
    demandees = {c.cle for c in formulaire.champs} | {t.cle for t in formulaire.totaux}
    hors = {cle: valeur for cle, valeur in donnees.items() if cle not in demandees}
    return {cle: Fraction(valeur) if isinstance(valeur, str) else valeur for cle, valeur in hors.items()}


def dossier(
    prestation: str,
    donnees: Mapping[str, Any],
    *,
    exercice: int = 2025,
    references: Mapping[Reference, Mapping[str, Any]] | None = None,
    bareme: BaremeDuJour | None = None,
    nature: str = "reel",
) -> Dossier:
    passees = {reference: repondre(prestation, autres) for reference, autres in (references or {}).items()}
    apportees = conditions(prestation, donnees)
    return Dossier(
        formulaire_de(prestation),
        exercice,
        repondre(prestation, donnees),
        passees,
        {exercice: apportees, exercice - 1: apportees},
        bareme,
        nature,
    )


def trouver(prestation: str, vu: Dossier, *codes: str) -> list[tuple[str, Severite, str]]:
    """Run the controls with the project's thresholds; only some codes when given."""
    constats = controler(vu, seuils_de(prestation))
    return [(c.code, c.severite, c.champs[0]) for c in constats if not codes or c.code in codes]


def saisis(prestation: str) -> set[str]:
    """The keys a partner can mend: the fields typed and the totals."""
    formulaire = formulaire_de(prestation)
    return {c.cle for c in formulaire.champs if c.origine is Origine.PARTENAIRE} | {t.cle for t in formulaire.totaux}
