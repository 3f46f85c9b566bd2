"""Why a file is not read is said in French, whatever the system says."""

from pathlib import Path

import pytest

from operations.contexte import ActeRefuse, Contexte
from operations.rapprochement import rapprocher
from tests.operations.argent import JOUR, LIBERE


def test_un_fichier_qui_ne_se_lit_pas_le_dit_en_francais(contexte: Contexte, tmp_path: Path) -> None:
    for chemin, raison in ((tmp_path / "rien.csv", "il n'existe pas"), (tmp_path, "c'est un dossier")):
        with pytest.raises(ActeRefuse, match=rf"ne se lit pas \({raison}\)"):
            rapprocher(contexte, chemin, LIBERE, JOUR)


def test_sans_identifiant_c_est_lui_qui_est_attendu(contexte: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="Votre identifiant est attendu"):
        contexte.exiger_droit("", "valider")
