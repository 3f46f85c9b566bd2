"""The project's thirteen forms: what each right reads is asked, known by the Caf, or a condition of the convention."""

import re
from decimal import Decimal

import pytest

from regles.calcul import COMPOSANTES, entrees_connues
from regles.champs import Champ, Formulaire, Origine, TypeChamp
from regles.formulaire import plan
from regles.formules.entrees import Genre
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.prestations import charger_prestations
from schemas.configuration.reglages import RACINE
from schemas.declarations.lecture_fr import lire_cellule
from tests.declarations import formulaire_de

# What a right reads and no form gives: never asked of a partner, and why.
CONVENTION = {
    ("EAJE", "forfait_territoire"): "the amount by place is written in the convention territoriale globale",
    ("EAJE", "attractivite"): "a condition that the Caf records in the convention",
    ("EAJE", "hausse_places"): "measured by the Caf on the whole territory",
    ("RPE", "mission_renforcee"): "written into the project that the Caf validated",
    ("MEDIATION_FAMILIALE", "etp_finances"): "the ETP financed are those of the convention",
}
TYPES = {
    Genre.ENTIER: {TypeChamp.ENTIER},
    Genre.NOMBRE: {TypeChamp.DECIMAL, TypeChamp.EUROS},
    Genre.OUI_NON: {TypeChamp.OUI_NON},
    Genre.MOT: {TypeChamp.TEXTE},
}
CHARGES = {*(str(n) for n in range(60, 69)), "86"}
PRODUITS = {"70623", "70624", *(str(n) for n in (*range(741, 749), *range(75, 80))), "87"}
SANS_ACCENT = re.compile(
    r"\b(annee|annees|realise\w*|facture[es]s?|prevu|meme|etre|equipe|societe|benefici\w*|journee\w*|duree|reel|"
    r"prestation de service s|remuner\w*|deja|apres|decision|periode|resident\w*|creche|ecole|metier\w*)\b",
    re.IGNORECASE,
)

tous = pytest.mark.parametrize("prestation", list(COMPOSANTES))


def test_each_prestation_of_the_register_has_a_form_and_a_formula_when_its_right_is_computed() -> None:
    couverture = charger_prestations(RACINE / "config" / "prestations.yaml").couverture
    assert {f.stem for f in (RACINE / "config" / "formulaires").glob("*.yaml")} == set(couverture)
    natures = {p: (c.previsionnel, c.actualisation, c.reel) for p, c in couverture.items()}
    assert {p for p, lignes in natures.items() if "oui" in {ligne.droit for ligne in lignes}} == set(COMPOSANTES)


def test_what_no_form_gives_is_known_and_justified() -> None:
    manquantes = set()
    for prestation in COMPOSANTES:
        formulaire = formulaire_de(prestation)
        donnees = {c.cle for c in formulaire.champs} | {t.cle for t in formulaire.totaux}
        manquantes |= {(prestation, cle) for cle in entrees_connues(prestation).keys() - donnees}
    assert manquantes == set(CONVENTION)
    assert all(CONVENTION.values())


@tous
def test_each_answer_has_the_kind_that_its_formula_reads(prestation: str) -> None:
    formulaire = formulaire_de(prestation)
    champs = {c.cle: c for c in formulaire.champs}
    for cle, entree in entrees_connues(prestation).items():
        if cle in champs:
            champ = champs[cle]
            assert champ.type in TYPES[entree.genre], cle
            assert (champ.origine is Origine.CAF) or champ.obligatoire, cle
    assert {t.cle for t in formulaire.totaux} == {"charges", "produits"}


@tous
def test_every_asked_field_is_explained_bounded_and_required(prestation: str) -> None:
    for champ in formulaire_de(prestation).champs_saisis:
        assert champ.obligatoire, champ.cle
        assert re.fullmatch(r"[0A-ZÉÀ«].*\.", champ.aide, re.DOTALL), f"{champ.cle} : {champ.aide}"
        assert champ.compte or len(champ.aide) > 60, champ.cle
        if champ.type is not TypeChamp.OUI_NON:
            assert champ.minimum is not None, champ.cle
            assert champ.minimum >= 0, champ.cle
            assert champ.maximum is not None, champ.cle


@tous
def test_a_dont_says_so_under_its_total(prestation: str) -> None:
    formulaire = formulaire_de(prestation)
    lignes = plan(formulaire)
    for champ in formulaire.champs_saisis:
        assert champ.libelle.startswith("dont ") is bool(champ.dont_de), champ.cle
        if champ.dont_de:
            total, part = lignes.ligne_champ(champ.dont_de), lignes.ligne_champ(champ.cle)
            assert (total.feuille, champ.unite) == (part.feuille, total.champ.unite), champ.cle
            assert total.ligne < part.ligne, champ.cle


@tous
def test_the_budget_is_asked_by_account_and_added_up(prestation: str) -> None:
    formulaire = formulaire_de(prestation)
    comptes = {c.compte for c in formulaire.champs if c.compte}
    assert comptes >= CHARGES | PRODUITS
    assert comptes <= CHARGES | PRODUITS | {"70641", "70642"}
    for total, sens in zip(formulaire.totaux, ("charge", "produit"), strict=True):
        assert total.somme_de == tuple(c.cle for c in formulaire.champs if c.sens == sens)
        assert total.note


@tous
def test_the_french_of_a_form_bears_its_accents(prestation: str) -> None:
    formulaire = formulaire_de(prestation)
    for champ in formulaire.champs:
        for texte in (champ.libelle, champ.aide, champ.section, champ.feuille):
            assert not SANS_ACCENT.search(texte), texte
            assert "  " not in texte, texte


@tous
def test_a_number_followed_by_the_unit_of_its_field_is_read(prestation: str) -> None:
    for champ in formulaire_de(prestation).champs_saisis:
        if champ.type is not TypeChamp.OUI_NON:
            assert lire_cellule(champ, f"2 {champ.unite}") == Decimal(2), champ.cle


def test_what_the_caf_knows_is_shown_and_never_asked() -> None:
    connus = {p: {c.cle for c in formulaire_de(p).champs if c.origine is Origine.CAF} for p in COMPOSANTES}
    assert {p: cles for p, cles in connus.items() if cles} == {
        "EAJE": {"places", "taux_regime_general", "statut_gestionnaire"},
        "ALSH": {"type_accueil", "taux_regime_general"},
        "LAEP": {"taux_regime_general"},
    }


def _participations(formulaire: Formulaire) -> set[Champ]:
    return {c for c in formulaire.champs_saisis if c.cle.startswith("participations") or c.compte in {"70641", "70642"}}


@tous
def test_what_a_right_deducts_is_asked_once(prestation: str) -> None:
    """A deducted participation has its own field (account 70641); the others share account 70642."""
    lues = {cle for cle in entrees_connues(prestation) if cle.startswith("participations")}
    demandees = {c.cle for c in _participations(formulaire_de(prestation))}
    assert lues == demandees - {"produits_70642"}


def test_the_school_year_of_a_clas_is_said() -> None:
    clas = charger_formulaire(RACINE / "config", "CLAS")
    assert "l'exercice est l'année où commence l'année scolaire" in clas.libelle
    assert "de septembre 2025 à juin 2026" in clas.champ("groupes").aide
