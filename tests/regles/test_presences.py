"""Who a step is for, day by day: the periods that touch, the school year, and who leaves while it runs."""

from datetime import date, time

import pytest

from regles.calendrier import Etape, NatureEtape, PlanRelances
from regles.conventions import Periode
from regles.presences import est_du_public, parti_le

PLAN = PlanRelances((1,), time(9), 10)
BILAN = Etape("bilan", NatureEtape.BILAN, "Bilan", exercice=2025, ouverture=date(2026, 1, 14), limite=date(2026, 2, 28))
APPEL = Etape("appel", NatureEtape.BILAN, "Appel", ouverture=date(2026, 6, 1), limite=date(2026, 6, 30))
VISEE, RECEPTION = Periode(date(2025, 1, 1), date(2025, 12, 31)), Periode(date(2026, 1, 14), date(2026, 3, 10))
TOUJOURS = Periode(date.min, date.max)


@pytest.mark.parametrize(
    ("prestation", "du", "au", "etape", "attendue"),
    [
        ("RPE", date.min, date(2024, 12, 31), BILAN, False),
        ("RPE", date.min, date(2025, 1, 1), BILAN, True),
        ("RPE", date(2025, 12, 31), date.max, BILAN, True),
        ("RPE", date(2026, 1, 1), date.max, BILAN, False),
        ("CLAS", date(2026, 1, 1), date.max, BILAN, True),  # its exercice 2025 goes on until June 2026
        ("CLAS", date.min, date(2025, 8, 31), BILAN, False),
        ("CLAS", date.min, date(2026, 5, 31), APPEL, False),
        ("CLAS", date.min, date(2026, 6, 1), APPEL, True),
        ("CLAS", date(2026, 7, 1), date.max, APPEL, False),
    ],
)
def test_une_structure_repond_pour_les_jours_ou_elle_existe(
    prestation: str, du: date, au: date, etape: Etape, attendue: bool
) -> None:
    assert est_du_public(prestation, Periode(du, au), etape, PLAN) is attendue


@pytest.mark.parametrize(
    ("presences", "visee", "parti"),
    [
        ((), VISEE, None),
        ((TOUJOURS,), VISEE, None),
        ((Periode(date.min, date(2024, 12, 31)),), VISEE, date(2024, 12, 31)),
        ((Periode(date.min, date(2024, 12, 31)),), None, None),  # whoever wants answers a call
        ((Periode(date.min, date(2026, 1, 13)),), VISEE, None),
        ((Periode(date.min, date(2026, 1, 14)),), VISEE, date(2026, 1, 14)),
        ((Periode(date.min, date(2026, 3, 10)),), None, date(2026, 3, 10)),
        ((Periode(date.min, date(2026, 3, 11)),), VISEE, None),
        ((Periode(date.min, date(2026, 1, 31)), Periode(date(2026, 2, 1), date.max)), VISEE, None),  # and came back
    ],
)
def test_qui_part_pendant_que_l_etape_court(
    presences: tuple[Periode, ...], visee: Periode | None, parti: date | None
) -> None:
    assert parti_le(presences, RECEPTION, visee) == parti
