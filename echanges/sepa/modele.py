"""What a file of transfers says. Amounts are integer cents."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Emetteur:
    """The account the money leaves. `bic` may be empty: the IBAN is enough inside SEPA."""

    nom: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Virement:
    """One transfer. `reference` is the due's own as banks take it: they give it back with the result."""

    reference: str
    beneficiaire: str
    iban: str
    montant_centimes: int
    libelle: str


@dataclass(frozen=True, slots=True)
class OrdreDeVirement:
    """The transfers of one batch. `objet`: an ISO purpose code, none when empty."""

    lot: str
    cree_le: datetime
    execution_le: date
    emetteur: Emetteur
    virements: tuple[Virement, ...]
    objet: str = ""

    @property
    def identifiant(self) -> str:
        """Identifier of the message, always the same for the same batch: a bank refuses to take it twice."""
        return identifiant_du_lot(self.lot)

    @property
    def total_centimes(self) -> int:
        """What leaves the account, in cents."""
        return sum(virement.montant_centimes for virement in self.virements)


def reference_bancaire(reference: str) -> str:
    """Write the reference of a due as banks take it; no two dues share one, their prestation and structure differ."""
    return reference.replace("_", "-")


def identifiant_du_lot(lot: str) -> str:
    """Derive the identifier of a message (35 characters at most) from the number of its batch."""
    return f"CAF-{sha256(lot.encode()).hexdigest()[:24].upper()}"
