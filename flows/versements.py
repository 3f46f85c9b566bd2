"""A payment batch: proposed by one person, signed by another, given its visa by a third, then exported."""

from datetime import timedelta
from typing import Any, Literal

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from prefect.states import Failed
from pydantic import ConfigDict, Field, SecretStr

from flows.codes import SANS_CODE, SI_VOUS_EN_AVEZ_UN, TITRE, avec_le_code
from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeLot, DemandeProposition
from operations.contexte import ActeRefuse
from operations.lots import ResumeLot
from regles.etats import LOTS_A_SIGNER, EtatLot
from regles.monnaie import formater_euros
from tasks import artefacts, finance, liberations
from tasks.reponses import attendre
from tasks.textes import rappel_du_lot

DELAI_DE_DECISION = timedelta(days=60)


class _Signature(RunInput):
    """What both signatures ask. No decision by default: resuming without an answer decides nothing."""

    model_config = ConfigDict(extra="forbid", title="Signature")

    decision: str  # first in the form; each signature has its own words
    par: str = Field(
        title="Votre identifiant", description="Par exemple a.leroy : écrit au journal.", min_length=1, max_length=60
    )
    code: SecretStr = Field(default=SANS_CODE, title=TITRE, description=SI_VOUS_EN_AVEZ_UN, max_length=64)
    motif: str = Field(default="", title="Motif", description="Obligatoire pour refuser.", max_length=1000)


class Ordonnancement(_Signature):
    """The first signature."""

    decision: Literal["Ordonnancer", "Refuser"] = Field(
        title="Décision", description="Ordonnancer : le lot va au visa de la direction comptable et financière."
    )


class Visa(_Signature):
    """The second signature."""

    decision: Literal["Viser", "Refuser"] = Field(
        title="Décision", description="Viser : les bordereaux et les virements sont exportés."
    )


@flow(
    name="Proposition de lot",
    flow_run_name="Proposition de lot : {demande.etape}, par {demande.par}",
    description="Prépare soldes et indus, fige un lot, puis demande sa signature à deux autres personnes.",
    persist_result=False,
)
@refus_en_clair
def proposer_lot(demande: DemandeProposition) -> State[Any]:
    """Prepare the dues, tell the partners of their indus, freeze a batch, ask for its signatures."""
    dus = finance.preparer_dus(demande.etape, demande.jour)
    avis = finance.notifier_indus(demande.etape, demande.jour).phrase
    lot = avec_le_code(
        demande.par,
        "Un lot va être proposé",
        lambda code: finance.proposer(demande.etape, demande.par, demande.jour, code),
    )
    artefacts.publier_proposition(demande.etape, dus, avis, lot)
    if lot is None:
        return termine("Rien à payer : aucun lot n’est proposé.", avis)
    return termine(f"Lot n° {lot} proposé par {demande.par}.", liberations.demander(lot, demande.jour), avis)


@flow(
    name="Libération de lot",
    flow_run_name=liberations.nom("{demande.lot}"),
    description="Présente un lot figé, attend qu’une personne l’ordonnance, qu’une autre le vise, puis exporte.",
    persist_result=False,
)
@refus_en_clair
def liberer_lot(demande: DemandeLot) -> State[Any]:
    """Wait for each signature, write it, export. On resume it all runs again: nothing is done before an answer."""
    while (lot := finance.lire_lot(demande.lot)).etat in LOTS_A_SIGNER:
        artefacts.publier_lot(lot.lot, str(runtime.flow_run.id))
        reponse = _attendre_une_signature(lot)
        try:
            _signer(demande, reponse)
        except ActeRefuse:
            if finance.lire_lot(lot.lot).tentatives_refusees == lot.tentatives_refusees:
                raise
    if lot.etat is EtatLot.REFUSE:
        artefacts.publier_refus(lot.lot)
        return termine(f"Lot {lot.numero} refusé par {lot.decide_par} : ses versements sont de nouveau dus.")
    try:
        faits = finance.exporter(lot.lot, demande.jour)
    except ActeRefuse as defaut:
        return Failed(message=liberations.suite_d_un_export_refuse(finance.lire_lot(lot.lot), str(defaut)))
    artefacts.publier_export(lot.lot, faits)
    return termine(f"Lot {lot.numero} visé par {lot.decide_par} et exporté : {formater_euros(lot.total_centimes)}.")


def _attendre_une_signature(lot: ResumeLot) -> Ordonnancement | Visa:
    """Suspend until someone answers. The key says how far the batch has come: the same at each replay."""
    formulaire = Ordonnancement if lot.etat is EtatLot.PROPOSE else Visa
    question = formulaire.with_initial_data(description=rappel_du_lot(lot))
    return attendre(question, f"{lot.etat.value}-{lot.actes}", DELAI_DE_DECISION)


def _signer(demande: DemandeLot, reponse: Ordonnancement | Visa) -> None:
    if reponse.decision == "Ordonnancer":
        finance.ordonner(demande.lot, reponse.par, demande.jour, reponse.code)
        return
    decision = EtatLot.LIBERE if reponse.decision == "Viser" else EtatLot.REFUSE
    finance.decider(demande.lot, decision, reponse.par, reponse.motif, demande.jour, reponse.code)
