from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from commandes import classeurs
from commandes.principal import application
from operations.contexte import Contexte
from regles.etats import EtatDeclaration
from tests.operations.test_classeurs import declarer


@pytest.fixture
def ouvert(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    monkeypatch.setattr(classeurs, "contexte", lambda: contexte)
    declarer(contexte, EtatDeclaration.VALIDEE)
    return contexte


def test_modele_ecrit_le_classeur_demande(ouvert: Contexte, tmp_path: Path) -> None:
    chemin = tmp_path / "F.xlsx"
    dit = CliRunner().invoke(
        application, ["modele", "EAJE", "reel", "2025", "--structure", "EAJE-001", "-o", str(chemin)]
    )
    assert dit.exit_code == 0
    assert str(chemin) in dit.stdout
    assert load_workbook(chemin).sheetnames == ["Lisez-moi", "Identité", "Activité", "Charges", "Produits"]


def test_modele_refuse_par_une_phrase(ouvert: Contexte) -> None:
    dit = CliRunner().invoke(application, ["modele", "EAJE", "reel", "2025", "--structure", "EAJE-404"])
    assert (dit.exit_code, dit.stderr.strip()) == (2, "La structure « EAJE-404 » n'existe pas.")
