import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from echanges.classeur.lecture import LecteurIsole
from echanges.classeur.modele import produire_classeur
from echanges.classeur.octets import en_octets
from regles.champs import TypeChamp
from regles.formulaire import plan, reperer
from tests.echanges.classeur.fabrique import FORMULAIRE, IDENTITE

PLAN = plan(FORMULAIRE)
REFERENCE: dict[str, Any] = {"jours": 218, "heures": "35200.5", "repas": True, "c60": "1234.56", "charges": "1234.56"}
LIMITE = date(2026, 2, 27)


def produire(**changes: Any) -> bytes:
    donnees: dict[str, Any] = {"identite": IDENTITE, "reference": REFERENCE, "mention": "", "limite": LIMITE}
    return produire_classeur(PLAN, FORMULAIRE, nature="reel", exercice=2025, **(donnees | changes))


def ouvrir(octets: bytes) -> Workbook:
    return load_workbook(io.BytesIO(octets))


def textes(classeur: Workbook) -> list[str]:
    return [str(c.value) for f in classeur.worksheets for r in f.iter_rows() for c in r if c.value is not None]


@pytest.fixture(scope="module")
def lecteur() -> Iterator[LecteurIsole]:
    with LecteurIsole() as ouvert:
        yield ouvert


def test_memes_donnees_memes_octets() -> None:
    assert hashlib.sha256(produire()).hexdigest() == hashlib.sha256(produire()).hexdigest()
    assert produire() != produire(reference={})


def test_rempli_puis_relu_chaque_reponse_est_a_son_adresse(lecteur: LecteurIsole) -> None:
    reponses: dict[str, Any] = {"jours": 220, "heures": 33500.25, "repas": "Oui", "c60": 0, "c64": "1 234,56 €"}
    classeur = ouvrir(produire())
    for cle, valeur in reponses.items():
        ligne = PLAN.ligne_champ(cle)
        classeur[ligne.feuille][ligne.cellule] = valeur
    lu = reperer(lecteur.lire(en_octets(classeur)), PLAN)
    assert {cle: e.valeur for cle, e in lu.champs.items()} == {**reponses, "c86": None}
    assert all(
        lu.champs[li.champ.cle].cellule == li.cellule and not lu.champs[li.champ.cle].erreur for li in PLAN.champs
    )
    attendue = {cle: str(valeur) for cle, valeur in IDENTITE.items()} | {"nature": "reel"}
    assert {cle: lu.texte_identite(cle) for cle in lu.identite} == attendue


def test_une_ligne_inseree_est_lue_a_sa_vraie_adresse(lecteur: LecteurIsole) -> None:
    classeur = ouvrir(produire())
    classeur["Activité"]["C8"] = 33500
    classeur["Activité"].insert_rows(7, 2)
    emplacement = reperer(lecteur.lire(en_octets(classeur)), PLAN).champs["heures"]
    assert (emplacement.cellule, emplacement.valeur) == ("C10", 33500)


def test_l_annee_precedente_est_a_cote_de_chaque_case() -> None:
    classeur = ouvrir(produire())
    activite, charges = classeur["Activité"], classeur["Charges"]
    assert (activite["E6"].value, activite["E8"].value, activite["E9"].value) == (218, 35200.5, "Oui")
    assert charges["E6"].value == 1234.56
    assert charges["E7"].value is None
    assert "réel 2024" in activite["E4"].value


def test_seules_les_cases_a_remplir_sont_ouvertes_sans_mot_de_passe() -> None:
    classeur = ouvrir(produire())
    ouvertes = {
        (f.title, c.coordinate)
        for f in classeur.worksheets
        for r in f.iter_rows()
        for c in r
        if not c.protection.locked
    }
    assert ouvertes == {(li.feuille, li.cellule) for li in PLAN.champs}
    assert all(f.protection.sheet and f.protection.password is None for f in classeur.worksheets)
    assert classeur.security.lockStructure


def test_les_totaux_sont_des_formules_hors_des_champs() -> None:
    charges = ouvrir(produire())["Charges"]
    assert charges["C11"].value == "=SUM(C6:C7,C9:C9)"
    assert charges["E11"].value == "=SUM(E6:E7,E9:E9)"
    assert charges["A11"].value is None
    assert ouvrir(produire(reference={}))["Charges"]["E11"].value is None


def test_le_compte_est_montre_et_le_libelle_reste_seul_dans_la_case() -> None:
    charges = ouvrir(produire())["Charges"]
    assert (charges["B6"].value, charges["B6"].number_format) == ("Achats", '"60 – "@')


BORNES = {"minimum": Decimal(0), "maximum": Decimal("8784.5")}


@pytest.mark.parametrize(
    ("cle", "changes", "regle", "message"),
    [
        ("jours", BORNES, ("whole", "0", "8784.5"), "Écrivez un nombre entier entre 0 et 8 784,5 jours"),
        ("heures", BORNES, ("decimal", "0", "8784.5"), "Écrivez un nombre entre 0 et 8 784,5 h"),
        ("heures", {"minimum": Decimal("0.5")}, ("decimal", "0.5", "1000000000000"), "Écrivez un nombre d'au moins"),
        ("heures", {"maximum": Decimal(9)}, ("decimal", "-1000000000000", "9"), "Écrivez un nombre d'au plus 9 h"),
        ("heures", {}, ("decimal", "-1000000000000", "1000000000000"), "Écrivez un nombre, sans texte"),
        ("repas", {}, ("list", '"Oui,Non"', None), "Répondez par Oui ou par Non"),
    ],
)  # fmt: skip
def test_la_saisie_est_controlee_en_francais(cle: str, changes: Any, regle: Any, message: str) -> None:
    champs = tuple(replace(c, **changes) if c.cle == cle else c for c in FORMULAIRE.champs)
    formulaire = replace(FORMULAIRE, champs=champs)
    ligne = plan(formulaire).ligne_champ(cle)
    octets = produire_classeur(plan(formulaire), formulaire, IDENTITE, {}, "", "reel", 2025)
    (validation,) = [
        v for v in ouvrir(octets)[ligne.feuille].data_validations.dataValidation if ligne.cellule in v.sqref
    ]
    assert (validation.type, validation.formula1, validation.formula2) == regle
    assert " ".join(validation.error.split()).startswith(message)
    assert len(validation.error) <= 225
    assert validation.showErrorMessage


def test_lisez_moi_dit_l_echeance_et_le_contact() -> None:
    classeur = ouvrir(produire(contact="aide@caf.example"))
    assert classeur.sheetnames == ["Lisez-moi", "Identité", "Activité", "Charges"]
    lu = " ".join(" ".join(str(c.value) for r in classeur["Lisez-moi"].iter_rows() for c in r if c.value).split())
    assert "au plus tard le vendredi 27 février 2026, ce jour compris" in lu
    assert "écrivez à aide@caf.example" in lu
    assert "au plus tard" not in " ".join(textes(ouvrir(produire(limite=None))))


@pytest.mark.parametrize(("mention", "feuilles"), [("DÉMONSTRATION", 4), ("", 0)])
def test_la_mention_est_sur_chaque_feuille(mention: str, feuilles: int) -> None:
    classeur = ouvrir(produire(mention=mention))
    assert sum("DÉMONSTRATION" in texte for texte in textes(classeur)) == feuilles


def test_un_texte_de_la_base_n_est_jamais_une_formule() -> None:
    identite = IDENTITE | {"nom": '=HYPERLINK("http://x.example")', "commune": "@SUM(A1)\x07", "gestionnaire": "-1+1"}
    identites = ouvrir(produire(identite=identite))["Identité"]
    valeurs = {r[0].value: r[2] for r in identites.iter_rows(min_row=5)}
    for cle, attendu in (("nom", identite["nom"]), ("commune", "@SUM(A1)"), ("gestionnaire", "-1+1")):
        assert (valeurs[cle].value, valeurs[cle].data_type) == (attendu, "s")
        assert valeurs[cle].quotePrefix


def test_chaque_feuille_est_prete_a_imprimer() -> None:
    for feuille in ouvrir(produire()).worksheets:
        assert feuille.page_setup.orientation == "landscape"
        assert feuille.page_setup.fitToHeight == 0
        assert feuille.print_area


def test_un_champ_facultatif_le_dit() -> None:
    champs = tuple(replace(c, obligatoire=False) if c.type is TypeChamp.EUROS else c for c in FORMULAIRE.champs)
    formulaire = replace(FORMULAIRE, champs=champs)
    octets = produire_classeur(plan(formulaire), formulaire, IDENTITE, {}, "", "reel", 2025)
    assert ouvrir(octets)["Charges"]["B6"].number_format == '"60 – "@" (facultatif)"'
