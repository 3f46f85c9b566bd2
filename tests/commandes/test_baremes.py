"""The commands of the barèmes: compared in a table and in JSON, confirmed once, by someone of the team."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commandes.principal import application
from schemas.configuration.reglages import RACINE

EVS = {"prestation": "EVS", "nature": "reel", "exercice": 2025, "donnees": {"charges": "30000"}}
ALSH = {
    "prestation": "ALSH", "nature": "reel", "exercice": 2025,
    "donnees": {"type_accueil": "periscolaire", "charges": "6000", "heures_realisees": "1485",
                "heures_realisees_aeeh": "99", "heures_mercredi": 0, "taux_regime_general": "1"},
}  # fmt: skip
TAUX = ("confirmer", "alsh.taux", "--exercice", "2025", "--par", "c.martin", "--source", "Barème Cnaf 2025, page 4")


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    copie = tmp_path / "config"
    shutil.copytree(RACINE / "config", copie)
    (copie / "baremes" / "confirmations.yaml").unlink(missing_ok=True)
    for nom in ("CAMPAGNES_DEMONSTRATION", "CAMPAGNES_COURRIEL_MODE"):
        monkeypatch.delenv(nom, raising=False)
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(copie))
    monkeypatch.setenv("CAMPAGNES_BASE_URL", "sqlite:////dev/null/aucune-base")
    return copie


def baremes(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["baremes", *arguments])


def calculer(demande: dict[str, Any]) -> dict[str, Any]:
    resultat = CliRunner().invoke(application, ["calculer", "-", "--json"], input=json.dumps(demande))
    return dict(json.loads(resultat.stdout))


def test_ce_qui_change_de_2025_a_2026() -> None:
    ecarts = {e["cle"]: e for e in json.loads(baremes("comparer", "2025", "2026", "--json").stdout)}
    assert ecarts["bonus.mixite.montant_1"] == {
        "cle": "bonus.mixite.montant_1", "libelle": "Mixité sociale : montant de la première tranche",
        "unite": "€/place/an", "prestation": "EAJE", "mouvement": "modifie", "avant": "2100", "apres": "2140.95",
        "difference": "40.95", "variation": "0.0195", "statut_avant": "publie", "statut_apres": "deduit",
    }  # fmt: skip
    assert ecarts["bonus.handicap.plafond"]["variation"] == "0.0195"
    assert ecarts["rpe.mission_renforcee.forfait"]["mouvement"] == "devenu_inconnu"
    assert ecarts["alsh.complement_inclusif.montant"]["mouvement"] == "certitude"
    assert "alsh.periscolaire.prix_maximum" not in {c for c, e in ecarts.items() if e["mouvement"] == "modifie"}


def test_la_comparaison_se_lit() -> None:
    sortie = baremes("comparer", "2025", "2026", "--connu-le", "2026-02-08").stdout
    assert "De 2025 à 2026, tel que connu le 08/02/2026" in sortie
    assert "bonus.mixite.montant_1 : 2\u202f100 €/place/an → 2\u202f140,95 €/place/an (+40,95 ; +1,95 %)" in sortie
    assert "rpe.mission_renforcee.forfait : 3\u202f229 € → inconnu" in sortie
    assert "alsh.complement_inclusif.montant : 3,9 €/h (publié → à confirmer)" in sortie
    baisse = baremes("comparer", "2024", "2025").stdout
    assert "alsh.complement_inclusif.montant : 4,5 €/h → 3,9 €/h (-0,6 ; ≈\u00a0-13,33 %)" in baisse
    assert "psu.plafond.p120.avec_couches_et_repas : inconnu\n" in baisse
    assert "aucun paramètre change" in baremes("comparer", "2025", "2025").stdout


def test_une_confirmation_rend_payable_ce_qui_ne_l_etait_pas(config: Path) -> None:
    avant = calculer(ALSH)
    assert (avant["droit_centimes"], avant["payable"]) == (126225, False)
    confirmee = baremes(*TAUX)
    assert confirmee.exit_code == 0, confirmee.output
    assert "Confirmé : alsh.taux = 0.30 pour 2025, par c.martin." in confirmee.stdout
    apres = calculer(ALSH)
    assert (apres["droit_centimes"], apres["payable"], apres["motifs"]) == (126225, True, [])
    taux = next(p for p in apres["parametres"] if p["cle"] == "alsh.taux")
    assert (taux["statut"], taux["confirme_par"], taux["confirme_le"]) == ("confirme", "c.martin", taux["connu_le"])
    assert "Barème Cnaf 2025, page 4 ; confirmé par c.martin" in taux["source"]
    assert "alsh.taux : 0.30 (confirme" in baremes("--exercice", "2025").stdout
    assert (config / "baremes" / "2025.yaml").read_bytes() == (RACINE / "config/baremes/2025.yaml").read_bytes()


def test_la_page_d_un_droit_dit_qu_une_valeur_est_confirmee(tmp_path: Path) -> None:
    baremes(*TAUX)
    page = tmp_path / "droit.html"
    CliRunner().invoke(application, ["calculer", "-", "--document", str(page)], input=json.dumps(ALSH))
    assert "<td>confirmé</td>" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cle", "exercice", "par", "source", "phrase"),
    [
        ("alsh.tau", "2025", "c.martin", "lettre", "paramètre non défini : alsh.tau"),
        (
            "evs.plafond",
            "2025",
            "c.martin",
            "lettre",
            "evs.plafond est inconnu pour 2025 : sa valeur se saisit d'abord",
        ),
        ("evs.taux", "2025", "c.martin", "lettre", "evs.taux n'attend pas de confirmation pour 2025 (statut : publie)"),
        ("alsh.taux", "2025", "inconnu", "lettre", "« inconnu » n'est pas une personne de l'équipe"),
        ("alsh.taux", "2025", "c.martin", "  ", "Dire d'où vient la confirmation"),
        ("alsh.taux", "2031", "c.martin", "lettre", "alsh.taux est inconnu pour 2031"),
    ],
)
def test_une_confirmation_refusee_est_une_phrase(
    cle: str, exercice: str, par: str, source: str, phrase: str, config: Path
) -> None:
    resultat = baremes("confirmer", cle, "--exercice", exercice, "--par", par, "--source", source)
    assert (resultat.exit_code, resultat.stdout) == (2, "")
    assert phrase in resultat.stderr
    assert not (config / "baremes" / "confirmations.yaml").exists()


def test_deux_fois_la_meme_est_refusee() -> None:
    assert baremes(*TAUX).exit_code == 0
    encore = baremes(*TAUX)
    assert (encore.exit_code, "n'attend pas de confirmation" in encore.stderr) == (2, True)


def test_la_demonstration_ne_confirme_rien(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "1")
    refus = baremes(*TAUX)
    assert (refus.exit_code, "La démonstration n'enregistre aucune confirmation" in refus.stderr) == (2, True)
    assert not (config / "baremes" / "confirmations.yaml").exists()
    assert baremes("comparer", "2025", "2026").stdout.startswith("DÉMONSTRATION")
