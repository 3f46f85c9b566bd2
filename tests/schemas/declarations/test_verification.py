"""A batch of workbooks, as grids: identity, contract and controls, each anomaly at its cell."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from regles.anomalies import Severite
from regles.calendrier import Etape, NatureEtape
from regles.controles.dossier import Valeur
from regles.formulaire import COLONNE_CLE, COLONNE_SAISIE, FEUILLE_IDENTITE
from regles.grille import FORMULE_NON_CALCULEE, Grille
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.controles import charger_seuils
from schemas.configuration.reglages import RACINE
from schemas.declarations.contrat import verifier_contrat
from schemas.declarations.identite import Referentiel, ReponsesConnues, StructureConnue
from schemas.declarations.lecture_fr import lire_cellule
from schemas.declarations.verification import FichierLu, Resultat, verifier_fichiers
from tests.fabrique import formulaire, identite, plan_eaje, toutes_reponses

JOUR = date(2026, 2, 20)
REELS = Etape(
    "reels-2025-a",
    NatureEtape.REEL,
    "Réels 2025",
    ("EAJE",),
    2025,
    ouverture=date(2026, 2, 8),
    limite=date(2026, 2, 27),
)


def _connue(code: str, gestionnaire: str = "P1") -> StructureConnue:
    lue = identite(code)
    valeurs = {"places": 20, "taux_regime_general": Decimal(1), "statut_gestionnaire": "public"}
    return StructureConnue(code, str(lue["nom"]), gestionnaire, str(lue["siret"]), "Essai", "EAJE", valeurs)


REFERENTIEL = Referentiel(
    {"EAJE": formulaire()},
    {"EAJE": charger_seuils(RACINE / "config", formulaire())},
    {"E1": _connue("E1"), "E2": _connue("E2"), "E3": _connue("E3", "P2")},
    ((REELS, date(2026, 3, 9)),),
    lambda _: {},
)


def _grille(code: str = "E1", changements: Mapping[str, Any] | None = None, **identite_changee: Any) -> Grille:
    feuilles: dict[str, dict[tuple[int, int], Any]] = {FEUILLE_IDENTITE: {}}
    valeurs = identite(code, **identite_changee)
    for rang in plan_eaje().identite:
        feuilles[FEUILLE_IDENTITE][rang.ligne, COLONNE_CLE] = rang.cle
        if valeurs[rang.cle] is not None:
            feuilles[FEUILLE_IDENTITE][rang.ligne, COLONNE_SAISIE] = valeurs[rang.cle]
    for cle, valeur in toutes_reponses(changements).items():
        ligne = plan_eaje().ligne_champ(cle)
        feuille = feuilles.setdefault(ligne.feuille, {})
        feuille[ligne.ligne, COLONNE_CLE] = cle
        if valeur is not None:
            feuille[ligne.ligne, COLONNE_SAISIE] = valeur
    return Grille(feuilles, {})


def _verifier(grille: Grille, jour: date = JOUR, referentiel: Referentiel = REFERENTIEL) -> Resultat:
    (resultat,) = verifier_fichiers([FichierLu("F.xlsx", jour, jour, grille)], referentiel)
    return resultat


def _cellule(cle: str) -> tuple[str, str]:
    ligne = plan_eaje().ligne_champ(cle)
    return ligne.feuille, ligne.cellule


def test_a_sound_workbook_has_no_anomaly_and_gives_typed_answers() -> None:
    resultat = _verifier(_grille())
    assert resultat.anomalies == ()
    assert resultat.est_recevable
    assert resultat.etape == REELS
    donnees = resultat.donnees
    assert donnees["heures_facturees"] == "35200"
    assert donnees["charges_64"] == "360000.5"
    assert donnees["charges"] == "400000"
    assert donnees["produits"] == "400000"
    assert donnees["couches_et_repas"] is True
    assert donnees["places"] == 20
    assert donnees["taux_regime_general"] == "1"
    assert donnees["statut_gestionnaire"] == "public"
    assert not any(isinstance(valeur, float) for valeur in donnees.values())


def test_each_file_of_a_batch_gets_its_own_anomalies_at_its_own_cells() -> None:
    fautes: list[tuple[str, Any, str]] = [
        ("jours_ouverture", 400, "hors_limites"),
        ("charges_61", None, "reponse_manquante"),
        ("charges_62", "néant", "texte_inattendu"),
        ("produits_87", 1, "contributions_inegales"),
    ]
    fichiers = [FichierLu("bon.xlsx", JOUR, JOUR, _grille("E2"))]
    fichiers += [FichierLu(f"{cle}.xlsx", JOUR, JOUR, _grille("E1", {cle: v})) for cle, v, _ in fautes]
    bon, *autres = verifier_fichiers(fichiers, REFERENTIEL)
    assert bon.anomalies == ()
    for resultat, (cle, _, code) in zip(autres, fautes, strict=True):
        assert [(a.code, a.feuille, a.cellule) for a in resultat.anomalies] == [(code, *_cellule(cle))]


def test_a_refused_cell_gets_one_anomaly_and_no_control_on_it() -> None:
    resultat = _verifier(_grille("E1", {"heures_realisees": "beaucoup", "jours_ouverture": -3, "produits_87": None}))
    assert [(a.code, a.champ) for a in resultat.anomalies] == [
        ("hors_limites", "jours_ouverture"),
        ("texte_inattendu", "heures_realisees"),
        ("reponse_manquante", "produits_87"),
    ]


def test_a_formula_without_result_or_in_error_is_said_at_its_cell() -> None:
    grille = _grille("E1", {"charges_60": None, "charges_61": None})
    lignes = {cle: plan_eaje().ligne_champ(cle).ligne for cle in ("charges_60", "charges_61")}
    erreurs = {
        ("Charges", lignes["charges_60"], COLONNE_SAISIE): "#DIV/0!",
        ("Charges", lignes["charges_61"], COLONNE_SAISIE): FORMULE_NON_CALCULEE,
    }
    resultat = _verifier(Grille(grille.feuilles, erreurs))
    assert [a.code for a in resultat.anomalies] == ["cellule_en_erreur", "formule_non_calculee"]


def test_an_anomaly_of_a_total_is_at_the_total() -> None:
    resultat = _verifier(_grille("E1", {"produits_744": 0}))
    (anomalie,) = resultat.anomalies
    total = next(t for t in plan_eaje().totaux if t.cle == "produits")
    assert (anomalie.code, anomalie.feuille, anomalie.cellule) == ("budget_desequilibre", "Produits", f"C{total.ligne}")


def test_a_missing_sheet_is_one_anomaly() -> None:
    grille = _grille()
    feuilles = {nom: cellules for nom, cellules in grille.feuilles.items() if nom != "Charges"}
    resultat = _verifier(Grille(feuilles, {}))
    assert [(a.code, a.feuille) for a in resultat.anomalies] == [("feuille_absente", "Charges")]


def test_a_repeated_row_is_refused() -> None:
    grille = _grille()
    cellules = {**grille.feuilles["Charges"], (200, COLONNE_CLE): "charges_60", (200, COLONNE_SAISIE): 1}
    resultat = _verifier(Grille({**grille.feuilles, "Charges": cellules}, {}))
    assert [(a.code, a.feuille, a.cellule) for a in resultat.anomalies] == [("ligne_repetee", *_cellule("charges_60"))]


def test_a_workbook_of_another_origin_is_unreadable() -> None:
    resultat = _verifier(Grille({"Feuil1": {(1, 1): "bonjour"}}, {}))
    assert resultat.illisible
    assert [a.code for a in resultat.anomalies] == ["classeur_etranger"]


@pytest.mark.parametrize(
    ("changement", "code", "champ", "sure"),
    [
        ({"structure": "E9"}, "structure_inconnue", "structure", False),
        ({"structure": None}, "structure_inconnue", "structure", False),
        ({"structure": "E2"}, "autre_structure", "structure", True),
        ({"structure": "E3"}, "identite_modifiee", "structure", False),
        ({"siret": "12345678900000"}, "identite_modifiee", "siret", False),
        ({"version": "2020.1"}, "version_perimee", "version", True),
        ({"nature": "Prévisionnel"}, "campagne_inconnue", "nature", True),
        ({"exercice": 2019}, "campagne_inconnue", "nature", True),
        ({"exercice": "un an"}, "campagne_inconnue", "nature", True),
        ({"exercice": float("inf")}, "campagne_inconnue", "nature", True),
    ],
)
def test_identity(changement: dict[str, Any], code: str, champ: str, sure: bool) -> None:
    resultat = _verifier(_grille("E1", None, **changement))
    anomalies = [(a.code, a.champ, a.feuille) for a in resultat.anomalies if a.est_bloquante]
    assert anomalies == [(code, champ, FEUILLE_IDENTITE)]
    assert resultat.identite_sure is sure
    assert not resultat.est_recevable


@pytest.mark.parametrize("exercice", [2025, 2025.0, "2025"])
def test_the_exercice_is_read_however_it_is_stored(exercice: object) -> None:
    assert _verifier(_grille("E1", None, exercice=exercice)).est_recevable


def test_what_the_caf_knows_is_kept_whatever_the_workbook_says() -> None:
    resultat = _verifier(_grille("E1", None, places=60))
    assert [(a.code, a.severite, a.champ) for a in resultat.anomalies] == [
        ("valeur_caf_modifiee", Severite.ALERTE, "places")
    ]
    assert resultat.donnees["places"] == 20


@pytest.mark.parametrize(
    ("jour", "code", "en_retard"),
    [
        (date(2026, 2, 7), "campagne_pas_ouverte", False),
        (date(2026, 2, 8), "", False),
        (date(2026, 2, 27), "", False),
        (date(2026, 2, 28), "", True),
        (date(2026, 3, 9), "", True),
        (date(2026, 3, 10), "campagne_close", True),
    ],
)
def test_the_day_of_reception(jour: date, code: str, en_retard: bool) -> None:
    resultat = _verifier(_grille(), jour)
    assert [a.code for a in resultat.anomalies] == ([code] if code else [])
    assert resultat.en_retard is en_retard
    assert resultat.trop_tot is (code == "campagne_pas_ouverte")
    assert resultat.hors_delai is (code == "campagne_close")


def test_among_two_open_steps_the_one_that_ends_first_is_answered() -> None:
    autre = Etape("reels-2025-bis", NatureEtape.REEL, "Bis", ("EAJE",), 2025, limite=date(2026, 3, 1))
    ordre: list[Callable[[], tuple[tuple[Etape, date | None], ...]]] = [
        lambda: ((REELS, date(2026, 3, 9)), (autre, date(2026, 3, 1))),
        lambda: ((autre, date(2026, 3, 1)), (REELS, date(2026, 3, 9))),
    ]
    for etapes in ordre:
        assert _verifier(_grille(), JOUR, replace(REFERENTIEL, etapes=etapes())).etape == autre


ACTUALISATION = Etape("actualisations-2025-b", NatureEtape.ACTUALISATION, "Actualisations", ("EAJE",), 2025)


def _heures(facturees: int) -> dict[str, Valeur]:
    return {"heures_facturees": Decimal(facturees)}


def _variations(nature: str, references: Mapping[str, ReponsesConnues]) -> list[str]:
    """Give what is said of the 35 200 hours of a declaration of 2025, in short."""
    etapes = (*REFERENTIEL.etapes, (ACTUALISATION, None), (replace(REELS, nature=NatureEtape.PREVISIONNEL), None))
    connu = replace(REFERENTIEL, etapes=etapes, references=lambda code: references.get(code, {}))
    resultat = _verifier(_grille("E1", None, nature=nature), JOUR, connu)
    noms = ("à l'actualisation", "au prévisionnel", "au réel 2024", "(44)", "(50)", "(20)", "(25)")
    assert {a.code for a in resultat.anomalies} <= {"variation"}
    assert all((a.feuille, a.cellule) == _cellule("heures_facturees") for a in resultat.anomalies)
    phrases = [a.message.replace("\u202f000\u00a0heures", "") for a in resultat.anomalies]
    return [" ".join(nom for nom in noms if nom in phrase) for phrase in phrases]


TOUTES: Mapping[str, ReponsesConnues] = {
    "E1": {
        ("previsionnel", 2025): {"previsionnels-2025": _heures(25000)},
        ("actualisation", 2025): {"actualisations-2025-a": _heures(20000), "actualisations-2025-b": _heures(44000)},
        ("reel", 2024): {"reels-2024": _heures(50000)},
        ("reel", 2025): {"reels-2025-a": _heures(1)},
    },
    "E2": {("reel", 2024): {"reels-2024": _heures(1)}},
}


@pytest.mark.parametrize(
    ("nature", "attendu"),
    [
        # The last actualisation received, the prévisionnel and N-1: one anomaly cites the three.
        ("Réel", ["à l'actualisation au prévisionnel au réel 2024 (44) (50) (25)"]),
        # What a correction replaces is not its reference: the actualisation before it is.
        ("Actualisation", ["à l'actualisation au prévisionnel au réel 2024 (50) (20) (25)"]),
        ("Prévisionnel", ["au réel 2024 (50)"]),
    ],
)
def test_it_is_compared_with_each_declaration_that_exists(nature: str, attendu: list[str]) -> None:
    assert _variations(nature, TOUTES) == attendu
    assert _variations(nature, {}) == []


def test_each_file_is_compared_with_its_own_structure() -> None:
    references: Mapping[str, ReponsesConnues] = {
        "E1": {("reel", 2024): {"reels-2024": _heures(20000)}},
        "E2": {("previsionnel", 2025): {"previsionnels-2025": {"enfants_inscrits": 10}}},
    }
    premier, second = verifier_fichiers(
        [FichierLu(f"{code}.xlsx", JOUR, JOUR, _grille(code)) for code in ("E1", "E2")],
        replace(REFERENTIEL, references=lambda code: references[code]),
    )
    assert [(a.code, a.champ) for a in premier.anomalies] == [("variation", "heures_facturees")]
    assert [(a.code, a.champ) for a in second.anomalies] == [("variation", "enfants_inscrits")]


def test_the_bareme_counts_as_it_is_known_the_day_the_file_is_examined() -> None:
    connu = replace(REFERENTIEL, bareme=charger_bareme(RACINE / "config", demonstration=False))
    plafonds = {}
    for jour in (date(2026, 2, 20), date(2025, 6, 1)):
        (resultat,) = verifier_fichiers([FichierLu("F.xlsx", JOUR, jour, _grille())], connu)
        (plafonds[jour],) = [a.message for a in resultat.anomalies if a.code == "cout_au_dessus_du_plafond"]
    assert "(≈\u00a010,25\u00a0€/h" in plafonds[date(2026, 2, 20)]
    assert "(10,05\u00a0€/h" in plafonds[date(2025, 6, 1)]


def test_a_refused_answer_is_not_said_missing_for_the_right_as_well() -> None:
    facultatif = replace(
        formulaire(),
        champs=tuple(
            replace(c, obligatoire=False) if c.cle == "journees_pedagogiques" else c for c in formulaire().champs
        ),
    )
    connu = replace(REFERENTIEL, formulaires={"EAJE": facultatif})
    for saisie, code in ((None, "donnee_manquante"), ("trois", "texte_inattendu")):
        resultat = _verifier(_grille("E1", {"journees_pedagogiques": saisie}), JOUR, connu)
        assert [(a.code, a.feuille, a.cellule) for a in resultat.anomalies] == [
            (code, *_cellule("journees_pedagogiques"))
        ]


def test_anomalies_are_in_the_order_of_the_form() -> None:
    fautes = {"produits_79": None, "charges_60": "x", "jours_ouverture": "x", "amplitude_journaliere": "x"}
    resultat = _verifier(_grille("E1", fautes, version="1"))
    champs = [a.champ for a in resultat.anomalies]
    assert champs == ["version", "amplitude_journaliere", "jours_ouverture", "charges_60", "produits_79"]


def test_the_contract_says_each_bound() -> None:
    bonnes = {c.cle: lire_cellule(c, toutes_reponses()[c.cle]) for c in formulaire().champs_saisis}
    for champ in formulaire().champs_saisis:
        if champ.minimum is None or champ.maximum is None:
            continue
        genre = int if champ.decimales == 0 else Decimal
        pas = genre(1) if champ.decimales == 0 else Decimal("0.01")
        bornes: list[Any] = [genre(champ.minimum), genre(champ.maximum)]
        essais = [*bornes, bornes[0] - pas, bornes[1] + pas]
        fautes = verifier_contrat(formulaire(), [{**bonnes, champ.cle: valeur} for valeur in essais])
        codes = [{cle: c.code for cle, c in f.items()} for f in fautes]
        assert codes == [{}, {}, {champ.cle: "hors_limites"}, {champ.cle: "hors_limites"}]


def test_an_empty_batch() -> None:
    assert verifier_fichiers([], REFERENTIEL) == []
