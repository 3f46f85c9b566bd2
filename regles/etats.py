"""States of the things that live in the database, and the only transitions they may make."""

from collections.abc import Mapping
from enum import StrEnum


class TransitionInterdite(Exception):
    """A change of state that the trade does not allow."""


class EtatDepot(StrEnum):
    """Life of a deposited file."""

    RECU = "recu"
    REFUSE = "refuse"
    ACCEPTE = "accepte"
    REMPLACE = "remplace"


class EtatDeclaration(StrEnum):
    """Life of a declaration: only the team validates; a correction is a new declaration that replaces this one."""

    RECUE = "recue"
    VALIDEE = "validee"
    REJETEE = "rejetee"
    REMPLACEE = "remplacee"


class EtatVersement(StrEnum):
    """Life of a due. `REPRISE` is money paid before this system; `A_RECOUVRER` an indu."""

    DU = "du"
    EN_LOT = "en_lot"
    LIBERE = "libere"
    REPRISE = "reprise"
    A_RECOUVRER = "a_recouvrer"
    ANNULE = "annule"


class NatureVersement(StrEnum):
    """What a due pays, or for an indu what is owed back."""

    ACOMPTE = "acompte"
    SOLDE = "solde"
    INDU = "indu"


class EtatLot(StrEnum):
    """Life of a payment batch: proposed by one person, released (or refused) by another, then exported once."""

    PROPOSE = "propose"
    REFUSE = "refuse"
    LIBERE = "libere"
    EXPORTE = "exporte"


class EtatCourriel(StrEnum):
    """Life of a mail in the outbox. `EN_COURS` left by a crash becomes `A_VERIFIER`: a person decides, not a retry."""

    A_ENVOYER = "a_envoyer"
    EN_COURS = "en_cours"
    ENVOYE = "envoye"
    SANS_OBJET = "sans_objet"
    REFUSE = "refuse"
    A_VERIFIER = "a_verifier"


class EtatAction(StrEnum):
    """What became of a dated action of the calendar."""

    FAITE = "faite"
    SAUTEE = "sautee"


_TRANSITIONS: Mapping[StrEnum, frozenset[StrEnum]] = {
    EtatDepot.RECU: frozenset({EtatDepot.ACCEPTE, EtatDepot.REFUSE}),
    EtatDepot.ACCEPTE: frozenset({EtatDepot.REMPLACE}),
    EtatDeclaration.RECUE: frozenset({EtatDeclaration.VALIDEE, EtatDeclaration.REJETEE, EtatDeclaration.REMPLACEE}),
    EtatDeclaration.VALIDEE: frozenset({EtatDeclaration.REMPLACEE}),
    EtatDeclaration.REJETEE: frozenset({EtatDeclaration.REMPLACEE}),
    EtatVersement.DU: frozenset({EtatVersement.EN_LOT, EtatVersement.ANNULE}),
    EtatVersement.EN_LOT: frozenset({EtatVersement.LIBERE, EtatVersement.DU}),
    EtatVersement.A_RECOUVRER: frozenset({EtatVersement.ANNULE}),
    EtatLot.PROPOSE: frozenset({EtatLot.LIBERE, EtatLot.REFUSE}),
    EtatLot.LIBERE: frozenset({EtatLot.EXPORTE}),
    EtatCourriel.A_ENVOYER: frozenset({EtatCourriel.EN_COURS, EtatCourriel.SANS_OBJET}),
    EtatCourriel.EN_COURS: frozenset(
        {EtatCourriel.ENVOYE, EtatCourriel.REFUSE, EtatCourriel.A_VERIFIER, EtatCourriel.A_ENVOYER}
    ),
    EtatCourriel.REFUSE: frozenset({EtatCourriel.A_ENVOYER}),
    EtatCourriel.A_VERIFIER: frozenset({EtatCourriel.A_ENVOYER, EtatCourriel.ENVOYE}),
}


def verifier_transition(avant: StrEnum, apres: StrEnum) -> None:
    """Check that a change of state is one of the allowed ones.

    Raises:
        TransitionInterdite: naming both states, otherwise.
    """
    if type(avant) is not type(apres) or apres not in _TRANSITIONS.get(avant, frozenset()):
        raise TransitionInterdite(f"passage interdit de « {avant} » à « {apres} »")
