"""A dated action of the calendar, at its hour or by hand."""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeEtape
from operations.configuration import etape
from operations.contexte import ActeRefuse, contexte
from regles.agenda import nommer_action
from regles.calendrier import Verbe
from tasks import actions, artefacts, textes


def _nommer() -> str:
    demande = DemandeEtape.model_validate(runtime.flow_run.parameters["demande"])
    try:
        return nommer_action(etape(contexte(), demande.etape), Verbe(demande.verbe), demande.rang)
    except ActeRefuse:
        return f"{demande.verbe} : {demande.etape}"


@flow(
    name="Étape du calendrier",
    flow_run_name=_nommer,
    description="Ouvre, relance ou clôt une étape, puis envoie les courriels et met l’avancement à jour.",
)
@refus_en_clair
def jouer_etape(demande: DemandeEtape) -> State[Any]:
    """Open, remind, close a step or hold its sitting; send the outbox, refresh its artifacts."""
    match Verbe(demande.verbe):
        case Verbe.OUVRIR:
            bilan = actions.ouvrir(demande.etape, demande.par, demande.jour, confirme=demande.confirme)
        case Verbe.RELANCER:
            bilan = actions.relancer(demande.etape, demande.rang, demande.par, demande.jour, confirme=demande.confirme)
        case Verbe.CLORE:
            bilan = actions.clore(demande.etape, demande.par, demande.jour)
        case Verbe.SIEGER:
            bilan = actions.sieger(demande.etape, demande.par, demande.jour)
    envoi = actions.envoyer_courriels(demande.jour)
    avancement = artefacts.publier_avancement(demande.etape, demande.jour)
    return termine(bilan.message, textes.envoi(envoi), avancement)
