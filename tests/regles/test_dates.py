"""Dates as a French reader says them."""

from datetime import date

import pytest

from regles.dates import en_toutes_lettres


@pytest.mark.parametrize(
    ("jour", "attendu"),
    [
        (date(2026, 2, 27), "vendredi 27 février 2026"),
        (date(2026, 3, 1), "dimanche 1er mars 2026"),
        (date(2026, 8, 11), "mardi 11 août 2026"),
        (date(2028, 2, 29), "mardi 29 février 2028"),
        (date(2026, 12, 31), "jeudi 31 décembre 2026"),
    ],
)
def test_une_date_en_toutes_lettres(jour: date, attendu: str) -> None:
    assert en_toutes_lettres(jour).replace("\u00a0", " ") == attendu


def test_le_quantieme_ne_quitte_ni_son_mois_ni_son_annee() -> None:
    assert "27\u00a0février\u00a02026" in en_toutes_lettres(date(2026, 2, 27))
