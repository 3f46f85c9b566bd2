"""Exact money: the case that Decimal gets wrong, roundings, French writing."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.monnaie import (
    arrondir,
    arrondir_au_centime,
    en_euros,
    exact,
    formater_euros,
    formater_mesure,
    formater_nombre,
    typographier,
)


def _bonus_handicap(nombre: Any) -> Any:
    """20 places × (1 child / 63 × 15 % × (525 140.70 € / 20 places))."""
    return nombre(20) * (nombre(1) / nombre(63) * nombre("0.15") * (nombre("525140.70") / nombre(20)))


def test_le_demi_centime_que_decimal_manque() -> None:
    assert _bonus_handicap(Fraction) == Fraction("1250.335")
    assert arrondir_au_centime(_bonus_handicap(Fraction)) == 125034
    assert _bonus_handicap(Decimal).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("1250.33")


@pytest.mark.parametrize(
    ("euros", "centimes"),
    [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("2.675", 268), ("1.005", 101), ("0", 0), ("1e3", 100000)],
)
def test_arrondi_au_centime(euros: str, centimes: int) -> None:
    assert arrondir_au_centime(exact(euros)) == centimes


@pytest.mark.parametrize("valeur", [1.5, True, None, b"1"])
def test_aucun_flottant(valeur: Any) -> None:
    with pytest.raises(TypeError, match="nombre exact attendu"):
        exact(valeur)


@pytest.mark.parametrize("texte", ["", "douze", "1,5", "NaN", "Infinity"])
def test_texte_qui_n_est_pas_un_nombre(texte: str) -> None:
    with pytest.raises(ValueError, match="nombre"):
        exact(texte)


@given(st.fractions(), st.integers(min_value=0, max_value=8))
def test_l_arrondi_est_au_plus_a_une_demi_unite(valeur: Fraction, decimales: int) -> None:
    ecart = abs(Fraction(arrondir(valeur, decimales)) - valeur)
    assert 2 * ecart * 10**decimales <= 1


def test_l_arrondi_garde_plus_de_chiffres_que_decimal() -> None:
    precise = Fraction(10**30 + 1, 10**31)
    assert Fraction(arrondir(precise, 31)) == precise
    assert arrondir_au_centime(Fraction(10**30)) == 10**32


@given(st.fractions())
def test_l_arrondi_est_symetrique(valeur: Fraction) -> None:
    assert arrondir(-valeur, 2) == arrondir(valeur, 2).copy_negate()


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_les_centimes_font_l_aller_retour(centimes: int) -> None:
    assert arrondir_au_centime(Fraction(en_euros(centimes))) == centimes


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        (Fraction(35200), "35\u202f200"),
        (Fraction("10.050"), "10,05"),
        (Fraction(125, 11), "≈\u00a011,3636"),
        (Fraction(-1, 2), "-0,5"),
    ],
)
def test_nombre_en_francais(valeur: Fraction, attendu: str) -> None:
    assert formater_nombre(valeur) == attendu


def test_euros_en_francais() -> None:
    assert formater_euros(123456) == "1\u202f234,56\u00a0€"


def test_les_signes_ne_commencent_pas_une_ligne() -> None:
    assert typographier("taux : 107 % × « 10 € »") == "taux\u00a0: 107\u00a0%\u00a0× «\u00a010\u00a0€\u00a0»"


@pytest.mark.parametrize(
    ("valeur", "unite", "texte"),
    [
        (Decimal("12.5"), "€", "12,50\u00a0€"),
        (Decimal("12.55"), "€", "12,55\u00a0€"),
        (12, "€", "12\u00a0€"),
        (Decimal("12.5"), "heures", "12,5\u00a0heures"),
        (Decimal("12.5"), "", "12,5"),
    ],
)
def test_une_mesure_tient_a_son_unite(valeur: Any, unite: str, texte: str) -> None:
    assert formater_mesure(valeur, unite) == texte
