"""Properties of the right, and what the computation refuses to guess."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regles.baremes import Bareme, ErreurDeBareme, Statut, ValeurDatee
from regles.calcul import Donnee, FormuleAbsente, calculer_droit, entrees_connues
from regles.formules.entrees import Genre
from regles.trace import Droit
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.reglages import RACINE

PUBLIE = charger_bareme(RACINE / "config", demonstration=False)
DEMONSTRATION = charger_bareme(RACINE / "config", demonstration=True)
CONNU_LE = date(2026, 2, 8)
BASE: dict[str, Donnee] = {
    "places": 20,
    "amplitude_journaliere": Fraction(10),
    "jours_ouverture": 220,
    "heures_facturees": Fraction(35200),
    "heures_realisees": Fraction(33500),
    "heures_exceptionnelles": Fraction(0),
    "participations_familiales": Fraction(63360),
    "charges": Fraction(400000),
    "couches_et_repas": True,
    "enfants_inscrits": 45,
    "enfants_handicap": 1,
    "journees_pedagogiques": 3,
    "taux_regime_general": Fraction(1),
    "statut_gestionnaire": "public",
}


def droit(bareme: Bareme = DEMONSTRATION, exercice: int = 2025, le: date = CONNU_LE, **donnees: Donnee) -> Droit:
    return calculer_droit("EAJE", "reel", exercice, {**BASE, **donnees}, bareme, le)


def montant(calcule: Droit) -> Fraction:
    assert calcule.montant is not None
    return calcule.montant


def valeur(calcule: Droit, code: str) -> Fraction:
    trouvee = next(ligne.valeur for ligne in calcule.lignes if ligne.code == code)
    assert trouvee is not None
    return trouvee


euros = st.decimals(min_value=0, max_value=2_000_000, places=2).map(Fraction)
heures = st.decimals(min_value=1, max_value=60_000, places=1).map(Fraction)


@given(euros, euros)
def test_le_droit_croit_avec_les_charges_sous_le_plafond(une: Fraction, autre: Fraction) -> None:
    bas, haut = sorted((une, autre))
    assert montant(droit(charges=bas)) <= montant(droit(charges=haut))


@given(heures, heures, euros, euros)
def test_le_droit_et_ses_lignes_ne_sont_jamais_negatifs(
    facturees: Fraction, realisees: Fraction, participations: Fraction, charges: Fraction
) -> None:
    calcule = droit(
        heures_facturees=facturees,
        heures_realisees=realisees,
        participations_familiales=participations,
        charges=charges,
    )
    assert montant(calcule) >= 0
    assert all(ligne.valeur is not None and ligne.valeur >= 0 for ligne in calcule.lignes)


@given(heures, heures, st.booleans())
def test_le_plafond_reste_entre_p120_et_p107(facturees: Fraction, realisees: Fraction, couches: bool) -> None:
    calcule = droit(heures_facturees=facturees, heures_realisees=realisees, couches_et_repas=couches)
    bas, haut = ("8.50", "10.251") if couches else ("7.90", "9.40")
    assert Fraction(bas) <= valeur(calcule, "prix_plafond") <= Fraction(haut)


@given(heures, heures, heures)
def test_le_plafond_ne_monte_pas_avec_le_taux(une: Fraction, autre: Fraction, realisees: Fraction) -> None:
    basses, hautes = sorted((une, autre))
    plafonds = [valeur(droit(heures_facturees=h, heures_realisees=realisees), "prix_plafond") for h in (basses, hautes)]
    assert plafonds[0] >= plafonds[1]


@given(st.randoms(use_true_random=False))
def test_l_ordre_du_bareme_ne_change_rien(hasard: object) -> None:
    valeurs, definitions = list(DEMONSTRATION.valeurs), list(DEMONSTRATION.definitions.values())
    hasard.shuffle(valeurs)  # type: ignore[attr-defined]
    hasard.shuffle(definitions)  # type: ignore[attr-defined]
    assert droit(Bareme(definitions, valeurs)) == droit()


@given(
    st.sampled_from([v for v in DEMONSTRATION.valeurs if isinstance(v.valeur, Decimal) and v.du.year == 2025]),
    st.dates(min_value=date(2025, 1, 1), max_value=date(2027, 12, 31)),
    st.integers(min_value=1, max_value=400),
)
@settings(max_examples=60)
def test_ce_qui_etait_connu_un_jour_ne_change_plus(modele: ValeurDatee, le: date, retard: int) -> None:
    """A value learnt after day D never changes the figure as known on day D."""
    assert isinstance(modele.valeur, Decimal)
    apprise_le = le + timedelta(days=retard)
    apprise = ValeurDatee(
        modele.cle, modele.du, modele.au, modele.valeur + 1, Statut.PUBLIE, "connue plus tard", apprise_le
    )
    apres = Bareme(DEMONSTRATION.definitions.values(), [*DEMONSTRATION.valeurs, apprise])
    assert droit(apres, le=le) == droit(le=le)


def test_la_revalorisation_donne_un_rappel_et_ne_reecrit_pas_le_passe() -> None:
    avant, apres = droit(le=date(2025, 12, 15)), droit(le=date(2025, 12, 16))
    assert valeur(avant, "prix_plafond") == Fraction("10.05")
    assert valeur(apres, "prix_plafond") == Fraction("10.251")
    assert montant(apres) > montant(avant)
    assert droit(le=date(2025, 12, 15)) == avant


def test_la_somme_des_composantes_est_le_droit() -> None:
    calcule = droit(
        attractivite=True,
        forfait_territoire=Fraction(2800),
        hausse_places=Fraction("0.08"),
        taux_regime_general=Fraction("0.97"),
    )
    bonus = [ligne.valeur for ligne in calcule.lignes if ligne.code.startswith("bonus_")]
    assert len(bonus) == 5
    assert montant(calcule) == valeur(calcule, "psu") + sum(b for b in bonus if b is not None)


def test_rien_de_payable_sur_des_valeurs_a_confirmer() -> None:
    calcule = droit(PUBLIE.simuler({"psu.preparation.heures_par_enfant": "4"}))
    assert calcule.montant is not None
    assert not calcule.est_payable()
    assert not calcule.est_payable(demonstration=True)
    assert "bonus.handicap.formule" in calcule.a_confirmer
    assert "psu.preparation.heures_par_enfant" in calcule.a_confirmer


@pytest.mark.parametrize("exercice", [2024, 2025, 2026])
@pytest.mark.parametrize("couches", [True, False])
@pytest.mark.parametrize("realisees", [35200, 31500, 29000])
def test_la_demonstration_calcule_tout_et_ne_paie_que_chez_elle(exercice: int, couches: bool, realisees: int) -> None:
    calcule = droit(
        exercice=exercice, couches_et_repas=couches, heures_realisees=Fraction(realisees), attractivite=True
    )
    assert calcule.montant is not None
    assert calcule.est_payable(demonstration=True)
    assert not calcule.est_payable()


OBLIGATOIRES = [cle for cle, entree in entrees_connues("EAJE").items() if entree.obligatoire]


@pytest.mark.parametrize("cle", OBLIGATOIRES)
def test_une_reponse_manquante_est_nommee_et_rien_n_est_devine(cle: str) -> None:
    calcule = droit(**{cle: None})
    libelle = entrees_connues("EAJE")[cle].libelle
    assert [(c.code, c.champs) for c in calcule.constats] == [("donnee_manquante", (cle,))]
    assert libelle in calcule.constats[0].message
    assert calcule.montant is None
    assert calcule.lignes == ()


@pytest.mark.parametrize("cle", list(entrees_connues("EAJE")))
def test_une_reponse_d_un_autre_genre_est_refusee(cle: str) -> None:
    genre = entrees_connues("EAJE")[cle].genre
    autre: Donnee = 12 if genre in {Genre.OUI_NON, Genre.MOT} else "douze"
    assert [c.code for c in droit(**{cle: autre}).constats] == ["donnee_inutilisable"]
    if genre in {Genre.ENTIER, Genre.NOMBRE}:
        assert [c.code for c in droit(**{cle: True}).constats] == ["donnee_inutilisable"]


def test_les_reponses_que_la_formule_ne_lit_pas_sont_ignorees() -> None:
    assert droit(compte_60="x", note=None) == droit()


@pytest.mark.parametrize(
    ("prestation", "exercice", "message"),
    [
        ("CRECHE", 2025, "La prestation CRECHE n'a pas encore de formule"),
        ("PAEJ", 2023, r"Aucune formule ne calcule la prestation PAEJ pour l'exercice 2023 \(la première : 2024\)"),
        ("EAJE", 2013, "Aucune formule ne calcule la prestation EAJE pour l'exercice 2013"),
    ],
)
def test_sans_formule(prestation: str, exercice: int, message: str) -> None:
    with pytest.raises(FormuleAbsente, match=message):
        calculer_droit(prestation, "reel", exercice, BASE, PUBLIE, CONNU_LE)


@pytest.mark.parametrize(
    ("parametres", "message"),
    [
        ({"psu.tau": "0.66"}, "paramètre non défini : psu.tau"),
        ({"psu.taux": "0,66"}, "nombre décimal attendu"),
        ({"psu.plafond.arrondi": "euro"}, "« aucun » ou « centime » est attendu"),
        ({"psu.journees_pedagogiques.maximum": "2.5"}, "un entier est attendu"),
    ],
)
def test_un_parametre_mal_saisi(parametres: dict[str, str], message: str) -> None:
    with pytest.raises(ErreurDeBareme, match=message):
        PUBLIE.simuler(parametres)
