"""A right is paid only when conventions cover every day it finances."""

from datetime import date

import pytest

from regles.conventions import ConventionConnue, Periode, defaut_de_convention, periode_financee


def convention(numero: str, du: str, au: str, prestation: str = "EAJE") -> ConventionConnue:
    return ConventionConnue(numero, prestation, Periode(date.fromisoformat(du), date.fromisoformat(au)))


@pytest.mark.parametrize(
    ("conventions", "phrase"),
    [
        ([convention("C1", "2023-01-01", "2027-12-31")], ""),
        ([convention("C1", "2025-01-01", "2025-12-31")], ""),
        ([convention("C1", "2023-01-01", "2025-06-30"), convention("C2", "2025-07-01", "2028-06-30")], ""),
        ([convention("C2", "2025-03-01", "2028-06-30"), convention("C1", "2023-01-01", "2025-06-30")], ""),
        ([], "Aucune convention n’est enregistrée pour la prestation EAJE."),
        (
            [convention("C1", "2023-01-01", "2027-12-31", "RPE")],
            "Aucune convention n’est enregistrée pour la prestation EAJE. Convention enregistrée pour une autre "
            "prestation : C1 (RPE).",
        ),
        (
            [convention("C1", "2023-01-01", "2025-06-30")],
            "La convention C1 s’arrête le 30/06/2025, avant la fin de la période à payer (du 01/01/2025 au 31/12/2025)"
            " : enregistrez son renouvellement ou son avenant.",
        ),
        (
            [convention("C1", "2023-01-01", "2025-06-30"), convention("C2", "2025-07-02", "2028-06-30")],
            "La convention C1 s’arrête le 30/06/2025, avant la fin de la période à payer (du 01/01/2025 au 31/12/2025)"
            " : enregistrez son renouvellement ou son avenant.",
        ),
        (
            [convention("C1", "2025-02-01", "2027-12-31")],
            "Aucune convention n’est en vigueur le 01/01/2025, premier jour de la période à payer (du 01/01/2025 au "
            "31/12/2025) : enregistrez-la.",
        ),
        (
            [convention("C1", "2021-01-01", "2024-12-31")],
            "Aucune convention n’est en vigueur le 01/01/2025, premier jour de la période à payer (du 01/01/2025 au "
            "31/12/2025) : enregistrez-la.",
        ),
    ],
)
def test_couverture(conventions: list[ConventionConnue], phrase: str) -> None:
    assert defaut_de_convention("EAJE", periode_financee("EAJE", 2025), conventions) == phrase


@pytest.mark.parametrize(
    ("prestation", "ouverte", "fermee", "attendue"),
    [
        ("RPE", None, None, "du 01/01/2025 au 31/12/2025"),
        ("CLAS", None, None, "du 01/09/2025 au 30/06/2026"),
        ("EAJE", "2025-09-01", None, "du 01/09/2025 au 31/12/2025"),
        ("EAJE", "2019-09-01", "2025-07-31", "du 01/01/2025 au 31/07/2025"),
    ],
)
def test_periode(prestation: str, ouverte: str | None, fermee: str | None, attendue: str) -> None:
    bornes = [None if jour is None else date.fromisoformat(jour) for jour in (ouverte, fermee)]
    assert str(periode_financee(prestation, 2025, *bornes)) == attendue


def test_une_structure_ouverte_en_cours_d_annee_ne_doit_que_ses_jours() -> None:
    periode = periode_financee("EAJE", 2025, date(2025, 9, 1))
    assert defaut_de_convention("EAJE", periode, [convention("C1", "2025-09-01", "2028-12-31")]) == ""
