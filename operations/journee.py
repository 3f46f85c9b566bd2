"""The day of the system, in order: what the daily flow and the reception do, without an orchestrator.

A test of tests/flows holds the two to the same ledger and the same mails.
"""

from dataclasses import dataclass
from datetime import date

from operations import appels, courriels, reception, relances
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import BilanEnvoi
from operations.filoue import instruction as filoue
from operations.filoue.instruction import BilanFiloue
from operations.instruction import BilanReception


@dataclass(frozen=True, slots=True)
class BilanMatin:
    """What a morning did: files, actions (in sentences), calls that need not be made any more, mails."""

    recus: BilanReception
    enfants: BilanFiloue
    faites: tuple[str, ...]
    sautees: tuple[str, ...]
    refusees: tuple[str, ...]
    appels_clos: int
    envoi: BilanEnvoi


def matin(contexte: Contexte, jour: date | None = None) -> BilanMatin:
    """Receive first, so that nobody who has deposited is reminded; then play what is due or was missed, then send."""
    recus, enfants = _prendre(contexte, jour)
    a_jouer, a_sauter = relances.actions_a_jouer(contexte, jour)
    sautees = [relances.sauter(contexte, action, jour).message for action in a_sauter]
    faites, refusees = [], []
    for action in a_jouer:
        try:
            faites.append(relances.jouer(contexte, action, jour).message)
        except ActeRefuse as refus:
            refusees.append(str(refus))
    clos = appels.clore_les_appels_inutiles(contexte, jour)
    envoi = courriels.envoyer_en_attente(contexte, jour)
    return BilanMatin(recus, enfants, tuple(faites), tuple(sautees), tuple(refusees), clos, envoi)


def recevoir(contexte: Contexte, jour: date | None = None) -> tuple[BilanReception, BilanFiloue]:
    """Take in what arrived, check it, answer."""
    recus, enfants = _prendre(contexte, jour)
    courriels.envoyer_en_attente(contexte, jour)
    return recus, enfants


def _prendre(contexte: Contexte, jour: date | None) -> tuple[BilanReception, BilanFiloue]:
    reception.enregistrer_arrivees(contexte, jour)
    return reception.instruire(contexte, jour), filoue.instruire(contexte, jour)
