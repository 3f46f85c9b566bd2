"""A value not yet published may be last year's, for what is expected only, and the past never moves."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from regles.baremes import RECONDUCTION, Bareme, Statut, ValeurDatee
from regles.calcul import Donnee, calculer_droit
from regles.trace import Droit
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.reglages import RACINE

PUBLIE = charger_bareme(RACINE / "config", demonstration=False)
DEMONSTRATION = charger_bareme(RACINE / "config", demonstration=True)
CRECHE: dict[str, Donnee] = {
    "places": 20,
    "amplitude_journaliere": Fraction(10),
    "jours_ouverture": 220,
    "heures_facturees": Fraction(35200),
    "heures_realisees": Fraction(33500),
    "heures_exceptionnelles": Fraction(0),
    "participations_familiales": Fraction(30000),
    "charges": Fraction(400000),
    "couches_et_repas": True,
    "enfants_inscrits": 45,
    "enfants_handicap": 1,
    "journees_pedagogiques": 3,
    "taux_regime_general": Fraction(1),
    "statut_gestionnaire": "public",
}
ACCUEIL: dict[str, Donnee] = {
    "type_accueil": "periscolaire",
    "charges": Fraction(6000),
    "heures_realisees": Fraction(1485),
    "heures_realisees_aeeh": Fraction(99),
    "heures_mercredi": Fraction(0),
    "taux_regime_general": Fraction(1),
}
JOURS = st.dates(min_value=date(2024, 11, 1), max_value=date(2026, 12, 31))
CAS = st.sampled_from([("EAJE", CRECHE), ("ALSH", ACCUEIL)])
BAREMES = st.sampled_from([PUBLIE, DEMONSTRATION])
CLES = sorted(cle for cle in PUBLIE.definitions if cle.startswith(("psu.", "bonus.", "alsh.")) or cle == RECONDUCTION)


def droit(bareme: Bareme, cas: tuple[str, dict[str, Donnee]], nature: str, exercice: int, le: date) -> Droit:
    prestation, donnees = cas
    return calculer_droit(prestation, nature, exercice, donnees, bareme, le)


def reconduites(calcule: Droit) -> dict[str, ValeurDatee]:
    return {p.cle: p for p in calcule.parametres if p.reconduite_de(calcule.exercice) is not None}


@st.composite
def valeurs_apprises(tirage: st.DrawFn, apres: date) -> ValeurDatee:
    """Draw a value of 2024 to 2026, known or said unknown only after `apres`."""
    cle = tirage(st.sampled_from(CLES))
    annee = tirage(st.sampled_from([2024, 2025, 2026]))
    definition = PUBLIE.definitions[cle]
    valeur: Decimal | str = tirage(st.sampled_from(definition.choix)) if definition.choix else Decimal(7)
    sue = tirage(st.booleans())
    return ValeurDatee(
        cle,
        date(annee, 1, 1),
        date(annee, 12, 31),
        valeur if sue else None,
        tirage(st.sampled_from([Statut.PUBLIE, Statut.A_CONFIRMER, Statut.CONFIRME])) if sue else Statut.INCONNU,
        "apprise plus tard",
        apres + timedelta(days=tirage(st.integers(min_value=1, max_value=400))),
    )


@given(st.data(), BAREMES, CAS, st.sampled_from(["previsionnel", "actualisation", "reel"]), JOURS)
@settings(max_examples=150)
def test_ce_qu_on_apprend_apres_ne_change_rien(
    data: st.DataObject, bareme: Bareme, cas: tuple[str, dict[str, Donnee]], nature: str, le: date
) -> None:
    apprises = data.draw(st.lists(valeurs_apprises(le), min_size=1, max_size=8))
    apres = Bareme(bareme.definitions.values(), [*bareme.valeurs, *apprises])
    for exercice in (2025, 2026):
        assert droit(apres, cas, nature, exercice, le) == droit(bareme, cas, nature, exercice, le)


@given(BAREMES, CAS, st.sampled_from([2025, 2026]), JOURS)
def test_un_reel_ne_reconduit_rien(bareme: Bareme, cas: tuple[str, dict[str, Donnee]], exercice: int, le: date) -> None:
    calcule = droit(bareme, cas, "reel", exercice, le)
    assert reconduites(calcule) == {}
    assert RECONDUCTION not in {p.cle for p in calcule.parametres}


@given(BAREMES, CAS, st.sampled_from([2025, 2026]), JOURS)
def test_ce_qui_est_reconduit_est_de_l_annee_d_avant_et_l_autorise(
    bareme: Bareme, cas: tuple[str, dict[str, Donnee]], exercice: int, le: date
) -> None:
    """Carried over if and only if cited with its permission; never where the year itself holds a known value."""
    calcule = droit(bareme, cas, "previsionnel", exercice, le)
    portees = reconduites(calcule)
    assert bool(portees) == (RECONDUCTION in {p.cle for p in calcule.parametres})
    for cle, portee in portees.items():
        assert portee == bareme.valeur(cle, exercice - 1, le)
        siennes = [v for v in bareme.valeurs if v.cle == cle and v.du <= date(exercice, 1, 1) and v.au.year >= exercice]
        assert not [v for v in siennes if v.connu_le <= le and v.statut is not Statut.INCONNU]


def test_l_annonce_donne_un_rappel() -> None:
    """The crèche falls in the first band of the bonus mixité: 20 places × 40,95 € more, once 2026 is announced."""
    cas = ("EAJE", CRECHE)
    janvier, fevrier = (
        droit(DEMONSTRATION, cas, "previsionnel", 2026, le) for le in (date(2026, 1, 31), date(2026, 2, 1))
    )
    assert janvier.montant is not None
    assert fevrier.montant is not None
    assert fevrier.montant - janvier.montant == Fraction("819.00")
    assert janvier.est_payable(demonstration=True)
    assert reconduites(janvier).keys() == {"bonus.mixite.montant_1"}
    assert reconduites(fevrier) == {}
