"""What remains to be paid, or to be recovered, once a right is known.

    acompte = taux cumulé × droit prévisionnel ou actualisé − Σ versements
    solde   = droit réel − Σ versements     (negative: an indu, withheld on the next payments)

Source: regulation of the prestations de service, « acompte puis solde » (docs/regles.md §1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from regles.etats import EtatVersement, NatureVersement
from regles.monnaie import Centimes

ENGAGES = frozenset({EtatVersement.EN_LOT, EtatVersement.LIBERE, EtatVersement.REPRISE, EtatVersement.RECOUVRE})
OUVERTS = frozenset({EtatVersement.DU, EtatVersement.A_RECOUVRER})


@dataclass(frozen=True, slots=True)
class Ecriture:
    """A due or an indu already written for a structure and exercice, in cents > 0.

    `est_a_jour`: it rests on the right being settled, not on an earlier one. `est_entamee`: an indu of which a part is
    already recovered, or that takes a payment back; it stands for ever, like a payment.
    """

    nature: NatureVersement
    etat: EtatVersement
    montant_centimes: int
    est_a_jour: bool = True
    est_entamee: bool = False

    @property
    def signe(self) -> int:
        """The amount, negative when it is owed back to the Caf."""
        return -self.montant_centimes if self.nature is NatureVersement.INDU else self.montant_centimes

    @property
    def est_engagee(self) -> bool:
        """Whether it can no longer be taken back: paid, in a batch, or recovered even in part."""
        return self.etat in ENGAGES or (self.etat in OUVERTS and self.est_entamee)

    @property
    def est_ouverte(self) -> bool:
        """Whether nothing has begun to pay or recover it."""
        return self.etat in OUVERTS and not self.est_entamee


@dataclass(frozen=True, slots=True)
class Regularisation:
    """What to write now: nothing when `montant_centimes` is 0; the nature asked for, or INDU.

    `remplace_les_ouverts`: the dues still open rest on an earlier right or no longer add up; they are cancelled first.
    """

    nature: NatureVersement
    montant_centimes: Centimes
    remplace_les_ouverts: bool


def regulariser(
    cible_centimes: int, ecritures: Iterable[Ecriture], nature: NatureVersement, *, definitif: bool
) -> Regularisation:
    """Compare what must have been paid in all by now with what is committed and what is still open.

    `nature` is what a payment is called: ACOMPTE, SOLDE or RAPPEL. Too much paid is an INDU when the target is
    `definitif` (a réel), nothing otherwise: the réel will tell. The open dues stay as they are when they already settle
    this very right: computing again changes nothing. One that rests on an earlier right is replaced even for the same
    sum, or a payment would be explained by the wrong trace.
    """
    connues = tuple(ecritures)
    reste = cible_centimes - sum(e.signe for e in connues if e.est_engagee)
    if not definitif:
        reste = max(reste, 0)
    ouvertes = [e for e in connues if e.est_ouverte]
    suite = NatureVersement.INDU if reste < 0 else nature
    if sum(e.signe for e in ouvertes) == reste and all(e.est_a_jour for e in ouvertes):
        return Regularisation(suite, Centimes(0), remplace_les_ouverts=False)
    return Regularisation(suite, Centimes(abs(reste)), remplace_les_ouverts=bool(ouvertes))


@dataclass(frozen=True, slots=True)
class APayer:
    """A due about to be paid, in cents > 0; `part_retenue`: the share of it that may be withheld (0 to 1)."""

    reference: str
    montant_centimes: int
    part_retenue: Fraction


@dataclass(frozen=True, slots=True)
class ARecouvrer:
    """An indu of the same partner, and what remains of it, in cents > 0."""

    reference: str
    restant_centimes: int


@dataclass(frozen=True, slots=True)
class Retenue:
    """What is withheld on a due for an indu, in cents > 0."""

    a_payer: str
    indu: str
    montant_centimes: Centimes


def retenir(dus: Iterable[APayer], indus: Sequence[ARecouvrer]) -> tuple[Retenue, ...]:
    """Withhold the indus of a partner on its payments: oldest indu first, each due in turn, under its cap.

    The cap of a due is rounded down: never a cent more than the share its convention allows.
    """
    restants = {indu.reference: indu.restant_centimes for indu in indus}
    retenues = []
    for du in dus:
        marge = int(du.part_retenue * du.montant_centimes)
        for reference, restant in restants.items():
            montant = min(marge, restant)
            if montant:
                retenues.append(Retenue(du.reference, reference, Centimes(montant)))
                restants[reference] -= montant
                marge -= montant
    return tuple(retenues)
