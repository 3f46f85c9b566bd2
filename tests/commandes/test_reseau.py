"""The network from the terminal: what would change, what to read before, and the files back."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from commandes import reseau as commandes
from commandes.principal import application
from operations.contexte import Contexte
from tests.operations.test_conventions import CONVENTIONS, ecrire, modifier


@pytest.fixture(autouse=True)
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands, on a context of their own."""
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, ["reseau", *arguments])
    return resultat.exit_code, resultat.output


def test_apercu_alertes_application_puis_export(tmp_path: Path) -> None:
    avenant = [*CONVENTIONS, "A1;A-2;;01/07/2027;31/12/2030;0;non;0;;;"]
    importer = ("importer", str(ecrire(tmp_path, conventions=avenant)), "--par", "c.martin")
    code, sortie = lancer(*importer)
    assert code == 0
    assert "convention A-2 : ajouté" in sortie
    assert "À lire : A1 : les conventions A-1 et A-2 se chevauchent à partir du 01/07/2027" in sortie
    assert "11 changement(s) à écrire (aperçu : ajoutez --appliquer), 0 fiche(s) inchangée(s)." in sortie
    assert lancer(*importer, "--appliquer")[0] == 0
    code, sortie = lancer("exporter", str(tmp_path / "export"))
    assert (code, len(sortie.split())) == (0, 5)
    code, sortie = lancer("importer", str(tmp_path / "export"), "--par", "c.martin")
    assert (code, sortie.splitlines()[-1].endswith("11 fiche(s) inchangée(s).")) == (0, True)
    assert lancer("exporter", str(tmp_path / "export"))[0] == 2


def test_une_faute_se_dit_avec_sa_ligne_et_sa_colonne(tmp_path: Path) -> None:
    ecrire(tmp_path, conventions=modifier(CONVENTIONS, ";0,4;", ";40;"))
    code, sortie = lancer("importer", str(tmp_path), "--par", "c.martin", "--appliquer")
    assert code == 1
    assert "conventions.csv, ligne 2, retenue_maximale : part entre 0 et 1 attendue" in sortie


def test_une_faute_du_fichier_entier_n_a_ni_ligne_ni_colonne(tmp_path: Path) -> None:
    ecrire(tmp_path)
    (tmp_path / "partenaires.csv").write_bytes(b"\xe9")
    assert (
        "\npartenaires.csv : fichier à enregistrer en UTF-8"
        in f"\n{lancer('importer', str(tmp_path), '--par', 'c.martin')[1]}"
    )
