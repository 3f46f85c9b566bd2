"""Runs the cases written as data: every line exact, every total exact to the cent, no tolerance."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from regles.anomalies import Severite
from regles.baremes import Bareme
from regles.calcul import COMPOSANTES, Donnee, calculer_droit, entrees_connues
from regles.formules.entrees import Genre
from regles.trace import Droit
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import lire_yaml

DOSSIER = Path(__file__).parent / "cas"
CLES = {
    "nom", "exercice", "connu_le", "nature", "donnees", "parametres", "sans_parametres", "lignes", "droit_centimes",
    "partiel_centimes", "sans_total", "cites", "non_cites", "statuts", "manquants", "exactement_manquants", "constats",
    "bloquants", "message", "reconduites", "operation",
}  # fmt: skip


def _cas() -> list[Any]:
    rendus = []
    for fichier in sorted(DOSSIER.glob("*/*.yaml")):
        contenu, _ = lire_yaml(fichier)
        assert contenu["source"]
        for cas in contenu["cas"]:
            assert not cas.keys() - CLES, f"{fichier.name} : {cas.keys() - CLES}"
            entier = {
                "prestation": fichier.parent.name.upper(),
                **contenu["base"],
                **cas,
                "donnees": {**contenu["donnees"], **cas.get("donnees", {})},
                "parametres": {
                    cle: valeur
                    for cle, valeur in {**contenu["parametres"], **cas.get("parametres", {})}.items()
                    if cle not in cas.get("sans_parametres", [])
                },
            }
            rendus.append(pytest.param(entier, id=f"{fichier.parent.name}, {fichier.stem} : {cas['nom']}"))
    return rendus


def _donnees(prestation: str, brutes: Mapping[str, Any]) -> dict[str, Donnee]:
    mots = {cle for cle, entree in entrees_connues(prestation).items() if entree.genre is Genre.MOT}
    return {
        cle: Fraction(valeur) if isinstance(valeur, str) and cle not in mots else valeur
        for cle, valeur in brutes.items()
    }


@pytest.fixture(scope="module")
def bareme() -> Bareme:
    return charger_bareme(RACINE / "config", demonstration=False)


def _calculer(cas: Mapping[str, Any], bareme: Bareme) -> Droit:
    essaye = bareme.simuler(cas["parametres"])
    donnees = _donnees(cas["prestation"], cas["donnees"])
    return calculer_droit(cas["prestation"], cas["nature"], cas["exercice"], donnees, essaye, cas["connu_le"])


@pytest.mark.parametrize("cas", _cas())
def test_un_cas(cas: Mapping[str, Any], bareme: Bareme) -> None:
    droit = _calculer(cas, bareme)
    _verifier_lignes(cas, droit)
    _verifier_total(cas, droit)
    _verifier_parametres(cas, droit)
    bloquants = [c.code for c in droit.constats if c.severite is Severite.BLOQUANTE]
    assert bloquants == cas.get("bloquants", [])
    assert cas.get("message", "") in " ".join(c.message for c in droit.constats)
    if "constats" in cas:
        assert [c.code for c in droit.constats] == cas["constats"]


def _verifier_lignes(cas: Mapping[str, Any], droit: Droit) -> None:
    valeurs: dict[str, Fraction | str | None] = {ligne.code: ligne.valeur for ligne in droit.lignes}
    for code, attendue in cas.get("lignes", {}).items():
        exacte = attendue if attendue in {None, "absente"} else Fraction(attendue)
        assert valeurs.get(code, "absente") == exacte, code
    operations = {ligne.code: ligne.operation for ligne in droit.lignes}
    assert all(morceau in operations[code] for code, morceau in cas.get("operation", {}).items())


def _verifier_total(cas: Mapping[str, Any], droit: Droit) -> None:
    if "droit_centimes" in cas:
        assert droit.droit_centimes == cas["droit_centimes"]
    if cas.get("sans_total") or cas.get("bloquants"):
        assert droit.montant is None
        assert droit.droit_centimes is None
        assert not droit.est_payable(demonstration=True)
    if cas.get("bloquants") and not cas.get("lignes"):
        assert droit.lignes == ()
    if "partiel_centimes" in cas:
        assert droit.partiel * 100 == cas["partiel_centimes"]


def _verifier_parametres(cas: Mapping[str, Any], droit: Droit) -> None:
    statuts = {p.cle: str(p.statut) for p in droit.parametres}
    par_ligne = {cle for ligne in droit.lignes for cle in ligne.parametres}
    assert set(statuts) | set(droit.manquants) == par_ligne
    assert set(cas.get("cites", [])) <= statuts.keys()
    assert not set(cas.get("non_cites", [])) & (statuts.keys() | set(droit.manquants))
    assert {cle: statuts[cle] for cle in cas.get("statuts", {})} == cas.get("statuts", {})
    assert set(cas.get("manquants", [])) <= set(droit.manquants)
    if "exactement_manquants" in cas:
        assert list(droit.manquants) == cas["exactement_manquants"]
    if "reconduites" in cas:
        annees = {p.cle: p.reconduite_de(droit.exercice) for p in droit.parametres}
        assert {cle: annee for cle, annee in annees.items() if annee is not None} == cas["reconduites"]


def test_tous_les_cas_sont_lus() -> None:
    jours = [cas.values[0]["connu_le"] for cas in _cas()]
    assert len(jours) > 70
    assert all(isinstance(jour, date) for jour in jours)


def test_chaque_prestation_a_ses_cas() -> None:
    assert {cas.values[0]["prestation"] for cas in _cas()} == set(COMPOSANTES)
