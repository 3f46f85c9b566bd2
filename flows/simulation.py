"""« Et si »: the rights of an exercice before and after, published and written to files; nothing real is touched."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeSimulation
from regles.monnaie import formater_euros
from regles.simulation import formater_ecart
from tasks import simulation


@flow(
    name="Simulation",
    flow_run_name="Et si… : {demande.exercice}",
    description="Les droits d’un exercice sous d’autres hypothèses, avant et après. Rien de réel n’est touché.",
)
@refus_en_clair
def simuler(demande: DemandeSimulation) -> State[Any]:
    """Simulate, write the page and the workbook, publish the summary."""
    bilan = simulation.simuler(demande.model_dump())
    chemins = simulation.ecrire(bilan)
    simulation.publier(bilan, chemins)
    total = bilan.total
    montants = (
        f"{formater_euros(total.avant_centimes)} avant, {formater_euros(total.apres_centimes)} après, soit "
        f"{formater_ecart(total.difference_centimes)} pour {total.structures} structure(s)"
    )
    return termine(
        f"{bilan.mention} : {montants if total.structures else 'aucun droit n’est connu avant et après'}",
        f"{total.inconnues} droit(s) inconnu(s), comptés dans aucun total" if total.inconnues else "",
    )
