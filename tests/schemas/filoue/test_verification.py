"""What a file is worth: each alert at its cell, each refusal with its sentence, nothing of a child in any of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regles.anomalies import Severite
from regles.baremes import Bareme
from regles.filoue import ColonneFiloue, StructureAttendue, VersionFiloue
from schemas.filoue.verification import verifier
from tests.schemas.filoue.fichiers import ATTENDU, CONNU_LE, bareme, cas, fichier, ligne, reglages, verifier_ici

SAINE: dict[str, str] = {}


@pytest.mark.parametrize("un_cas", cas()["cas"], ids=lambda c: c["nom"])
def test_alertes_d_une_ligne(un_cas: Mapping[str, Any]) -> None:
    resultat = verifier_ici(
        fichier(SAINE | {"MATRICULE": "7654321"}, un_cas["change"], SAINE | {"MATRICULE": "7654322"})
    )
    assert resultat.est_recevable
    assert {a.colonne: a.code for a in resultat.anomalies} == un_cas["attend"]
    assert len(resultat.anomalies) == len(un_cas["attend"])
    assert {(a.ligne, a.severite) for a in resultat.anomalies} <= {(3, Severite.ALERTE)}
    assert all(a.message.endswith(".") for a in resultat.anomalies)


def test_une_valeur_qui_n_est_pas_admise_est_laissee_de_cote() -> None:
    resultat = verifier_ici(fichier(SAINE, {"REGIME": "9", "NOMBRE_HEURES_FACTUREES": "-3", "MATRICULE": "7654321"}))
    assert resultat.table is not None
    assert resultat.table["REGIME"].to_list() == [1, None]
    assert resultat.table["NOMBRE_HEURES_FACTUREES"].to_list() == [Decimal("1240.5"), None]
    assert resultat.sommes is not None
    assert resultat.sommes.heures_facturees == Fraction("1240.5")


@pytest.mark.parametrize(
    ("changes", "doublons"),
    [
        ([{}, {}], {3: 2}),
        ([{}, {"MATRICULE": "0123456X"}], {3: 2}),
        ([{}, {"DATE_NAISSANCE_INDIVIDU": "2024-03-14"}, {}], {3: 2, 4: 2}),
        ([{}, {"DATE_NAISSANCE_INDIVIDU": "15/03/2024"}], {}),
        ([{}, {"MATRICULE": "1123456"}], {}),
        ([{"MATRICULE": "", "TOP_ALLOC": "0"}] * 2, {}),
        ([{}, {"MATRICULE": "1123456"}, {}, {"MATRICULE": "1123456"}], {4: 2, 5: 3}),
    ],
)
def test_doublons_par_numeros_de_ligne(changes: list[dict[str, str]], doublons: dict[int, int]) -> None:
    trouves = {a.ligne: a.message for a in verifier_ici(fichier(*changes)).anomalies}
    assert trouves.keys() == doublons.keys()
    assert all(f"à la ligne {doublons[numero]} " in message for numero, message in trouves.items())


AUTRE = StructureAttendue("EAJE02", 2025, "521", "202300999", "5200078")


@pytest.mark.parametrize(
    ("octets", "attendu", "codes", "phrase"),
    [
        (
            fichier(SAINE),
            replace(ATTENDU, code_organisme="510"),
            ["caf_etrangere"],
            "votre structure (510) à une ligne sur 1",
        ),
        (
            fichier(SAINE),
            AUTRE,
            ["dossier_etranger", "idequ_etranger"],
            "numéro de dossier AFC de ce fichier n'est pas celui",
        ),
        (fichier(SAINE, {"IDEQU": "5200078"}), ATTENDU, ["idequ_etranger"], "L'IDEQU de ce fichier"),
        (fichier(SAINE, {"IDEQU": ""}), ATTENDU, ["idequ_etranger"], "L'IDEQU de ce fichier"),
        (
            fichier(SAINE, {"NUMERO_DOSSIER_AFC": "202300124"}),
            replace(ATTENDU, dossier_afc=""),
            ["plusieurs_structures"],
            "déposez un fichier par structure",
        ),
        (
            fichier(SAINE),
            replace(ATTENDU, exercice=2024),
            ["mauvaise_annee"],
            "ne porte pas sur 2024 : une ligne sur 1",
        ),
        (fichier(SAINE), replace(ATTENDU, exercice=2026), ["mauvaise_annee"], "ne porte pas sur 2026"),
        (
            fichier({"PREMIERJOUR": "", "DERNIERJOUR": ""}),
            ATTENDU,
            ["mauvaise_annee"],
            "rien ne dit que ce fichier porte sur 2025",
        ),
        (fichier(), ATTENDU, ["aucune_ligne"], "aucune ligne d'enfant"),
    ],
)
def test_refus(octets: bytes, attendu: StructureAttendue, codes: list[str], phrase: str) -> None:
    resultat = verifier_ici(octets, attendu)
    assert not resultat.est_recevable
    assert [a.code for a in resultat.anomalies if a.severite is Severite.BLOQUANTE] == codes
    assert phrase in resultat.refus
    assert resultat.table is None
    assert resultat.sommes is None


@pytest.mark.parametrize(
    "attendu",
    [
        ATTENDU,
        replace(ATTENDU, code_organisme="0521", dossier_afc=" 202300123 ", idequ="05200077"),
        replace(ATTENDU, code_organisme="", dossier_afc="", idequ=""),
    ],
)
def test_identifiants_de_la_structure(attendu: StructureAttendue) -> None:
    assert verifier_ici(fichier(SAINE), attendu).est_recevable


@pytest.mark.parametrize(("hors", "recevable"), [(0, True), (2, True), (3, False)])
def test_annee_de_la_plupart_des_lignes(hors: int, recevable: bool) -> None:
    autre = {"PREMIERJOUR": "01/01/2024", "DERNIERJOUR": "31/12/2024"}
    changes = [(autre if rang < hors else SAINE) | {"MATRICULE": f"{rang:07d}"} for rang in range(4)]
    resultat = verifier_ici(fichier(*changes))
    assert resultat.est_recevable is recevable


@pytest.mark.parametrize(
    ("version", "exercice", "codes"),
    [
        (VersionFiloue.V1, 2019, []),
        (VersionFiloue.V1, 2025, ["version_ancienne"]),
        (VersionFiloue.V2, 2025, ["version_ancienne"]),
        (VersionFiloue.V3, 2025, []),
    ],
)
def test_version_selon_la_campagne(version: VersionFiloue, exercice: int, codes: list[str]) -> None:
    dates = {
        "DATE_NAISSANCE_INDIVIDU": f"14/03/{exercice - 1}",
        "PREMIERJOUR": f"01/01/{exercice}",
        "DERNIERJOUR": f"31/08/{exercice}",
    }
    resultat = verifier_ici(fichier(dates, version=version), replace(ATTENDU, exercice=exercice))
    assert (resultat.version, resultat.est_recevable) == (version, True)
    assert [a.code for a in resultat.anomalies] == codes


def test_sans_taux_connu_rien_n_est_dit_des_taux() -> None:
    connu = bareme()
    octets = fichier({"TAUX_EFFORT": "0.5"})
    sans = Bareme(connu.definitions.values(), [v for v in connu.valeurs if not v.cle.endswith("un_enfant")])
    assert [a.code for a in verifier(octets, ATTENDU, reglages(), connu, CONNU_LE).anomalies] == [
        "taux_effort_hors_bareme"
    ]
    assert verifier(octets, ATTENDU, reglages(), sans, CONNU_LE).anomalies == ()
    assert verifier(octets, ATTENDU, reglages(), connu, date(2024, 12, 31)).anomalies == ()


def test_tarif_sous_le_plancher_quand_il_est_connu() -> None:
    change = {"NOMBRE_HEURES_FACTUREES": "100", "NOMBRE_HEURES_REALISEES": "100", "MONTANT_FACTURE": "40.00"}
    octets = fichier(change | {"MONTANT_HORAIRE": "0.40"})
    avec = bareme().simuler({"filoue.ressources.plancher": "801"})
    assert verifier(octets, ATTENDU, reglages(), bareme(), CONNU_LE).anomalies == ()
    assert [a.code for a in verifier(octets, ATTENDU, reglages(), avec, CONNU_LE).anomalies] == ["tarif_hors_bornes"]


def test_au_dela_du_maximum_les_anomalies_sont_comptees() -> None:
    maximum = reglages().lecture.anomalies_par_motif
    changes = [{"MATRICULE": f"{rang:07d}", "REGIME": "9"} for rang in range(maximum + 5)]
    anomalies = verifier_ici(fichier(*changes)).anomalies
    assert [a.ligne for a in anomalies] == list(range(maximum + 2))[:1] + list(range(2, maximum + 2))
    assert anomalies[0].message.endswith("Il en est de même à 5 autres lignes.")


def test_les_anomalies_viennent_par_ligne_puis_par_colonne() -> None:
    faute = {"TAUX_EFFORT": "0.5", "REGIME": "9", "MATRICULE": "12"}
    rangs = [(a.ligne, a.colonne) for a in verifier_ici(fichier(faute, faute | {"MATRICULE": "13"})).anomalies]
    colonnes = ["MATRICULE", "REGIME", "TAUX_EFFORT"]
    assert rangs == [(2, c) for c in colonnes] + [(3, c) for c in colonnes]


@settings(deadline=None)
@given(
    heures=st.lists(st.integers(0, 878_400), min_size=1, max_size=8),
    montants=st.lists(st.integers(0, 999_999), min_size=8, max_size=8),
    virgule=st.booleans(),
)
def test_les_sommes_sont_exactes(heures: list[int], montants: list[int], virgule: bool) -> None:
    signe = "," if virgule else "."
    changes = [
        {
            "MATRICULE": f"{rang:07d}",
            "NOMBRE_HEURES_FACTUREES": f"{h // 100}{signe}{h % 100:02d}",
            "MONTANT_FACTURE": f"{m // 100:04d}{signe}{m % 100:02d}",
        }
        for rang, (h, m) in enumerate(zip(heures, montants, strict=False))
    ]
    sommes = verifier_ici(fichier(*changes)).sommes
    assert sommes is not None
    assert sommes.lignes == len(heures)
    assert sommes.heures_facturees == Fraction(sum(heures), 100)
    assert sommes.montant_facture == Fraction(sum(montants[: len(heures)]), 100)


IDENTIFIANTES = ("MATRICULE", "DATE_NAISSANCE_INDIVIDU", "VILLE_FAMILLE", "CODE_POSTAL_FAMILLE")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([c.value for c in ColonneFiloue]),
        st.text(st.characters(blacklist_categories=["Cc", "Cs"], blacklist_characters=";"), max_size=12),
        max_size=8,
    )
)
def test_rien_de_ce_qui_nomme_un_enfant_ne_sort(change: dict[str, str]) -> None:
    temoins = {"MATRICULE": "9182736", "DATE_NAISSANCE_INDIVIDU": "17/11/2023", "VILLE_FAMILLE": "ZANZIBAR",
               "CODE_POSTAL_FAMILLE": "98765"}  # fmt: skip
    resultat = verifier_ici(fichier(temoins, change, {**temoins, **change}))
    dit = f"{resultat!r} {resultat.refus}"
    entieres = ligne(temoins) | change
    plantes = {entieres[c].strip() for c in IDENTIFIANTES} | set(temoins.values()) | {"2023-11-17"}
    assert not [valeur for valeur in plantes if len(valeur) > 4 and valeur in dit]
