"""A decision recorded wrongly is taken back by a person: its row stays, another one says who, when and why."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes import structure_par_code
from modeles.requetes_commission import decision_de, decisions_de
from modeles.tables import Annulation, Decision, Demande, Dossier, Structure
from modeles.transitions import Acte, passer
from operations.boite_envoi import taire_adresses
from operations.commission import notifications
from operations.commission.decisions import DROIT
from operations.commission.socle import demande_ou_refus, partenaire_de, seance
from operations.contexte import ActeRefuse, Contexte
from operations.dossiers import SANS_SUITE
from operations.pieces import exiger_motif_court
from regles.calendrier import Etape
from regles.etats import EtatDemande, EtatDossier, SensDecision


@dataclass(frozen=True, slots=True)
class BilanAnnulation:
    """A decision taken back, or found so; how many people are told that the mail they had was wrong."""

    reference: str
    nouvelle: bool
    courriels: int
    message: str


def annuler(
    contexte: Contexte, identifiant: str, reference: str, par: str, motif: str, jour: date | None = None
) -> BilanAnnulation:
    """Take back what a sitting decided on a request: it is on its agenda again, to be decided. Again, it is nothing.

    Whoever has been told reads `motif`; a mail that has not left never will.

    Raises:
        ActeRefuse: a person who may not decide, no reason, nothing decided, a convention already recorded, a request
            that went its way since a postponement, or whose dossier was left without a sequel.
    """
    reglee = seance(contexte, identifiant)
    contexte.exiger_droit(par, DROIT)
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        demande = demande_ou_refus(session, reference)
        prise = decision_de(session, demande.id or 0, reglee.id)
        if prise is None:
            if not decisions_de(session, demande.id or 0, reglee.id):
                raise ActeRefuse(f"{reglee.libelle} n'a rien décidé de {reference}.")
            return BilanAnnulation(reference, False, 0, f"{reference} : décision déjà annulée.")
        _verifier(session, demande, prise)
        courriels = _annuler(session, reglee, demande, prise, motif, Acte(instant, par, "annuler", motif))
    message = (
        f"{reference} : décision annulée ({prise.sens}), de nouveau à l'ordre du jour de {reglee.libelle}. Enregistrez "
        f"la bonne décision. {courriels} courriel(s) de rectification à envoyer."
    )
    return BilanAnnulation(reference, True, courriels, message)


def _verifier(session: Session, demande: Demande, prise: Decision) -> None:
    if structure_par_code(session, demande.reference) is not None:
        raise ActeRefuse(
            f"{demande.reference} a déjà sa convention : sa décision ne s'annule plus ici. Un avenant, ou un versement "
            "à rendre, se traite avec la direction comptable et financière."
        )
    if prise.sens is SensDecision.AJOURNEMENT and demande.etat is not EtatDemande.DEPOSEE:
        raise ActeRefuse(
            f"{demande.reference} a suivi son chemin depuis son ajournement ({demande.etat}) : il ne s'annule plus."
        )
    dossier = session.get_one(Dossier, demande.dossier_id)
    if dossier.etat is EtatDossier.SANS_SUITE:
        qui = (
            session.get_one(Structure, dossier.structure_id)
            if dossier.structure_id
            else partenaire_de(session, demande)
        )
        raise ActeRefuse(SANS_SUITE.format(etape=dossier.etape, code=qui.code))


def _annuler(session: Session, reglee: Etape, demande: Demande, prise: Decision, motif: str, acte: Acte) -> int:
    """Write the row and put the request back on the agenda; how many people are told."""
    session.add(Annulation(decision_id=prise.id or 0, motif=motif, par=acte.par, le=acte.le))
    session.flush()
    demande.commission = reglee.id
    details = {"commission": reglee.id, "sens": prise.sens, "montant_centimes": prise.montant_centimes}
    passer(session, demande, EtatDemande.INSCRITE, Acte(acte.le, acte.par, acte.action, taire_adresses(motif)), details)
    return notifications.annoncer_annulation(session, demande, prise, acte.le)
