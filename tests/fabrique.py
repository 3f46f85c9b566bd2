"""Made-up structures and workbooks for the tests: the real form, filled as a partner fills it."""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlmodel import select

from echanges.classeur.modele import produire_classeur
from modeles.base import transaction
from modeles.tables import Contact, Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.contexte import Contexte
from regles.champs import Formulaire
from regles.formulaire import COLONNE_SAISIE, FEUILLE_IDENTITE, PlanClasseur, plan
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE

# Answers of a sound réel of 20 places: no control has anything to say.
REPONSES: dict[str, Any] = {
    "amplitude_journaliere": 10,
    "jours_ouverture": 220,
    "journees_pedagogiques": 3,
    "couches_et_repas": "Oui",
    "heures_facturees": 35200,
    "heures_facturees_aeeh": 500,
    "heures_realisees": 33500,
    "heures_realisees_aeeh": 480,
    "heures_exceptionnelles": 0,
    "enfants_inscrits": 45,
    "enfants_handicap": 1,
    "charges_60": 30000,
    "charges_64": 360000.5,
    "charges_86": 9999.5,
    "participations_familiales": 63360,
    "produits_70623": 170000,
    "produits_744": 156640.5,
    "produits_87": 9999.5,
}


@lru_cache
def formulaire() -> Formulaire:
    """The form of the project."""
    return charger_formulaire(RACINE / "config", "EAJE")


@lru_cache
def plan_eaje() -> PlanClasseur:
    """Its layout."""
    return plan(formulaire())


def toutes_reponses(changements: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The sound answers with every account (0 when not said), then `changements`."""
    comptes = {c.cle: 0 for c in formulaire().champs_saisis if c.compte}
    return comptes | REPONSES | dict(changements or {})


def identite(code: str, **changements: Any) -> dict[str, str | int]:
    """What the Caf pre-fills for a structure made by `poser_structure`."""
    numero = int("".join(c for c in code if c.isdigit()))
    valeurs: dict[str, str | int] = {
        "structure": code,
        "nom": f"Crèche {code}",
        "gestionnaire": "Commune d'Essai",
        "siret": f"21520{numero:09d}",
        "commune": "Essai",
        "prestation": "EAJE",
        "nature": "Réel",
        "exercice": 2025,
        "version": formulaire().version,
        "places": 20,
        "taux_regime_general": "1",
        "statut_gestionnaire": "public",
    }
    return valeurs | changements


def poser_structure(contexte: Contexte, code: str, partenaire: str = "P1", contacts: int = 1) -> None:
    """Record a structure of 20 places, its partner and active contacts (made once)."""
    connue = identite(code)
    with transaction(contexte.moteur) as session:
        gestionnaire = Partenaire(
            code=partenaire, nom="Commune d'Essai", nature=NaturePartenaire.COMMUNE, siren="215200000"
        )
        existant = session.exec(select(Partenaire).where(Partenaire.code == partenaire)).first()
        if existant is None:
            session.add(gestionnaire)
            session.flush()
            existant = gestionnaire
            for rang in range(contacts):
                courriel = f"contact{rang}@{partenaire.lower()}.example"
                session.add(Contact(partenaire_id=existant.id or 0, nom=f"Contact {rang}", courriel=courriel))
        session.add(
            Structure(
                code=code,
                nom=str(connue["nom"]),
                partenaire_id=existant.id or 0,
                prestation="EAJE",
                siret=str(connue["siret"]),
                commune_insee="52121",
                commune="Essai",
                epci_siren="200068658",
                epci="CA de Chaumont",
                places=20,
                statut_gestionnaire=StatutGestionnaire.PUBLIC,
                taux_regime_general="1",
            )
        )


def classeur(code: str, changements: Mapping[str, Any] | None = None, **identite_changee: Any) -> bytes:
    """The real form of a structure, filled; `changements` by field key (None: left empty)."""
    vierge = produire_classeur(plan_eaje(), formulaire(), identite(code), {}, "DÉMONSTRATION", "reel", 2025)
    document = load_workbook(io.BytesIO(vierge))
    for cle, valeur in toutes_reponses(changements).items():
        ligne = plan_eaje().ligne_champ(cle)
        document[ligne.feuille].cell(ligne.ligne, COLONNE_SAISIE).value = valeur
    for rang in plan_eaje().identite:
        if rang.cle in identite_changee:
            document[FEUILLE_IDENTITE].cell(rang.ligne, COLONNE_SAISIE).value = identite_changee[rang.cle]
    flux = io.BytesIO()
    document.save(flux)
    return flux.getvalue()


def deposer_octets(contexte: Contexte, nom: str, octets: bytes) -> Path:
    """Put a file in the inbox."""
    chemin = contexte.reglages.boite_depots / nom
    chemin.write_bytes(octets)
    return chemin
