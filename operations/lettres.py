"""From an outbox row to what its letter says, read again from the database at the moment of sending."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlmodel import Session, col, select

from echanges.courriel.vues import VueCampagne
from modeles.tables import Contact, Courriel, Declaration, Depot, Partenaire, Structure
from operations.accuses import RECU
from operations.attendus import structures_de
from operations.commission import notifications as commission
from operations.configuration import demarche, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from operations.filoue import lettres as filoue
from operations.lettres_depots import (
    DEJA_RECU,
    REJET,
    REPONSE,
    projeter_deja_recu,
    projeter_rejet,
    projeter_reponse,
)
from operations.lettres_dossiers import projeter_dossiers, projeter_recu
from operations.lettres_indus import ANNULATION, INDU, projeter_indus
from operations.lettres_paiements import PAIEMENT, projeter_paiements
from operations.projets import Projet, SansObjet, cadre_de, citer
from operations.relecture import concernes_par, dates_du_courriel
from regles.calendrier import PARIS, Etape, NatureEtape, fin_de_reception
from regles.etats import EtatDeclaration, EtatDepot

# What each genre that answers an act says; every other genre is a campaign's.
SANS_JOUR: Mapping[str, Callable[[Contexte, Session, Courriel, Contact], Projet | SansObjet]] = {
    REPONSE: projeter_reponse,
    PAIEMENT: projeter_paiements,
    filoue.GENRE: filoue.projeter_reponse,
}
LE_JOUR_MEME: Mapping[str, Callable[[Contexte, Session, Courriel, Contact, date], Projet | SansObjet]] = {
    REJET: projeter_rejet,
    DEJA_RECU: projeter_deja_recu,
    INDU: projeter_indus,
    ANNULATION: projeter_indus,
    RECU: projeter_recu,
    **dict.fromkeys(commission.GENRES, commission.projeter),
}
DONNEES = {
    NatureEtape.PREVISIONNEL: "données prévisionnelles",
    NatureEtape.ACTUALISATION: "données actualisées",
    NatureEtape.REEL: "données réelles",
}


def projeter(contexte: Contexte, session: Session, courriel: Courriel, jour: date) -> Projet | SansObjet:
    """Read again what a mail is about: only the structures that still owe are spoken of."""
    contact = session.get_one(Contact, courriel.contact_id)
    if not contact.actif:
        return SansObjet("le contact n'est plus actif")
    try:
        if courriel.genre in SANS_JOUR:
            return SANS_JOUR[courriel.genre](contexte, session, courriel, contact)
        return LE_JOUR_MEME.get(courriel.genre, _projeter_campagne)(contexte, session, courriel, contact, jour)
    except ActeRefuse as refus:
        return SansObjet(str(refus))


def _projeter_campagne(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again an opening, a reminder or an extension, by what the step is answered with."""
    reglee = etape(contexte, courriel.etape)
    if demarche(contexte, reglee).par_dossier:
        return projeter_dossiers(contexte, session, courriel, contact, jour)
    if reglee.nature is NatureEtape.FILOUE:
        return filoue.projeter_campagne(contexte, session, courriel, contact, jour)
    return _projeter_declarations(contexte, session, courriel, contact, jour, reglee)


def _projeter_declarations(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date, reglee: Etape
) -> Projet | SansObjet:
    dates = dates_du_courriel(contexte, session, courriel, reglee)
    fin = fin_de_reception(dates, plan_relances(contexte, reglee))
    if dates.limite is None or fin is None or reglee.exercice is None or jour > fin:
        return SansObjet("la réception est close")
    structures = structures_de(concernes_par(contexte, session, courriel, reglee), courriel.structures)
    if not structures:
        return SansObjet("toutes les structures ont répondu")
    refus = _derniers_refus(session, structures, reglee)
    vue = VueCampagne(
        cadre=cadre_de(contexte, contact, structures),
        libelle=reglee.libelle,
        donnees=DONNEES[reglee.nature],
        exercice=reglee.exercice,
        limite=dates.limite,
        fin=fin,
        jour=jour,
        structures=tuple(citer(contexte, s, refus.get(s.id or 0)) for s in structures),
        a_confirmer=dates.est_approximative("limite"),
        mots=demarche(contexte, reglee).mots.pour(courriel.genre, est_passee=jour > dates.limite),
    )
    genre = courriel.genre
    if genre == "relance" and vue.est_passee:
        genre = "relance_apres"
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(genre, contact.nom, contact.courriel, partenaire, vue, reglee)


def _derniers_refus(session: Session, structures: Sequence[Structure], reglee: Etape) -> dict[int, date]:
    """Give the day of the last deposit of each structure refused since the opening, or sent back by the team."""
    identifiants = [s.id for s in structures]
    refuses = session.exec(
        select(Depot).where(Depot.etat == EtatDepot.REFUSE, col(Depot.structure_id).in_(identifiants))
    )
    rejetees = session.exec(
        select(Declaration).where(
            Declaration.etape == reglee.id,
            Declaration.etat == EtatDeclaration.REJETEE,
            col(Declaration.structure_id).in_(identifiants),
        )
    )
    jours: dict[int, date] = {}
    for structure, instant in [(d.structure_id or 0, d.recu_le) for d in refuses] + [
        (d.structure_id, d.recue_le) for d in rejetees
    ]:
        jour = instant.astimezone(PARIS).date()
        if reglee.ouverture is None or jour >= reglee.ouverture:
            jours[structure] = max(jour, jours.get(structure, jour))
    return jours
