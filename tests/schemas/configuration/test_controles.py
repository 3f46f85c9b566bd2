"""The thresholds of the controls: the project's own are sourced, and a fault is refused at its line."""

from pathlib import Path

import pytest

from regles.baremes import Statut
from regles.champs import Formulaire
from regles.controles import Seuils
from schemas.configuration.controles import charger_seuils
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

MINIMAL = """\
prestation: EAJE
seuils:
  - {cle: un, libelle: Un, valeur: "1", unite: ratio, statut: a_confirmer, source: choix local}
  - {cle: deux, libelle: Deux, valeur: "2", unite: ratio, statut: a_confirmer, source: choix local}
variations:
  statut: a_confirmer
  source: choix local
  champs:
    - {cle: charges, previsionnel: "0.1", n_1: "0.1", ecart_minimal: "0"}
"""


@pytest.fixture(scope="module")
def formulaire() -> Formulaire:
    return charger_formulaire(RACINE / "config", "EAJE")


def _charger(dossier: Path, formulaire: Formulaire, texte: str) -> Seuils:
    (dossier / "controles").mkdir()
    (dossier / "controles" / "EAJE.yaml").write_text(texte, encoding="utf-8")
    return charger_seuils(dossier, formulaire)


def test_every_threshold_of_the_project_says_where_it_comes_from(formulaire: Formulaire) -> None:
    for seuil in charger_seuils(RACINE / "config", formulaire).seuils:
        assert seuil.source
        assert seuil.statut in {Statut.PUBLIE, Statut.A_CONFIRMER}


def test_reads_small_thresholds(tmp_path: Path, formulaire: Formulaire) -> None:
    seuils = _charger(tmp_path, formulaire, MINIMAL)
    assert seuils.nombre("deux") == 2
    assert len(seuils.variations) == 2
    with pytest.raises(KeyError):
        seuils.nombre("trois")


@pytest.mark.parametrize(
    ("avant", "apres", "ligne", "raison"),
    [
        ("cle: deux", "cle: un", 4, "seuil répété"),
        ("cle: charges", "cle: loyers", 9, "« loyers »"),
        ('valeur: "1"', "valeur: 1.5", 3, "sans guillemets"),
        ("source: choix local}", 'source: " "}', 3, "d'où il vient"),
        ('n_1: "0.1"', 'n_1: "-0.1"', 9, "négatif"),
        ("prestation: EAJE", "prestation: ALSH", 1, "décrit « ALSH »"),
    ],
)
def test_a_fault_is_refused_at_its_line(
    tmp_path: Path, formulaire: Formulaire, avant: str, apres: str, ligne: int, raison: str
) -> None:
    with pytest.raises(ErreurDeConfiguration) as erreur:
        _charger(tmp_path, formulaire, MINIMAL.replace(avant, apres, 1))
    assert (erreur.value.ligne, raison in erreur.value.raison) == (ligne, True), str(erreur.value)
