"""The terminal's « et si »: a table of a hundred columns, the same figures in JSON, files on request, refusals."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commandes.principal import application
from operations.contexte import Contexte
from operations.contexte import contexte as contexte_de_l_installation
from regles.monnaie import formater_euros
from tests.operations.reseau_simule import installer

RELAIS = (
    '{"prestation": "RPE", "nature": "reel", "exercice": 2026, "donnees": {"charges": "60000", "etp_animateur": "1.5"}}'
)


@pytest.fixture
def installation(contexte: Contexte) -> Iterator[Contexte]:
    installer(contexte)
    contexte_de_l_installation.cache_clear()
    yield contexte
    contexte_de_l_installation.cache_clear()


def lancer(*arguments: str, entree: str = "") -> Result:
    return CliRunner().invoke(application, ["simuler", *arguments], input=entree)


@pytest.mark.usefixtures("installation")
def test_le_recit_tient_en_cent_colonnes_et_dit_les_chiffres_du_json() -> None:
    essai = ("--exercice", "2026", "--parametre", "rpe.plafond=72 000", "--bareme", "2024", "--reponse", "charges=+3%")
    recit = lancer(*essai)
    assert recit.exit_code == 0
    assert recit.stdout.startswith("SIMULATION – DÉMONSTRATION\n")
    assert max(map(len, recit.stdout.splitlines())) <= 100
    valeurs = json.loads(lancer(*essai, "--json").stdout)
    assert valeurs["mention"] == "SIMULATION – DÉMONSTRATION"
    assert valeurs["total"]["difference_centimes"] == sum(li["difference_centimes"] for li in valeurs["lignes"])
    for enveloppe in (*valeurs["enveloppes"], valeurs["total"]):
        assert formater_euros(enveloppe["apres_centimes"]) in recit.stdout
    assert "barème connu le" in " ".join(recit.stdout.split())
    assert "prix plafond par équivalent temps plein" in recit.stdout


@pytest.mark.usefixtures("installation")
def test_la_page_et_le_classeur_s_ecrivent_sur_demande(tmp_path: Path) -> None:
    resultat = lancer("--exercice", "2026", "--prestation", "RPE", "--sortie", str(tmp_path / "sortie"))
    assert resultat.exit_code == 0
    assert {chemin.suffix for chemin in (tmp_path / "sortie").iterdir()} == {".html", ".xlsx"}
    assert "Écrit : " in resultat.stdout


@pytest.mark.parametrize("suffixe", ["json", "yaml"])
def test_un_fichier_se_simule_sans_base(
    contexte: Contexte, tmp_path: Path, suffixe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMPAGNES_BASE_URL", "sqlite:////dev/null/aucune-base")
    fichier = tmp_path / f"demande.{suffixe}"
    fichier.write_text(RELAIS, encoding="utf-8")
    valeurs = json.loads(lancer("--fichier", str(fichier), "--reponse", "charges=+10%", "--json").stdout)
    (ligne,) = valeurs["lignes"]
    assert (ligne["avant_centimes"], ligne["apres_centimes"]) == (60_000_00 * 43 // 100, 66_000_00 * 43 // 100)
    assert json.loads(lancer("--fichier", "-", "--json", entree=RELAIS).stdout)["total"]["difference_centimes"] == 0


@pytest.mark.usefixtures("installation")
def test_un_droit_inconnu_est_nomme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "0")
    resultat = lancer("--exercice", "2026", "--prestation", "RPE")
    assert "DÉMONSTRATION" not in resultat.stdout
    assert "Droits inconnus, comptés dans aucun total (2)" in resultat.stdout
    assert "(rpe.plafond)" in resultat.stdout


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ([], "Dites l'exercice des déclarations"),
        (["--exercice", "2026", "--parametre", "rpe.plafond"], "--parametre : lu « rpe.plafond », attendu clé=valeur"),
        (["--exercice", "2026", "--reponse", "a=1", "--reponse", "a=2"], "« a » est donné deux fois"),
        (["--exercice", "2026", "--reponse", "heure_facturees=1"], "vouliez-vous dire « heures_facturees »"),
        (["--exercice", "2026", "--connu-le", "hier"], "attendu une date AAAA-MM-JJ"),
        (["--fichier", "-", "--exercice", "2025"], "Le fichier déclare l'exercice 2026, pas 2025"),
        (["--fichier", "-", "--prestation", "RPE"], "Un fichier ne dit qu'une structure"),
        (["--fichier", "absent.yaml"], "absent.yaml : fichier illisible"),
    ],
)
@pytest.mark.usefixtures("installation")
def test_un_refus_est_une_phrase_et_le_code_2(arguments: list[str], phrase: str) -> None:
    resultat = lancer(*arguments, entree=RELAIS)
    assert resultat.exit_code == 2
    assert phrase in resultat.stderr
    assert resultat.stdout == ""
