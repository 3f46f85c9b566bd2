"""What remains to be paid, or to be recovered, once a right is known.

    solde = droit réel − Σ versements     (negative: an indu)

Source: regulation of the prestations de service, « acompte puis solde » (docs/regles.md §1).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from regles.etats import EtatVersement, NatureVersement
from regles.monnaie import Centimes

ENGAGES = frozenset({EtatVersement.EN_LOT, EtatVersement.LIBERE, EtatVersement.REPRISE})
OUVERTS = frozenset({EtatVersement.DU, EtatVersement.A_RECOUVRER})


@dataclass(frozen=True, slots=True)
class Ecriture:
    """A due or an indu already written for a structure and exercice, in cents > 0.

    `est_a_jour`: it rests on the right being settled, not on an earlier one.
    """

    nature: NatureVersement
    etat: EtatVersement
    montant_centimes: int
    est_a_jour: bool = True

    @property
    def signe(self) -> int:
        """The amount, negative when it is owed back to the Caf."""
        return -self.montant_centimes if self.nature is NatureVersement.INDU else self.montant_centimes


@dataclass(frozen=True, slots=True)
class Regularisation:
    """What to write now: nothing when `montant_centimes` is 0; `nature` SOLDE or INDU otherwise.

    `remplace_les_ouverts`: the dues still open rest on an earlier right or no longer add up; they are cancelled first.
    """

    nature: NatureVersement
    montant_centimes: Centimes
    remplace_les_ouverts: bool


def regulariser(droit_centimes: int, ecritures: Iterable[Ecriture]) -> Regularisation:
    """Compare a right with what is committed (in a batch, released, taken over) and what is still open.

    The open dues stay as they are when they already settle this very right: computing again changes nothing. One that
    rests on an earlier right is replaced even for the same sum, or a payment would be explained by the wrong trace.
    """
    connues = tuple(ecritures)
    engage = sum(e.signe for e in connues if e.etat in ENGAGES)
    ouverts = [e for e in connues if e.etat in OUVERTS]
    reste = droit_centimes - engage
    nature = NatureVersement.INDU if reste < 0 else NatureVersement.SOLDE
    if sum(e.signe for e in ouverts) == reste and all(e.est_a_jour for e in ouverts):
        return Regularisation(nature, Centimes(0), remplace_les_ouverts=False)
    return Regularisation(nature, Centimes(abs(reste)), remplace_les_ouverts=bool(ouverts))
