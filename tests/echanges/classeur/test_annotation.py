import hashlib
import io
import subprocess
import sys
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from echanges.classeur.annotation import AUTEUR, COMMENTAIRES_MAX, annoter
from echanges.classeur.lecture import LecteurIsole
from regles.anomalies import Anomalie, Severite
from regles.formulaire import FEUILLE_ANOMALIES, plan, reperer
from regles.grille import FichierRefuse, adresse
from schemas.configuration.reglages import RACINE
from tests.echanges.classeur import fabrique as f
from tests.echanges.classeur.test_modele import produire

ILLISIBLE = Anomalie(
    "illisible",
    Severite.BLOQUANTE,
    "Ce nombre est illisible.",
    "Activité",
    "C8",
    "heures",
    "=cmd|' /C calc'!A0",
    "un nombre",
)
HAUSSE = Anomalie("hausse", Severite.ALERTE, "Forte hausse.", "Activité", "C6", "jours", "360", "environ 218")
GENERALE = Anomalie("version", Severite.BLOQUANTE, "Ce n'est pas la bonne version.")
ANOMALIES = (ILLISIBLE, HAUSSE, GENERALE)


def ouvrir(octets: bytes) -> Workbook:
    return load_workbook(io.BytesIO(octets))


def commentaires(classeur: Workbook) -> dict[tuple[str, str], str]:
    return {
        (feuille.title, c.coordinate): c.comment.text
        for feuille in classeur.worksheets
        for rangee in feuille.iter_rows()
        for c in rangee
        if c.comment is not None
    }


def lignes(classeur: Workbook) -> list[list[Any]]:
    return [[c.value for c in rangee] for rangee in classeur[FEUILLE_ANOMALIES].iter_rows(min_row=6)]


def test_les_commentaires_sont_aux_bonnes_cases_avec_le_lu_et_l_attendu() -> None:
    classeur = ouvrir(annoter(produire(), ANOMALIES))
    assert commentaires(classeur) == {
        ("Activité", "C8"): "À corriger : Ce nombre est illisible.\nLu : =cmd|' /C calc'!A0\nAttendu : un nombre",
        ("Activité", "C6"): "À vérifier ou à expliquer : Forte hausse.\nLu : 360\nAttendu : environ 218",
    }
    activite = classeur["Activité"]
    couleurs = [activite[c].fill.fgColor.rgb[-6:] for c in ("C8", "C6", "C9")]
    assert couleurs == ["FFB3B3", "FFD9A0", "FFF6CC"]


def test_la_premiere_feuille_liste_tout_avec_un_lien_vers_chaque_case() -> None:
    classeur = ouvrir(annoter(produire(), ANOMALIES))
    assert classeur.sheetnames[0] == FEUILLE_ANOMALIES
    assert classeur.active is classeur[FEUILLE_ANOMALIES]
    assert [f.title for f in classeur.worksheets if f.sheet_view.tabSelected] == [FEUILLE_ANOMALIES]
    assert [ligne[1:4] for ligne in lignes(classeur)] == [
        ["À corriger", "Activité C8", "Ce nombre est illisible."],
        ["À vérifier ou à expliquer", "Activité C6", "Forte hausse."],
        ["À corriger", "Le classeur entier", "Ce n'est pas la bonne version."],
    ]
    feuille = classeur[FEUILLE_ANOMALIES]
    assert feuille["C6"].hyperlink.location == "'Activité'!C8"
    assert feuille["C8"].hyperlink is None
    assert feuille["A1"].value == "2 points sont à corriger avant que la déclaration soit prise en compte"
    assert "zones de texte" in feuille["A2"].value


@pytest.mark.parametrize(
    ("anomalies", "titre"),
    [
        ((), "Rien à corriger"),
        ((HAUSSE,), "Rien à corriger : quelques points à vérifier ou à expliquer"),
        ((GENERALE,), "1 point est à corriger avant que la déclaration soit prise en compte"),
    ],
)
def test_le_titre_dit_ce_qui_reste_a_faire(anomalies: tuple[Anomalie, ...], titre: str) -> None:
    assert ouvrir(annoter(produire(), anomalies))[FEUILLE_ANOMALIES]["A1"].value == titre


def test_un_texte_du_partenaire_n_est_jamais_une_formule() -> None:
    octets = f.avec_feuille(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>=1+1</t></is></c><c r="B1" t="str"><v>=2+2</v></c></row>'
    )
    piegee = Anomalie("x", Severite.BLOQUANTE, "=1+1", "Activité", "A1", "", "@SUM(A1)\x07", "+1")
    classeur = ouvrir(annoter(octets, [piegee]))
    types = {c.data_type for feuille in classeur.worksheets for rangee in feuille.iter_rows() for c in rangee}
    assert "f" not in types
    assert lignes(classeur)[0][3:] == ["=1+1", "@SUM(A1)", "+1"]


def test_les_reponses_du_partenaire_restent_lisibles() -> None:
    plan_essai = plan(f.FORMULAIRE)
    classeur = ouvrir(produire())
    classeur["Activité"]["C8"] = 33500.5
    with LecteurIsole() as lecteur:
        grille = lecteur.lire(annoter(f.enregistrer(classeur), ANOMALIES))
    assert reperer(grille, plan_essai).champs["heures"].valeur == 33500.5


def test_annoter_de_nouveau_remplace_les_marques() -> None:
    corrigee = ouvrir(annoter(annoter(produire(), ANOMALIES), [HAUSSE]))
    assert corrigee.sheetnames.count(FEUILLE_ANOMALIES) == 1
    assert set(commentaires(corrigee)) == {("Activité", "C6")}
    assert corrigee["Activité"]["C8"].fill.fgColor.rgb[-6:] == "FFF6CC"
    assert len(lignes(corrigee)) == 1


def test_plusieurs_anomalies_d_une_case_et_son_commentaire_d_origine_sont_gardes() -> None:
    classeur = ouvrir(produire())
    classeur["Activité"]["C6"].comment = Comment("vu avec la directrice", "Partenaire")
    alerte = Anomalie("b", Severite.BLOQUANTE, "Trop de jours.", "Activité", "C6")
    annotee = ouvrir(annoter(f.enregistrer(classeur), [HAUSSE, alerte]))
    texte = commentaires(annotee)["Activité", "C6"]
    assert "Forte hausse." in texte
    assert "Trop de jours." in texte
    assert "vu avec la directrice" in texte
    assert annotee["Activité"]["C6"].fill.fgColor.rgb[-6:] == "FFB3B3"
    assert annotee["Activité"]["C6"].comment.author == AUTEUR


def test_au_plus_cinq_cents_commentaires_et_tout_est_liste() -> None:
    anomalies = [
        Anomalie("x", Severite.ALERTE, "À voir.", "Activité", adresse(ligne, 3))
        for ligne in range(1, COMMENTAIRES_MAX + 51)
    ]
    classeur = ouvrir(annoter(f.sain(), anomalies))
    assert len(commentaires(classeur)) == COMMENTAIRES_MAX
    assert len(lignes(classeur)) == COMMENTAIRES_MAX + 50
    assert "premières cases" in classeur[FEUILLE_ANOMALIES]["A3"].value


@pytest.mark.parametrize(
    ("feuille", "cellule"), [("Absente", "C8"), ("Activité", "C99999"), ("Activité", "?"), ("", "")]
)
def test_une_anomalie_sans_case_connue_est_listee_sans_lien(feuille: str, cellule: str) -> None:
    classeur = ouvrir(annoter(produire(), [Anomalie("x", Severite.ALERTE, "À voir.", feuille, cellule)]))
    assert commentaires(classeur) == {}
    assert classeur[FEUILLE_ANOMALIES]["C6"].hyperlink is None


def test_dans_une_fusion_la_marque_va_a_la_premiere_case() -> None:
    classeur = Workbook()
    classeur.worksheets[0].title = "Activité"
    classeur.worksheets[0].merge_cells("B5:D7")
    annotee = ouvrir(annoter(f.enregistrer(classeur), [Anomalie("x", Severite.ALERTE, "À voir.", "Activité", "C6")]))
    assert set(commentaires(annotee)) == {("Activité", "B5")}


def test_un_classeur_que_l_on_ne_sait_pas_recopier_donne_la_liste_seule() -> None:
    octets = f.modifier(
        "xl/styles.xml", lambda x: x.replace(b"<fonts", b"<fonts><font><color rgb='rouge'/></font></fonts><fonts")
    )
    classeur = ouvrir(annoter(octets, ANOMALIES))
    assert classeur.sheetnames == [FEUILLE_ANOMALIES]
    assert "n'a pas pu être recopié" in classeur[FEUILLE_ANOMALIES]["A2"].value
    assert len(lignes(classeur)) == 3


def test_memes_arguments_memes_octets() -> None:
    assert annoter(produire(), ANOMALIES) == annoter(produire(), ANOMALIES)


@pytest.mark.parametrize("graine", ["1", "2"])
def test_memes_octets_dans_un_autre_processus(graine: str) -> None:
    programme = (
        "import hashlib, tests.echanges.classeur.test_annotation as t;"
        "print(hashlib.sha256(t.annoter(t.produire(), t.ANOMALIES)).hexdigest())"
    )
    dit = subprocess.run(
        [sys.executable, "-c", programme],
        cwd=RACINE, env={"PYTHONHASHSEED": graine}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert dit.stdout.strip() == hashlib.sha256(annoter(produire(), ANOMALIES)).hexdigest()


def test_un_fichier_hostile_n_est_pas_ouvert() -> None:
    with pytest.raises(FichierRefuse, match="macros"):
        annoter(f.ajouter("xl/vbaProject.bin", b"x"), ANOMALIES)
