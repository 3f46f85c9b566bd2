"""A closed exercice keeps its values: whatever moves one is refused, whatever only tidies its file is not."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from regles.baremes import Statut
from schemas.configuration.baremes import charger_bareme, lire_a_clore
from schemas.configuration.confirmations import Confirmation, ajouter_confirmation
from schemas.configuration.reglages import RACINE
from schemas.configuration.verrous import Verrou, ajouter_verrou, lire_verrous
from schemas.configuration.yaml_strict import ErreurDeConfiguration

CLOS = (2018, 2023, 2024)
LIGNE = '{valeur: "0.66", statut: publie, connu_le: 2024-01-01, source: caf_nord}'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(RACINE / "config" / "baremes", tmp_path / "baremes")
    (tmp_path / "baremes" / "confirmations.yaml").unlink(missing_ok=True)
    return tmp_path


def remplacer(fichier: Path, avant: str, apres: str) -> None:
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")


def test_les_exercices_finis_sont_clos() -> None:
    assert tuple(v.exercice for v in lire_verrous(RACINE / "config" / "baremes")) == CLOS


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        ('"0.66"', '"0.67"'),
        ("publie", "deduit"),
        ("2024-01-01", "2024-01-02"),
        ("caf_nord", "usage"),
        ("caf_nord}", "caf_nord, note: relue}"),
        ("}", '}\n    - {valeur: "0.66", statut: publie, connu_le: 2026-01-01, source: caf_nord}'),
    ],
    ids=["valeur", "statut", "connu_le", "source", "note", "valeur ajoutée"],
)
def test_une_valeur_qui_bouge_est_refusee(avant: str, apres: str, config: Path) -> None:
    remplacer(config / "baremes" / "2024.yaml", LIGNE, LIGNE.replace(avant, apres, 1))
    for demonstration in (False, True):
        with pytest.raises(ErreurDeConfiguration) as refus:
            charger_bareme(config, demonstration=demonstration)
        assert re.search(
            r"2024\.yaml, ligne 2 : les valeurs de 2024, exercice clos le .* ont changé depuis : .*"
            r"campagnes baremes clore 2024 --par PERSONNE --motif TEXTE",
            str(refus.value),
        )


def test_un_parametre_oublie_est_refuse(config: Path) -> None:
    remplacer(config / "baremes" / "2023.yaml", "  evs.taux:\n", "  agc.plafond:\n")
    with pytest.raises(ErreurDeConfiguration, match="les valeurs de 2023, exercice clos"):
        charger_bareme(config, demonstration=False)


def test_un_commentaire_et_la_mise_en_page_se_reprennent(config: Path) -> None:
    fichier = config / "baremes" / "2024.yaml"
    contenu = yaml.safe_load(fichier.read_text(encoding="utf-8"))
    contenu["valeurs"] = dict(reversed(contenu["valeurs"].items()))
    fichier.write_text("# Tidied.\n" + yaml.safe_dump(contenu, allow_unicode=True), encoding="utf-8")
    charger_bareme(config, demonstration=False)


def test_un_verrou_sans_son_fichier(config: Path) -> None:
    (config / "baremes" / "2023.yaml").unlink()
    with pytest.raises(
        ErreurDeConfiguration, match=r"verrous\.yaml, ligne 5 : l'exercice 2023 est clos, .* remettre 2023\.yaml"
    ):
        charger_bareme(config, demonstration=False)


def test_un_verrou_abime(config: Path) -> None:
    remplacer(config / "baremes" / "verrous.yaml", 'empreinte: "', 'empreinte: "0')
    with pytest.raises(ErreurDeConfiguration, match=r"verrous\.yaml, ligne 4 : "):
        charger_bareme(config, demonstration=False)


def test_le_dernier_verrou_compte(config: Path) -> None:
    remplacer(config / "baremes" / "2024.yaml", LIGNE, LIGNE.replace("0.66", "0.67"))
    a_clore = lire_a_clore(config, 2024)
    assert a_clore is not None
    verrou = Verrou(
        exercice=2024, empreinte=a_clore.empreinte, clos_par="a.leroy", clos_le=date(2026, 3, 1), motif="repris"
    )
    ajouter_verrou(config / "baremes", verrou)
    charger_bareme(config, demonstration=False)
    remplacer(config / "baremes" / "2024.yaml", "0.67", "0.66")
    with pytest.raises(ErreurDeConfiguration, match=r"clos le 01/03/2026 par a\.leroy"):
        charger_bareme(config, demonstration=False)


def test_une_confirmation_ne_rompt_pas_le_verrou(config: Path) -> None:
    """It changes no value of the closed exercice: it says, from its day on, that one of them is sure."""
    le = date(2026, 3, 1)
    confirmation = Confirmation(cle="alsh.taux", exercice=2024, valeur="0.30", par="c.martin", le=le, source="lettre")
    ajouter_confirmation(config / "baremes", confirmation)
    bareme = charger_bareme(config, demonstration=False)
    assert bareme.valeur("alsh.taux", 2024, le).statut is Statut.CONFIRME
    assert bareme.valeur("alsh.taux", 2024, date(2026, 2, 28)).statut is Statut.A_CONFIRMER
