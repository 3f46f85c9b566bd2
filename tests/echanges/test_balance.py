"""The aged balance: each indu in its band, sums by partner, what is owed and what is on its way."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from echanges.balance import TRANCHES, LigneBalance, balance_xlsx, tranche

JOUR = date(2026, 11, 21)


def ligne(age: int, montant: int, rentre: int = 0, gestionnaire: str = "Commune", en_cours: int = 0) -> LigneBalance:
    depuis = JOUR - timedelta(days=age)
    return LigneBalance(gestionnaire, "S01 Crèche", 2025, "2025-EAJE-S01-02", depuis, montant, rentre, en_cours)


def feuille(lignes: list[LigneBalance], nom: str, mention: str = "") -> list[tuple[object, ...]]:
    document = load_workbook(io.BytesIO(balance_xlsx(lignes, JOUR, mention)))
    assert all(c.data_type != "f" for f in document for rangee in f.iter_rows() for c in rangee)
    return list(document[nom].iter_rows(min_row=4, values_only=True))


@pytest.mark.parametrize(
    ("age", "rang"), [(0, 0), (30, 0), (31, 1), (90, 1), (91, 2), (180, 2), (181, 3), (365, 3), (366, 4), (9_999, 4)]
)
def test_tranches(age: int, rang: int) -> None:
    assert tranche(JOUR - timedelta(days=age), JOUR) == rang


def test_par_partenaire_puis_par_indu() -> None:
    lignes = [ligne(400, 10_000, 4_000), ligne(10, 5_000, en_cours=2_000), ligne(91, 700, gestionnaire="=Asso")]
    assert feuille(lignes, "Balance âgée") == [
        ("=Asso", 0, 0, 7, 0, 0, 7),
        ("Commune", 50, 0, 0, 0, 60, 110),
        ("TOTAL", 50, 0, 7, 0, 60, 117),
    ]
    detail = feuille(lignes, "Indus")
    assert detail[1] == ("Commune", "S01 Crèche", 2025, "2025-EAJE-S01-02", "11/11/2026", 10, 50, 0, 50, 20)
    assert detail[-1] == ("TOTAL", "3 ligne(s)", None, None, None, None, 157, 40, 117, 20)


@given(st.lists(st.tuples(st.integers(0, 800), st.integers(1, 10**9), st.sampled_from("ABC")), max_size=8))
def test_tout_ce_qui_est_du_est_dans_une_tranche(dus: list[tuple[int, int, str]]) -> None:
    *rangees, total = feuille([ligne(age, montant, 0, nom) for age, montant, nom in dus], "Balance âgée")
    somme = sum(Decimal(montant) / 100 for _, montant, _ in dus)
    assert sum(Decimal(str(r[-1])) for r in rangees) == somme
    assert [Decimal(str(v or 0)) for v in total[1:]] == [
        sum((Decimal(str(r[rang])) for r in rangees), Decimal(0)) for rang in range(1, len(TRANCHES) + 2)
    ]


def test_memes_indus_memes_octets_et_la_mention() -> None:
    assert balance_xlsx([ligne(3, 5)], JOUR, "") == balance_xlsx([ligne(3, 5)], JOUR, "")
    document = load_workbook(io.BytesIO(balance_xlsx([ligne(3, 5)], JOUR, "DÉMONSTRATION")))
    assert document["Indus"]["A1"].value == "DÉMONSTRATION : montants inventés. Indus à recouvrer au 21/11/2026"
