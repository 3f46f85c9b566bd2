"""The invented network: 29 EAJE in real communes, run by 18 partners with invented names and `.example` addresses.

Everything is drawn from a fixed seed: the same network on every machine. Installing it also writes what existed
before this system (« reprise »): the réel 2024, the prévisionnels 2025 and 2026, the acomptes 2025 already paid.
"""

import unicodedata
from datetime import date, datetime, time
from fractions import Fraction
from pathlib import Path
from random import Random

from sqlmodel import Session, func, select
from stdnum import luhn

from demonstration.chiffres import Donnees, Profil, donnees_de_l_annee, tirer_profil
from modeles.base import transaction
from modeles.journal import inscrire
from modeles.tables import Contact, Convention, Declaration, Partenaire, Structure, Versement
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.configuration import bareme, formulaire
from operations.contexte import ActeRefuse, Contexte
from operations.droits import conditions, donnees_typees
from regles.calcul import calculer_droit
from regles.calendrier import PARIS
from regles.etats import EtatDeclaration, EtatVersement, NatureVersement
from regles.monnaie import arrondir_au_centime
from schemas.configuration.referentiel import Commune, charger_communes
from schemas.configuration.yaml_strict import ModeleStrict, charger

GRAINE = 52
PRESTATION = "EAJE"
PART_ACOMPTES = Fraction(70, 100)  # of the droit prévisionnel: the national prudential cap (docs/regles.md §1)
ACOMPTE_LE = date(2025, 3, 14)
# What is taken over: nature and exercice, the step it is filed under, the day it had been received.
REPRISES = (
    ("reel", 2024, "reprise-2024", date(2025, 2, 26)),
    ("previsionnel", 2025, "reprise-previsionnel-2025", date(2025, 1, 3)),
    ("previsionnel", 2026, "previsionnels-2026-a", date(2026, 1, 3)),
)
CONVENTION = (date(2023, 1, 1), date(2027, 12, 31))
COMPTE_EPCI, COMPTE_COMMUNE = "746", "744"


class Equipement(ModeleStrict):
    """A crèche of the invented world."""

    code: str
    nom: str
    commune: str
    places: int


class Gestionnaire(ModeleStrict):
    """A partner of the invented world, its domain name, the people it names, and what it runs."""

    nom: str
    nature: NaturePartenaire
    domaine: str
    contacts: tuple[str, ...]
    structures: tuple[Equipement, ...]


class Reseau(ModeleStrict):
    """Content of config/demonstration/reseau.yaml."""

    gestionnaires: tuple[Gestionnaire, ...]


def charger_reseau(config: Path) -> Reseau:
    """Read the invented network.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    return charger(config / "demonstration" / "reseau.yaml", Reseau)


def hasard(*sujet: str | int) -> Random:
    """Give the random generator of a subject: always the same for the same words."""
    return Random("-".join(map(str, (GRAINE, *sujet))))  # noqa: S311


def siren_invente(rang: int) -> str:
    """Give a SIREN with a right key in the unassigned 9995 range: obviously invented."""
    racine = f"9995{rang:04d}"
    return racine + luhn.calc_check_digit(racine)


def siret_invente(siren: str, rang: int) -> str:
    """Give the SIRET of the `rang`-th establishment of an invented SIREN."""
    racine = f"{siren}{rang:04d}"
    return racine + luhn.calc_check_digit(racine)


def adresse(nom: str, domaine: str) -> str:
    """Give the address of a person: « Élodie Mougin » at x.example gives elodie.mougin@x.example."""
    sans_accent = unicodedata.normalize("NFKD", nom).encode("ascii", "ignore").decode()
    return f"{sans_accent.lower().replace(' ', '.')}@{domaine}"


def profil(gestionnaire: Gestionnaire, equipement: Equipement) -> Profil:
    """Give the profile behind the figures of a structure: the same at each call."""
    prive = gestionnaire.nature is NaturePartenaire.ASSOCIATION
    statut = StatutGestionnaire.PRIVE if prive else StatutGestionnaire.PUBLIC
    equilibre = COMPTE_EPCI if gestionnaire.nature is NaturePartenaire.EPCI else COMPTE_COMMUNE
    return tirer_profil(hasard(equipement.code), equipement.places, statut.value, equilibre)


def installer(contexte: Contexte) -> bool:
    """Write the network and its past in one transaction; False when it was there already.

    Raises:
        ErreurDeConfiguration: unreadable network, reference data or form.
        ActeRefuse: a barème that gives no droit prévisionnel.
    """
    reseau = charger_reseau(contexte.reglages.config)
    communes = charger_communes(contexte.reglages.config)
    with transaction(contexte.moteur) as session:
        if session.exec(select(func.count()).select_from(Partenaire)).one():
            return False
        acomptes = []
        for rang, gestionnaire in enumerate(reseau.gestionnaires, start=1):
            partenaire = _ecrire_partenaire(session, rang, gestionnaire)
            for numero, equipement in enumerate(gestionnaire.structures, start=1):
                tire = profil(gestionnaire, equipement)
                siret = siret_invente(partenaire.siren, numero)
                structure = _structure(partenaire, equipement, siret, communes[equipement.commune], tire)
                session.add(structure)
                session.flush()
                acomptes.append(_reprendre(contexte, session, structure, tire))
        _consigner(session, len(reseau.gestionnaires), acomptes)
    return True


def _consigner(session: Session, partenaires: int, acomptes: list[int]) -> None:
    inscrire(
        session,
        le=_matin(ACOMPTE_LE),
        par="reprise",
        objet="reseau",
        objet_id=PRESTATION,
        action="reprendre",
        motif="réseau inventé de la démonstration",
        details={"partenaires": partenaires, "structures": len(acomptes), "acomptes_centimes": sum(acomptes)},
    )


def _ecrire_partenaire(session: Session, rang: int, gestionnaire: Gestionnaire) -> Partenaire:
    partenaire = Partenaire(
        code=f"G{rang:02d}", nom=gestionnaire.nom, nature=gestionnaire.nature, siren=siren_invente(rang)
    )
    session.add(partenaire)
    session.flush()
    for nom in gestionnaire.contacts:
        session.add(Contact(partenaire_id=partenaire.id or 0, nom=nom, courriel=adresse(nom, gestionnaire.domaine)))
    return partenaire


def _structure(partenaire: Partenaire, equipement: Equipement, siret: str, commune: Commune, tire: Profil) -> Structure:
    return Structure(
        code=equipement.code,
        nom=equipement.nom,
        partenaire_id=partenaire.id or 0,
        prestation=PRESTATION,
        siret=siret,
        commune_insee=commune.insee,
        commune=commune.nom,
        epci_siren=commune.epci_siren,
        epci=commune.epci_nom,
        places=equipement.places,
        statut_gestionnaire=StatutGestionnaire(tire.statut),
        taux_regime_general=tire.taux_regime_general,
    )


def _reprendre(contexte: Contexte, session: Session, structure: Structure, tire: Profil) -> int:
    """Write the convention, the past declarations and the acompte paid; give the acompte in cents."""
    convention = _convention(structure)
    session.add(convention)
    passees: dict[tuple[str, int], Donnees] = {}
    for nature, exercice, etape, jour in REPRISES:
        passees[nature, exercice] = donnees_de_l_annee(
            tire, formulaire(contexte, PRESTATION), hasard(structure.code, nature, exercice)
        )
        session.add(
            Declaration(
                structure_id=structure.id or 0,
                prestation=PRESTATION,
                nature=nature,
                exercice=exercice,
                etape=etape,
                origine="reprise",
                donnees=passees[nature, exercice],
                recue_le=_matin(jour),
                etat=EtatDeclaration.VALIDEE,
            )
        )
    montant = _acompte(contexte, passees["previsionnel", ACOMPTE_LE.year], convention)
    session.add(
        Versement(
            structure_id=structure.id or 0,
            prestation=PRESTATION,
            exercice=ACOMPTE_LE.year,
            nature=NatureVersement.ACOMPTE,
            montant_centimes=montant,
            etat=EtatVersement.REPRISE,
            reference=f"{ACOMPTE_LE.year}-{PRESTATION}-{structure.code}-reprise",
            cree_le=_matin(ACOMPTE_LE),
        )
    )
    return montant


def _convention(structure: Structure) -> Convention:
    alea = hasard(structure.code, "convention")
    return Convention(
        structure_id=structure.id or 0,
        numero=f"COF-2023-{structure.code}",
        du=CONVENTION[0],
        au=CONVENTION[1],
        forfait_territoire_centimes=alea.choice((0, 112_350, 148_000, 196_575, 260_000)),
        attractivite=alea.randint(1, 10) <= 6,
        hausse_places=alea.choice(("0", "0", "0", "0.04", "0.08")),
    )


def _acompte(contexte: Contexte, donnees: Donnees, convention: Convention) -> int:
    connues = conditions(convention) | {"hausse_places": "0"}  # the bonus trajectoire came after this acompte
    entrees = donnees_typees(formulaire(contexte, PRESTATION), {**donnees, **connues})
    droit = calculer_droit(PRESTATION, "previsionnel", ACOMPTE_LE.year, entrees, bareme(contexte), ACOMPTE_LE)
    if droit.montant is None:
        raise ActeRefuse(f"Le droit prévisionnel {ACOMPTE_LE.year} ne se calcule pas : {', '.join(droit.manquants)}.")
    return arrondir_au_centime(droit.montant * PART_ACOMPTES)


def _matin(jour: date) -> datetime:
    return datetime.combine(jour, time(9), PARIS)
