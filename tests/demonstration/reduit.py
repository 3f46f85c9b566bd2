"""A network of the same shape and traps, small enough to play the year in a test: crèches, and one of each series."""

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from schemas.configuration.reglages import RACINE

SANS_CONVENTION, NEUVE = "ALSH002", "ALSH003"
GESTIONNAIRES = (0, 2, 3, 5, 6, 12)  # those whose crèches are enough to tell the year: 13 of 29


def config_reduite(dossier: Path, *, peu_de_creches: bool = False) -> Path:
    """Copy the configuration with one structure a series; give its folder."""
    config = dossier / "config"
    shutil.copytree(RACINE / "config", config)
    lues = config / "demonstration" / "series.yaml"
    series = yaml.safe_load(lues.read_text(encoding="utf-8"))
    for serie in series["series"]:
        serie |= {"communes": serie["communes"][:1]} if "communes" in serie else {"nombre": 1}
    lues.write_text(yaml.safe_dump(series, allow_unicode=True), encoding="utf-8")
    reseau = config / "demonstration" / "reseau.yaml"
    ecrit = yaml.safe_load(reseau.read_text(encoding="utf-8"))
    ecrit["pieges"] |= {
        "convention_jusqu_au": {SANS_CONVENTION: date(2025, 8, 31)},
        "ouverte_le": {NEUVE: date(2025, 9, 1)},
    }
    if peu_de_creches:
        ecrit["gestionnaires"] = [ecrit["gestionnaires"][rang] for rang in GESTIONNAIRES]
    reseau.write_text(yaml.safe_dump(ecrit, allow_unicode=True), encoding="utf-8")
    return config


def environnement(rustine: pytest.MonkeyPatch, dossier: Path, *, peu_de_creches: bool = False) -> None:
    """Say where this small world lives, to this process and to those it starts."""
    rustine.setenv("CAMPAGNES_CONFIG", str(config_reduite(dossier, peu_de_creches=peu_de_creches)))
    rustine.setenv("CAMPAGNES_VAR", str(dossier))
    rustine.setenv("CAMPAGNES_DEMONSTRATION", "1")
    rustine.delenv("CAMPAGNES_COURRIEL_MODE", raising=False)
