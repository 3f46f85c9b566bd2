"""Where the requests and the envelopes stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from modeles.base import transaction
from modeles.requetes_commission import accorde, decision_de
from modeles.tables import Demande
from operations.commission.seances import CERTITUDES
from operations.commission.socle import completude, enveloppes, partenaire_de, seance
from operations.contexte import Contexte
from regles.commission import Enveloppe
from regles.etats import EtatDemande


@dataclass(frozen=True, slots=True)
class LigneDemande:
    """A request as listed; `commission` is "" while no sitting can take it. Amounts in cents, asked and accorded."""

    reference: str
    partenaire: str
    objet: str
    enveloppe: str
    montant_centimes: int
    commission: str
    etat: EtatDemande
    manquantes: tuple[str, ...]
    accorde_centimes: int | None


@dataclass(frozen=True, slots=True)
class EtatEnveloppe:
    """An envelope in cents: its amount and what is left (None while unknown), accorded, asked and not decided yet."""

    libelle: str
    montant_centimes: int | None
    certitude: str
    accorde_centimes: int
    reste_centimes: int | None
    en_attente_centimes: int


def lister(contexte: Contexte, identifiant: str = "") -> tuple[LigneDemande, ...]:
    """Give the requests by reference, of one sitting or all.

    Raises:
        ActeRefuse: a step that is no sitting.
    """
    requete = select(Demande).order_by(Demande.reference)
    if identifiant:
        requete = requete.where(Demande.commission == seance(contexte, identifiant).id)
    with transaction(contexte.moteur) as session:
        return tuple(_ligne(contexte, session, d) for d in session.exec(requete))


def _ligne(contexte: Contexte, session: Session, demande: Demande) -> LigneDemande:
    ouverte = demande.etat is EtatDemande.DEPOSEE
    prise = decision_de(session, demande.id or 0, demande.commission)
    return LigneDemande(
        demande.reference,
        partenaire_de(session, demande).nom,
        demande.objet,
        demande.enveloppe,
        demande.montant_demande_centimes,
        demande.commission,
        demande.etat,
        completude(contexte, session, demande).manquantes if ouverte else (),
        prise.montant_centimes if prise else None,
    )


def etat_des_enveloppes(contexte: Contexte, exercice: int) -> Sequence[EtatEnveloppe]:
    """Give every envelope of an exercice."""
    lues = enveloppes(contexte)
    with transaction(contexte.moteur) as session:
        return [_etat(session, lues.enveloppe(cle, exercice)) for cle in lues.enveloppes]


def _etat(session: Session, connue: Enveloppe) -> EtatEnveloppe:
    deja = accorde(session, connue.cle, connue.exercice)
    attendu = session.exec(
        select(func.sum(Demande.montant_demande_centimes)).where(
            Demande.enveloppe == connue.cle,
            Demande.exercice == connue.exercice,
            col(Demande.etat).in_([EtatDemande.DEPOSEE, EtatDemande.INSCRITE]),
        )
    ).one()
    return EtatEnveloppe(
        connue.libelle,
        connue.montant_centimes,
        CERTITUDES[connue.statut],
        deja,
        connue.reste(deja),
        int(attendu or 0),
    )
