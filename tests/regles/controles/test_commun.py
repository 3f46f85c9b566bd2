"""Sums, ratios, balance, accounts 86 and 87: the same controls for every prestation, on both sides of their bounds."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.regles.controles.exemples import PRESTATIONS, A, B, dossier, formulaire_de, seuils_de, trouver

AIDE = {
    "etp_tisf": "4",
    "heures_tisf": "4800",
    "charges_tisf": "180000",
    "participations_tisf": "9000",
    "etp_aes": "2",
    "heures_aes": "2400",
    "charges_aes": "90000",
    "participations_aes": "4000",
    "charges": "300000",
    "produits": "287000",
}
ALSH = {
    "type_accueil": "extrascolaire",
    "taux_regime_general": "1",
    "jours_ouverture": 60,
    "heures_realisees": "40000",
    "heures_realisees_aeeh": "0",
    "heures_facturees": "40000",
    "heures_facturees_aeeh": "0",
    "enfants_aeeh": 0,
    "heures_mercredi": "0",
    "journees_mercredi": 0,
    "demi_journees_mercredi": 0,
    "heures_plan_mercredi": "0",
    "charges": "80000",
    "produits": "80000",
}
CENTRE = {
    "cout_pilotage": "150000",
    "etp_referent_familles": "1",
    "cout_referent_familles": "45000",
    "cout_logistique_familles": "5000",
    "charges": "400000",
    "produits": "400000",
}


@pytest.mark.parametrize(
    ("prestation", "base", "changements", "attendu"),
    [
        ("AIDE_DOMICILE", AIDE, {}, []),
        ("AIDE_DOMICILE", AIDE, {"charges": "270000", "produits": "257000"}, []),
        (
            "AIDE_DOMICILE",
            AIDE,
            {"charges": "269999.99", "produits": "257000"},
            [("somme_superieure_au_total", B, "charges_tisf")],
        ),
        ("AIDE_DOMICILE", AIDE, {"charges_tisf": None, "charges_aes": "300000.01"}, []),
        ("AIDE_DOMICILE", AIDE, {"heures_tisf": "6428"}, []),
        ("AIDE_DOMICILE", AIDE, {"heures_tisf": "6428.01"}, [("rapport_improbable", A, "heures_tisf")]),
        ("AIDE_DOMICILE", AIDE, {"heures_tisf": "2400"}, []),
        ("AIDE_DOMICILE", AIDE, {"heures_tisf": "2399.99"}, [("rapport_improbable", A, "heures_tisf")]),
        ("AIDE_DOMICILE", AIDE, {"heures_tisf": None}, []),
        (
            "AIDE_DOMICILE",
            AIDE,
            {"etp_aes": "0", "charges_aes": "0", "participations_aes": "0"},
            [("rapport_improbable", A, "etp_aes")],
        ),
        (
            "AIDE_DOMICILE",
            AIDE,
            {"etp_aes": "0", "heures_aes": "0", "charges_aes": "0", "participations_aes": "0"},
            [],
        ),
        ("ALSH", ALSH, {"heures_facturees": "60000"}, []),
        ("ALSH", ALSH, {"heures_facturees": "60000.01"}, [("rapport_improbable", A, "heures_facturees")]),
        ("ALSH", ALSH, {"heures_facturees": "0"}, []),
        ("ALSH", ALSH, {"heures_realisees_aeeh": "100"}, [("rapport_improbable", A, "enfants_aeeh")]),
        ("ALSH", ALSH, {"heures_mercredi": "40000.01"}, [("part_superieure_au_total", B, "heures_mercredi")]),
        ("ALSH", ALSH, {"heures_mercredi": "1"}, [("mercredi_hors_periscolaire", B, "heures_mercredi")]),
        ("ALSH", ALSH, {"produits": "84000"}, []),
        ("ALSH", ALSH, {"produits": "84000.01"}, [("budget_desequilibre", A, "produits")]),
        ("ALSH", ALSH, {"produits": "76000"}, []),
        ("ALSH", ALSH, {"produits": "75999.99"}, [("budget_desequilibre", A, "produits")]),
        ("ALSH", ALSH, {"produits": None}, []),
        ("ALSH", ALSH, {"charges_86": "10"}, [("contributions_inegales", B, "produits_87")]),
        ("CENTRE_SOCIAL", CENTRE, {"charges": "200000", "produits": "200000"}, []),
        (
            "CENTRE_SOCIAL",
            CENTRE,
            {"charges": "199999.99", "produits": "200000"},
            [("somme_superieure_au_total", B, "cout_pilotage")],
        ),
    ],
)
def test_boundary(
    prestation: str, base: Mapping[str, Any], changements: Mapping[str, Any], attendu: list[tuple[str, str, str]]
) -> None:
    assert trouver(prestation, dossier(prestation, {**base, **changements})) == attendu


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_the_balance_and_the_contributions_in_kind_hold_for_every_prestation(prestation: str) -> None:
    vu = dossier(prestation, {"charges": "1000", "produits": "900", "charges_86": "10", "produits_87": "20"})
    codes = {"budget_desequilibre", "contributions_inegales"}
    assert {code for code, *_ in trouver(prestation, vu, *codes)} == codes


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_every_figure_that_makes_the_right_is_followed_across_time(prestation: str) -> None:
    suivies = {v.cle for v in seuils_de(prestation).variations}
    assert {cle for cout in seuils_de(prestation).couts for cle in cout.champs} <= suivies
    assert suivies <= {c.cle for c in formulaire_de(prestation).champs} | {"charges"}
