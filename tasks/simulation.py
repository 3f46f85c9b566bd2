"""A simulation from the run form to its files and its artifact."""

from typing import Any

from prefect.artifacts import create_markdown_artifact

from operations import simulation
from operations.contexte import contexte
from operations.simulation import BilanSimulation, Hypotheses, lire_saisies
from tasks import textes_simulation
from tasks.communs import tache


@tache("Simuler", rejouable=True)
def simuler(demande: dict[str, Any]) -> BilanSimulation:
    """Compute the rights before and after; `demande` holds the fields of the run form."""
    hypotheses = Hypotheses(
        exercice=demande["exercice"],
        prestations=tuple(demande["prestations"]),
        parametres=lire_saisies("Autres valeurs du barème", demande["parametres"]),
        reponses=lire_saisies("Autres réponses", demande["reponses"]),
        bareme=demande["bareme"] or None,
        connu_le=demande.get("connu_le"),
    )
    return simulation.simuler(contexte(), hypotheses, demande.get("jour"))


@tache("Ecrire la page et le classeur", rejouable=True)
def ecrire(bilan: BilanSimulation) -> list[str]:
    """Write the files under var/simulations; give their paths."""
    return [str(chemin) for chemin in simulation.ecrire_fichiers(bilan, simulation.dossier_de(contexte(), bilan))]


@tache("Publier la simulation", rejouable=True)
def publier(bilan: BilanSimulation, chemins: list[str]) -> None:
    """Publish totals, chart, movers and unknown rights."""
    exercice = bilan.hypotheses.exercice
    create_markdown_artifact(
        markdown=textes_simulation.synthese(bilan, chemins),
        key=f"simulation-{exercice}",
        description=f"{bilan.mention} : et si… l’enveloppe {exercice}.",
    )
