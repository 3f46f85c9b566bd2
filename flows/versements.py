"""A payment batch: proposed by one person, released (or turned down) by another, then exported."""

from datetime import timedelta
from typing import Any, Literal

from prefect import flow, runtime, suspend_flow_run
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import ConfigDict, Field

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeLot, DemandeProposition
from operations.contexte import ActeRefuse
from operations.versements import ResumeLot
from regles.etats import EtatLot
from regles.monnaie import formater_euros
from tasks import artefacts, finance, liberations
from tasks.textes import rappel_du_lot

DELAI_DE_DECISION = timedelta(days=60)
DECISIONS = {"Libérer": EtatLot.LIBERE, "Refuser": EtatLot.REFUSE}


class DecisionLot(RunInput):
    """The answer to a batch. The decision has no default: resuming without an answer decides nothing."""

    model_config = ConfigDict(extra="forbid", title="Décision")

    decision: Literal["Libérer", "Refuser"] = Field(
        title="Décision", description="Libérer : les bordereaux sont exportés."
    )
    par: str = Field(
        title="Votre identifiant", description="Par exemple a.leroy : écrit au journal.", min_length=1, max_length=60
    )
    motif: str = Field(default="", title="Motif", description="Obligatoire pour refuser.", max_length=1000)


@flow(
    name="Proposition de lot",
    flow_run_name="Proposition de lot : {demande.etape}, par {demande.par}",
    description="Prépare soldes et indus, fige un lot, puis demande sa libération à quelqu’un d’autre.",
)
@refus_en_clair
def proposer_lot(demande: DemandeProposition) -> State[Any]:
    """Prepare the dues, freeze a batch, ask for its release."""
    dus = finance.preparer_dus(demande.etape, demande.jour)
    lot = finance.proposer(demande.etape, demande.par, demande.jour)
    artefacts.publier_proposition(demande.etape, dus, lot)
    if lot is None:
        return termine("Rien à payer : aucun lot n’est proposé.")
    return termine(f"Lot n° {lot} proposé par {demande.par}.", liberations.demander(lot, demande.jour))


@flow(
    name="Libération de lot",
    flow_run_name="Libération du lot n° {demande.lot}",
    description="Présente un lot figé, attend la décision d’une autre personne (Resume), puis exporte.",
    persist_result=False,
)
@refus_en_clair
def liberer_lot(demande: DemandeLot) -> State[Any]:
    """Wait for a decision, write it, export. On resume it all runs again: nothing is done before the decision."""
    while (lot := finance.lire_lot(demande.lot)).etat is EtatLot.PROPOSE:
        artefacts.publier_lot(lot.lot, str(runtime.flow_run.id))
        reponse = _attendre_la_decision(lot)
        try:
            finance.decider(lot.lot, DECISIONS[reponse.decision], reponse.par, reponse.motif, demande.jour)
        except ActeRefuse:
            if finance.lire_lot(lot.lot).tentatives_refusees == lot.tentatives_refusees:
                raise
    if lot.etat is EtatLot.REFUSE:
        artefacts.publier_refus(lot.lot)
        return termine(f"Lot {lot.numero} refusé par {lot.decide_par} : ses versements sont de nouveau dus.")
    faits = finance.exporter(lot.lot, demande.jour)
    artefacts.publier_export(lot.lot, faits)
    return termine(f"Lot {lot.numero} libéré par {lot.decide_par} et exporté : {formater_euros(lot.total_centimes)}.")


def _attendre_la_decision(lot: ResumeLot) -> DecisionLot:
    """Suspend until someone answers. The key counts the answers turned down: the same at each replay."""
    return suspend_flow_run(
        wait_for_input=DecisionLot.with_initial_data(description=rappel_du_lot(lot)),
        timeout=int(DELAI_DE_DECISION.total_seconds()),
        key=f"decision-{len(lot.tentatives_refusees)}",
    )
