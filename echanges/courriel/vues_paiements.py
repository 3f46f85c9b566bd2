"""What the notice of payment is given: what was paid, what it covers, what was withheld and why. Amounts in cents."""

from dataclasses import dataclass
from datetime import date

from echanges.courriel.vues import Cadre, StructureCitee


@dataclass(frozen=True, slots=True)
class PaiementCite:
    """A payment of a structure. `retenues`: (reference of the indu, cents withheld); `calcul` the joined page."""

    reference: str
    structure: StructureCitee
    exercice: int
    nature: str
    droit_centimes: int
    liquide_centimes: int
    net_centimes: int
    retenues: tuple[tuple[str, int], ...]
    calcul: str


@dataclass(frozen=True, slots=True)
class VuePaiements:
    """A notice of payment. `le`: the day the bank gives, None when it does not; `compte` is masked."""

    cadre: Cadre
    lot: str
    le: date | None
    compte: str
    paiements: tuple[PaiementCite, ...]

    @property
    def total_centimes(self) -> int:
        """What arrives on the account, in cents."""
        return sum(paiement.net_centimes for paiement in self.paiements)

    @property
    def a_des_retenues(self) -> bool:
        """Whether something was withheld."""
        return any(paiement.retenues for paiement in self.paiements)
