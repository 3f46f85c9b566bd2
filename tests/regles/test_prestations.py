"""Every prestation but the EAJE: what is unknown is named, and entering exactly that is all it takes."""

import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.baremes import Bareme
from regles.calcul import COMPOSANTES, Donnee, calculer_droit, entrees_connues
from regles.formules.entrees import Genre
from regles.trace import Droit
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.reglages import RACINE

PUBLIE = charger_bareme(RACINE / "config", demonstration=False)
DEMONSTRATION = charger_bareme(RACINE / "config", demonstration=True)
CONNU_LE = date(2026, 7, 1)

PERISCOLAIRE: dict[str, Donnee] = {
    "type_accueil": "periscolaire",
    "charges": Fraction(6000),
    "heures_realisees": Fraction(1485),
    "heures_realisees_aeeh": Fraction(99),
    "heures_mercredi": Fraction(400),
    "journees_mercredi": 40,
    "demi_journees_mercredi": 10,
    "heures_plan_mercredi": Fraction(100),
    "taux_regime_general": Fraction("0.97"),
}
ADOLESCENTS: dict[str, Donnee] = {
    "type_accueil": "adolescents",
    "charges": Fraction(6000),
    "heures_realisees": Fraction(900),
    "heures_realisees_aeeh": Fraction(0),
    "taux_regime_general": Fraction(1),
}
COMPLETES: dict[str, tuple[str, dict[str, Donnee]]] = {
    "périscolaire": ("ALSH", PERISCOLAIRE),
    "adolescents": ("ALSH", ADOLESCENTS),
    "RPE": ("RPE", {"charges": Fraction(90000), "etp_animateur": Fraction("1.5"), "mission_renforcee": True}),
    "LAEP": (
        "LAEP",
        {
            "charges": Fraction(30000),
            "heures_ouverture": Fraction(300),
            "heures_organisation": Fraction(100),
            "taux_regime_general": Fraction("0.98"),
        },
    ),
    "FJT": (
        "FJT",
        {"salaires_socio_educatifs": Fraction(100000), "salaires_associes": Fraction(90000), "etp_associes": 3},
    ),
    "CENTRE_SOCIAL": (
        "CENTRE_SOCIAL",
        {
            "cout_pilotage": Fraction(100000),
            "cout_referent_familles": Fraction(30000),
            "cout_logistique_familles": Fraction(10000),
        },
    ),
    "EVS": ("EVS", {"charges": Fraction(30000)}),
    "MEDIATION_FAMILIALE": (
        "MEDIATION_FAMILIALE",
        {
            "charges": Fraction(120000),
            "etp_reels": Fraction("1.5"),
            "etp_finances": Fraction(1),
            "participations_familiales": Fraction(3000),
        },
    ),
    "ESPACE_RENCONTRE": ("ESPACE_RENCONTRE", {"charges": Fraction(90000), "heures": Fraction(1000)}),
    "PAEJ": ("PAEJ", {"charges": Fraction(120000), "etp": Fraction(2)}),
    "PS_JEUNES": ("PS_JEUNES", {"charges": Fraction(72000), "etp_animateur": Fraction(2)}),
    "CLAS": (
        "CLAS",
        {"charges": Fraction(20000), "groupes": 2, "groupes_bonus_enfants": 2, "groupes_bonus_parents": 1},
    ),
    "AIDE_DOMICILE": (
        "AIDE_DOMICILE",
        {
            "etp_tisf": Fraction(4),
            "charges_tisf": Fraction(180000),
            "participations_tisf": Fraction(9000),
            "etp_aes": Fraction(2),
            "charges_aes": Fraction(90000),
            "participations_aes": Fraction(4000),
        },
    ),
}
NOMS = list(COMPLETES)


def droit(nom: str, bareme: Bareme = PUBLIE, exercice: int = 2025, **changements: Donnee) -> Droit:
    prestation, donnees = COMPLETES[nom]
    return calculer_droit(prestation, "reel", exercice, {**donnees, **changements}, bareme, CONNU_LE)


def a_saisir(bareme: Bareme, cle: str) -> str:
    definition = bareme.definitions[cle]
    return definition.choix[0] if definition.choix else "50"


def test_toutes_les_prestations_du_calendrier_ont_une_formule() -> None:
    assert {prestation for prestation, _ in COMPLETES.values()} == set(COMPOSANTES) - {"EAJE"}
    assert len(COMPOSANTES) == 13


@pytest.mark.parametrize("exercice", [2024, 2025, 2026])
@pytest.mark.parametrize("nom", NOMS)
def test_saisir_les_parametres_nommes_suffit(nom: str, exercice: int) -> None:
    """The right is unknown until the last of the named parameters is entered, then it is computed."""
    sans = droit(nom, exercice=exercice)
    assert sans.montant is None
    assert sans.manquants
    assert not sans.est_payable(demonstration=True)
    saisis: dict[str, str] = {}
    for cle in sans.manquants:
        assert droit(nom, PUBLIE.simuler(saisis), exercice).montant is None
        saisis[cle] = a_saisir(PUBLIE, cle)
    assert droit(nom, PUBLIE.simuler(saisis), exercice).montant is not None


@pytest.mark.parametrize(
    ("nom", "cle", "centimes"),
    [
        ("EVS", "evs.plafond", 636000),
        ("PS_JEUNES", "ps_jeunes.plafond", 1000000),
        ("MEDIATION_FAMILIALE", "mediation.plafond", 550000),
        ("ESPACE_RENCONTRE", "espace_rencontre.plafond", 5400000),
    ],
)
def test_une_valeur_publiee_saisie_dans_le_bareme_rend_le_droit_payable(
    nom: str, cle: str, centimes: int, tmp_path: Path
) -> None:
    shutil.copytree(RACINE / "config" / "baremes", tmp_path / "baremes")
    fichier = tmp_path / "baremes" / "2025.yaml"
    texte = fichier.read_text(encoding="utf-8")
    inconnu = f"  {cle}:\n    - {{statut: inconnu,"
    assert inconnu in texte
    fichier.write_text(texte.replace(inconnu, f'  {cle}:\n    - {{valeur: "10000", statut: publie,'), encoding="utf-8")
    assert not droit(nom).est_payable()
    calcule = droit(nom, charger_bareme(tmp_path, demonstration=False))
    assert calcule.droit_centimes == centimes
    assert calcule.est_payable()


@pytest.mark.parametrize("exercice", [2024, 2025, 2026])
@pytest.mark.parametrize("nom", NOMS)
def test_la_demonstration_calcule_tout_et_ne_paie_que_chez_elle(nom: str, exercice: int) -> None:
    calcule = droit(nom, DEMONSTRATION, exercice)
    assert calcule.montant is not None
    assert calcule.montant > 0
    assert calcule.est_payable(demonstration=True)
    assert not calcule.est_payable()


OBLIGATOIRES = [
    (nom, cle)
    for nom, (prestation, donnees) in COMPLETES.items()
    for cle, entree in entrees_connues(prestation).items()
    if entree.obligatoire and cle in donnees
]


@pytest.mark.parametrize(("nom", "cle"), OBLIGATOIRES)
def test_une_reponse_manquante_est_nommee(nom: str, cle: str) -> None:
    calcule = droit(nom, DEMONSTRATION, **{cle: None})
    assert [(c.code, c.champs) for c in calcule.constats] == [("donnee_manquante", (cle,))]
    assert calcule.montant is None
    assert calcule.lignes == ()


@pytest.mark.parametrize(
    ("nom", "cle"), [(nom, cle) for nom, (prestation, _) in COMPLETES.items() for cle in entrees_connues(prestation)]
)
def test_une_reponse_d_un_autre_genre_est_refusee(nom: str, cle: str) -> None:
    genre = entrees_connues(COMPLETES[nom][0])[cle].genre
    autre: Donnee = 12 if genre in {Genre.OUI_NON, Genre.MOT} else "douze"
    assert [c.code for c in droit(nom, DEMONSTRATION, **{cle: autre}).constats] == ["donnee_inutilisable"]


euros = st.decimals(min_value=0, max_value=2_000_000, places=2).map(Fraction)
A_CHARGES = [nom for nom, (_, donnees) in COMPLETES.items() if "charges" in donnees]


@given(st.sampled_from(A_CHARGES), euros, euros)
def test_le_droit_croit_avec_les_charges_et_n_est_jamais_negatif(nom: str, une: Fraction, autre: Fraction) -> None:
    basses, hautes = sorted((une, autre))
    montants = [droit(nom, DEMONSTRATION, charges=c).montant for c in (basses, hautes)]
    assert montants[0] is not None
    assert montants[1] is not None
    assert 0 <= montants[0] <= montants[1]


@given(euros)
def test_le_plafond_borne_le_prix_et_lui_seul(charges: Fraction) -> None:
    """At or under the ceiling the RPE pays 43 % of the charges exactly; above, 43 % of ceiling × ETP."""
    bareme = PUBLIE.simuler({"rpe.plafond": "60000"})
    calcule = droit("RPE", bareme, charges=charges, mission_renforcee=False)
    assert calcule.montant == Fraction("0.43") * min(charges, Fraction(90000))
