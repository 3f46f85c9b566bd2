"""Whatever would stop the right later is heard at deposit: every refusal of every formula, on the cells of its form."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regles.anomalies import Severite
from regles.calcul import COMPOSANTES, calculer_droit
from regles.champs import Champ, TypeChamp
from regles.controles import Dossier, controler
from regles.controles.dossier import Valeur
from regles.formules.entrees import Donnee, sans_controle
from regles.trace import Droit
from schemas.configuration.yaml_strict import lire_yaml
from tests.regles.controles.exemples import (
    PRESTATIONS,
    A,
    B,
    bareme_du_projet,
    connu,
    dossier,
    formulaire_de,
    saisis,
    seuils_de,
    trouver,
)

CAS = Path(__file__).parents[1] / "cas"


def _se_saisit(prestation: str, donnees: Mapping[str, Any]) -> bool:
    """Whether cells can hold these answers: half a group is refused at its cell when it is read."""
    entiers = {c.cle for c in formulaire_de(prestation).champs if c.type is TypeChamp.ENTIER}
    return all(Decimal(str(donnees[cle])) % 1 == 0 for cle in entiers & donnees.keys() if donnees[cle] is not None)


def _refus() -> list[Any]:
    """The cases of the formulas that stop the right, with the answers they rest on."""
    rendus = []
    for fichier in sorted(CAS.glob("*/*.yaml")):
        contenu, _ = lire_yaml(fichier)
        for cas in contenu["cas"]:
            if "bloquants" in cas:
                exercice = {**contenu["base"], **cas}["exercice"]
                donnees = {**contenu["donnees"], **cas.get("donnees", {})}
                prestation = fichier.parent.name.upper()
                if _se_saisit(prestation, donnees):
                    rendus.append(pytest.param(prestation, exercice, donnees, id=f"{prestation} : {cas['nom']}"))
    return rendus


def _droit(vu: Dossier) -> Droit:
    prestation, bareme = vu.formulaire.prestation, connu()
    return calculer_droit(prestation, "reel", vu.exercice, vu.donnees(), bareme_du_projet(), bareme.connu_le)


def _bloques(vu: Dossier) -> set[str]:
    constats = controler(vu, seuils_de(vu.formulaire.prestation))
    return {c.champs[0] for c in constats if c.severite is Severite.BLOQUANTE}


@pytest.mark.parametrize(("prestation", "exercice", "donnees"), _refus())
def test_each_refusal_of_a_formula_is_told_on_an_answer_of_the_partner(
    prestation: str, exercice: int, donnees: Mapping[str, Any]
) -> None:
    vu = dossier(prestation, donnees, exercice=exercice)
    obligatoires = {c.cle for c in formulaire_de(prestation).champs if c.obligatoire} | {"charges"}
    for constat in _droit(vu).constats:
        siens = [cle for cle in constat.champs if cle in saisis(prestation)]
        if siens and not (constat.code == "donnee_manquante" and siens[0] in obligatoires):
            assert set(siens) & _bloques(vu), constat.message


def test_every_formula_with_a_control_has_such_a_case() -> None:
    avec = {
        prestation
        for prestation, composantes in COMPOSANTES.items()
        for formules in composantes
        for formule in formules
        if formule.controler is not sans_controle
    }
    vus = {cas.values[0] for cas in _refus()}
    assert avec <= vus
    assert avec == {"AIDE_DOMICILE", "ALSH", "CLAS", "EAJE", "FJT", "MEDIATION_FAMILIALE"}


def _reponse(champ: Champ) -> st.SearchStrategy[Valeur]:
    if champ.type is TypeChamp.OUI_NON:
        return st.booleans()
    if champ.type is TypeChamp.TEXTE:
        mots = {"statut_gestionnaire": ["public", "prive"], "type_accueil": ["periscolaire", "extrascolaire"]}
        return st.sampled_from(mots[champ.cle])
    if champ.cle == "taux_regime_general":
        return st.sampled_from([Decimal(1), Decimal("0.5")])
    minimum = Decimal(1) if champ.minimum is None else champ.minimum
    nombres = [n for n in (minimum, Decimal(1), Decimal(2), Decimal(24)) if n >= minimum]
    return st.sampled_from([int(n) for n in nombres] if champ.type is TypeChamp.ENTIER else nombres)


@pytest.mark.parametrize("prestation", PRESTATIONS)
@settings(max_examples=50)
@given(st.data())
def test_a_declaration_that_nothing_blocks_has_a_right_that_nothing_blocks(
    prestation: str, data: st.DataObject
) -> None:
    champs = formulaire_de(prestation).champs
    valeurs = {c.cle: data.draw(_reponse(c), label=c.cle) for c in champs}
    finances = data.draw(st.sampled_from([Decimal(0), Decimal(1)]))
    apportees: dict[str, Donnee] = {"etp_finances": int(finances)} if prestation == "MEDIATION_FAMILIALE" else {}
    vu = Dossier(formulaire_de(prestation), 2025, valeurs, conditions={2025: apportees}, bareme=connu())
    bloquants = [c for c in _droit(vu).constats if c.severite is Severite.BLOQUANTE]
    assert bool(_bloques(vu)) or not bloquants


EAJE = {
    "places": 20,
    "taux_regime_general": "1",
    "statut_gestionnaire": "public",
    "amplitude_journaliere": "10",
    "jours_ouverture": 220,
    "journees_pedagogiques": 0,
    "couches_et_repas": True,
    "heures_facturees": "35200",
    "heures_facturees_aeeh": "0",
    "heures_realisees": "33500",
    "heures_realisees_aeeh": "0",
    "heures_exceptionnelles": "0",
    "enfants_inscrits": 40,
    "enfants_handicap": 0,
    "participations_familiales": "60000",
    "charges": "350000",
    "produits": "290000",
}
PERISCOLAIRE = {
    "type_accueil": "periscolaire",
    "taux_regime_general": "1",
    "jours_ouverture": 140,
    "heures_realisees": "1485",
    "heures_realisees_aeeh": "0",
    "heures_facturees": "1485",
    "heures_facturees_aeeh": "0",
    "enfants_aeeh": 0,
    "heures_mercredi": "850",
    "journees_mercredi": 90,
    "demi_journees_mercredi": 10,
    "heures_plan_mercredi": "0",
    "charges": "2500",
    "produits": "2500",
}


@pytest.mark.parametrize(
    ("changements", "attendu"),
    [
        ({}, []),
        ({"heures_mercredi": "850.01"}, [("mercredi_plafonne", A, "heures_mercredi")]),
        ({"heures_mercredi": "850", "demi_journees_mercredi": 9}, [("mercredi_plafonne", A, "heures_mercredi")]),
    ],
)
def test_the_caps_of_the_wednesday_are_told_when_the_workbook_arrives(
    changements: Mapping[str, Any], attendu: list[tuple[str, Severite, str]]
) -> None:
    vu = dossier("ALSH", {**PERISCOLAIRE, **changements}, bareme=connu())
    assert trouver("ALSH", vu) == attendu


def test_an_answer_to_be_mended_gets_one_finding() -> None:
    vu = dossier("EAJE", {**EAJE, "enfants_inscrits": 2, "enfants_handicap": 3}, bareme=connu())
    assert trouver("EAJE", vu) == [("part_superieure_au_total", B, "enfants_handicap")]
    vu = dossier("EAJE", {**EAJE, "heures_realisees": "0"}, bareme=connu())
    assert trouver("EAJE", vu) == [("heures_realisees_nulles", B, "heures_realisees")]


def test_a_missing_answer_does_not_count_as_zero_and_does_not_hide_the_other_refusals() -> None:
    vu = dossier("EAJE", {**EAJE, "heures_exceptionnelles": None, "heures_realisees": "0"})
    assert trouver("EAJE", vu) == [("heures_realisees_nulles", B, "heures_realisees")]
    assert trouver("EAJE", dossier("EAJE", {**EAJE, "heures_facturees": None})) == []
    assert trouver("EAJE", dossier("EAJE", {})) == []


def test_what_the_convention_brings_is_weighed_but_not_asked_of_the_partner() -> None:
    donnees = {"charges_64": "90000", "produits": "90000", "etp_reels": "1", "participations_familiales": "0"}
    for finances, attendu in (
        ("1", []),
        ("1.1", [("part_superieure_au_total", B, "etp_reels")]),
        ("-1", []),
        (None, []),
    ):
        vu = dossier("MEDIATION_FAMILIALE", {**donnees, "etp_finances": finances})
        assert trouver("MEDIATION_FAMILIALE", vu) == attendu


def test_before_the_first_formula_nothing_of_the_right_is_said() -> None:
    vu = dossier("RPE", {"etp_animateur": "0", "charges": "10", "produits": "10"}, exercice=2019, bareme=connu())
    assert trouver("RPE", vu) == []
