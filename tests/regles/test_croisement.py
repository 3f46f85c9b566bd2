from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.croisement import GRANDEURS, EcartFiloue, comparer
from regles.filoue import SommesFiloue

SEUIL = Fraction(5, 100)
REEL = {"heures_facturees": "35200", "heures_realisees": 33500, "participations_familiales": "63360.50", "places": 20}


def _ecart(filoue: str, reel: str) -> EcartFiloue:
    return EcartFiloue(GRANDEURS[0], Fraction(filoue), Fraction(reel))


@pytest.mark.parametrize(
    ("filoue", "reel", "alerte", "ecart"),
    [
        ("36256", "35200", False, "+3\u00a0%"),
        ("39424", "35200", True, "+12\u00a0%"),
        ("36960", "35200", False, "+5\u00a0%"),  # exactly the threshold: within it
        ("33440", "35200", False, "−5\u00a0%"),
        ("36960.01", "35200", True, "≈\u00a0+5\u00a0%"),
        ("33439.99", "35200", True, "≈\u00a0−5\u00a0%"),
        ("0", "35200", True, "−100\u00a0%"),
        ("35200", "35200", False, "0\u00a0%"),
        ("0", "0", False, "0\u00a0%"),
        ("12", "0", True, "réel nul"),
    ],
)
def test_l_ecart_alerte_au_dela_du_seuil_seulement(filoue: str, reel: str, alerte: bool, ecart: str) -> None:
    assert _ecart(filoue, reel).depasse(SEUIL) is alerte
    assert _ecart(filoue, reel).pourcentage == ecart


def test_les_trois_sommes_sont_mises_a_cote_du_reel_en_valeurs_exactes() -> None:
    sommes = SommesFiloue(10, Fraction("35200.25"), Fraction(33500), Fraction("63360.5"))
    ecarts = {e.grandeur.cle: e for e in comparer(sommes, REEL)}

    assert ecarts["heures_facturees"].part == Fraction(25, 100) / 35200
    assert ecarts["heures_realisees"].part == 0
    assert ecarts["participations_familiales"].reel == Fraction(6336050, 100)


def test_la_phrase_donne_les_deux_valeurs_et_l_ecart() -> None:
    ecart = EcartFiloue(GRANDEURS[2], Fraction("70963.20"), Fraction(63360))
    attendu = (
        "Participations familiales : 70 963,20 € dans le fichier Filoué, 63 360 € au réel, soit un écart de +12 %."
    )
    assert ecart.phrase.replace("\u00a0", " ").replace("\u202f", " ") == attendu


def test_une_reponse_absente_du_reel_n_est_pas_comparee() -> None:
    sommes = SommesFiloue(1, Fraction(1), Fraction(1), Fraction(1))
    assert [e.grandeur.cle for e in comparer(sommes, {"heures_facturees": "1", "heures_realisees": None})] == [
        "heures_facturees"
    ]


def test_un_flottant_n_est_jamais_compare() -> None:
    with pytest.raises(TypeError):
        comparer(SommesFiloue(1, Fraction(1), Fraction(1), Fraction(1)), {"heures_facturees": 0.1})


@given(st.integers(1, 10**9), st.integers(0, 2 * 10**9))
def test_la_limite_est_exacte_quelles_que_soient_les_valeurs(reel: int, filoue: int) -> None:
    assert EcartFiloue(GRANDEURS[0], Fraction(filoue), Fraction(reel)).depasse(SEUIL) is (
        abs(filoue - reel) * 100 > 5 * reel
    )
