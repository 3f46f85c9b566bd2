"""What happens to a batch after its signatures, and to a due that must not be paid: one act each, with its code."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.codes import avec_le_code
from flows.communs import refus_en_clair, termine
from flows.demandes_finance import (
    DemandeContrepassation,
    DemandeLevee,
    DemandeRefus,
    DemandeSuspension,
    DemandeTransmission,
)
from regles.etats import EtatLot
from tasks import artefacts, finance, liberations


@flow(
    name="Refus d’un lot",
    flow_run_name="Refus du lot n° {demande.lot}, par {demande.par}",
    description="Refuse un lot qui n’est pas exporté ; ses versements sont de nouveau dus.",
    persist_result=False,
)
@refus_en_clair
def refuser(demande: DemandeRefus) -> State[Any]:
    """Turn a batch down, whatever its signatures, until its export."""
    avec_le_code(
        demande.par,
        f"Le lot n° {demande.lot} va être refusé",
        lambda code: finance.decider(demande.lot, EtatLot.REFUSE, demande.par, demande.motif, demande.jour, code),
    )
    artefacts.publier_refus(demande.lot)
    return termine(f"Lot n° {demande.lot} refusé par {demande.par} : ses versements sont de nouveau à proposer.")


@flow(
    name="Transmission à la banque",
    flow_run_name="Transmission du lot n° {demande.lot}, par {demande.par}",
    description="Note que le fichier d’un lot exporté a été remis à la banque ; on attend alors ses résultats.",
    persist_result=False,
)
@refus_en_clair
def transmettre(demande: DemandeTransmission) -> State[Any]:
    """Note that the bank has the file of a batch."""
    avec_le_code(
        demande.par,
        f"Le lot n° {demande.lot} va être noté transmis à la banque",
        lambda code: finance.transmettre(demande.lot, demande.par, demande.jour, code),
    )
    return termine(f"Lot n° {demande.lot} transmis : chaque ligne attend le résultat de la banque.")


@flow(
    name="Suspension d’un versement",
    flow_run_name="Suspension de {demande.reference}, par {demande.par}",
    description="Suspend un versement encore à payer ; son lot, s’il en a un, attend de nouveau ses signatures.",
    persist_result=False,
)
@refus_en_clair
def suspendre(demande: DemandeSuspension) -> State[Any]:
    """Suspend a due, and have the draft it has left wait for its signatures."""
    bilan = avec_le_code(
        demande.par,
        f"Le versement {demande.reference} va être suspendu",
        lambda code: finance.suspendre(
            demande.reference, demande.motif, demande.texte, demande.par, demande.jour, code
        ),
    )
    if bilan.lot is None or bilan.etat is not EtatLot.PROPOSE:
        return termine(bilan.phrase)
    return termine(bilan.phrase, liberations.demander(bilan.lot, demande.jour))


@flow(
    name="Levée d’une suspension",
    flow_run_name="Levée de la suspension de {demande.reference}, par {demande.par}",
    description="Lève la suspension d’un versement : le prochain lot de son étape le prendra.",
    persist_result=False,
)
@refus_en_clair
def lever(demande: DemandeLevee) -> State[Any]:
    """Lift a suspension."""
    avec_le_code(
        demande.par,
        f"La suspension de {demande.reference} va être levée",
        lambda code: finance.lever(demande.reference, demande.motif, demande.par, demande.jour, code),
    )
    return termine(f"{demande.reference} n’est plus suspendu : le prochain lot de son étape le prendra.")


@flow(
    name="Contre-passation",
    flow_run_name="Contre-passation de {demande.reference}, par {demande.par}",
    description="Reprend par une écriture de sens contraire un versement payé qui n’est pas arrivé à qui il était dû.",
    persist_result=False,
)
@refus_en_clair
def contrepasser(demande: DemandeContrepassation) -> State[Any]:
    """Take back what the bank has paid."""
    ecriture = avec_le_code(
        demande.par,
        f"Le versement {demande.reference} va être contre-passé",
        lambda code: finance.contrepasser(demande.reference, demande.motif, demande.par, demande.jour, code),
    )
    return termine(
        f"{demande.reference} est contre-passé par {ecriture}, à recouvrer (campagnes indus encaisser {ecriture}).",
        "Le droit est de nouveau à payer : *Deployments*, « proposition ».",
    )
