"""The Filoué campaign: its response rate, and the daily erasure of what names a child."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeJour
from tasks import actions, executions, filoue, textes


@flow(
    name="Suivi Filoué",
    flow_run_name="Taux de réponse Filoué",
    description="Lit les fichiers Filoué en attente, répond, et met à jour le taux de réponse face à sa cible.",
)
@refus_en_clair
def suivre(demande: DemandeJour = DemandeJour()) -> State[Any]:  # noqa: B008
    """Read what waits, answer, publish the response rate."""
    bilan = filoue.instruire(demande.jour)
    envoi = actions.envoyer_courriels(demande.jour)
    phrase = filoue.publier_suivi(demande.jour)
    executions.renommer(phrase.rstrip("."))
    return termine(bilan.phrase, textes.envoi(envoi), phrase)


@flow(
    name="Effacement Filoué",
    flow_run_name="Conservation des fichiers Filoué",
    description="Efface les fichiers bruts qui ont passé leur durée de conservation, et l’écrit au journal.",
)
@refus_en_clair
def effacer(demande: DemandeJour = DemandeJour()) -> State[Any]:  # noqa: B008
    """Erase, and say by number what was erased."""
    bilan = filoue.effacer(demande.jour)
    executions.renommer(f"Conservation Filoué : {len(bilan.effaces)} fichier(s) effacé(s)")
    return termine(bilan.phrase)
