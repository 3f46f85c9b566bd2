"""The daily run: whatever a stop made us miss is done once, in order. Schedules are for the eyes; this is the truth."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows.communs import phrases, refus_en_clair, termine
from flows.demandes import DemandeJour
from tasks import actions, artefacts, dossiers, executions, filoue, reception, textes


@flow(
    name="Rattrapage quotidien",
    flow_run_name="Ce matin",
    description="Reçoit ce qui attend, joue les actions dues et manquées, saute les relances dépassées, envoie.",
)
@refus_en_clair
def rattraper(demande: DemandeJour = DemandeJour()) -> State[Any]:  # noqa: B008
    """Receive first, so that nobody who has deposited is reminded; then play what is due, then send."""
    reception.enregistrer_arrivees(demande.jour)
    recus = reception.instruire(demande.jour)
    enfants = filoue.instruire(demande.jour)
    a_jouer, a_sauter = actions.chercher_actions_dues(demande.jour)
    sautees = actions.sauter(a_sauter, demande.jour)
    faites, refusees = actions.jouer(a_jouer, demande.jour)
    appels = dossiers.clore_les_appels_inutiles(demande.jour)
    envoi = actions.envoyer_courriels(demande.jour)
    avancements = artefacts.publier_tableau_de_bord(demande.jour)
    artefacts.publier_rattrapage(
        [f"Fichiers : {recus.phrase}", *filter(None, [enfants.phrase, appels]), *faites, textes.envoi(envoi)],
        sautees,
        refusees,
        avancements,
    )
    bilan = f"{len(faites)} action(s) jouée(s), {len(sautees)} sautée(s), {len(refusees)} refusée(s)."
    executions.renommer(bilan.rstrip("."))
    if refusees:
        return Failed(message=phrases(bilan, *refusees))
    return termine(bilan, f"Fichiers : {recus.phrase}", enfants.phrase, textes.envoi(envoi))
