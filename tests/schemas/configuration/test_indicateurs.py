"""The indicators as data: each fault refused at its line; the project's own file is sound."""

import shutil
from pathlib import Path

import pytest

from schemas.configuration.indicateurs import charger_indicateurs
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

PRESTATIONS, DISPOSITIFS = ("EAJE", "ALSH", "LAEP", "RPE"), ("lieu_ressources",)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(RACINE / "config" / "formulaires", tmp_path / "formulaires")
    shutil.copy(RACINE / "config" / "indicateurs.yaml", tmp_path)
    return tmp_path


def test_les_indicateurs_du_projet(config: Path) -> None:
    lus = charger_indicateurs(config, PRESTATIONS, DISPOSITIFS).indicateurs
    codes = [i.code for i in lus.values() if i.code]
    assert codes == ["COG-01-07", "COG-01-05", "COG-02-12", "COG-02-13", "COG-04-18"]
    assert [i.code for i in lus.values() if i.cible.valeur is not None] == ["COG-01-07"]


@pytest.mark.parametrize(
    ("avant", "apres", "raison"),
    [
        ("[enfants_handicap]", "[enfants_presents]", "le formulaire EAJE n'a pas de champ « enfants_presents »"),
        ("prestation: LAEP", "prestation: LAEPS", "prestation inconnue : « LAEPS »"),
        ("genre: presence, prestation: RPE", "genre: presence, prestation: R", "prestation inconnue : « R »"),
        ("dispositif: lieu_ressources", "dispositif: lieux", "dispositif inconnu : « lieux »"),
        ('{valeur: "1", statut: publie', "{valeur: null, statut: publie", "une cible inconnue n'a pas de valeur"),
        ('{valeur: "1", statut: publie', '{valeur: "1", statut: inconnu', "une cible inconnue n'a pas de valeur"),
        ('valeur: "1"', "valeur: 0.87", "nombre à virgule"),
        ("genre: filoue", "genre: filou", "genre"),
        ("genre: part, prestation: EAJE", "genre: somme, prestation: EAJE", "« sur » dit de quoi"),
    ],
)  # fmt: skip
def test_une_faute_est_refusee(config: Path, avant: str, apres: str, raison: str) -> None:
    fichier = config / "indicateurs.yaml"
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match=r"indicateurs\.yaml, ligne \d+") as refus:
        charger_indicateurs(config, PRESTATIONS, DISPOSITIFS)
    assert raison in refus.value.raison
