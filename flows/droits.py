"""From declarations received to rights."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeCampagne, DemandeRejet, DemandeValidation
from regles.monnaie import formater_euros
from tasks import actions, artefacts, finance, textes


@flow(
    name="Validation des déclarations",
    flow_run_name="Validation : {demande.etape}, par {demande.par}",
    description="L’équipe accepte les déclarations reçues ; celles qui portent des alertes demandent un motif.",
)
@refus_en_clair
def valider(demande: DemandeValidation) -> State[Any]:
    """Validate what was received, say what waits for a reason, refresh the artifacts."""
    bilan = finance.valider(demande.etape, demande.par, demande.motif, demande.jour)
    avancement = artefacts.publier_avancement(demande.etape, demande.jour)
    attente = f"À valider avec un motif (alertes) : {', '.join(bilan.en_attente)}." if bilan.en_attente else ""
    return termine(f"{bilan.validees} déclaration(s) validée(s).", attente, avancement)


@flow(
    name="Rejet d’une déclaration",
    flow_run_name="Rejet : {demande.structure}, {demande.etape}, par {demande.par}",
    description="L’équipe ne retient pas une déclaration reçue ; le partenaire lit pourquoi, et répond à nouveau.",
)
@refus_en_clair
def rejeter(demande: DemandeRejet) -> State[Any]:
    """Send a declaration back, write to the partner, refresh the artifacts."""
    bilan = actions.rejeter(demande.etape, demande.structure, demande.par, demande.motif, demande.jour)
    envoi = actions.envoyer_courriels(demande.jour)
    avancement = artefacts.publier_avancement(demande.etape, demande.jour)
    return termine(bilan.message, textes.envoi(envoi), avancement)


@flow(
    name="Calcul des droits",
    flow_run_name="Calcul des droits : {demande.etape}",
    description="Calcule le droit de chaque déclaration validée et écrit son explication. Rien n’est payé.",
)
@refus_en_clair
def calculer_droits(demande: DemandeCampagne) -> State[Any]:
    """Compute the rights of a step, write their explanations, publish them."""
    bilan = finance.calculer(demande.etape, demande.jour)
    finance.ecrire_explications(demande.etape)
    artefacts.publier_droits(demande.etape, bilan)
    payables = sum(ligne.payable for ligne in bilan.lignes)
    return termine(
        f"{len(bilan.lignes)} droit(s), dont {payables} payable(s) : {formater_euros(bilan.total_centimes)}."
    )
