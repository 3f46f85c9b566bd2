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
    """Life of a due. `REPRISE` is money paid before this system; an indu is `A_RECOUVRER`, then `RECOUVRE`.

    `LIBERE`, its batch has its visa; what the batch gives back before its export, or the bank rejects, is `DU` again.
    """

    DU = "du"
    EN_LOT = "en_lot"
    LIBERE = "libere"
    REPRISE = "reprise"
    A_RECOUVRER = "a_recouvrer"
    RECOUVRE = "recouvre"
    ANNULE = "annule"


class NatureVersement(StrEnum):
    """What a due pays, or for an indu what is owed back. `RAPPEL`: what a later barème adds to a right already paid."""

    ACOMPTE = "acompte"
    SOLDE = "solde"
    RAPPEL = "rappel"
    INDU = "indu"


class EtatLot(StrEnum):
    """Life of a payment batch, signed by three people: prepared, ordonnancé, visé; then exported, sent, executed.

    Until its export it may be refused, which cancels it, or come back to `PROPOSE` when a line is suspended.
    """

    PROPOSE = "propose"
    ORDONNANCE = "ordonnance"
    REFUSE = "refuse"
    LIBERE = "libere"
    EXPORTE = "exporte"
    TRANSMIS = "transmis"
    EXECUTE = "execute"


class EtatLigne(StrEnum):
    """What became of a line of a batch. `SUSPENDUE`: set aside before the export; the others come from the bank."""

    EN_ATTENTE = "en_attente"
    SUSPENDUE = "suspendue"
    PAYEE = "payee"
    REJETEE = "rejetee"


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


class EtatDossier(StrEnum):
    """Life of what is expected besides workbooks. `SANS_SUITE`: the partner renounces, or a person excuses them."""

    ATTENDU = "attendu"
    EN_COURS = "en_cours"
    COMPLET = "complet"
    SANS_SUITE = "sans_suite"


class EtatPiece(StrEnum):
    """Life of a document received."""

    RECUE = "recue"
    REFUSEE = "refusee"
    REMPLACEE = "remplacee"


class EtatDemande(StrEnum):
    """Life of a request for a grant. Postponed, it is `DEPOSEE` again; its decision annulled, `INSCRITE` again."""

    DEPOSEE = "deposee"
    INSCRITE = "inscrite"
    ACCORDEE = "accordee"
    REFUSEE = "refusee"
    RETIREE = "retiree"


class SensDecision(StrEnum):
    """What a sitting may decide."""

    ACCORD = "accord"
    REFUS = "refus"
    AJOURNEMENT = "ajournement"


class EtatTache(StrEnum):
    """Life of something to do by hand. `SANS_OBJET`: what it was for has come by itself."""

    OUVERTE = "ouverte"
    FAITE = "faite"
    SANS_OBJET = "sans_objet"


# Batches that a visa has released, whatever followed; and those that have left.
LOTS_VISES = frozenset({EtatLot.LIBERE, EtatLot.EXPORTE, EtatLot.TRANSMIS, EtatLot.EXECUTE})
LOTS_PARTIS = LOTS_VISES - {EtatLot.LIBERE}
# Batches that still wait for a signature.
LOTS_A_SIGNER = frozenset({EtatLot.PROPOSE, EtatLot.ORDONNANCE})

# By type first: states of two types may have the same word, and equal strings are one key.
_TRANSITIONS: Mapping[type[StrEnum], Mapping[StrEnum, frozenset[StrEnum]]] = {
    EtatDepot: {
        EtatDepot.RECU: frozenset({EtatDepot.ACCEPTE, EtatDepot.REFUSE}),
        EtatDepot.ACCEPTE: frozenset({EtatDepot.REMPLACE}),
    },
    EtatDeclaration: {
        EtatDeclaration.RECUE: frozenset({EtatDeclaration.VALIDEE, EtatDeclaration.REJETEE, EtatDeclaration.REMPLACEE}),
        EtatDeclaration.VALIDEE: frozenset({EtatDeclaration.REMPLACEE}),
        EtatDeclaration.REJETEE: frozenset({EtatDeclaration.REMPLACEE}),
    },
    EtatVersement: {
        EtatVersement.DU: frozenset({EtatVersement.EN_LOT, EtatVersement.ANNULE}),
        EtatVersement.EN_LOT: frozenset({EtatVersement.LIBERE, EtatVersement.DU}),
        EtatVersement.LIBERE: frozenset({EtatVersement.EN_LOT, EtatVersement.DU}),
        EtatVersement.A_RECOUVRER: frozenset({EtatVersement.RECOUVRE, EtatVersement.ANNULE}),
        EtatVersement.RECOUVRE: frozenset({EtatVersement.A_RECOUVRER}),
    },
    EtatLot: {
        EtatLot.PROPOSE: frozenset({EtatLot.ORDONNANCE, EtatLot.REFUSE}),
        EtatLot.ORDONNANCE: frozenset({EtatLot.LIBERE, EtatLot.REFUSE, EtatLot.PROPOSE}),
        EtatLot.LIBERE: frozenset({EtatLot.EXPORTE, EtatLot.REFUSE, EtatLot.PROPOSE}),
        EtatLot.EXPORTE: frozenset({EtatLot.TRANSMIS}),
        EtatLot.TRANSMIS: frozenset({EtatLot.EXECUTE}),
    },
    EtatLigne: {
        EtatLigne.EN_ATTENTE: frozenset({EtatLigne.SUSPENDUE, EtatLigne.PAYEE, EtatLigne.REJETEE}),
    },
    EtatCourriel: {
        EtatCourriel.A_ENVOYER: frozenset({EtatCourriel.EN_COURS, EtatCourriel.SANS_OBJET}),
        EtatCourriel.EN_COURS: frozenset(
            {EtatCourriel.ENVOYE, EtatCourriel.REFUSE, EtatCourriel.A_VERIFIER, EtatCourriel.A_ENVOYER}
        ),
        EtatCourriel.REFUSE: frozenset({EtatCourriel.A_ENVOYER}),
        EtatCourriel.A_VERIFIER: frozenset({EtatCourriel.A_ENVOYER, EtatCourriel.ENVOYE}),
    },
    EtatDossier: {
        EtatDossier.ATTENDU: frozenset({EtatDossier.EN_COURS, EtatDossier.COMPLET, EtatDossier.SANS_SUITE}),
        EtatDossier.EN_COURS: frozenset({EtatDossier.ATTENDU, EtatDossier.COMPLET, EtatDossier.SANS_SUITE}),
        EtatDossier.COMPLET: frozenset({EtatDossier.EN_COURS}),
        EtatDossier.SANS_SUITE: frozenset({EtatDossier.ATTENDU, EtatDossier.EN_COURS, EtatDossier.COMPLET}),
    },
    EtatPiece: {
        EtatPiece.RECUE: frozenset({EtatPiece.REFUSEE, EtatPiece.REMPLACEE}),
        EtatPiece.REFUSEE: frozenset({EtatPiece.REMPLACEE}),
    },
    EtatDemande: {
        EtatDemande.DEPOSEE: frozenset({EtatDemande.INSCRITE, EtatDemande.RETIREE}),
        EtatDemande.INSCRITE: frozenset(
            {EtatDemande.DEPOSEE, EtatDemande.ACCORDEE, EtatDemande.REFUSEE, EtatDemande.RETIREE}
        ),
        EtatDemande.ACCORDEE: frozenset({EtatDemande.INSCRITE}),
        EtatDemande.REFUSEE: frozenset({EtatDemande.INSCRITE}),
    },
    EtatTache: {
        EtatTache.OUVERTE: frozenset({EtatTache.FAITE, EtatTache.SANS_OBJET}),
    },
}


def verifier_transition(avant: StrEnum, apres: StrEnum) -> None:
    """Check that a change of state is one of the allowed ones.

    Raises:
        TransitionInterdite: naming both states, otherwise.
    """
    permis = _TRANSITIONS.get(type(avant), {}).get(avant, frozenset())
    if type(avant) is not type(apres) or apres not in permis:
        raise TransitionInterdite(f"passage interdit de « {avant} » à « {apres} »")
