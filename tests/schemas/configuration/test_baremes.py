"""The published barèmes hold, nothing is missing from them, and a fault in them is refused at its line."""

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from regles.baremes import PAYABLES, Bareme, ParametreInconnu, Statut
from schemas.configuration.baremes import SOURCE_DEMONSTRATION, charger_bareme
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration, lire_yaml

DEFINITIONS = lire_yaml(RACINE / "config/baremes/parametres.yaml")[0]["parametres"]
JOURS = [date(2024, 1, 1) + timedelta(rang) for rang in range((date(2027, 1, 1) - date(2024, 1, 1)).days)]
TOUJOURS = date(9999, 12, 31)


@pytest.fixture(scope="module")
def bareme() -> Bareme:
    return charger_bareme(RACINE / "config", demonstration=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for dossier in ("baremes", "demonstration"):
        shutil.copytree(RACINE / "config" / dossier, tmp_path / dossier)
    return tmp_path


@pytest.mark.parametrize("cle", list(DEFINITIONS))
def test_chaque_jour_d_un_parametre_a_une_valeur_ou_est_dit_inconnu(cle: str, bareme: Bareme) -> None:
    """On each day of 2024 to 2026 that the parameter exists, and on no other."""
    depuis, jusqu_a = DEFINITIONS[cle].get("depuis", 0), DEFINITIONS[cle].get("jusqu_a", 9999)
    entrees = [v for v in bareme.valeurs if v.cle == cle]
    couverts = [jour for jour in JOURS if any(v.couvre(jour, jour) for v in entrees)]
    assert couverts == [jour for jour in JOURS if depuis <= jour.year <= jusqu_a]
    assert all(v.source for v in entrees)
    assert all((v.valeur is None) == (v.statut is Statut.INCONNU) for v in entrees)


def test_la_psu_2025_se_lit_a_deux_dates(bareme: Bareme) -> None:
    cle = "psu.plafond.p107.avec_couches_et_repas"
    lues = [bareme.valeur(cle, 2025, le).valeur for le in (date(2025, 12, 15), date(2025, 12, 16))]
    assert lues == [Decimal("10.05"), Decimal("10.251")]
    assert bareme.valeur(cle, 2026, TOUJOURS).valeur == Decimal("10.251")


@pytest.mark.parametrize(
    ("cle", "exercice", "statut"),
    [
        ("psu.taux", 2025, Statut.PUBLIE),
        ("psu.plafond.bande_basse.avec_couches_et_repas", 2024, Statut.DEDUIT),
        ("psu.prix_de_revient.denominateur", 2025, Statut.A_CONFIRMER),
        ("bonus.mixite.montant_1", 2026, Statut.DEDUIT),
        ("bonus.handicap.plafond", 2025, Statut.A_CONFIRMER),
        ("bonus.attractivite.prive", 2024, Statut.PUBLIE),
        ("bonus.attractivite.prive", 2025, Statut.A_CONFIRMER),
        ("alsh.periscolaire.prix_maximum", 2026, Statut.DEDUIT),
        ("alsh.extrascolaire.prix_maximum", 2025, Statut.A_CONFIRMER),
        ("alsh.complement_inclusif.montant", 2024, Statut.PUBLIE),
        ("alsh.complement_inclusif.montant", 2025, Statut.PUBLIE),
        ("agc.taux", 2023, Statut.PUBLIE),
        ("agc.taux", 2024, Statut.DEDUIT),
        ("rpe.taux", 2026, Statut.PUBLIE),
        ("clas.taux", 2025, Statut.A_CONFIRMER),
    ],
)
def test_statuts(cle: str, exercice: int, statut: Statut, bareme: Bareme) -> None:
    assert bareme.valeur(cle, exercice, TOUJOURS).statut is statut


@pytest.mark.parametrize(
    ("cle", "exercice"),
    [
        ("psu.preparation.heures_par_enfant", 2025),
        ("psu.plafond.p120.avec_couches_et_repas", 2026),
        ("bonus.mixite.borne_1", 2026),
        ("psu.concertation.heures_par_place", 2024),
        ("rpe.plafond", 2025),
        ("rpe.plafond", 2026),
        ("paej.formule", 2025),
        ("alsh.plan_mercredi.forfait", 2025),
    ],
)
def test_un_inconnu_est_refuse_par_son_nom(cle: str, exercice: int, bareme: Bareme) -> None:
    with pytest.raises(ParametreInconnu, match=cle):
        bareme.valeur(cle, exercice, TOUJOURS)


def test_la_demonstration_ne_touche_a_rien_de_sur(bareme: Bareme) -> None:
    demonstration = charger_bareme(RACINE / "config", demonstration=True)
    surs = {v for v in bareme.valeurs if v.statut in PAYABLES}
    assert surs <= set(demonstration.valeurs)
    inventees = set(demonstration.valeurs) - set(bareme.valeurs)
    assert {(v.statut, v.source) for v in inventees} == {(Statut.DEMONSTRATION, SOURCE_DEMONSTRATION)}
    assert not [v for v in bareme.valeurs if v.statut is Statut.DEMONSTRATION]


P, D = "baremes/2025.yaml", "demonstration/bareme.yaml"
PUBLIE = "statut: publie, connu_le: 2025-01-01, source: caf_nord"
INCONNU = "statut: inconnu, connu_le: 2025-01-01, source: preparation"
CONCERTATION = "psu.concertation.heures_par_place n'existe pas pour l'exercice 2025"
REFUS = [
    (P, '{valeur: "0.66"', "{valeur: 0.66", "nombre à virgule sans guillemets (0.66)"),
    (P, '{valeur: "10",', "{valeur: 10,", "heures_par_place.0.valeur » : un texte est attendu"),
    (P, '{valeur: "1.20",', '{valeur: "1,20",', "nombre décimal attendu, reçu '1,20'"),
    (P, "source: caf_nord}", "source: caf_nord, avis: x}", "clé inconnue : « valeurs.psu.taux.0.avis »"),
    (P, "source: caf_nord}", "source: caf_sud}", "source inconnue : « caf_sud »"),
    (P, INCONNU, f'valeur: "4", {INCONNU}', "au statut « inconnu » ne porte pas de valeur"),
    (P, '{valeur: "0.66", statut', "{statut", "valeur manquante"),
    (P, PUBLIE, PUBLIE.replace("publie", "sur"), "« sur » n'est pas admis"),
    (P, PUBLIE, PUBLIE.replace("publie", "demonstration"), "ne s'écrit pas dans un barème"),
    (P, "deduit, connu_le: 2025-12-16", "deduit, connu_le: 2025-01-01", "connues le même jour (01/01/2025)"),
    (P, "  psu.taux:", "  psu.tau:", "paramètre non défini dans parametres.yaml : psu.tau"),
    (P, "  psu.preparation.heures_par_enfant:", "  psu.concertation.heures_par_place:", CONCERTATION),
    (P, "  psu.prix_unitaire.arrondi:", "  psu.plafond.arrondi:", "clé répétée : « psu.plafond.arrondi »"),
    (P, '{valeur: "aucun"', '{valeur: "euro"', "« aucun » ou « centime » est attendu"),
    (P, "exercice: 2025", "exercice: 2023", "n'est pas celui du nom du fichier"),
    ("baremes/parametres.yaml", "type: decimal", "type: nombre", "« nombre » n'est pas admis"),
    (D, "  bonus.handicap.plafond:", "  bonus.handicap.taux_1:", "une valeur publiée ne se remplace pas"),
    (
        D,
        "  psu.concertation.heures_par_place: {exercices: [2024]",
        "  psu.concertation.heures_par_place: {exercices: [2025]",
        CONCERTATION,
    ),
]


@pytest.mark.parametrize(("fichier", "avant", "apres", "raison"), REFUS, ids=[r[3] for r in REFUS])
def test_une_faute_est_refusee_a_sa_ligne(fichier: str, avant: str, apres: str, raison: str, config: Path) -> None:
    chemin = config / fichier
    texte = chemin.read_text(encoding="utf-8")
    assert avant in texte
    ligne = texte[: texte.index(avant)].count("\n") + 1
    chemin.write_text(texte.replace(avant, apres, 1), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_bareme(config, demonstration=True)
    assert raison in str(refus.value)
    assert refus.value.fichier == chemin
    assert refus.value.ligne == ligne


def test_un_parametre_oublie_est_un_trou(config: Path) -> None:
    chemin = config / "baremes/2026.yaml"
    texte = chemin.read_text(encoding="utf-8")
    debut = texte.index("  psu.preparation.heures_par_enfant:")
    fin = texte.index("  psu.controle.taux_eleve:")
    chemin.write_text(texte[:debut] + texte[fin:], encoding="utf-8")
    with pytest.raises(
        ErreurDeConfiguration, match=r"2026\.yaml, ligne 4 : psu\.preparation.* aucune valeur pour 2026"
    ):
        charger_bareme(config, demonstration=False)


def test_un_exercice_oublie_est_un_trou(config: Path) -> None:
    (config / "baremes/2025.yaml").unlink()
    with pytest.raises(ErreurDeConfiguration, match=r"2026\.yaml, ligne 2 : il manque .* entre 2024 et 2026"):
        charger_bareme(config, demonstration=False)


def test_un_fichier_absent_est_nomme(config: Path) -> None:
    (config / "baremes/sources.yaml").unlink()
    with pytest.raises(ErreurDeConfiguration, match=r"sources\.yaml : fichier illisible"):
        charger_bareme(config, demonstration=False)
