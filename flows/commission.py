"""The Commission d'action sociale: the file of a sitting, then what it decided."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows.communs import phrases, refus_en_clair, termine
from flows.demandes_commission import DemandeDecisions, DemandeSeance
from tasks import actions, commission, textes


@flow(
    name="Préparation d’une commission",
    flow_run_name="Préparation : {demande.commission}",
    description="Écrit l’ordre du jour, une fiche par demande et le classeur des décisions d’une séance.",
)
@refus_en_clair
def preparer(demande: DemandeSeance) -> State[Any]:
    """Write the file of a sitting and publish its agenda."""
    bilan = commission.preparer(demande.commission, demande.jour)
    commission.publier_ordre_du_jour(bilan)
    return termine(bilan.phrase)


@flow(
    name="Décisions d’une commission",
    flow_run_name="Décisions : {demande.commission}, par {demande.par}",
    description="Une personne habilitée enregistre ce qu’une séance a décidé ; chaque partenaire est prévenu.",
)
@refus_en_clair
def decider(demande: DemandeDecisions) -> State[Any]:
    """Record the decisions, tell the partners, bring the file of the sitting up to date."""
    if demande.fichier:
        saisie = commission.saisir(demande.model_dump())
        commission.publier_saisie(demande.commission, saisie)
        if saisie.fautes:
            return Failed(message=f"{len(saisie.fautes)} point(s) à corriger : rien n’est écrit (voir « Artifacts »).")
        if not saisie.applique:
            return termine(
                f"Aperçu de {len(saisie.decisions)} décision(s) : relancez en cochant « J’ai relu l’aperçu »"
            )
        suite = f"{len(saisie.decisions)} décision(s) enregistrée(s)"
    else:
        suite = commission.decider(demande.model_dump())
    envoi = actions.envoyer_courriels(demande.jour)
    bilan = commission.preparer(demande.commission, demande.jour)
    commission.publier_ordre_du_jour(bilan)
    return termine(phrases(suite), textes.envoi(envoi), bilan.phrase)
