"""A request put on an agenda already fixed, by a person: complete in time but recorded late, or urgent."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes_commission import seances_closes
from modeles.tables import Demande
from modeles.transitions import Acte, passer
from operations.boite_envoi import taire_adresses
from operations.commission import notifications
from operations.commission.decisions import DROIT
from operations.commission.seances import ecrire_dossier
from operations.commission.socle import completude, demande_ou_refus, seance
from operations.contexte import ActeRefuse, Contexte
from operations.pieces import exiger_motif_court
from regles.calendrier import Etape
from regles.dates import en_toutes_lettres
from regles.etats import EtatDemande


@dataclass(frozen=True, slots=True)
class BilanInscription:
    """A request put on an agenda, or found there; how many people are told."""

    reference: str
    nouvelle: bool
    courriels: int
    message: str


def inscrire(
    contexte: Contexte, identifiant: str, reference: str, par: str, motif: str, jour: date | None = None
) -> BilanInscription:
    """Put a complete request on the agenda of a sitting that the cut-off has fixed; its file is written anew.

    Raises:
        ActeRefuse: a person who may not decide, no reason, an agenda still open or a sitting over, or a request that
            is incomplete, decided, or on another agenda.
    """
    reglee = seance(contexte, identifiant)
    contexte.exiger_droit(par, DROIT)
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        demande = demande_ou_refus(session, reference)
        if demande.etat is EtatDemande.INSCRITE and demande.commission == reglee.id:
            return BilanInscription(reference, False, 0, f"{reference} y est déjà inscrite.")
        _verifier(contexte, session, reglee, demande, instant.date())
        avant, demande.commission = demande.commission, reglee.id
        acte = Acte(instant, par, "inscrire", taire_adresses(motif))
        passer(session, demande, EtatDemande.INSCRITE, acte, {"commission": reglee.id, "avant": avant})
        ecrits = notifications.annoncer_inscription(contexte, session, demande, instant)
        ecrire_dossier(contexte, session, reglee, instant)
    message = f"{reference} inscrite à {reglee.libelle}. {ecrits.courriels} courriel(s) à envoyer."
    if ecrits.sans_contact:
        message += f" Sans contact, à prévenir autrement : {', '.join(ecrits.sans_contact)}."
    return BilanInscription(reference, True, ecrits.courriels, message)


def _verifier(contexte: Contexte, session: Session, reglee: Etape, demande: Demande, jour: date) -> None:
    if reglee.id not in seances_closes(session):
        raise ActeRefuse(
            f"L'ordre du jour de {reglee.libelle} n'est pas arrêté : une demande complète y ira d'elle-même."
        )
    if reglee.jour is not None and jour > reglee.jour and not reglee.est_approximative("jour"):
        raise ActeRefuse(f"{reglee.libelle} a siégé le {en_toutes_lettres(reglee.jour)}.")
    if demande.etat is not EtatDemande.DEPOSEE:
        ou = f", {demande.commission}" if demande.commission else ""
        raise ActeRefuse(f"{demande.reference} est {demande.etat}{ou} : elle ne s'inscrit plus.")
    manquantes = completude(contexte, session, demande).manquantes
    if manquantes:
        raise ActeRefuse(f"{demande.reference} est incomplète, manque : {', '.join(manquantes)}.")
