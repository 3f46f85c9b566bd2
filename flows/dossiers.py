"""Dossiers of documents, more time, and the calls to pass: what a person decides, then the mails and the pages."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes_dossiers import DemandeDelai, DemandeDossier, DemandePiece, DemandeTache
from tasks import actions, artefacts, dossiers, textes


@flow(
    name="Pièce d’un dossier",
    flow_run_name="{demande.geste} : {demande.piece}, {demande.code} ({demande.etape})",
    description="Reçoit ou refuse une pièce ; le partenaire lit ce qui est arrivé et ce qui manque.",
)
@refus_en_clair
def traiter_piece(demande: DemandePiece) -> State[Any]:
    """Receive or turn down a document, write to the partner, refresh the step."""
    message = dossiers.traiter_piece(demande.model_dump())
    envoi = actions.envoyer_courriels(demande.jour)
    avancement = artefacts.publier_avancement(demande.etape, demande.jour)
    return termine(message, textes.envoi(envoi), avancement)


@flow(
    name="Dossier à décider",
    flow_run_name="{demande.geste} : {demande.code} ({demande.etape})",
    description="Note qu’un partenaire souhaite répondre, renonce, est dispensé, ou reprend son dossier.",
)
@refus_en_clair
def decider_dossier(demande: DemandeDossier) -> State[Any]:
    """Write the decision, refresh the step."""
    message = dossiers.decider(demande.model_dump())
    avancement = artefacts.publier_avancement(demande.etape, demande.jour)
    return termine(message, avancement)


@flow(
    name="Délai pour un partenaire",
    flow_run_name="Délai : {demande.code} ({demande.etape})",
    description="Dit ce qu’un délai entraînerait ; la case cochée, le donne et l’écrit au partenaire.",
)
@refus_en_clair
def prolonger(demande: DemandeDelai) -> State[Any]:
    """Say what more time entails, or give it and write to the partner."""
    if not demande.confirme:
        apercu = dossiers.prevoir_delai(demande.model_dump())
        return termine(apercu, "Rien n’est écrit : relancez en cochant « J’ai relu ce que cela entraîne »")
    message = dossiers.donner_delai(demande.model_dump())
    envoi = actions.envoyer_courriels(demande.jour)
    return termine(message, textes.envoi(envoi))


@flow(
    name="Tâche faite",
    flow_run_name="{demande.cle}, par {demande.par}",
    description="Note ce qu’une personne a fait d’une tâche : un appel passé, une adresse retrouvée.",
)
@refus_en_clair
def clore_tache(demande: DemandeTache) -> State[Any]:
    """Close a task."""
    return termine(dossiers.clore_tache(demande.model_dump()))
