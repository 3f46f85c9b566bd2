"""A confirmation is a dated value beside the published barème: sure from its day, the past as it was."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from regles.baremes import Statut
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.confirmations import FICHIER, Confirmation, ajouter_confirmation, lire_confirmations
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

LE = date(2026, 3, 2)
TAUX = Confirmation(cle="alsh.taux", exercice=2025, valeur="0.30", par="c.martin", le=LE, source="Barème 2025, page 4")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for dossier in ("baremes", "demonstration"):
        shutil.copytree(RACINE / "config" / dossier, tmp_path / dossier)
    return tmp_path


def ecrire(config: Path, texte: str) -> None:
    (config / "baremes" / FICHIER).write_text(f"confirmations:\n{texte}\n", encoding="utf-8")


def test_une_confirmation_vaut_a_partir_de_son_jour(config: Path) -> None:
    ajouter_confirmation(config / "baremes", TAUX)
    bareme = charger_bareme(config, demonstration=False)
    avant = bareme.valeur("alsh.taux", 2025, date(2026, 3, 1))
    apres = bareme.valeur("alsh.taux", 2025, LE)
    assert (avant.statut, avant.confirme_par) == (Statut.A_CONFIRMER, "")
    assert (apres.statut, apres.confirme_par, apres.connu_le) == (Statut.CONFIRME, "c.martin", LE)
    assert apres.valeur == avant.valeur
    assert apres.source == "Barème 2025, page 4 ; confirmé par c.martin le 02/03/2026"
    assert bareme.valeur("alsh.taux", 2024, LE).statut is Statut.A_CONFIRMER


def test_le_jour_meme_la_confirmation_l_emporte(config: Path) -> None:
    ajouter_confirmation(config / "baremes", TAUX.model_copy(update={"le": date(2025, 1, 1)}))
    lue = charger_bareme(config, demonstration=False).valeur("alsh.taux", 2025, date(2025, 1, 1))
    assert lue.statut is Statut.CONFIRME


def test_une_valeur_apprise_ensuite_attend_sa_propre_confirmation(config: Path) -> None:
    fichier = config / "baremes" / "2025.yaml"
    ancienne = '  alsh.taux:\n    - {valeur: "0.30", statut: a_confirmer, connu_le: 2025-01-01, source: gazette_alsh}\n'
    nouvelle = ancienne.split("\n")[1].replace("0.30", "0.31").replace("2025-01-01", "2026-04-01") + "\n"
    texte = fichier.read_text(encoding="utf-8")
    assert ancienne in texte
    fichier.write_text(texte.replace(ancienne, ancienne + nouvelle), encoding="utf-8")
    ajouter_confirmation(config / "baremes", TAUX)
    bareme = charger_bareme(config, demonstration=False)
    assert bareme.valeur("alsh.taux", 2025, date(2026, 3, 31)).statut is Statut.CONFIRME
    assert bareme.valeur("alsh.taux", 2025, date(2026, 4, 1)).statut is Statut.A_CONFIRMER


def test_ce_qui_est_ecrit_se_relit_et_rien_n_est_efface(config: Path) -> None:
    dossier = config / "baremes"
    difficile = TAUX.model_copy(update={"exercice": 2024, "source": 'lettre "A" : 3 # \\ {x}, « ligne »\nsuite'})
    ajouter_confirmation(dossier, TAUX)
    premier = (dossier / FICHIER).read_text(encoding="utf-8")
    (dossier / FICHIER).write_text(premier.rstrip("\n"), encoding="utf-8")
    ajouter_confirmation(dossier, difficile)
    assert (dossier / FICHIER).read_text(encoding="utf-8").startswith(premier)
    assert lire_confirmations(dossier) == (TAUX, difficile)


def test_sans_fichier_rien_n_est_confirme(config: Path) -> None:
    assert lire_confirmations(config / "baremes") == ()
    assert not [v for v in charger_bareme(config, demonstration=False).valeurs if v.statut is Statut.CONFIRME]


def test_la_demonstration_laisse_les_confirmations_de_cote(config: Path) -> None:
    sans = charger_bareme(config, demonstration=True).valeurs
    ajouter_confirmation(config / "baremes", TAUX)
    assert charger_bareme(config, demonstration=True).valeurs == sans


BONNE = '  - {cle: alsh.taux, exercice: 2025, valeur: "0.30", par: c.martin, le: 2026-03-02, source: lettre}'


@pytest.mark.parametrize(
    ("texte", "raison"),
    [
        (BONNE.replace("0.30", "0.31"), "le barème 2025 ne portait pas la valeur « 0.31 » le 02/03/2026"),
        (BONNE.replace("2026-03-02", "2024-12-31"), "ne portait pas la valeur « 0.30 » le 31/12/2024"),
        (BONNE.replace("alsh.taux", "alsh.tau"), "alsh.tau : le barème 2025 ne portait pas"),
        (BONNE.replace("exercice: 2025", "exercice: 2023"), "le barème 2023 ne portait pas"),
        (BONNE.replace("c.martin", '" "'), "« confirmations.1.par » : un texte non vide est attendu"),
        (BONNE.replace("source: lettre", "note: lettre"), "clé"),
        (BONNE.replace("2026-03-02", '"hier"'), "confirmations.1.le"),
        (BONNE.replace('"0.30"', "0.30"), "nombre à virgule sans guillemets"),
        (BONNE.replace("2025,", "2026,"), "alsh.taux : valeur déjà confirmée le 02/03/2026 pour 2026"),
    ],
)
def test_une_confirmation_fautive_est_refusee_a_sa_ligne(texte: str, raison: str, config: Path) -> None:
    ecrire(config, f"{BONNE.replace('2025,', '2026,')}\n{texte}")
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_bareme(config, demonstration=False)
    assert raison in str(refus.value)
    assert (refus.value.fichier.name, refus.value.ligne) == (FICHIER, 3)


def test_un_dossier_ferme_est_dit(tmp_path: Path) -> None:
    with pytest.raises(ErreurDeConfiguration, match=r"confirmations\.yaml : écriture impossible"):
        ajouter_confirmation(tmp_path / "absent", TAUX)
