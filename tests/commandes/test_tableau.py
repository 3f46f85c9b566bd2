"""The board from the terminal."""

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from commandes import tableau as commandes
from commandes.principal import application
from operations.contexte import Contexte
from tests.operations.reseau_exemple import installer


def test_le_tableau_se_lit_et_s_ecrit(contexte: Contexte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installer(contexte)
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)
    chemin = tmp_path / "tableau.xlsx"
    resultat = CliRunner().invoke(application, ["tableau", "--xlsx", str(chemin)])
    assert resultat.exit_code == 0
    assert "À faire, équipe : " in resultat.stdout
    assert "À faire, partenaire : " in resultat.stdout
    assert " en retard chez les partenaires, " in resultat.stdout
    assert "CA de Chaumont (03.25.30.62.42) : " in resultat.stdout
    assert "COG-01-07 Part des EAJE qui participent à Filoué : " in resultat.stdout
    assert f"Classeur : {chemin}" in resultat.stdout
    assert load_workbook(chemin).sheetnames[0] == "Synthèse"
