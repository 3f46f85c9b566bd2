"""Who carries out the acts of the demonstration: Prefect (`orchestre`), or the operations at once, as tests do."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from operations import avis_indus, courriels, droits, dus, exports, lots, rappels, reception, relances, signatures
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import Verbe
from regles.etats import EtatLot
from regles.monnaie import formater_euros

ETATS = {
    EtatLot.PROPOSE: "proposé, à ordonnancer",
    EtatLot.ORDONNANCE: "ordonnancé, à viser",
    EtatLot.REFUSE: "refusé",
    EtatLot.LIBERE: "visé, à exporter",
    EtatLot.EXPORTE: "visé et exporté",
    EtatLot.TRANSMIS: "transmis à la banque",
    EtatLot.EXECUTE: "exécuté",
}


class ExecutionRatee(Exception):
    """An act that was not carried out to its end; the message is a French sentence."""


class Operateur(Protocol):
    """Carries out each act on a played day and says in French what came of it."""

    def jouer(self, etape: str, verbe: Verbe, rang: int, jour: date) -> str:
        """Play a dated action of the calendar."""

    def recevoir(self, jour: date) -> str:
        """Take in what arrived in the inbox, and answer."""

    def valider(self, etape: str, par: str, motif: str, jour: date) -> str:
        """Validate what was received."""

    def calculer(self, etape: str, jour: date) -> str:
        """Compute the rights."""

    def proposer(self, etape: str, par: str, jour: date) -> str:
        """Prepare the dues and freeze a batch."""

    def ordonner(self, lot: int, par: str, jour: date) -> str:
        """Answer « Ordonnancer » to a proposed batch; a refusal is said, not raised."""

    def liberer(self, lot: int, par: str, jour: date) -> str:
        """Answer « Viser » to a signed batch; a refusal is said, not raised."""

    def rappeler(self, exercice: int, par: str, motif: str, jour: date) -> str:
        """Read what a value known later changes in an exercice, and confirm it."""


@dataclass(frozen=True, slots=True)
class OperateurDirect:
    """Carries out the acts in this process, without an orchestrator."""

    contexte: Contexte

    def jouer(self, etape: str, verbe: Verbe, rang: int, jour: date) -> str:
        """Play a dated action, then send the outbox."""
        match verbe:
            case Verbe.OUVRIR:
                bilan = relances.ouvrir(self.contexte, etape, jour)
            case Verbe.RELANCER:
                bilan = relances.relancer(self.contexte, etape, rang, jour)
            case Verbe.CLORE:
                bilan = relances.clore(self.contexte, etape, jour)
        courriels.envoyer_en_attente(self.contexte, jour)
        return bilan.message

    def recevoir(self, jour: date) -> str:
        """Register, check, answer."""
        reception.enregistrer_arrivees(self.contexte, jour)
        bilan = reception.instruire(self.contexte, jour)
        courriels.envoyer_en_attente(self.contexte, jour)
        return bilan.phrase

    def valider(self, etape: str, par: str, motif: str, jour: date) -> str:
        """Validate; say how many wait for a reason."""
        bilan = droits.valider(self.contexte, etape, par, motif, jour)
        return f"{bilan.validees} déclaration(s) validée(s), {len(bilan.en_attente)} en attente d'un motif."

    def calculer(self, etape: str, jour: date) -> str:
        """Compute and write the explanations."""
        bilan = droits.calculer_droits(self.contexte, etape, jour)
        droits.ecrire_explications(self.contexte, etape)
        return f"{len(bilan.lignes)} droit(s), {formater_euros(bilan.total_centimes)}."

    def proposer(self, etape: str, par: str, jour: date) -> str:
        """Prepare the dues, tell of the indus, propose a batch."""
        bilan = dus.preparer_dus(self.contexte, etape, jour)
        avis_indus.notifier_indus(self.contexte, etape, jour)
        lot = lots.proposer_lot(self.contexte, etape, par, jour)
        ecrits = [f"{nombre} {nature}(s)" for nature, (nombre, _) in sorted(bilan.ecrits.items())]
        return f"{', '.join(ecrits) or 'rien de dû'}, " + ("aucun lot." if lot is None else f"lot n° {lot}.")

    def ordonner(self, lot: int, par: str, jour: date) -> str:
        """Sign."""
        try:
            signatures.ordonner_lot(self.contexte, lot, par, jour)
        except ActeRefuse as refus:
            return str(refus)
        return f"Lot {lots.resume_lot(self.contexte, lot).numero} ordonnancé."

    def liberer(self, lot: int, par: str, jour: date) -> str:
        """Give the visa, then export."""
        try:
            signatures.decider_lot(self.contexte, lot, EtatLot.LIBERE, par, jour=jour)
        except ActeRefuse as refus:
            return str(refus)
        exports.exporter_lot(self.contexte, lot, jour)
        resume = lots.resume_lot(self.contexte, lot)
        return f"Lot {resume.numero} visé et exporté : {formater_euros(resume.total_centimes)}."

    def rappeler(self, exercice: int, par: str, motif: str, jour: date) -> str:
        """List, then confirm the very list."""
        liste = rappels.calculer_rappels(self.contexte, [exercice], jour)
        if not liste.changees:
            return rappels.RIEN
        rappels.confirmer_rappels(self.contexte, [exercice], liste.empreinte, par, motif, jour)
        return f"{len(liste.changees)} droit(s) revu(s) : {formater_euros(liste.difference_centimes)}."
