"""What the mails of the commission are given: requests, what they lack, what a sitting decided. Amounts in cents."""

from dataclasses import dataclass
from datetime import date

from echanges.courriel.vues import Cadre


@dataclass(frozen=True, slots=True)
class SeanceCitee:
    """A sitting as a mail names it: its day (« à confirmer » when the source is vague), its cut-off included."""

    libelle: str
    jour: date
    limite: date
    a_confirmer: bool = False


@dataclass(frozen=True, slots=True)
class DemandeCitee:
    """A request as a mail names it; `manquantes` are the mandatory documents not received."""

    reference: str
    partenaire: str
    objet: str
    montant_centimes: int
    manquantes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VueDemandes:
    """A mail about requests not decided yet. `seance`: where they go, None when no sitting is published that can.

    `quittee`: the sitting they were meant for, when its cut-off has sent them on. `piece` and `motif`: a document
    turned down, and why.
    """

    cadre: Cadre
    demandes: tuple[DemandeCitee, ...]
    seance: SeanceCitee | None
    quittee: SeanceCitee | None = None
    piece: str = ""
    motif: str = ""

    @property
    def incompletes(self) -> tuple[DemandeCitee, ...]:
        """The requests that lack a document."""
        return tuple(d for d in self.demandes if d.manquantes)


@dataclass(frozen=True, slots=True)
class VueDecision:
    """A mail about what a sitting decided on a request. `suivante`: where a postponed one goes."""

    cadre: Cadre
    seance: SeanceCitee
    demande: DemandeCitee
    montant_centimes: int | None
    motif: str
    suivante: SeanceCitee | None = None


@dataclass(frozen=True, slots=True)
class VueAnnulation:
    """A mail that takes back a decision told by mistake. `sens` and the amount in cents are those that were told."""

    cadre: Cadre
    seance: SeanceCitee
    demande: DemandeCitee
    sens: str
    montant_centimes: int | None
    motif: str


VueCommission = VueDemandes | VueDecision | VueAnnulation
