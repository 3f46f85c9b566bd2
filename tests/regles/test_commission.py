"""The arithmetic of the commission: balance, envelope, what is paid when."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.baremes import Statut
from regles.commission import BudgetFaux, Cofinanceur, Enveloppe, cible, part_propre

CENTIMES = st.integers(1, 10**12)


@given(CENTIMES, st.lists(CENTIMES, max_size=5), st.integers(0, 10**12))
def test_tout_ce_qui_finance_fait_le_budget(demande: int, autres: list[int], propre: int) -> None:
    cofinanceurs = [Cofinanceur(f"C{rang}", montant) for rang, montant in enumerate(autres)]
    assert part_propre(demande, demande + sum(autres) + propre, cofinanceurs) == propre


@given(CENTIMES, CENTIMES)
def test_un_budget_trop_petit_est_refuse(demande: int, manque: int) -> None:
    with pytest.raises(BudgetFaux):
        part_propre(demande, demande - min(manque, demande), [])


@given(CENTIMES, st.fractions(0, 1))
def test_on_ne_paie_jamais_plus_que_l_accord_et_tout_avec_le_bilan(accord: int, part: Fraction) -> None:
    assert 0 <= cible(accord, part, bilan_recu=False)[1] <= accord
    assert cible(accord, part, bilan_recu=True)[1] == accord


@pytest.mark.parametrize(
    ("montant", "statut", "part", "accorde", "demonstration", "debuts"),
    [
        (None, Statut.INCONNU, Fraction(1, 2), 0, False, ["Le montant"]),
        (100, Statut.CONFIRME, Fraction(1, 2), 100, False, []),
        (100, Statut.CONFIRME, Fraction(1, 2), 101, False, ["Les accords"]),
        (100, Statut.A_CONFIRMER, Fraction(1, 2), 0, False, ["Le montant"]),
        (100, Statut.CONFIRME, None, 0, False, ["La part payée"]),
        (100, Statut.DEMONSTRATION, Fraction(1, 2), 0, True, []),
        (100, Statut.DEMONSTRATION, Fraction(1, 2), 0, False, ["Le montant"]),
    ],
)
def test_pourquoi_une_enveloppe_ne_paie_pas(
    montant: int | None,
    statut: Statut,
    part: Fraction | None,
    accorde: int,
    demonstration: bool,
    debuts: list[str],
) -> None:
    enveloppe = Enveloppe("e", "Projets", "PROJ", 2026, montant, statut, part, Statut.CONFIRME)
    dits = enveloppe.defauts(accorde, demonstration=demonstration)
    assert [any(dit.startswith(debut) for debut in debuts) for dit in dits] == [True] * len(debuts)
