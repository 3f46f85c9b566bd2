"""What the invented commission decides, and what the team does of it: conventions, then the payment of the accords."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from demonstration.equipe import PROPOSE_PAR, VALIDE_PAR
from demonstration.hasard import hasard
from modeles.base import transaction
from modeles.tables import Demande, Dossier, Structure
from operations.commission.decisions import decider
from operations.commission.engagements import ConventionPosee, conventionner
from operations.configuration import calendriers, etape
from operations.contexte import Contexte
from regles.calendrier import Etape, NatureEtape
from regles.etats import EtatDemande, SensDecision

PAIEMENT = timedelta(days=9)  # after the sitting
ACCORD, REFUS = 750, 880  # thousandths, cumulated; the others are put off to another sitting
REFUSE = "Le projet ne relève pas de l’enveloppe."
AJOURNE = "Le plan de financement est à préciser avec le partenaire."


def seances(contexte: Contexte) -> list[Etape]:
    """Give the sittings of the year, by day."""
    etapes = [e for c in calendriers(contexte) for e in c.etapes if e.nature is NatureEtape.COMMISSION]
    return sorted(etapes, key=lambda e: e.jour or date.max)


def sieger(contexte: Contexte, seance: str) -> None:
    """Record what a sitting decides on each request of its agenda."""
    for demande in _demandes(contexte, seance, EtatDemande.INSCRITE):
        tirage = hasard("annee", "decision", seance, demande.reference).randint(1, 1000)
        if tirage <= ACCORD:
            montant = demande.montant_demande_centimes * 8 // 10
            decider(contexte, seance, demande.reference, SensDecision.ACCORD, PROPOSE_PAR, montant_centimes=montant)
        else:
            sens, motif = (SensDecision.REFUS, REFUSE) if tirage <= REFUS else (SensDecision.AJOURNEMENT, AJOURNE)
            decider(contexte, seance, demande.reference, sens, PROPOSE_PAR, motif=motif)


def conventionner_les_accords(contexte: Contexte, seance: str) -> None:
    """Record a convention for each accord of a sitting; its place is that of the first structure of the partner."""
    for demande in _demandes(contexte, seance, EtatDemande.ACCORDEE):
        with transaction(contexte.moteur) as session:
            lieu = _premiere_structure(session, demande)
        jour = etape(contexte, seance).jour or date.max
        posee = ConventionPosee(
            numero=f"CONV-{demande.reference}",
            du=date(demande.exercice, 1, 1) if jour.year != demande.exercice else jour,
            au=date(demande.exercice, 12, 31),
            siret=lieu.siret,
            commune=lieu.commune_insee,
        )
        conventionner(contexte, demande.reference, posee, VALIDE_PAR)


def _demandes(contexte: Contexte, seance: str, etat: EtatDemande) -> list[Demande]:
    with transaction(contexte.moteur) as session:
        return list(
            session.exec(
                select(Demande)
                .where(Demande.commission == seance, Demande.etat == etat)
                .order_by(col(Demande.reference))
            )
        )


def _premiere_structure(session: Session, demande: Demande) -> Structure:
    partenaire = session.get_one(Dossier, demande.dossier_id).partenaire_id
    siennes = select(Structure).where(Structure.partenaire_id == partenaire).order_by(col(Structure.id))
    return session.exec(siennes.limit(1)).one()
