"""The Commission d'action sociale: which sitting a request goes to, its budget, its envelope, what is paid of it.

    reste de l'enveloppe = montant − Σ accords
    part propre          = budget − demandé − Σ cofinancements
    cible                = part à la signature × accord, puis l'accord entier une fois le bilan reçu

Amounts are integer cents. The cut-off of a sitting (`demandes_avant`) includes its day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from regles.baremes import PAYABLES, Statut
from regles.calendrier import Etape, NatureEtape
from regles.monnaie import Centimes, arrondir_au_centime, en_euros, exact, formater_euros, formater_nombre

FONDS_LOCAUX = "FONDS_LOCAUX"  # the prestation of a funded project: paid like the others, in none of their campaigns
SUBVENTION = "subvention"  # the nature of the declaration that an accord stands for
BILAN_DU_PROJET = "bilan_du_projet"  # the document of a request that makes its balance due
NOM_DU_BILAN = "Bilan du projet"


class BudgetFaux(Exception):
    """A budget that does not hold; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class Cofinanceur:
    """Another funder of a project, and what it brings in cents."""

    nom: str
    montant_centimes: int


@dataclass(frozen=True, slots=True)
class Projet:
    """What a partner asks for: codes of the partner and structure ("" for none), step of the call, amounts in cents."""

    partenaire: str
    appel: str
    enveloppe: str
    exercice: int
    objet: str
    demande_centimes: int
    budget_centimes: int
    cofinanceurs: tuple[Cofinanceur, ...] = ()
    structure: str = ""

    @property
    def part_propre_centimes(self) -> int:
        """What the partner itself puts in, in cents.

        Raises:
            BudgetFaux: when the budget does not hold.
        """
        return part_propre(self.demande_centimes, self.budget_centimes, self.cofinanceurs)


@dataclass(frozen=True, slots=True)
class Enveloppe:
    """The money of an exercice for a kind of project; `montant_centimes` is None while the Caf has not entered it.

    `part_acompte`: the share paid once the convention is signed, None while unknown. `sigle` goes into references.
    """

    cle: str
    libelle: str
    sigle: str
    exercice: int
    montant_centimes: int | None
    statut: Statut
    part_acompte: Fraction | None
    statut_paiement: Statut

    def reste(self, accorde_centimes: int) -> int | None:
        """What is left once some accords are taken off, in cents; None when the amount is unknown."""
        return None if self.montant_centimes is None else self.montant_centimes - accorde_centimes

    def defauts(self, accorde_centimes: int, *, demonstration: bool) -> tuple[str, ...]:
        """Give the French sentences that say why nothing of it may be paid yet; none when it may.

        `accorde_centimes`: all that the sittings have accorded on it.
        """
        admis = PAYABLES | ({Statut.DEMONSTRATION} if demonstration else set())
        nom = f"« {self.libelle} » {self.exercice}"
        if self.montant_centimes is None:
            return (f"Le montant de l’enveloppe {nom} n’est pas saisi (config/enveloppes.yaml).",)
        dits = []
        if self.statut not in admis:
            dits.append(f"Le montant de l’enveloppe {nom} est à confirmer (config/enveloppes.yaml).")
        if accorde_centimes > self.montant_centimes:
            dits.append(
                f"Les accords ({formater_euros(accorde_centimes)}) dépassent l’enveloppe {nom} "
                f"({formater_euros(self.montant_centimes)})."
            )
        if self.part_acompte is None or self.statut_paiement not in admis:
            dits.append(
                f"La part payée à la signature n’est pas saisie ou pas confirmée pour « {self.libelle} » "
                "(config/enveloppes.yaml, paiement)."
            )
        return tuple(dits)


def cible(accord_centimes: int, part_acompte: Fraction, *, bilan_recu: bool) -> tuple[str, Centimes]:
    """Give what must have been paid in all by now, with its French writing: a share first, all with the bilan."""
    euros = exact(en_euros(accord_centimes))
    if bilan_recu:
        return f"{formater_nombre(euros, 2)} €, bilan reçu", Centimes(accord_centimes)
    ecriture = f"{formater_nombre(part_acompte * 100, 2)} % × {formater_nombre(euros, 2)} €"
    return ecriture, min(arrondir_au_centime(part_acompte * euros), Centimes(accord_centimes))


def part_propre(demande_centimes: int, budget_centimes: int, cofinanceurs: Iterable[Cofinanceur]) -> int:
    """Give what the partner itself puts in, in cents.

    Raises:
        BudgetFaux: an amount that is not positive, or a budget smaller than what pays for it.
    """
    connus = tuple(cofinanceurs)
    if demande_centimes <= 0 or budget_centimes <= 0:
        raise BudgetFaux("Le montant demandé et le budget sont plus grands que zéro.")
    for autre in connus:
        if autre.montant_centimes <= 0:
            raise BudgetFaux(f"Le cofinancement de « {autre.nom} » est plus grand que zéro, ou ne s’écrit pas.")
    apports = sum(autre.montant_centimes for autre in connus)
    reste = budget_centimes - demande_centimes - apports
    if reste < 0:
        raise BudgetFaux(
            f"Le budget ({formater_euros(budget_centimes)}) est plus petit que ce qui le finance : demandé "
            f"{formater_euros(demande_centimes)}, autres financeurs {formater_euros(apports)}."
        )
    return reste


def seances(etapes: Iterable[Etape]) -> tuple[Etape, ...]:
    """Give the sittings among some steps, in the order of their cut-off."""
    siennes = [e for e in etapes if e.nature is NatureEtape.COMMISSION and e.demandes_avant is not None]
    return tuple(sorted(siennes, key=lambda e: (e.demandes_avant or date.max, e.id)))


def prochaine_seance(etapes: Iterable[Etape], jour: date, closes: Collection[str] = ()) -> Etape | None:
    """Give the first sitting whose cut-off is not past on a day and whose agenda is not fixed, or None."""
    ouvertes = (s for s in seances(etapes) if s.id not in closes)
    return next((s for s in ouvertes if s.demandes_avant is not None and jour <= s.demandes_avant), None)
