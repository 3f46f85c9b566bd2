"""French reading of a cell: what people type, read or refused with the expected writing."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.champs import Champ, TypeChamp
from regles.grille import ValeurCellule
from regles.monnaie import formater_nombre
from schemas.declarations.lecture_fr import Refus, lire_cellule

HEURES = Champ("heures", "Heures", "Activité", "", TypeChamp.DECIMAL, "heures", minimum=Decimal(0))
EUROS = Champ("montant", "Montant", "Charges", "", TypeChamp.EUROS, "€")
JOURS = Champ("jours", "Jours", "Activité", "", TypeChamp.ENTIER, "jours", decimales=0)
TAUX = Champ("taux", "Taux", "Activité", "", TypeChamp.DECIMAL, "", decimales=4)
OUI_NON = Champ("couches", "Couches", "Activité", "", TypeChamp.OUI_NON, "")


@pytest.mark.parametrize(
    ("champ", "ecrit", "lu"),
    [
        (EUROS, "1 234,56 €", Decimal("1234.56")),
        (EUROS, "1\u202f234,56\u00a0€", Decimal("1234.56")),
        (EUROS, "1.234,56", Decimal("1234.56")),
        (EUROS, "1 234.50", Decimal("1234.50")),
        (EUROS, "1,234.50", Decimal("1234.50")),
        (EUROS, "1.234.567", Decimal(1234567)),
        (EUROS, "-12,5 EUR", Decimal("-12.5")),
        (EUROS, "\u221212,5", Decimal("-12.5")),
        (EUROS, "+7", Decimal(7)),
        (EUROS, "0", Decimal(0)),
        (EUROS, 0.1 + 0.2, Decimal("0.3")),
        (EUROS, 171190.10000000003, Decimal("171190.1")),
        (EUROS, 400000.0, Decimal(400000)),
        (EUROS, 12, Decimal(12)),
        (HEURES, "12,5", Decimal("12.5")),
        (HEURES, "35 200 h", Decimal(35200)),
        (HEURES, "35200 heures", Decimal(35200)),
        (HEURES, " 35\u200b200 ", Decimal(35200)),
        (HEURES, "35 200.", Decimal(35200)),
        (HEURES, "0,50", Decimal("0.5")),
        (JOURS, 220.0, 220),
        (JOURS, "220 jours", 220),
        (JOURS, "220,00", 220),
        (JOURS, "1 220", 1220),
        (TAUX, "98 %", Decimal("0.98")),
        (TAUX, "0,9815", Decimal("0.9815")),
        (OUI_NON, "Oui", True),
        (OUI_NON, " o ", True),
        (OUI_NON, "X", True),
        (OUI_NON, "VRAI", True),
        (OUI_NON, 1.0, True),
        (OUI_NON, True, True),
        (OUI_NON, "NON.", False),
        (OUI_NON, "n", False),
        (OUI_NON, 0, False),
        (HEURES, None, None),
        (HEURES, "", None),
        (HEURES, " \u00a0\n", None),
        (OUI_NON, " ", None),
    ],
)
def test_reads_what_people_type(champ: Champ, ecrit: ValeurCellule | None, lu: object) -> None:
    valeur = lire_cellule(champ, ecrit)
    assert valeur == lu
    if not isinstance(valeur, Refus) and valeur is not None:
        assert type(valeur) is {TypeChamp.ENTIER: int, TypeChamp.OUI_NON: bool}.get(champ.type, Decimal)


@pytest.mark.parametrize(
    ("champ", "ecrit", "code", "attendu"),
    [
        (JOURS, "1,234", "nombre_ambigu", "1\u202f234"),
        (JOURS, "1.234", "nombre_ambigu", "1\u202f234"),
        (EUROS, "1,234", "nombre_ambigu", "1\u202f234 ou 1,23"),
        (TAUX, "1.234", "nombre_ambigu", "1,234"),
        (JOURS, "12,5", "entier_attendu", "nombre entier"),
        (JOURS, 12.5, "entier_attendu", "nombre entier"),
        (EUROS, "12,345678", "trop_de_decimales", "12,35\u00a0€"),
        (HEURES, 1 / 3, "trop_de_decimales", "0,33"),
        (HEURES, "7h30", "horaire_inattendu", "7,5\u00a0heures"),
        (HEURES, "11:45", "horaire_inattendu", "11,75\u00a0heures"),
        (HEURES, time(7, 20), "horaire_inattendu", "7,33\u00a0heures"),
        (JOURS, "7h30", "horaire_inattendu", "nombre entier"),
        (HEURES, "12/05/2025", "date_inattendue", "nombre"),
        (HEURES, "12/05", "date_inattendue", "nombre"),
        (HEURES, date(2025, 5, 12), "date_inattendue", "nombre"),
        (JOURS, datetime(2025, 5, 12, 8, tzinfo=UTC), "date_inattendue", "nombre entier"),
        (HEURES, "35 200 €", "unite_inattendue", "heures"),
        (EUROS, "400 k€", "unite_inattendue", "€"),
        (HEURES, "98 %", "unite_inattendue", "heures"),
        (EUROS, "environ 400", "texte_inattendu", "un nombre"),
        (EUROS, "400 (estimé)", "texte_inattendu", "un nombre"),
        (EUROS, "néant", "texte_inattendu", "0"),
        (EUROS, "—", "texte_inattendu", "un nombre"),
        (EUROS, "-", "texte_inattendu", "0"),
        (EUROS, "1e5", "texte_inattendu", "un nombre"),
        (EUROS, "nan", "texte_inattendu", "un nombre"),
        (EUROS, float("inf"), "cellule_en_erreur", "un nombre"),
        (EUROS, True, "texte_inattendu", "un nombre"),
        (EUROS, "12 34", "nombre_mal_ecrit", "un nombre"),
        (EUROS, "1 2345", "nombre_mal_ecrit", "un nombre"),
        (EUROS, "1.23.4", "date_inattendue", "un nombre"),
        (EUROS, "9" * 40, "nombre_mal_ecrit", "un nombre"),
        (EUROS, "#REF!", "cellule_en_erreur", "un nombre"),
        (EUROS, "=A1+B2", "formule_non_calculee", "un nombre"),
        (OUI_NON, "peut-être", "oui_non_attendu", "Oui ou Non"),
        (OUI_NON, 2, "oui_non_attendu", "Oui ou Non"),
    ],
)
def test_refuses_and_says_what_is_expected(champ: Champ, ecrit: ValeurCellule, code: str, attendu: str) -> None:
    refus = lire_cellule(champ, ecrit)
    assert isinstance(refus, Refus)
    assert (refus.code, attendu in refus.attendu) == (code, True), refus
    assert refus.message.endswith(".")
    assert refus.lu


def test_a_cell_in_error_shows_its_error() -> None:
    refus = lire_cellule(EUROS, None, "#DIV/0!")
    assert isinstance(refus, Refus)
    assert (refus.code, refus.lu) == ("cellule_en_erreur", "#DIV/0!")


def test_a_long_text_is_cut_in_the_report() -> None:
    refus = lire_cellule(EUROS, "voir la note " * 50)
    assert isinstance(refus, Refus)
    assert len(refus.lu) <= 60


CHAMPS = st.sampled_from([HEURES, EUROS, JOURS, TAUX, OUI_NON])
SUSPECTS = st.text(alphabet="0123456789 .,-+h:/%€eEkKx'#=\u00a0\u202f\u2212)(", max_size=25)


@given(CHAMPS, st.one_of(st.text(), SUSPECTS, st.floats(), st.integers(), st.dates(), st.times(), st.booleans()))
def test_never_raises(champ: Champ, brut: ValeurCellule) -> None:
    lu = lire_cellule(champ, brut)
    if isinstance(lu, Refus):
        assert lu.code
        assert lu.message
        assert lu.attendu


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from(["", " €", "\u00a0€", " euros"]))
def test_a_number_written_the_french_way_reads_back_exactly(nombre: Decimal, unite: str) -> None:
    assert lire_cellule(EUROS, formater_nombre(nombre) + unite) == nombre


@given(st.decimals(min_value=0, max_value=10**8, places=2))
def test_what_a_spreadsheet_stores_reads_back_exactly(nombre: Decimal) -> None:
    assert lire_cellule(EUROS, float(nombre)) == nombre


@given(st.lists(st.decimals(min_value=0, max_value=10**6, places=2), max_size=12))
def test_a_sum_made_by_a_spreadsheet_loses_nothing(montants: list[Decimal]) -> None:
    assert lire_cellule(EUROS, sum(float(m) for m in montants)) == sum(montants)
