"""A mail that a person settles."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeReglement
from operations.boite_envoi import Suite
from tasks import actions, textes


@flow(
    name="Courriel à régler",
    flow_run_name="Courriel : {demande.suite}, {demande.cle}, par {demande.par}",
    description="Un courriel refusé, ou dont on ignore s’il est parti : renvoyé, ou noté comme parti.",
)
@refus_en_clair
def regler(demande: DemandeReglement) -> State[Any]:
    """Settle a mail, then send the outbox."""
    regle = actions.regler_courriel(demande.cle, Suite(demande.suite), demande.par, demande.motif, demande.jour)
    envoi = actions.envoyer_courriels(demande.jour)
    return termine(f"Courriel de {regle.nom} réglé", textes.envoi(envoi))
