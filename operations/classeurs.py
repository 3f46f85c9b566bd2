"""The form of a structure: its identity and last year's réel from the database, the deadline from the calendar."""

from datetime import date
from functools import lru_cache

from sqlmodel import Session

from echanges.classeur.modele import Valeur, produire_classeur
from modeles.base import transaction
from modeles.requetes import declarations_de_reference, structure_par_code
from modeles.tables import Partenaire, Structure
from modeles.tables.reseau import StatutGestionnaire
from operations.configuration import calendriers, formulaire, prestations_collectees, registre
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import Etape, NatureEtape
from regles.champs import Formulaire, Origine
from regles.formulaire import LIBELLES_NATURE, plan

CLASSEURS_GARDES = 512  # about 15 kB each
STATUTS = {StatutGestionnaire.PUBLIC: "Public", StatutGestionnaire.PRIVE: "Privé"}
TYPES_ACCUEIL = {"periscolaire": "Périscolaire", "extrascolaire": "Extrascolaire", "adolescents": "Adolescents"}


def produire_modele(
    contexte: Contexte,
    prestation: str,
    nature: str,
    exercice: int,
    code_structure: str,
    campagne: Etape | None = None,
) -> tuple[str, bytes]:
    """Make the workbook that a structure fills; gives its file name and bytes, the same for the same data.

    `nature`: previsionnel, actualisation or reel. Last year's réel stands beside each cell when it is known.
    `campagne`: the step it answers, whose limit it then says; two updates of a year are two workbooks.

    Raises:
        ActeRefuse: unknown structure, other prestation, prestation without form, nature that is not collected.
    """
    if nature not in LIBELLES_NATURE:
        raise ActeRefuse(f"« {nature} » n'est pas une déclaration : {', '.join(LIBELLES_NATURE)} attendu.")
    modele = formulaire(contexte, prestation)
    if raison := registre(contexte).raison(prestation, NatureEtape(nature)):
        raise ActeRefuse(f"Ce classeur n'est pas demandé aux partenaires. {raison}")
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
    octets = _produire(
        modele,
        tuple(identite.items()),
        tuple(reference.items()),
        contexte.reglages.mention,
        nature,
        exercice,
        _limite(contexte, prestation, nature, exercice) if campagne is None else _limite_sure(campagne),
        contexte.reglages.fichier.courriel.repondre_a,
    )
    return f"{prestation}_{nature}_{exercice}_{code_structure}.xlsx", octets


@lru_cache(maxsize=CLASSEURS_GARDES)
def _produire(
    modele: Formulaire,
    identite: tuple[tuple[str, str | int], ...],
    reference: tuple[tuple[str, Valeur], ...],
    mention: str,
    nature: str,
    exercice: int,
    limite: date | None,
    contact: str,
) -> bytes:
    """Make a workbook once: every person of a partner is sent the same bytes, and reminded with them."""
    return produire_classeur(
        plan(modele),
        modele,
        dict(identite),
        dict(reference),
        mention,
        nature,
        exercice,
        limite=limite,
        contact=contact,
    )


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
    connues: dict[str, str | int | None] = {
        "places": structure.places,
        "taux_regime_general": structure.taux_regime_general,
        "statut_gestionnaire": STATUTS[structure.statut_gestionnaire],
        "type_accueil": TYPES_ACCUEIL.get(structure.type_accueil or ""),
    }
    demandees = {c.cle: connues.get(c.cle) for c in modele.champs if c.origine is Origine.CAF}
    if inconnues := [cle for cle, valeur in demandees.items() if valeur is None]:
        raise ActeRefuse(f"Le dossier de la structure {structure.code} ne contient pas : {', '.join(inconnues)}.")
    return {cle: valeur for cle, valeur in demandees.items() if valeur is not None}


def _limite(contexte: Contexte, prestation: str, nature: str, exercice: int) -> date | None:
    """Give the published deadline, when there is one and only one, and it is not approximate."""
    limites = {
        _limite_sure(etape)
        for calendrier in calendriers(contexte)
        for etape in calendrier.etapes
        if (etape.nature.value, etape.exercice) == (nature, exercice)
        and prestation in prestations_collectees(contexte, etape)
    }
    return limites.pop() if len(limites) == 1 else None


def _limite_sure(etape: Etape) -> date | None:
    return None if etape.est_approximative("limite") else etape.limite
