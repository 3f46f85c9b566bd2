"""Write the invented network and what existed before this system (« reprise »).

For each structure: a convention, the réel 2024, the prévisionnel 2025 (updated in June where the trade does), and the
acomptes 2025 already paid on it. A CLAS has neither prévisionnel nor acompte. A structure opened in the year has no
year before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

from sqlmodel import Session, func, select

from demonstration.chiffres import Annee, Donnees, Lieu, chiffrer, conditions, est_actualisee, taux_regime_general
from demonstration.hasard import adresse, hasard, iban_invente, siren_invente, siret_invente
from demonstration.lieux import EAJE, Gestionnaire
from demonstration.reseau import Reseau, charger_reseau
from modeles.base import transaction
from modeles.journal import inscrire
from modeles.tables import Contact, Convention, CoordonneeBancaire, Declaration, Partenaire, Structure, Versement
from modeles.tables.reseau import NaturePartenaire
from operations.configuration import bareme, formulaire
from operations.contexte import ActeRefuse, Contexte
from operations.droits import conditions as conditions_du_droit
from operations.droits import typer_entrees
from regles.calcul import calculer_droit
from regles.calendrier import PARIS
from regles.conventions import PAR_ANNEE_SCOLAIRE
from regles.etats import EtatDeclaration, EtatVersement, NatureVersement
from regles.monnaie import arrondir_au_centime
from schemas.configuration.referentiel import Commune, charger_communes

PART_ACOMPTES = Fraction(70, 100)  # of the droit prévisionnel: the national prudential cap (docs/regles.md §1)
ACOMPTE_LE = date(2025, 11, 14)
CONVENTION = (date(2023, 1, 1), date(2027, 12, 31))
COMPTE_DU = date(2023, 1, 1)
ENREGISTRE_PAR, CONFIRME_PAR = "s.dubois", "a.leroy"
FRANCE, MAIRIE = "FR", "Place de l'Hôtel de Ville"
RETENUES = (None, None, "0.5", "0.5", "1")
FORFAITS = (0, 112_350, 148_000, 196_575, 260_000)  # cents a place and year


@dataclass(frozen=True, slots=True)
class Reprise:
    """A declaration taken over: its nature, its exercice, the step it is filed under, the day it had been received."""

    nature: str
    exercice: int
    etape: str
    le: date


REEL = Reprise("reel", 2024, "reprise-2024", date(2025, 2, 26))
PREVISIONNEL = Reprise("previsionnel", 2025, "reprise-previsionnel-2025", date(2025, 1, 3))
ACTUALISATION = Reprise("actualisation", 2025, "reprise-actualisation-2025", date(2025, 7, 4))


@dataclass(frozen=True, slots=True)
class _Pose:
    """What writing a structure needs."""

    contexte: Contexte
    session: Session
    reseau: Reseau
    lieu: Lieu
    structure: Structure

    @property
    def code(self) -> str:
        return self.lieu.equipement.code

    @property
    def prestation(self) -> str:
        return self.lieu.equipement.prestation


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
            chez = communes[gestionnaire.structures[0].commune]
            partenaire = _ecrire_partenaire(session, rang, gestionnaire, reseau, chez)
            for numero, equipement in enumerate(gestionnaire.structures, start=1):
                lieu = Lieu(gestionnaire, equipement)
                siret = siret_invente(partenaire.siren, numero)
                structure = _structure(partenaire, lieu, siret, communes[equipement.commune], reseau)
                session.add(structure)
                session.flush()
                acomptes.append(_reprendre(_Pose(contexte, session, reseau, lieu, structure)))
        _consigner(session, len(reseau.gestionnaires), acomptes)
    return True


def _consigner(session: Session, partenaires: int, acomptes: Sequence[int]) -> None:
    inscrire(
        session,
        le=_matin(ACOMPTE_LE),
        par="reprise",
        objet="reseau",
        objet_id="demonstration",
        action="reprendre",
        motif="réseau inventé de la démonstration",
        details={"partenaires": partenaires, "structures": len(acomptes), "acomptes_centimes": sum(acomptes)},
    )


def _ecrire_partenaire(
    session: Session, rang: int, gestionnaire: Gestionnaire, reseau: Reseau, chez: Commune
) -> Partenaire:
    partenaire = Partenaire(
        code=f"G{rang:02d}",
        nom=gestionnaire.nom,
        nature=gestionnaire.nature,
        siren=siren_invente(rang),
        **_adresse_postale(gestionnaire, reseau, chez),
    )
    session.add(partenaire)
    session.flush()
    for nom in gestionnaire.contacts:
        session.add(Contact(partenaire_id=partenaire.id or 0, nom=nom, courriel=adresse(nom, gestionnaire.domaine)))
    compte = CoordonneeBancaire(
        partenaire_id=partenaire.id or 0,
        iban=iban_invente(rang),
        titulaire=gestionnaire.nom,
        du=COMPTE_DU,
        enregistree_par=ENREGISTRE_PAR,
        enregistree_le=_matin(COMPTE_DU),
    )
    if gestionnaire.nom not in reseau.pieges.compte_non_confirme:
        compte.contre_appel = f"{gestionnaire.contacts[0]}, rappelé(e) au numéro du standard ; IBAN relu en entier."
        compte.confirmee_par, compte.confirmee_le = CONFIRME_PAR, _matin(COMPTE_DU)
    session.add(compte)
    return partenaire


def _adresse_postale(gestionnaire: Gestionnaire, reseau: Reseau, chez: Commune) -> dict[str, Any]:
    """Draw a street in the commune of the first structure; a commune is at its town hall, without a number."""
    if gestionnaire.nom in reseau.pieges.sans_adresse:
        return {}
    alea = hasard("adresse", gestionnaire.nom)
    lieu = {"code_postal": chez.codes_postaux[0], "ville": chez.nom, "pays": FRANCE}
    if gestionnaire.nature is NaturePartenaire.COMMUNE:
        return {**lieu, "rue": MAIRIE}
    return {**lieu, "rue": alea.choice(reseau.rues), "numero_voie": str(alea.randint(1, 60))}


def _structure(partenaire: Partenaire, lieu: Lieu, siret: str, commune: Commune, reseau: Reseau) -> Structure:
    equipement = lieu.equipement
    return Structure(
        code=equipement.code,
        nom=equipement.nom,
        partenaire_id=partenaire.id or 0,
        prestation=equipement.prestation,
        siret=siret,
        commune_insee=commune.insee,
        commune=commune.nom,
        epci_siren=commune.epci_siren,
        epci=commune.epci_nom,
        places=equipement.places,
        type_accueil=equipement.type_accueil,
        ouverte_le=reseau.pieges.ouverte_le.get(equipement.code),
        statut_gestionnaire=lieu.statut,
        taux_regime_general=taux_regime_general(lieu),
    )


def _reprendre(pose: _Pose) -> int:
    """Write the convention, the past declarations and the acompte paid; give the acompte in cents."""
    convention = _convention(pose)
    pose.session.add(convention)
    derniere: tuple[Reprise, Donnees] | None = None
    for reprise in _reprises(pose):
        donnees = chiffrer(
            pose.contexte.reglages.config,
            pose.lieu,
            formulaire(pose.contexte, pose.prestation),
            Annee(reprise.nature, reprise.exercice),
        )
        pose.session.add(_declaration(pose, reprise, donnees))
        if reprise is not REEL:
            derniere = reprise, donnees
    return _verser(pose, convention, *derniere) if derniere else 0


def _reprises(pose: _Pose) -> Iterator[Reprise]:
    if pose.structure.ouverte_le is None:
        yield REEL
    if pose.prestation not in PAR_ANNEE_SCOLAIRE:
        yield PREVISIONNEL
        if est_actualisee(pose.contexte.reglages.config, pose.prestation):
            yield ACTUALISATION


def _declaration(pose: _Pose, reprise: Reprise, donnees: Donnees) -> Declaration:
    return Declaration(
        structure_id=pose.structure.id or 0,
        prestation=pose.prestation,
        nature=reprise.nature,
        exercice=reprise.exercice,
        etape=reprise.etape,
        origine="reprise",
        donnees=donnees,
        recue_le=_matin(reprise.le),
        etat=EtatDeclaration.VALIDEE,
    )


def _convention(pose: _Pose) -> Convention:
    alea = hasard(pose.code, "convention")
    creche = pose.prestation == EAJE
    return Convention(
        structure_id=pose.structure.id or 0,
        prestation=pose.prestation,
        numero=f"COF-2023-{pose.code}",
        du=pose.structure.ouverte_le or CONVENTION[0],
        au=pose.reseau.pieges.convention_jusqu_au.get(pose.code, CONVENTION[1]),
        forfait_territoire_centimes=alea.choice(FORFAITS) if creche else 0,
        attractivite=creche and alea.randint(1, 10) <= 6,
        hausse_places=alea.choice(("0", "0", "0", "0.04", "0.08")) if creche else "0",
        conditions=conditions(pose.contexte.reglages.config, pose.lieu),
        retenue_maximale=alea.choice(RETENUES),
    )


def _verser(pose: _Pose, convention: Convention, reprise: Reprise, donnees: Donnees) -> int:
    montant = _acompte(pose, convention, reprise, donnees)
    pose.session.add(
        Versement(
            structure_id=pose.structure.id or 0,
            prestation=pose.prestation,
            exercice=ACOMPTE_LE.year,
            nature=NatureVersement.ACOMPTE,
            montant_centimes=montant,
            etape=reprise.etape,
            etat=EtatVersement.REPRISE,
            reference=f"{ACOMPTE_LE.year}-{pose.prestation}-{pose.code}-reprise",
            cree_le=_matin(ACOMPTE_LE),
        )
    )
    return montant


def _acompte(pose: _Pose, convention: Convention, reprise: Reprise, donnees: Donnees) -> int:
    connues = conditions_du_droit(convention) | {"hausse_places": "0"}  # the bonus trajectoire came after this acompte
    entrees = typer_entrees(pose.prestation, {**donnees, **connues})
    droit = calculer_droit(pose.prestation, reprise.nature, ACOMPTE_LE.year, entrees, bareme(pose.contexte), ACOMPTE_LE)
    if droit.montant is None:
        raisons = ", ".join((*droit.manquants, *(constat.message for constat in droit.constats)))
        raise ActeRefuse(f"Le droit {reprise.nature} {ACOMPTE_LE.year} de {pose.code} ne se calcule pas : {raisons}.")
    return arrondir_au_centime(droit.montant * PART_ACOMPTES)


def _matin(jour: date) -> datetime:
    return datetime.combine(jour, time(9), PARIS)
