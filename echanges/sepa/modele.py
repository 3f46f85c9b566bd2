"""What a file of transfers says. Amounts are integer cents."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from regles.adresse_postale import AdressePostale, FormeAdresse

IDENTIFIANT_AU_PLUS = 35
_NUMERO_LISIBLE = re.compile(r"([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)-lot-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Emetteur:
    """The account the money leaves. `bic` may be empty: the IBAN is enough inside SEPA."""

    nom: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Virement:
    """One transfer. `identifiant` is its EndToEndId, its own for ever: banks give it back with the result.

    `libelle` is what the payee reads, the reference of the due in it.
    """

    identifiant: str
    beneficiaire: str
    iban: str
    montant_centimes: int
    libelle: str
    adresse: AdressePostale | None = None


@dataclass(frozen=True, slots=True)
class OrdreDeVirement:
    """The transfers of one batch. `objet`: an ISO purpose code, none when empty. `adresse`: how those of payees go."""

    lot: str
    cree_le: datetime
    execution_le: date
    emetteur: Emetteur
    virements: tuple[Virement, ...]
    objet: str = ""
    adresse: FormeAdresse = FormeAdresse.AUCUNE

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


def identifiant_du_virement(lot: str, rang: int) -> str:
    """Derive the EndToEndId (35 characters at most) of a transfer from its batch and the rank of its line there.

    « reels-2025-a-01-012 » is the twelfth line of reels-2025-a-lot-01. A number too long for that, or of another form,
    gives place to the identifier of its message. No two lines share one, in a batch or between batches.
    """
    lu = _NUMERO_LISIBLE.fullmatch(lot)
    lisible = f"{lu[1]}-{lu[2]}-{rang:03d}" if lu else ""
    return lisible if 0 < len(lisible) <= IDENTIFIANT_AU_PLUS else f"{identifiant_du_lot(lot)}-{rang:03d}"


def identifiant_du_lot(lot: str) -> str:
    """Derive the identifier of a message (35 characters at most) from the number of its batch."""
    return f"CAF-{sha256(lot.encode()).hexdigest()[:24].upper()}"
