"""The unit cost of each prestation, as its formula computes it, against its ceiling and against the year before."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regles.anomalies import Severite
from regles.baremes import RECONDUCTION, RECONDUITES, Statut, ValeurDatee
from regles.calcul import calculer_droit
from regles.controles import BaremeDuJour, Reference, controler
from schemas.configuration.yaml_strict import lire_yaml
from tests.regles.controles.exemples import (
    JOUR,
    PRESTATIONS,
    A,
    N,
    bareme_du_projet,
    connu,
    dossier,
    seuils_de,
    trouver,
)
from tests.regles.controles.test_commun import AIDE, ALSH
from tests.regles.controles.test_formule import EAJE

COUTS = ("cout_au_dessus_du_plafond", "cout_improbable", "cout_en_forte_variation")
RPE = {"etp_animateur": "2", "charges_64": "60000", "charges": "40000", "produits": "100000"}
PLAFOND = {"rpe.plafond": "50000"}


def _rpe(etp: str, parametres: Mapping[str, str] = PLAFOND, **changements: Any) -> list[tuple[str, Severite, str]]:
    return trouver(
        "RPE", dossier("RPE", {**RPE, "etp_animateur": etp, **changements}, bareme=connu(parametres)), *COUTS
    )


@pytest.mark.parametrize(
    ("etp", "attendu"),
    [
        ("2", []),
        ("1.99", [("cout_au_dessus_du_plafond", N, "charges")]),
        ("0.6667", [("cout_au_dessus_du_plafond", N, "charges")]),
        ("0.6666", [("cout_improbable", A, "charges")]),
        ("5.99", []),
        ("6", []),
        ("6.01", [("cout_improbable", A, "charges")]),
        (None, []),
    ],
)
def test_above_the_ceiling_is_told_and_far_from_it_is_questioned(
    etp: str, attendu: list[tuple[str, Severite, str]]
) -> None:
    assert _rpe(etp) == attendu


def test_a_ceiling_unknown_that_day_says_nothing() -> None:
    assert _rpe("0.1", {}) == []
    sans_bareme = dossier("RPE", {**RPE, "etp_animateur": "0.1"})
    assert trouver("RPE", sans_bareme, *COUTS) == []


@pytest.mark.parametrize(("nature", "dite"), [("previsionnel", True), ("actualisation", True), ("reel", False)])
def test_what_is_only_expected_may_be_held_against_the_ceiling_of_the_year_before(nature: str, dite: bool) -> None:
    annee = (date(2025, 1, 1), date(2025, 12, 31))
    connue = ValeurDatee("rpe.plafond", *annee, Decimal(50000), Statut.PUBLIE, "essai", annee[0])
    bareme = bareme_du_projet().completer([connue]).simuler({RECONDUCTION: RECONDUITES})
    donnees = {**RPE, "etp_animateur": "1"}
    vu = dossier("RPE", donnees, exercice=2026, nature=nature, bareme=BaremeDuJour(bareme, JOUR))
    phrases = [c.message for c in controler(vu, seuils_de("RPE")) if c.code in COUTS]
    assert ["valeur de 2025 reconduite" in phrase for phrase in phrases] == [True] * dite


def test_without_charges_there_is_no_cost() -> None:
    assert _rpe("2", charges="0", charges_64="0") == []


def test_the_sentence_gives_the_figures_and_how_sure_the_ceiling_is() -> None:
    vu = dossier("RPE", {**RPE, "etp_animateur": "1"}, bareme=connu(PLAFOND))
    (constat,) = [c for c in controler(vu, seuils_de("RPE")) if c.code in COUTS]
    assert constat.message.replace("\u00a0", " ").replace("\u202f", " ") == (
        "Coût par équivalent temps plein d'animateur : 100 000 €/ETP, au-dessus du prix plafond (50 000 €/ETP, "
        "valeur à confirmer). C'est permis : la part au-delà du plafond n'est pas financée par la prestation."
    )


@pytest.mark.parametrize(
    ("ancien", "attendu"),
    [
        # 50 000 €/ETP this year; each figure alone stays within its own threshold.
        ({"charges": "85000", "charges_64": "0", "etp_animateur": "2.125"}, []),
        ({"charges": "86500", "charges_64": "0", "etp_animateur": "2.1625"}, []),
        ({"charges": "87000", "charges_64": "0", "etp_animateur": "2.2"}, [("cout_en_forte_variation", A, "charges")]),
        # The charges themselves already ask the question.
        ({"charges": "50000", "charges_64": "0", "etp_animateur": "2"}, []),
        ({"charges": "0", "charges_64": "0", "etp_animateur": "2"}, []),
        ({"charges": "100000", "charges_64": "0"}, []),
    ],
)
def test_the_cost_against_the_year_before(ancien: Mapping[str, Any], attendu: list[tuple[str, Severite, str]]) -> None:
    donnees = {"charges": "100000", "charges_64": "0", "produits": "100000", "etp_animateur": "2"}
    vu = dossier("RPE", donnees, references={Reference.N_1: ancien}, bareme=connu({"rpe.plafond": "90000"}))
    assert trouver("RPE", vu, *COUTS) == attendu


def test_each_class_of_staff_has_its_ceiling() -> None:
    plafonds = {"aide_domicile.tisf.plafond": "45000", "aide_domicile.aes.plafond": "44999.99"}
    vu = dossier("AIDE_DOMICILE", AIDE, bareme=connu(plafonds))
    assert trouver("AIDE_DOMICILE", vu, *COUTS) == [("cout_au_dessus_du_plafond", N, "charges_aes")]


@pytest.mark.parametrize(
    ("prix", "attendu"),
    [("0.60", []), ("0.59", [("cout_au_dessus_du_plafond", N, "charges")])],
)
def test_the_ceiling_of_an_alsh_is_its_highest_price_over_the_rate(
    prix: str, attendu: list[tuple[str, Severite, str]]
) -> None:
    parametres = {"alsh.taux": "0.30", "alsh.extrascolaire.prix_maximum": prix}
    assert trouver("ALSH", dossier("ALSH", ALSH, bareme=connu(parametres)), *COUTS) == attendu


@pytest.mark.parametrize(
    ("realisees", "exercice", "parametres", "lu"),
    [
        # 113,5 %: 10,05 − (10,05 − 8,50) × 0,065 ÷ 0,13 = 9,275 €/h.
        ("1000", 2025, {"p107.avec_couches_et_repas": "10.05", "p120.avec_couches_et_repas": "8.50"}, "9,28"),
        ("1100", 2025, {"p107.avec_couches_et_repas": "10.05", "p120.avec_couches_et_repas": "8.50"}, "10,05"),
        ("940", 2025, {"p107.avec_couches_et_repas": "10.05", "p120.avec_couches_et_repas": "8.50"}, "8,5"),
        ("1000", 2024, {"bande_moyenne.avec_couches_et_repas": "9.40"}, "9,4"),
    ],
)
def test_the_ceiling_of_an_eaje_follows_its_billing_rate(
    realisees: str, exercice: int, parametres: Mapping[str, str], lu: str
) -> None:
    typees = {f"psu.plafond.{cle}": valeur for cle, valeur in parametres.items()} | {"psu.plafond.arrondi": "aucun"}
    donnees = {**EAJE, "heures_facturees": "1135", "heures_realisees": realisees, "charges": "14000"}
    vu = dossier("EAJE", donnees, exercice=exercice, bareme=connu(typees))
    (constat,) = [c for c in controler(vu, seuils_de("EAJE")) if c.code in COUTS]
    assert constat.severite is N
    assert f"prix plafond ({lu}" in constat.message.replace("≈\u00a0", "").replace("0\u00a0€/h", "\u00a0€/h")


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_every_cost_is_a_line_of_the_trace_and_its_ceiling_is_known_by_name(prestation: str) -> None:
    contenu, _ = lire_yaml(sorted((Path(__file__).parents[1] / "cas" / prestation.lower()).glob("*.yaml"))[0])
    base, apporte = contenu["base"], dossier(prestation, contenu["donnees"], exercice=contenu["base"]["exercice"])
    droit = calculer_droit(
        prestation, "reel", base["exercice"], apporte.donnees(), bareme_du_projet(), base["connu_le"]
    )
    lignes = {ligne.code for ligne in droit.lignes}
    assert seuils_de(prestation).couts
    for cout in seuils_de(prestation).couts:
        assert cout.ligne in lignes
        plafonds = {cout.plafond.format(type_accueil=t) for t in ("periscolaire", "extrascolaire", "adolescents")}
        assert plafonds <= bareme_du_projet().definitions.keys() | lignes
        assert not cout.divise_par or cout.divise_par in bareme_du_projet().definitions
