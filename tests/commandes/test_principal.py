"""Whatever stops a command is said in one French sentence, exit code 2, no traceback."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commandes.principal import application
from operations.contexte import contexte

REGLAGES = "reglages.yaml"


@pytest.mark.parametrize(
    ("variables", "commande", "phrase"),
    [
        ({"CAMPAGNES_BASE_URL": "sqlite:////nulle/part/campagnes.db"}, ["journal", "verifier"], "base de données"),
        ({"CAMPAGNES_BASE_URL": "n'importe quoi"}, ["journal", "verifier"], "base de données"),
        ({"CAMPAGNES_VAR": "/proc/nulle-part"}, ["journal", "verifier"], "/proc/nulle-part"),
        ({"CAMPAGNES_COURRIEL_MODE": "zut"}, ["baremes"], "CAMPAGNES_COURRIEL_MODE inconnu : « zut »"),
        ({"CAMPAGNES_COURRIEL_MODE": "reel", "CAMPAGNES_DEMONSTRATION": "oui"}, ["baremes"], "aucun courriel réel"),
        ({"CAMPAGNES_DEMONSTRATION": "peut-être"}, ["baremes"], "« 1 » ou « 0 » attendu"),
        ({"CAMPAGNES_CONFIG": "/nulle/part"}, ["baremes"], "reglages.yaml"),
    ],
)
def test_un_mauvais_reglage_se_dit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], commande: list[str], phrase: str
) -> None:
    monkeypatch.setenv("CAMPAGNES_VAR", str(tmp_path))
    for nom, valeur in variables.items():
        monkeypatch.setenv(nom, valeur)
    contexte.cache_clear()
    resultat = CliRunner().invoke(application, commande)
    contexte.cache_clear()
    assert (resultat.exit_code, resultat.exception.__class__) == (2, SystemExit)
    assert phrase in resultat.stderr


def test_une_redirection_vers_personne_est_refusee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Path(__file__).parents[2] / "config"
    for fichier in config.iterdir():
        (tmp_path / fichier.name).symlink_to(fichier)
    (tmp_path / REGLAGES).unlink()
    texte = (config / REGLAGES).read_text(encoding="utf-8")
    (tmp_path / REGLAGES).write_text(texte.replace("recette@caf52.example", '""'), encoding="utf-8")
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(tmp_path))
    monkeypatch.setenv("CAMPAGNES_COURRIEL_MODE", "redirection")
    resultat = CliRunner().invoke(application, ["baremes"])
    assert resultat.exit_code == 2
    assert "redirection_vers" in resultat.stderr


@pytest.mark.parametrize(
    ("commande", "phrase"),
    [
        (["apercu"], "Il manque ETAPE. Aide : campagnes apercu --help."),
        (["valider", "reels-2025-a"], "Il manque l'option --par. Aide : campagnes valider --help."),
        (["apercu", "x", "y"], "La valeur de RANG ne convient pas : un nombre entier est attendu."),
        (["zut"], "La commande « zut » n'existe pas. Aide : campagnes --help."),
        (["courriels", "zut"], "La commande « zut » n'existe pas. Aide : campagnes courriels --help."),
        (["calendrier", "--zut"], "L'option --zut n'existe pas."),
        (["calendrier", "--etape"], "L'option --etape attend une valeur."),
        (["calendrier", "--json=3"], "L'option --json ne prend pas de valeur."),
        (["envoyer", "x", "y"], "De trop : x y."),
        (
            ["coordonnees", "enregistrer", "P1", "--titulaire", "x", "--par", "y", "--du", "31/02/2026"],
            "La valeur de l'option --du ne convient pas : une date est attendue, telle que 27/02/2026.",
        ),
    ],
)
def test_une_commande_mal_tapee_se_dit_en_francais(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commande: list[str], phrase: str
) -> None:
    monkeypatch.setenv("CAMPAGNES_VAR", str(tmp_path))
    resultat = CliRunner().invoke(application, commande)
    assert (resultat.exit_code, resultat.stderr.startswith(phrase), resultat.stdout) == (2, True, "")


def test_un_groupe_sans_commande_montre_son_aide() -> None:
    resultat = CliRunner().invoke(application, ["journal"])
    assert "Le journal des actes" in resultat.stdout + resultat.stderr


@pytest.mark.parametrize(("demonstration", "dit"), [("1", 1), ("0", 0)])
def test_la_demonstration_se_dit_une_fois_a_l_ecran_hors_de_la_reponse(
    tmp_path: Path, demonstration: str, dit: int
) -> None:
    ecran, terminal = pty.openpty()
    variables = os.environ | {"CAMPAGNES_VAR": str(tmp_path), "CAMPAGNES_DEMONSTRATION": demonstration}
    commande = [str(Path(sys.executable).with_name("campagnes")), "calendrier", "--json"]
    resultat = subprocess.run(commande, stdout=subprocess.PIPE, stderr=terminal, env=variables, check=True)
    os.write(terminal, b".")
    assert (os.read(ecran, 4096).decode().count("DÉMONSTRATION"), resultat.stdout[:1]) == (dit, b"[")
