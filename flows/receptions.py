"""Partners' files: from the inbox to declarations and answers."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeReception
from tasks import actions, artefacts, executions, filoue, reception, textes


@flow(
    name="Réception des déclarations",
    flow_run_name="Boîte de dépôt",
    description="Prend les fichiers arrivés, les contrôle tous ensemble, répond à chaque partenaire.",
)
@refus_en_clair
def recevoir(demande: DemandeReception = DemandeReception()) -> State[Any]:  # noqa: B008
    """Register what arrived, check it in one batch, answer, refresh the artifacts."""
    if demande.fichier:
        reception.deposer(demande.fichier)
    arrives = reception.enregistrer_arrivees(demande.jour)
    bilan = reception.instruire(demande.jour)
    enfants = filoue.instruire(demande.jour)
    if not arrives and not bilan.lignes and not enfants.phrase:
        executions.renommer("Boîte de dépôt : rien de nouveau")
        return termine("Rien de nouveau dans la boîte de dépôt.")
    envoi = actions.envoyer_courriels(demande.jour)
    avancements = artefacts.publier_tableau_de_bord(demande.jour)
    if enfants.lignes:
        filoue.publier_suivi(demande.jour)
    executions.renommer(f"Boîte de dépôt : {bilan.phrase.rstrip('.')}")
    return termine(bilan.phrase, enfants.phrase, textes.envoi(envoi), *avancements)
