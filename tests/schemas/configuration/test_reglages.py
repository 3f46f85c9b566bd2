"""The settings: a reasonable cap on mails, and no real mail in demonstration."""

from pathlib import Path

import pytest

from schemas.configuration.reglages import RACINE, charger_reglages
from schemas.configuration.yaml_strict import ErreurDeConfiguration


@pytest.fixture
def fichier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(tmp_path))
    monkeypatch.setenv("CAMPAGNES_VAR", str(tmp_path))
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "1")
    monkeypatch.delenv("CAMPAGNES_COURRIEL_MODE", raising=False)
    copie = tmp_path / "reglages.yaml"
    copie.write_text((RACINE / "config" / "reglages.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return copie


@pytest.mark.parametrize(
    ("avant", "apres", "raison"),
    [
        ("plafond_courriels: 120", "plafond_courriels: 0", "plafond_courriels"),
        ("mode: simulation", "mode: reel", "aucun courriel réel"),
    ],
)
def test_un_reglage_deraisonnable_est_refuse(fichier: Path, avant: str, apres: str, raison: str) -> None:
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_reglages()
    assert raison in refus.value.raison


def test_le_reglage_publie_se_lit(fichier: Path) -> None:
    assert charger_reglages().fichier.relances.plafond_courriels > 0
