"""How an account is shown, and the key of a RIB."""

import pytest

from regles.comptes import cle_rib_juste, masquer


def test_masquer() -> None:
    assert masquer("FR7630006000011234567890189") == "FR76 •••• 0189"


@pytest.mark.parametrize(
    ("iban", "juste"),
    [
        ("FR7630006000011234567890189", True),
        ("FR1420041010050500013M02606", True),
        ("MC1112739000700011111000H79", True),
        ("FR7630006000011234567890188", False),
        ("FR1420041010050500013N02606", False),
        ("BE68539007547034", True),
    ],
)
def test_cle_rib(iban: str, juste: bool) -> None:
    assert cle_rib_juste(iban) is juste
