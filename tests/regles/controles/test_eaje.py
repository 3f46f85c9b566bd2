"""Each control of an EAJE declaration, on both sides of its boundary."""

from decimal import Decimal

import pytest

from regles.anomalies import Severite
from regles.champs import Formulaire
from regles.controles import Dossier, Seuils, controler
from regles.controles.dossier import Valeur
from schemas.configuration.controles import charger_seuils
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE


@pytest.fixture(scope="module")
def formulaire() -> Formulaire:
    return charger_formulaire(RACINE / "config", "EAJE")


@pytest.fixture(scope="module")
def seuils(formulaire: Formulaire) -> Seuils:
    return charger_seuils(RACINE / "config", formulaire)


BONNES: dict[str, Valeur] = {
    "places": 20,
    "taux_regime_general": Decimal(1),
    "statut_gestionnaire": "public",
    "amplitude_journaliere": Decimal(10),
    "jours_ouverture": 220,
    "journees_pedagogiques": 3,
    "couches_et_repas": True,
    "heures_facturees": Decimal(35200),
    "heures_facturees_aeeh": Decimal(500),
    "heures_realisees": Decimal(33500),
    "heures_realisees_aeeh": Decimal(480),
    "heures_exceptionnelles": Decimal(0),
    "enfants_inscrits": 45,
    "enfants_handicap": 1,
    "charges_64": Decimal(390000),
    "charges_86": Decimal(10000),
    "participations_familiales": Decimal(63360),
    "produits_70623": Decimal(170000),
    "produits_744": Decimal(156640),
    "produits_87": Decimal(10000),
}


def _valeurs(formulaire: Formulaire, changements: dict[str, Valeur | None]) -> dict[str, Valeur]:
    comptes = {c.cle: Decimal(0) for c in formulaire.champs if c.compte}
    toutes = {**comptes, **BONNES, **changements}
    return {cle: valeur for cle, valeur in toutes.items() if valeur is not None}


def _codes(
    formulaire: Formulaire,
    seuils: Seuils,
    changements: dict[str, Valeur | None],
    exercice: int = 2025,
) -> list[tuple[str, Severite, str]]:
    dossier = Dossier(formulaire, exercice, _valeurs(formulaire, changements))
    return [(c.code, c.severite, c.champs[0]) for c in controler(dossier, seuils)]


def test_a_sound_declaration_raises_nothing(formulaire: Formulaire, seuils: Seuils) -> None:
    assert _codes(formulaire, seuils, {}) == []


B, A, N = Severite.BLOQUANTE, Severite.ALERTE, Severite.INFORMATION


@pytest.mark.parametrize(
    ("changements", "attendu"),
    [
        ({"heures_facturees_aeeh": Decimal(35200)}, []),
        ({"heures_facturees_aeeh": Decimal("35200.01")}, [("part_superieure_au_total", B, "heures_facturees_aeeh")]),
        ({"heures_realisees_aeeh": Decimal("33500.01")}, [("part_superieure_au_total", B, "heures_realisees_aeeh")]),
        ({"enfants_handicap": 45}, []),
        ({"enfants_handicap": 46}, [("part_superieure_au_total", B, "enfants_handicap")]),
        (
            {"heures_realisees": Decimal(0), "heures_realisees_aeeh": Decimal(0)},
            [("heures_realisees_nulles", B, "heures_realisees")],
        ),
        ({"heures_realisees": Decimal(35200)}, []),
        ({"heures_realisees": Decimal("35200.01")}, [("taux_facturation_bas", A, "heures_facturees")]),
        ({"heures_realisees": Decimal("29333.34")}, []),
        ({"heures_realisees": Decimal("29333.33")}, [("taux_facturation_eleve", N, "heures_facturees")]),
        ({"heures_realisees": Decimal("27076.93")}, [("taux_facturation_eleve", N, "heures_facturees")]),
        ({"heures_realisees": Decimal("27076.92")}, [("taux_facturation_tres_eleve", A, "heures_facturees")]),
        (
            {"heures_facturees": Decimal(0), "heures_facturees_aeeh": Decimal(0)},
            [("heures_facturees_nulles", B, "heures_facturees")],
        ),
        (
            {
                "heures_facturees": Decimal(0),
                "heures_facturees_aeeh": Decimal(0),
                "heures_exceptionnelles": Decimal(1),
            },
            [("heures_toutes_exceptionnelles", B, "heures_facturees")],
        ),
        ({"jours_ouverture": 176}, []),
        ({"jours_ouverture": 175}, [("capacite_atteinte", A, "heures_facturees")]),
        ({"journees_pedagogiques": 4}, [("journees_pedagogiques_plafonnees", A, "journees_pedagogiques")]),
        ({"jours_ouverture": 302}, []),
        ({"jours_ouverture": 303}, [("jours_ouverture_trop_nombreux", A, "jours_ouverture")]),
        (
            {"enfants_inscrits": 0, "enfants_handicap": 0},
            [("donnee_inutilisable", B, "enfants_inscrits")],
        ),
        ({"produits_87": Decimal("10000.01")}, [("contributions_inegales", B, "produits_87")]),
        ({"produits_744": Decimal(136640)}, []),
        ({"produits_744": Decimal("136639.99")}, [("budget_desequilibre", A, "produits")]),
        ({"produits_744": Decimal(176640)}, []),
        ({"produits_744": Decimal("176640.01")}, [("budget_desequilibre", A, "produits")]),
        ({"participations_familiales": Decimal(5280), "produits_744": Decimal(214720)}, []),
        (
            {"participations_familiales": Decimal("5279.99"), "produits_744": Decimal(214720)},
            [("rapport_improbable", A, "participations_familiales")],
        ),
        ({"participations_familiales": Decimal(186560), "produits_744": Decimal(33440)}, []),
        (
            {"participations_familiales": Decimal("186560.01"), "produits_744": Decimal(33440)},
            [("rapport_improbable", A, "participations_familiales")],
        ),
    ],
)
def test_boundary(
    formulaire: Formulaire,
    seuils: Seuils,
    changements: dict[str, Valeur | None],
    attendu: list[tuple[str, Severite, str]],
) -> None:
    assert _codes(formulaire, seuils, changements) == attendu


def test_a_leap_year_has_one_more_day(formulaire: Formulaire, seuils: Seuils) -> None:
    assert _codes(formulaire, seuils, {"jours_ouverture": 303}, exercice=2024) == []


@pytest.mark.parametrize("cle", sorted(BONNES))
def test_a_missing_answer_stops_no_other_control(formulaire: Formulaire, seuils: Seuils, cle: str) -> None:
    codes = _codes(formulaire, seuils, {"produits_87": Decimal(1), cle: None})
    attendu = [] if cle in {"charges_86", "produits_87"} else ["contributions_inegales"]
    assert [c for c, *_ in codes] == attendu
