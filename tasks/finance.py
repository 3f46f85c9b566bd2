"""From declarations to a batch: validate, compute, propose, decide, export."""

from datetime import date

from pydantic import SecretStr

from operations import avis_indus, codes, contrepassations, droits, exports, lots, signatures, suspensions
from operations import dus as operations_dus
from operations.avis_indus import BilanAvis
from operations.contexte import contexte
from operations.droits import BilanDroits, BilanValidation
from operations.dus import BilanDus
from operations.exports import ExportFait
from operations.lots import ResumeLot
from operations.suspensions import BilanSuspension
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


@tache("Calculer ce qui est du", rejouable=True)
def preparer_dus(etape: str, jour: date | None) -> BilanDus:
    """Write what is due, or owed back, from each right."""
    return operations_dus.preparer_dus(contexte(), etape, jour)


@tache("Annoncer les indus", rejouable=True)
def notifier_indus(etape: str, jour: date | None) -> BilanAvis:
    """Decide the mails that tell the partners of their indus."""
    return avis_indus.notifier_indus(contexte(), etape, jour)


@tache("Lire si un code est attendu", rejouable=True)
def code_attendu(par: str) -> bool:
    """Whether an act of a person of the team asks for their code."""
    contexte().exiger_personne(par)
    return codes.code_attendu(contexte(), par)


@tache("Lire les codes refuses", rejouable=True)
def codes_refuses(par: str) -> tuple[str, ...]:
    """Give why the codes typed for a person were turned down, oldest first."""
    return codes.codes_refuses(contexte(), par)


@tache("Figer un lot", rejouable=True)
def proposer(etape: str, par: str, jour: date | None, code: SecretStr) -> int | None:
    """Freeze the dues of a step into a batch; None when nothing is due."""
    return lots.proposer_lot(contexte(), etape, par, jour, code.get_secret_value())


@tache("Lire le lot", rejouable=True)
def lire_lot(lot: int) -> ResumeLot:
    """Give the frozen batch."""
    return lots.resume_lot(contexte(), lot)


@tache("Inscrire la signature au journal", rejouable=True)
def ordonner(lot: int, par: str, jour: date | None, code: SecretStr) -> None:
    """Write the first signature of a batch; the same one again is nothing."""
    signatures.ordonner_lot(contexte(), lot, par, jour, code.get_secret_value())


@tache("Inscrire le choix au journal", rejouable=True)
def decider(lot: int, decision: EtatLot, par: str, motif: str, jour: date | None, code: SecretStr) -> None:
    """Write the visa of a batch, or its refusal; the same one again is nothing."""
    signatures.decider_lot(contexte(), lot, decision, par, motif, jour, code.get_secret_value())


@tache("Exporter les bordereaux", rejouable=True)
def exporter(lot: int, jour: date | None) -> tuple[ExportFait, ...]:
    """Export a released batch; asked again, the same bytes."""
    return exports.exporter_lot(contexte(), lot, jour)


@tache("Noter la remise a la banque", rejouable=True)
def transmettre(lot: int, par: str, jour: date | None, code: SecretStr) -> None:
    """Note that the file of a batch has been handed to the bank; again: nothing."""
    signatures.transmettre_lot(contexte(), lot, par, jour, code.get_secret_value())


@tache("Suspendre le versement")
def suspendre(reference: str, motif: str, texte: str, par: str, jour: date | None, code: SecretStr) -> BilanSuspension:
    """Suspend a due; out of its batch when that has not left."""
    return suspensions.suspendre(contexte(), reference, motif, texte, par, jour, code.get_secret_value())


@tache("Lever la suspension")
def lever(reference: str, motif: str, par: str, jour: date | None, code: SecretStr) -> None:
    """Lift the suspension of a due."""
    suspensions.lever_suspension(contexte(), reference, motif, par, jour, code.get_secret_value())


@tache("Ecrire la contre-passation", rejouable=True)
def contrepasser(reference: str, motif: str, par: str, jour: date | None, code: SecretStr) -> str:
    """Take back a due that the bank has paid; give the reference of the entry. Again: the same one."""
    return contrepassations.contrepasser(contexte(), reference, motif, par, jour, code.get_secret_value())
