"""Figures across time: a threshold a reference, one finding a figure, which cites those it drifts from."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from regles.anomalies import Severite
from regles.baremes import Statut
from regles.champs import Champ, Formulaire, Total, TypeChamp
from regles.controles import Dossier, Reference, Seuils, Variation
from regles.controles.commun import controler_variations
from regles.controles.dossier import Valeur

ACTUALISATION, PREVISIONNEL, N_1 = Reference
FORMULAIRE = Formulaire(
    "RPE",
    "Relais",
    "1",
    (
        Champ("heures", "Heures réalisées", "Activité", "Heures", TypeChamp.DECIMAL, "heures"),
        Champ("charges_60", "Achats", "Charges", "Charges", TypeChamp.EUROS, "€"),
        Champ("charges_64", "Charges de personnel", "Charges", "Charges", TypeChamp.EUROS, "€"),
    ),
    (Total("charges", "Total des charges", "€", ("charges_60", "charges_64"), Statut.A_CONFIRMER, "essai"),),
)
SEUILS = Seuils(
    "RPE",
    variations=(
        Variation(
            "heures",
            {ACTUALISATION: Decimal("0.10"), PREVISIONNEL: Decimal("0.20"), N_1: Decimal("0.20")},
            Decimal(50),
        ),
        Variation("charges", {N_1: Decimal("0.15")}, Decimal(0)),
    ),
)


def _constats(
    valeurs: Mapping[str, Valeur], references: Mapping[Reference, Mapping[str, Valeur]]
) -> list[tuple[str, str, str]]:
    dossier = Dossier(FORMULAIRE, 2025, valeurs, references)
    trouves = list(controler_variations(dossier, SEUILS))
    assert {c.severite for c in trouves} <= {Severite.ALERTE}
    assert {c.code for c in trouves} <= {"variation"}
    textes = [(c.champs[0], c.message, c.attendu) for c in trouves]
    return [(champ, *(t.replace("\u00a0", " ").replace("\u202f", " ") for t in suite)) for champ, *suite in textes]


@pytest.mark.parametrize(
    ("heures", "reference", "passe", "alerte"),
    [
        ("1100", ACTUALISATION, "1000", False),
        ("1100.01", ACTUALISATION, "1000", True),
        ("900", ACTUALISATION, "1000", False),
        ("899.99", ACTUALISATION, "1000", True),
        ("1200", PREVISIONNEL, "1000", False),
        ("1200.01", PREVISIONNEL, "1000", True),
        ("800", N_1, "1000", False),
        ("799.99", N_1, "1000", True),
        ("150", ACTUALISATION, "100", False),
        ("150.01", ACTUALISATION, "100", True),
        ("50", N_1, "0", False),
        ("50.01", N_1, "0", True),
        ("0", N_1, "0", False),
        ("0", N_1, "50", False),
        ("0", N_1, "51", True),
    ],
)
def test_each_reference_has_its_own_threshold_and_a_move_that_is_not_worth_a_question(
    heures: str, reference: Reference, passe: str, alerte: bool
) -> None:
    trouves = _constats({"heures": Decimal(heures)}, {reference: {"heures": Decimal(passe)}})
    assert bool(trouves) is alerte


@pytest.mark.parametrize(
    ("valeurs", "references"),
    [
        ({"heures": Decimal(1000)}, {}),
        ({}, {N_1: {"heures": Decimal(1)}}),
        ({"heures": Decimal(1000)}, {N_1: {}}),
        # No threshold for these two: nothing is compared.
        ({"charges_60": Decimal(9), "charges_64": Decimal(0)}, {PREVISIONNEL: {"charges_60": Decimal(1)}}),
        ({"charges_60": Decimal(9)}, {N_1: {"charges_60": Decimal(1)}}),
        # A total is compared when all its parts are known on both sides.
        ({"charges_60": Decimal(9), "charges_64": Decimal(0)}, {N_1: {"charges_60": Decimal(1)}}),
    ],
)
def test_what_is_missing_is_not_compared(
    valeurs: Mapping[str, Valeur], references: Mapping[Reference, Mapping[str, Valeur]]
) -> None:
    assert _constats(valeurs, references) == []


def test_a_total_is_compared_as_a_figure() -> None:
    passe = {"charges_60": Decimal(100), "charges_64": Decimal(900)}
    (trouve,) = _constats({"charges_60": Decimal(100), "charges_64": Decimal(1100)}, {N_1: passe})
    assert trouve == (
        "charges",
        "« Total des charges » augmente de 20 % par rapport au réel 2024 (1 000 €) : vérifiez, ou expliquez cet écart.",
        "un écart d'au plus 15 % avec l'année précédente (1 000 €)",
    )


def test_the_same_drift_from_every_reference_is_one_question() -> None:
    references = {
        N_1: {"heures": Decimal(1600)},
        ACTUALISATION: {"heures": Decimal(1000)},
        PREVISIONNEL: {"heures": Decimal(1200)},
    }
    (trouve,) = _constats({"heures": Decimal(800)}, references)
    assert trouve == (
        "heures",
        "« Heures réalisées » baisse de 20 % par rapport à l'actualisation (1 000 heures), de ≈ 33,3 % par rapport au "
        "prévisionnel (1 200 heures) et de 50 % par rapport au réel 2024 (1 600 heures) : vérifiez, ou expliquez cet "
        "écart.",
        "un écart d'au plus 10 % avec l'actualisation (1 000 heures), d'au plus 20 % avec le prévisionnel (1 200 "
        "heures) et d'au plus 20 % avec l'année précédente (1 600 heures)",
    )


def test_only_the_references_it_drifts_from_are_cited_each_in_its_direction() -> None:
    references = {
        ACTUALISATION: {"heures": Decimal(1000)},
        PREVISIONNEL: {"heures": Decimal(800)},
        N_1: {"heures": Decimal(2000)},
    }
    ((_, message, _),) = _constats({"heures": Decimal(1000)}, references)
    assert message == (
        "« Heures réalisées » augmente de 25 % par rapport au prévisionnel (800 heures) et baisse de 50 % par rapport "
        "au réel 2024 (2 000 heures) : vérifiez, ou expliquez cet écart."
    )


def test_a_reference_of_zero_has_no_percentage() -> None:
    ((_, message, _),) = _constats({"heures": Decimal(60)}, {PREVISIONNEL: {"heures": Decimal(0)}})
    assert message == "« Heures réalisées » valait 0 au prévisionnel : vérifiez, ou expliquez cet écart."
