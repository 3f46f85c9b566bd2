"""The terminal: the request of the specification, its exact answer, and refusals without a traceback."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commandes.principal import application

DEMANDE: dict[str, Any] = {
    "prestation": "EAJE",
    "nature": "reel",
    "exercice": 2025,
    "donnees": {
        "places": 20, "amplitude_journaliere": "10", "jours_ouverture": 220, "heures_facturees": "35200",
        "heures_realisees": "33500", "heures_exceptionnelles": "0", "participations_familiales": "63360",
        "charges": "400000", "couches_et_repas": True, "enfants_inscrits": 45, "enfants_handicap": 1,
        "journees_pedagogiques": 3, "taux_regime_general": "1", "statut_gestionnaire": "public",
    },
}  # fmt: skip
PREVISIONNEL_ALSH: dict[str, Any] = {
    "prestation": "ALSH",
    "nature": "previsionnel",
    "exercice": 2026,
    "donnees": {
        "type_accueil": "periscolaire", "charges": "6000", "heures_realisees": "1485", "heures_realisees_aeeh": "99",
        "heures_mercredi": "0", "taux_regime_general": "1",
    },
}  # fmt: skip
CLES = [
    "prestation", "nature", "exercice", "connu_le", "droit_centimes", "partiel_centimes", "payable", "simulation",
    "demonstration", "motifs", "lignes", "parametres", "anomalies",
]  # fmt: skip
P107 = "psu.plafond.p107.avec_couches_et_repas"
PREPARATION = "psu.preparation.heures_par_enfant"


@pytest.fixture(autouse=True)
def _reglages_du_projet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for nom in ("CAMPAGNES_CONFIG", "CAMPAGNES_DEMONSTRATION", "CAMPAGNES_COURRIEL_MODE"):
        monkeypatch.delenv(nom, raising=False)
    monkeypatch.setenv("CAMPAGNES_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("CAMPAGNES_BASE_URL", "sqlite:////dev/null/aucune-base")


def lancer(*arguments: str, demande: object = DEMANDE) -> Result:
    return CliRunner().invoke(application, list(arguments), input=json.dumps(demande))


def repondre(*arguments: str, demande: object = DEMANDE) -> dict[str, Any]:
    resultat = lancer("calculer", "-", "--json", *arguments, demande=demande)
    assert resultat.exit_code in {0, 1}, resultat.output
    reponse = json.loads(resultat.stdout)
    assert list(reponse) == CLES
    return dict(reponse)


def test_la_demande_du_cahier_des_charges() -> None:
    reponse = repondre("--connu-le", "2026-02-08")
    assert reponse["droit_centimes"] is None
    assert reponse["partiel_centimes"] == 18018396
    assert (reponse["payable"], reponse["simulation"], reponse["demonstration"]) == (False, True, False)
    assert any(PREPARATION in motif for motif in reponse["motifs"])
    assert reponse["connu_le"] == "2026-02-08"
    lignes = {ligne["code"]: ligne for ligne in reponse["lignes"]}
    assert lignes["prix_plafond"]["valeur"] == "10.251"
    assert lignes["prix_de_revient"]["valeur"] == "11.363636"
    assert lignes["prix_de_revient"]["valeur_exacte"] == "125/11"
    assert lignes["preparation"]["valeur"] is None
    assert lignes["preparation"]["manquants"] == [PREPARATION]
    parametres = {p["cle"]: p for p in reponse["parametres"]}
    assert set(parametres) == {cle for ligne in reponse["lignes"] for cle in ligne["parametres"]}
    assert parametres[P107]["valeur"] == "10.251"
    assert parametres[P107]["statut"] == "deduit"
    assert (parametres[P107]["du"], parametres[P107]["au"]) == ("2025-01-01", "2025-12-31")
    assert parametres[P107]["connu_le"] == "2025-12-16"
    assert "caf.fr" in parametres[P107]["source"]
    assert parametres[PREPARATION] | {"libelle": "", "source": ""} == {
        "cle": PREPARATION, "libelle": "", "valeur": None, "unite": "h", "statut": "inconnu", "source": "",
        "du": None, "au": None, "connu_le": None,
    }  # fmt: skip


def test_avec_des_parametres_saisis() -> None:
    reponse = repondre("--parametre", f"{P107}=10.05", "--parametre", f"{PREPARATION}=0")
    assert reponse["droit_centimes"] == reponse["partiel_centimes"] == 17543473
    assert (reponse["payable"], reponse["simulation"]) == (False, True)
    saisis = [p for p in reponse["parametres"] if p["statut"] == "simule"]
    assert [(p["cle"], p["valeur"], p["du"]) for p in saisis] == [(P107, "10.05", None), (PREPARATION, "0", None)]


def test_ce_qui_etait_connu_avant() -> None:
    lignes = repondre("--connu-le", "2025-12-15")["lignes"]
    assert next(ligne["valeur"] for ligne in lignes if ligne["code"] == "prix_plafond") == "10.05"


def test_chaque_valeur_se_relit_exactement() -> None:
    reponse = repondre("--parametre", f"{PREPARATION}=8")
    exactes = {li["code"]: Fraction(li.get("valeur_exacte", li["valeur"])) for li in reponse["lignes"]}
    total = exactes["psu"] + sum(v for code, v in exactes.items() if code.startswith("bonus_"))
    assert round(total * 100) == reponse["droit_centimes"]


def test_en_demonstration_le_mot_est_partout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "1")
    reponse = repondre()
    assert (reponse["payable"], reponse["simulation"], reponse["demonstration"]) == (True, False, True)
    assert reponse["motifs"] == []
    assert isinstance(reponse["droit_centimes"], int)
    page = tmp_path / "droit.html"
    recit = lancer("calculer", "-", "--document", str(page))
    assert "DÉMONSTRATION" in recit.stdout
    assert "Payable, dans la démonstration seulement." in recit.stdout
    assert "DÉMONSTRATION" in page.read_text(encoding="utf-8")
    assert lancer("baremes").stdout.startswith("DÉMONSTRATION")


def test_le_recit_dit_pourquoi_rien_n_est_payable() -> None:
    resultat = lancer("calculer", "-", "--connu-le", "2026-02-08")
    assert resultat.exit_code == 0
    for attendu in ("SIMULATION", "Prix plafond horaire", "10,251 €/h", "Pas payable", PREPARATION, "180\u202f183,96"):
        assert attendu in resultat.stdout


def test_une_reponse_manquante_donne_le_code_1() -> None:
    demande = {**DEMANDE, "donnees": {**DEMANDE["donnees"], "charges": None}}
    resultat = lancer("calculer", "-", "--json", demande=demande)
    assert resultat.exit_code == 1
    reponse = json.loads(resultat.stdout)
    assert reponse["droit_centimes"] is None
    assert [(a["code"], a["severite"], a["champs"]) for a in reponse["anomalies"]] == [
        ("donnee_manquante", "bloquante", ["charges"])
    ]
    assert lancer("calculer", "-", demande=demande).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "demande", "phrase"),
    [
        (["-"], {"prestation": "EAJE"}, "donnees : absent de la demande"),
        (["-"], {**DEMANDE, "donnees": {"charges": 1.5}}, "nombre à virgule sans guillemets"),
        (["-"], {**DEMANDE, "exercice": 2012}, "Aucune formule ne calcule la prestation EAJE pour l'exercice 2012"),
        (["introuvable.json"], DEMANDE, "introuvable.json : fichier introuvable ou illisible"),
        (["-", "--connu-le", "hier"], DEMANDE, "lu « hier », attendu une date AAAA-MM-JJ"),
        (["-", "--parametre", "psu.taux"], DEMANDE, "attendu clé=valeur"),
        (["-", "--parametre", "psu.tau=1"], DEMANDE, "paramètre non défini : psu.tau"),
        (["-", "--parametre", "psu.taux=un"], DEMANDE, "nombre décimal attendu"),
    ],
)
def test_un_refus_est_une_phrase_et_le_code_2(arguments: list[str], demande: object, phrase: str) -> None:
    resultat = lancer("calculer", *arguments, demande=demande)
    assert resultat.exit_code == 2
    assert phrase in resultat.stderr
    assert resultat.stdout == ""
    assert "Traceback" not in resultat.output


def test_un_fichier_d_un_autre_codage_est_refuse(tmp_path: Path) -> None:
    fichier = tmp_path / "d.json"
    fichier.write_bytes('{"prestation": "é"}'.encode("cp1252"))
    resultat = lancer("calculer", str(fichier))
    assert (resultat.exit_code, "n'est pas en UTF-8" in resultat.stderr) == (2, True)


def test_un_fichier_avec_marque_d_ordre_est_lu(tmp_path: Path) -> None:
    fichier = tmp_path / "d.json"
    fichier.write_text(json.dumps(DEMANDE), encoding="utf-8-sig")
    assert lancer("calculer", str(fichier)).exit_code == 0


def test_une_configuration_fautive_est_dite_avec_sa_ligne(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(tmp_path))
    (tmp_path / "reglages.yaml").write_text("caf: 1.5\n", encoding="utf-8")
    resultat = lancer("baremes")
    assert resultat.exit_code == 2
    assert "reglages.yaml, ligne 1" in resultat.stderr


def test_les_baremes_en_json() -> None:
    toutes = json.loads(lancer("baremes", "--json").stdout)
    assert {v["cle"] for v in toutes} >= {P107, PREPARATION, "bonus.handicap.formule"}
    assert all(v["source"] and v["statut"] and v["du"] and v["au"] and v["connu_le"] for v in toutes)
    assert all((v["valeur"] is None) == (v["statut"] == "inconnu") for v in toutes)
    de_2025 = json.loads(lancer("baremes", "--json", "--exercice", "2025").stdout)
    assert de_2025 == [v for v in toutes if v["du"] == "2025-01-01"]
    assert [v["valeur"] for v in de_2025 if v["cle"] == P107] == ["10.05", "10.251"]


def test_les_baremes_se_lisent() -> None:
    sortie = lancer("baremes", "--exercice", "2025").stdout
    assert f"{PREPARATION} : inconnu (inconnu, du 2025-01-01 au 2025-12-31" in sortie
    assert f"{P107} : 10.251 €/h (deduit" in sortie
    assert "source : Caf du Nord" in sortie


ALSH: dict[str, Any] = {
    "prestation": "ALSH",
    "nature": "reel",
    "exercice": 2025,
    "donnees": {
        "type_accueil": "periscolaire", "charges": "6000", "heures_realisees": "1485", "heures_realisees_aeeh": "99",
        "heures_mercredi": 0, "taux_regime_general": "1",
    },
}  # fmt: skip


def test_une_autre_prestation_se_calcule_par_la_meme_commande(tmp_path: Path) -> None:
    page = tmp_path / "droit.html"
    reponse = repondre("--document", str(page), demande=ALSH)
    assert reponse["droit_centimes"] == 126225
    assert reponse["motifs"] == ["Part du coût horaire financée par la PS ALSH (alsh.taux)\u00a0: valeur à confirmer."]
    assert "Complément inclusif" in page.read_text(encoding="utf-8")


def test_une_formule_inconnue_nomme_ce_qu_il_faut_saisir() -> None:
    demande = {"prestation": "PAEJ", "nature": "reel", "exercice": 2025, "donnees": {"charges": "120000", "etp": "2"}}
    reponse = repondre(demande=demande)
    assert reponse["droit_centimes"] is None
    assert [p["cle"] for p in reponse["parametres"]] == ["paej.taux", "paej.plafond", "paej.formule"]
    assert all("à saisir par la Caf" in motif for motif in reponse["motifs"])
    avant = lancer("calculer", "-", demande={**demande, "exercice": 2023})
    assert (avant.exit_code, "Aucune formule ne calcule la prestation PAEJ" in avant.stderr) == (2, True)


def test_une_valeur_reconduite_se_voit(tmp_path: Path) -> None:
    """In January 2026 the price of 2025 stands in for the one not yet announced, and everything says so."""
    page = tmp_path / "droit.html"
    janvier = repondre("--connu-le", "2026-01-31", "--document", str(page), demande=PREVISIONNEL_ALSH)
    parametres = {p["cle"]: p for p in janvier["parametres"]}
    assert parametres["alsh.periscolaire.prix_maximum"]["reconduite_de"] == 2025
    assert "reconduite_de" not in parametres["alsh.taux"]
    assert "(valeur 2025 reconduite)" in next(x["operation"] for x in janvier["lignes"] if x["code"] == "alsh_prix")
    assert any("previsionnel.valeurs_non_publiees" in motif for motif in janvier["motifs"])
    assert "(valeur 2025 reconduite)</strong>" in page.read_text(encoding="utf-8")
    fevrier = repondre("--connu-le", "2026-02-01", demande=PREVISIONNEL_ALSH)
    assert not [p for p in fevrier["parametres"] if "reconduite_de" in p]
