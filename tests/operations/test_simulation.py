"""« Et si »: each hypothesis equals a direct computation, totals add up, and nothing is ever written."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from modeles.base import transaction
from modeles.lecture import lecture_seule
from modeles.tables import Partenaire
from operations.calcul import calculer
from operations.configuration import bareme
from operations.contexte import ActeRefuse, Contexte
from operations.droits import typer_entrees
from operations.simulation import (
    BilanSimulation,
    Hypotheses,
    dossier_de,
    ecrire_fichiers,
    en_valeurs,
    simuler,
    simuler_demande,
)
from regles.calcul import Donnee
from schemas.calcul import DemandeCalcul
from tests.operations.reseau_simule import BASE, CRECHE, EXERCICE, JOUR, RELAIS, installer

P107 = "psu.plafond.p107.avec_couches_et_repas"
RETENUES: dict[str, dict[str, Any]] = {
    "EAJE01": CRECHE, "EAJE02": CRECHE | {"heures_facturees": "39000"}, "EAJE03": CRECHE | {"couches_et_repas": False},
    "RPE01": RELAIS, "RPE02": RELAIS | {"charges": "60000"},
}  # fmt: skip
CONVENTIONS: dict[str, dict[str, Any]] = {
    "EAJE": {"attractivite": True, "forfait_territoire": "1123.50", "hausse_places": "0", "mission_renforcee": True},
    "RPE": {"mission_renforcee": True},
}


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def direct(
    ctx: Contexte,
    code: str,
    parametres: dict[str, str] | None = None,
    exercice: int = EXERCICE,
    connu_le: date = JOUR,
    changer: Callable[[dict[str, Donnee]], dict[str, Donnee]] = dict,
) -> int | None:
    """The right of a structure as `campagnes calculer` gives it."""
    prestation = code[:-2]
    donnees = changer(typer_entrees(prestation, RETENUES[code] | CONVENTIONS[prestation]))
    demande = DemandeCalcul(prestation, BASE[code], exercice, donnees)
    return calculer(bareme(ctx), demande, parametres or {}, connu_le).droit_centimes


def apres(bilan: BilanSimulation) -> dict[str, int | None]:
    return {ligne.cas.structure: ligne.apres.centimes for ligne in bilan.lignes}


def facturer(donnees: dict[str, Donnee]) -> dict[str, Donnee]:
    """A billing rate of 112 %, the participations in proportion, written another way than the rule does."""
    if "heures_realisees" not in donnees:
        return donnees
    heures = Fraction(112, 100) * Fraction(donnees["heures_realisees"] or 0)
    a_l_heure = Fraction(donnees["participations_familiales"] or 0) / Fraction(donnees["heures_facturees"] or 1)
    return donnees | {"heures_facturees": heures, "participations_familiales": heures * a_l_heure}


def augmenter(donnees: dict[str, Donnee]) -> dict[str, Donnee]:
    return donnees | {"charges": Fraction(donnees["charges"] or 0) * Fraction(103, 100)}


CAS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "parametre": ({"parametres": {"rpe.plafond": "72 000,50"}}, {"parametres": {"rpe.plafond": "72000.50"}}),
    "deux_parametres": (
        {"parametres": {P107: "10.5", "psu.preparation.heures_par_enfant": "0"}},
        {"parametres": {P107: "10.5", "psu.preparation.heures_par_enfant": "0"}},
    ),
    "bareme_et_formules_d_un_autre_exercice": ({"bareme": 2024}, {"exercice": 2024}),
    "connu_le": ({"bareme": 2025, "connu_le": date(2025, 12, 1)}, {"exercice": 2025, "connu_le": date(2025, 12, 1)}),
    "reponse_en_part": ({"reponses": {"charges": "+3 %"}}, {"changer": augmenter}),
    "reponse": (
        {"reponses": {"heures_facturees": "35 000,5"}},
        {"changer": lambda d: d | ({"heures_facturees": Fraction("35000.5")} if "heures_facturees" in d else {})},
    ),
    "oui_non": (
        {"reponses": {"couches_et_repas": "non"}},
        {"changer": lambda d: d | ({"couches_et_repas": False} if "places" in d else {})},
    ),
    "taux_de_facturation": ({"reponses": {"taux_facturation": "1,12"}}, {"changer": facturer}),
    "taux_en_pourcentage": ({"reponses": {"taux_facturation": "112 %"}}, {"changer": facturer}),
    "tout_ensemble": (
        {"bareme": 2025, "parametres": {P107: "9"}, "reponses": {"taux_facturation": "1.12"}},
        {"exercice": 2025, "parametres": {P107: "9"}, "changer": facturer},
    ),
}  # fmt: skip


@pytest.mark.parametrize("cas", CAS)
def test_une_hypothese_donne_le_meme_centime_qu_un_calcul_direct(ctx: Contexte, cas: str) -> None:
    essayees, directes = CAS[cas]
    bilan = simuler(ctx, Hypotheses(EXERCICE, **essayees), JOUR)
    assert apres(bilan) == {code: direct(ctx, code, **directes) for code in RETENUES}
    assert {li.cas.structure: li.avant.centimes for li in bilan.lignes} == {
        code: direct(ctx, code) for code in RETENUES
    }
    assert bilan.total.difference_centimes == sum(li.difference_centimes or 0 for li in bilan.lignes)
    assert bilan.total.difference_centimes
    assert sum(e.apres_centimes for e in bilan.enveloppes) == bilan.total.apres_centimes
    assert sum(e.structures + e.inconnues for e in bilan.enveloppes) == len(bilan.lignes)


def test_la_base_est_la_meilleure_declaration_de_chacune(ctx: Contexte) -> None:
    bilan = simuler(ctx, Hypotheses(EXERCICE), JOUR)
    assert {li.cas.structure: li.cas.nature for li in bilan.lignes} == BASE
    assert [li.cas.structure for li in bilan.lignes if li.cas.recue] == ["EAJE01"]
    assert bilan.sans_declaration == ("EAJE04",)
    base = en_valeurs(bilan)["base"]
    assert base["natures"] == {"reel": 1, "actualisation": 1, "previsionnel": 3}
    assert base["non_validees"] == 1


def test_les_filtres(ctx: Contexte) -> None:
    relais = simuler(ctx, Hypotheses(EXERCICE, prestations=("RPE",)), JOUR)
    assert ([li.cas.structure for li in relais.lignes], relais.sans_declaration) == (["RPE01", "RPE02"], ())
    une = simuler(ctx, Hypotheses(EXERCICE, structures=("EAJE02",)), JOUR)
    assert [li.cas.structure for li in une.lignes] == ["EAJE02"]


def test_ce_que_personne_ne_lit_est_dit_sans_effet(ctx: Contexte) -> None:
    essayees = Hypotheses(EXERCICE, prestations=("EAJE",), parametres={"rpe.plafond": "1", P107: "9"})
    bilan = simuler(ctx, essayees, JOUR)
    assert bilan.sans_effet == ("rpe.plafond",)


def test_un_droit_inconnu_n_est_jamais_compte_pour_zero(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the demonstration rpe.plafond is unknown: the simulation may try a value, and says what it lacked."""
    reel = Contexte(contexte.reglages.model_copy(update={"demonstration": False}), contexte.moteur)
    installer(reel)
    ce_jour = reel.maintenant().date()
    bilan = simuler(reel, Hypotheses(EXERCICE, prestations=("RPE",)), ce_jour)
    assert bilan.mention == "SIMULATION"
    assert (bilan.total.structures, bilan.total.avant_centimes, bilan.total.inconnues) == (0, 0, 2)
    assert all("(rpe.plafond)" in " ".join(ligne.avant.manque) for ligne in bilan.inconnues)
    forfait = {"rpe.plafond": "72000", "rpe.mission_renforcee.forfait": "3000"}
    essai = simuler(reel, Hypotheses(EXERCICE, prestations=("RPE",), parametres=forfait), ce_jour)
    assert [ligne.apres.centimes for ligne in essai.inconnues] == [
        direct(reel, code, forfait, connu_le=ce_jour) for code in ("RPE01", "RPE02")
    ]
    assert all(ligne.apres.centimes for ligne in essai.inconnues)
    assert (essai.total.apres_centimes, essai.total.inconnues) == (0, 2)


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"parametres": {"rpe.plafon": "1"}}, "Paramètre inconnu : « rpe.plafon » ; vouliez-vous dire « rpe.plafond »"),
        ({"parametres": {"rpe.plafond": "beaucoup"}}, "rpe.plafond : nombre décimal attendu, reçu 'beaucoup'"),
        ({"parametres": {"psu.plafond.arrondi": "euro"}}, "« aucun » ou « centime » est attendu"),
        ({"reponses": {"heure_facturees": "1"}}, "vouliez-vous dire « heures_facturees »"),
        ({"reponses": {"heures_facturees": "beaucoup"}}, "attendu un nombre positif ou nul (h) ; ou une part"),
        ({"reponses": {"heures_facturees": "-3"}}, "attendu un nombre positif ou nul"),
        ({"reponses": {"heures_facturees": "-103%"}}, "ne baisse pas de plus de 100 %"),
        ({"reponses": {"places": "+3%"}}, "un pourcentage ne s'applique pas ici, attendu un nombre entier"),
        ({"reponses": {"jours_ouverture": "400"}}, "au plus 366"),
        ({"reponses": {"statut_gestionnaire": "mixte"}}, "« public » ou « prive »"),
        ({"reponses": {"couches_et_repas": "peut-être"}}, "attendu oui ou non"),
        ({"reponses": {"taux_facturation": "+3%"}}, "par exemple 1.12 ou 112%"),
        ({"reponses": {"taux_facturation": "0"}}, "attendu un nombre plus grand que zéro"),
        ({"reponses": {"taux_facturation": "1.1", "heures_facturees": "1"}}, "l'un ou l'autre, pas les deux"),
        ({"prestations": ("RPE",), "reponses": {"taux_facturation": "1.1"}}, "Réponse inconnue : « taux_facturation »"),
        ({"prestations": ("EAGE",)}, "Prestation inconnue : « EAGE » ; vouliez-vous dire « EAJE »"),
        ({"structures": ("EAJE1",)}, "Structure inconnue : « EAJE1 » ; vouliez-vous dire « EAJE0"),
        ({"structures": ("EAJE04",)}, "Aucune déclaration de l'exercice 2026"),
        ({"bareme": 2090}, "Aucun barème n'est enregistré pour l'exercice 2090"),
        ({"exercice": 2031}, "exercices déclarés : 2026"),
    ],
)
def test_un_refus_est_une_phrase(contexte: Contexte, champs: dict[str, Any], phrase: str) -> None:
    installer(contexte)
    with pytest.raises(ActeRefuse) as refus:
        simuler(contexte, Hypotheses(**({"exercice": EXERCICE} | champs)), JOUR)
    assert phrase in str(refus.value)


def etat_de_la_base(ctx: Contexte) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with ctx.moteur.connect() as connexion:
        tables = inspect(connexion).get_table_names()
        return {t: [tuple(r) for r in connexion.execute(text(f'SELECT * FROM "{t}"'))] for t in tables}  # noqa: S608


def test_rien_n_est_ecrit(ctx: Contexte, tmp_path: Path) -> None:
    avant = etat_de_la_base(ctx)
    assert avant["declaration"]
    bilan = simuler(ctx, Hypotheses(EXERCICE, bareme=2025, reponses={"taux_facturation": "1.1"}), JOUR)
    ecrire_fichiers(bilan, tmp_path / "sortie")
    assert etat_de_la_base(ctx) == avant


def test_la_base_elle_meme_refuse_d_ecrire_puis_ecrit_de_nouveau(ctx: Contexte) -> None:
    def ecrire(session: Any) -> None:
        session.add(Partenaire(id=9, code="P9", nom="x", nature="commune", siren="215201211"))
        session.flush()

    avant = etat_de_la_base(ctx)
    with pytest.raises(DBAPIError, match=r"read-?only"), lecture_seule(ctx.moteur) as session:
        ecrire(session)
    assert etat_de_la_base(ctx) == avant
    with transaction(ctx.moteur) as session:
        ecrire(session)
    assert len(etat_de_la_base(ctx)["partenaire"]) == len(avant["partenaire"]) + 1


reponses_de_creche = st.fixed_dictionaries(
    {
        "heures_facturees": st.integers(0, 10**7).map(lambda n: str(Fraction(n, 1)) if n % 2 else f"{n / 4:.2f}"),
        "heures_realisees": st.integers(1, 90_000).map(str),
        "charges": st.integers(0, 10**8).map(lambda n: f"{n // 100}.{n % 100:02d}"),
        "participations_familiales": st.integers(0, 10**7).map(lambda n: f"{n // 100}.{n % 100:02d}"),
        "enfants_inscrits": st.integers(1, 90),
        "couches_et_repas": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reponses=reponses_de_creche, taux=st.integers(80, 140))
def test_une_hypothese_vide_ne_change_pas_un_centime(contexte: Contexte, reponses: dict[str, Any], taux: int) -> None:
    demande = DemandeCalcul("EAJE", "reel", EXERCICE, typer_entrees("EAJE", CRECHE | reponses))
    vide = simuler_demande(bareme(contexte), "", demande, Hypotheses(EXERCICE), JOUR)
    (ligne,) = vide.lignes
    assert ligne.avant == ligne.apres
    assert ligne.avant.centimes == calculer(bareme(contexte), demande, {}, JOUR).droit_centimes
    meme = Hypotheses(EXERCICE, bareme=EXERCICE, connu_le=JOUR, reponses={"charges": "+0%"})
    assert simuler_demande(bareme(contexte), "", demande, meme, JOUR).lignes == vide.lignes
    essai = Hypotheses(EXERCICE, reponses={"taux_facturation": f"{taux}%"})
    (changee,) = simuler_demande(bareme(contexte), "", demande, essai, JOUR).lignes
    attendu = Fraction(taux, 100) * Fraction(demande.donnees["heures_realisees"] or 0)
    exact = DemandeCalcul("EAJE", "reel", EXERCICE, facturer_a(dict(demande.donnees), attendu))
    assert changee.apres.centimes == calculer(bareme(contexte), exact, {}, JOUR).droit_centimes


def facturer_a(donnees: dict[str, Donnee], heures: Fraction) -> dict[str, Donnee]:
    facturees = Fraction(donnees["heures_facturees"] or 0)
    participations = Fraction(donnees["participations_familiales"] or 0)
    if facturees:
        participations = participations / facturees * heures
    return donnees | {"heures_facturees": heures, "participations_familiales": participations}


def test_la_meme_question_a_le_meme_dossier_et_les_memes_octets(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    bilans = [simuler(contexte, Hypotheses(EXERCICE, parametres={P107: p}), JOUR) for p in ("10", "10", "11")]
    dossiers = [dossier_de(contexte, bilan) for bilan in bilans]
    assert dossiers[0] == dossiers[1] != dossiers[2]
    ecrits = [ecrire_fichiers(bilan, tmp_path / str(rang)) for rang, bilan in enumerate(bilans)]
    assert [chemin.name for chemin in ecrits[0]] == [
        "DEMONSTRATION-simulation-2026.html",
        "DEMONSTRATION-simulation-2026.xlsx",
    ]
    for un, autre in zip(ecrits[0], ecrits[1], strict=True):
        assert un.read_bytes() == autre.read_bytes()
    with pytest.raises(ActeRefuse, match="ne s'écrit pas"):
        ecrire_fichiers(bilans[0], ecrits[0][0] / "dans un fichier")


def test_le_classeur_dit_les_memes_chiffres(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    bilan = simuler(contexte, Hypotheses(EXERCICE, parametres={"rpe.plafond": "72000"}), JOUR)
    _, chemin = ecrire_fichiers(bilan, tmp_path)
    classeur = load_workbook(chemin)
    for feuille in classeur:
        assert feuille["A1"].value == "SIMULATION – DÉMONSTRATION"
        assert not any(c.data_type == "f" for rangee in feuille.iter_rows() for c in rangee)
    lignes = list(classeur["Structures"].iter_rows(min_row=3, values_only=True))
    assert [li[0] for li in lignes] == list(BASE)
    for colonne, attendu in ((5, bilan.total.avant_centimes), (6, bilan.total.apres_centimes)):
        assert sum(round(Fraction(str(li[colonne])) * 100) for li in lignes) == attendu
