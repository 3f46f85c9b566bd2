"""The commission, from the run form to its documents and its artifacts."""

from datetime import date
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from operations.commission import annulations, decisions, seances
from operations.commission.decisions import BilanSaisie
from operations.commission.seances import BilanSeance
from operations.contexte import ActeRefuse, contexte
from regles.etats import SensDecision
from schemas.commission import lire_montant
from tasks import textes_commission
from tasks.communs import tache

ANNULER = "annuler"  # in the run form, beside what a sitting may decide


@tache("Ecrire le dossier de la seance", rejouable=True)
def preparer(commission: str, jour: date | None) -> BilanSeance:
    """Write the agenda, the sheets and the workbook of a sitting."""
    return seances.preparer(contexte(), commission, jour)


@tache("Publier le dossier de la seance", rejouable=True)
def publier_ordre_du_jour(bilan: BilanSeance) -> None:
    """Publish the agenda, with where its documents are."""
    create_markdown_artifact(
        markdown=textes_commission.ordre_du_jour(bilan),
        key=f"commission-{bilan.dossier.etape}",
        description=bilan.phrase,
    )


@tache("Relire le classeur des avis", rejouable=True)
def saisir(demande: dict[str, Any]) -> BilanSaisie:
    """Read the filled workbook, and record it when asked; `demande` holds the fields of the run form."""
    return decisions.decider_seance(
        contexte(), demande["commission"], Path(demande["fichier"]), demande["par"], appliquer=demande["appliquer"],
        jour=demande.get("jour"),
    )  # fmt: skip


@tache("Publier les avis", rejouable=True)
def publier_saisie(commission: str, saisie: BilanSaisie) -> None:
    """Publish what a filled workbook decides, or what is wrong in it."""
    create_markdown_artifact(
        markdown=textes_commission.saisie(saisie, contexte().reglages.mention),
        key=f"decisions-{commission}",
        description="Décisions de la séance : aperçu, points à corriger, ou enregistrées.",
    )


@tache("Inscrire un avis", rejouable=True)
def decider(demande: dict[str, Any]) -> str:
    """Record one decision, or take one back; `demande` holds the fields of the run form.

    Raises:
        ActeRefuse: an amount that does not read, and as `decisions.decider` or `annulations.annuler`.
    """
    if demande["sens"] == ANNULER:
        return annulations.annuler(
            contexte(), demande["commission"], demande["reference"], demande["par"], demande["motif"],
            demande.get("jour"),
        ).message  # fmt: skip
    centimes = lire_montant(demande["montant"])
    if centimes is not None and not isinstance(centimes, int):
        raise ActeRefuse(f"Montant accordé : {centimes.message} (lu « {centimes.lu} »)")
    bilan = decisions.decider(
        contexte(), demande["commission"], demande["reference"], SensDecision(demande["sens"]), demande["par"],
        montant_centimes=centimes, motif=demande["motif"], jour=demande.get("jour"),
    )  # fmt: skip
    return f"{bilan.reference} : {bilan.sens}. {bilan.suite}"
