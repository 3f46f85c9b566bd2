"""The annotated copy made apart: the same bytes as in this process, and a refusal rather than a fall."""

import tempfile
from pathlib import Path

import pytest

from echanges.classeur.annotation import annoter
from echanges.classeur.copie import annoter_a_part
from regles.formulaire import FEUILLE_ANOMALIES
from regles.grille import FichierRefuse
from tests.echanges.classeur import fabrique as f
from tests.echanges.classeur.test_annotation import ANOMALIES, ouvrir, produire

QUESTIONS = {ANOMALIES[0].champ: "Heures réalisées dans l'année"}


def test_la_copie_faite_a_part_est_la_meme_et_ne_laisse_rien(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    octets = produire()
    assert annoter_a_part(octets, ANOMALIES, QUESTIONS) == annoter(octets, ANOMALIES, QUESTIONS)
    assert list(tmp_path.iterdir()) == []


def test_la_liste_cite_la_question() -> None:
    feuille = ouvrir(annoter(produire(), ANOMALIES, QUESTIONS))[FEUILLE_ANOMALIES]
    assert any("Heures réalisées dans l'année" in str(ligne[2]) for ligne in feuille.iter_rows(values_only=True))


def test_ce_que_le_garde_refuse_l_est_aussi_a_part() -> None:
    with pytest.raises(FichierRefuse, match="macro"):
        annoter_a_part(f.ajouter("xl/vbaProject.bin", b"x"), ANOMALIES, {})


def test_une_copie_trop_longue_a_faire_est_abandonnee() -> None:
    with pytest.raises(FichierRefuse, match="trop de temps ou de mémoire"):
        annoter_a_part(produire(), ANOMALIES, {}, delai=0.01)
