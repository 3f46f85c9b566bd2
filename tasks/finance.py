"""From declarations to a batch: validate, compute, propose, decide, export."""

from datetime import date

from operations import droits, exports, versements
from operations.contexte import contexte
from operations.droits import BilanDroits, BilanValidation
from operations.exports import ExportFait
from operations.versements import BilanDus, ResumeLot
from regles.etats import EtatLot
from tasks.communs import tache


@tache("Valider", rejouable=True)
def valider(etape: str, par: str, motif: str, jour: date | None) -> BilanValidation:
    """Validate the declarations received for a step."""
    return droits.valider(contexte(), etape, par, motif, jour)


@tache("Calculer les droits", rejouable=True)
def calculer(etape: str, jour: date | None) -> BilanDroits:
    """Compute the right of every validated declaration."""
    return droits.calculer_droits(contexte(), etape, jour)


@tache("Expliquer chaque droit", rejouable=True)
def ecrire_explications(etape: str) -> list[str]:
    """Write a printable page for each right; give the paths."""
    return droits.ecrire_explications(contexte(), etape)


@tache("Calculer soldes et indus", rejouable=True)
def preparer_dus(etape: str, jour: date | None) -> BilanDus:
    """Write what is due, or owed back, from each right."""
    return versements.preparer_dus(contexte(), etape, jour)


@tache("Figer un lot", rejouable=True)
def proposer(etape: str, par: str, jour: date | None) -> int | None:
    """Freeze the dues of a step into a batch; None when nothing is due."""
    return versements.proposer_lot(contexte(), etape, par, jour)


@tache("Lire le lot", rejouable=True)
def lire_lot(lot: int) -> ResumeLot:
    """Give the frozen batch."""
    return versements.resume_lot(contexte(), lot)


@tache("Inscrire le choix au journal", rejouable=True)
def decider(lot: int, decision: EtatLot, par: str, motif: str, jour: date | None) -> None:
    """Write the decision of a person; the same one again is nothing."""
    versements.decider_lot(contexte(), lot, decision, par, motif, jour)


@tache("Exporter les bordereaux", rejouable=True)
def exporter(lot: int, jour: date | None) -> tuple[ExportFait, ...]:
    """Export a released batch; asked again, the same bytes."""
    return exports.exporter_lot(contexte(), lot, jour)
