"""Whatever stops a command is said in one French sentence, exit code 2, no traceback."""

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
