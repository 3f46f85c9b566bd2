from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.formulaire import FEUILLE_IDENTITE, PREMIERE_LIGNE, plan, reperer
from regles.grille import Grille, ValeurCellule
from tests.echanges.classeur.fabrique import FORMULAIRE

PLAN = plan(FORMULAIRE)
Feuilles = dict[str, dict[tuple[int, int], ValeurCellule]]


def rempli() -> Feuilles:
    """Each key in column A, and in column C its own name."""
    feuilles: Feuilles = {
        FEUILLE_IDENTITE: {(li.ligne, c): li.cle for li in PLAN.identite for c in (1, 3)},
    }
    for li in PLAN.champs:
        feuilles.setdefault(li.feuille, {}).update({(li.ligne, 1): li.champ.cle, (li.ligne, 3): f"val {li.champ.cle}"})
    return feuilles


def test_le_plan_place_sections_champs_et_totaux() -> None:
    assert PLAN.feuilles == ("Activité", "Charges")
    assert [(s.feuille, s.ligne, s.titre) for s in PLAN.sections] == [
        ("Activité", 5, "Ouverture"),
        ("Activité", 7, "Heures"),
        ("Charges", 5, "Charges"),
        ("Charges", 8, "En nature"),
    ]
    assert {li.champ.cle: (li.feuille, li.cellule) for li in PLAN.champs} == {
        "jours": ("Activité", "C6"),
        "heures": ("Activité", "C8"),
        "repas": ("Activité", "C9"),
        "c60": ("Charges", "C6"),
        "c64": ("Charges", "C7"),
        "c86": ("Charges", "C9"),
    }
    (total,) = PLAN.totaux
    assert (total.cle, total.feuille, total.ligne, total.plages(3)) == ("charges", "Charges", 11, ("C6:C7", "C9:C9"))
    assert PLAN.identite[0].ligne == PREMIERE_LIGNE
    assert [li.cle for li in PLAN.identite][-2:] == ["places", "taux"]


def test_le_champ_de_la_caf_n_est_pas_une_ligne_a_remplir() -> None:
    assert PLAN.ligne_champ("heures").ligne == 8
    with pytest.raises(KeyError):
        PLAN.ligne_champ("places")


def test_un_nom_de_feuille_reserve_est_refuse() -> None:
    champs = tuple(replace(c, feuille=FEUILLE_IDENTITE) for c in FORMULAIRE.champs_saisis)
    with pytest.raises(ValueError, match="réservé : « Identité »"):
        plan(replace(FORMULAIRE, champs=champs))


@given(st.dictionaries(st.sampled_from(["Activité", "Charges", FEUILLE_IDENTITE]), st.integers(1, 30), max_size=3))
def test_une_ligne_inseree_ne_decale_pas_ce_qui_est_lu(insertions: dict[str, int]) -> None:
    feuilles = {
        nom: {(li + (li >= insertions.get(nom, 99)), c): v for (li, c), v in cellules.items()}
        for nom, cellules in rempli().items()
    }
    lu = reperer(Grille(feuilles, {}), PLAN)
    assert {cle: e.valeur for cle, e in lu.champs.items()} == {
        li.champ.cle: f"val {li.champ.cle}" for li in PLAN.champs
    }
    assert all(lu.texte_identite(li.cle) == li.cle for li in PLAN.identite)
    for emplacement in (*lu.champs.values(), *lu.identite.values()):
        assert feuilles[emplacement.feuille][emplacement.ligne, 3] == emplacement.valeur
        assert emplacement.cellule == f"C{emplacement.ligne}"


LIBELLE_HEURES = next(li.champ.libelle for li in PLAN.champs if li.champ.cle == "heures")


@pytest.mark.parametrize(("libelle", "valeur"), [(LIBELLE_HEURES, "val heures"), ("Autre question", None), ("", None)])
def test_sans_cle_le_champ_est_lu_a_sa_ligne_prevue_sous_son_libelle(libelle: str, valeur: str | None) -> None:
    feuilles = rempli()
    del feuilles["Activité"][8, 1]
    feuilles["Activité"][8, 2] = libelle
    lu = reperer(Grille(feuilles, {}), PLAN).champs["heures"]
    assert (lu.valeur, lu.est_absente) == (valeur, valeur is None)


def test_sans_cle_jamais_la_reponse_d_un_autre_champ() -> None:
    feuilles = rempli()
    activite = feuilles["Activité"]
    del activite[8, 1], activite[8, 3], activite[9, 1], activite[9, 3]
    activite |= {(8, 1): " repas ", (8, 3): "Oui"}
    lu = reperer(Grille(feuilles, {}), PLAN)
    assert (lu.champs["repas"].valeur, lu.champs["repas"].cellule) == ("Oui", "C8")
    assert lu.champs["heures"].valeur is None


def test_une_cle_repetee_est_dite_et_la_premiere_ligne_lue() -> None:
    feuilles = rempli()
    feuilles["Activité"] |= {(20, 1): "heures", (20, 3): 1}
    lu = reperer(Grille(feuilles, {}), PLAN)
    assert lu.cles_repetees == (("Activité", "heures"),)
    assert lu.champs["heures"].ligne == 8


def test_feuille_absente_et_cellule_en_erreur() -> None:
    feuilles = rempli()
    del feuilles["Charges"]
    lu = reperer(Grille(feuilles, {("Activité", 6, 3): "#DIV/0!"}), PLAN)
    assert lu.feuilles_absentes == ("Charges",)
    assert lu.champs["c60"].valeur is None
    assert lu.champs["jours"].erreur == "#DIV/0!"


@pytest.mark.parametrize(
    ("cle", "valeur", "texte"),
    [
        ("nature", "Réel", "reel"),
        ("nature", "reel", "reel"),
        ("nature", "Bilan", "Bilan"),
        ("siret", 99950001700011, "99950001700011"),
        ("structure", " 0520 ", "0520"),
    ],
)
def test_l_identite_est_rendue_en_texte(cle: str, valeur: ValeurCellule, texte: str) -> None:
    feuilles = rempli()
    ligne = next(li.ligne for li in PLAN.identite if li.cle == cle)
    feuilles[FEUILLE_IDENTITE][ligne, 3] = valeur
    assert reperer(Grille(feuilles, {}), PLAN).texte_identite(cle) == texte


def test_un_classeur_etranger_donne_une_identite_vide() -> None:
    lu = reperer(Grille({"Feuil1": {(1, 1): "x"}}, {}), PLAN)
    assert lu.texte_identite("structure") == ""
    assert lu.texte_identite("inconnue") == ""
    assert lu.feuilles_absentes == (FEUILLE_IDENTITE, "Activité", "Charges")
