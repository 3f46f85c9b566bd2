"""The form of a structure: its identity and last year's réel from the database, the deadline from the calendar."""

from datetime import date

from sqlmodel import Session

from echanges.classeur.modele import produire_classeur
from modeles.base import transaction
from modeles.requetes import declarations_de_reference, structure_par_code
from modeles.tables import Partenaire, Structure
from modeles.tables.reseau import StatutGestionnaire
from operations.configuration import calendriers, formulaire
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import NatureEtape
from regles.champs import Formulaire, Origine
from regles.formulaire import LIBELLES_NATURE, plan

STATUTS = {StatutGestionnaire.PUBLIC: "Public", StatutGestionnaire.PRIVE: "Privé"}


def produire_modele(
    contexte: Contexte, prestation: str, nature: str, exercice: int, code_structure: str
) -> tuple[str, bytes]:
    """Make the workbook that a structure fills; gives its file name and bytes, the same for the same data.

    `nature`: previsionnel, actualisation or reel. Last year's réel stands beside each cell when it is known.

    Raises:
        ActeRefuse: unknown structure, other prestation, nature without workbook, or a prestation without form.
    """
    if nature not in LIBELLES_NATURE:
        raise ActeRefuse(f"« {nature} » n'est pas une déclaration : {', '.join(LIBELLES_NATURE)} attendu.")
    modele = formulaire(contexte, prestation)
    with transaction(contexte.moteur) as session:
        structure, partenaire = _structure(session, code_structure, prestation)
        connues = declarations_de_reference(session, [structure.id or 0], NatureEtape.REEL.value, exercice - 1)
    reference = connues[structure.id or 0].donnees if connues else {}
    identite = {
        "structure": structure.code,
        "nom": structure.nom,
        "gestionnaire": partenaire.nom,
        "siret": structure.siret,
        "commune": structure.commune,
        "prestation": prestation,
        "nature": LIBELLES_NATURE[nature],
        "exercice": exercice,
        "version": modele.version,
        **_valeurs_de_la_caf(modele, structure),
    }
    octets = produire_classeur(
        plan(modele),
        modele,
        identite,
        reference,
        contexte.reglages.mention,
        nature,
        exercice,
        limite=_limite(contexte, prestation, nature, exercice),
        contact=contexte.reglages.fichier.courriel.repondre_a,
    )
    return f"{prestation}_{nature}_{exercice}_{code_structure}.xlsx", octets


def _structure(session: Session, code: str, prestation: str) -> tuple[Structure, Partenaire]:
    structure = structure_par_code(session, code)
    if structure is None:
        raise ActeRefuse(f"La structure « {code} » n'existe pas.")
    if structure.prestation != prestation:
        raise ActeRefuse(f"La structure {code} relève de {structure.prestation}, pas de {prestation}.")
    partenaire = session.get(Partenaire, structure.partenaire_id)
    if partenaire is None:
        raise ActeRefuse(f"La structure {code} n'a pas de gestionnaire.")
    return structure, partenaire


def _valeurs_de_la_caf(modele: Formulaire, structure: Structure) -> dict[str, str | int]:
    connues: dict[str, str | int] = {
        "places": structure.places,
        "taux_regime_general": structure.taux_regime_general,
        "statut_gestionnaire": STATUTS[structure.statut_gestionnaire],
    }
    demandees = [c.cle for c in modele.champs if c.origine is Origine.CAF]
    inconnues = [cle for cle in demandees if cle not in connues]
    if inconnues:
        raise ActeRefuse(f"Le dossier des structures ne contient pas : {', '.join(inconnues)}.")
    return {cle: connues[cle] for cle in demandees}


def _limite(contexte: Contexte, prestation: str, nature: str, exercice: int) -> date | None:
    """Give the published deadline, when there is one and only one, and it is not approximate."""
    limites = {
        None if etape.est_approximative("limite") else etape.limite
        for calendrier in calendriers(contexte)
        for etape in calendrier.etapes
        if (etape.nature.value, etape.exercice) == (nature, exercice) and prestation in etape.prestations
    }
    return limites.pop() if len(limites) == 1 else None
