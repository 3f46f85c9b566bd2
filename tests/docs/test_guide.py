"""The guide's « Ajouter un champ, ajouter une prestation », followed to the letter on a copy of the configuration."""

import io
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Structure
from operations.classeurs import produire_modele
from operations.configuration import calendriers, formulaire, prestations_collectees
from operations.contexte import Contexte
from operations.verification import verifier
from regles.formulaire import COLONNE_SAISIE, plan
from schemas.configuration.reglages import RACINE
from tests.fabrique import poser_structure

SECTION = "## Ajouter un champ, ajouter une prestation\n"


def _blocs() -> list[str]:
    guide = (RACINE / "docs" / "guide.md").read_text(encoding="utf-8")
    section = guide.split(SECTION)[1].split("\n## ")[0]
    return re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def copie(contexte: Contexte, tmp_path: Path) -> Contexte:
    config = tmp_path / "config"
    shutil.copytree(contexte.reglages.config, config)
    poser_structure(contexte, "S1")
    return Contexte(contexte.reglages.model_copy(update={"config": config}), contexte.moteur)


def _changer(fichier: Path, avant: str, apres: str) -> None:
    texte = fichier.read_text(encoding="utf-8")
    assert texte.count(avant) == 1, avant
    fichier.write_text(texte.replace(avant, apres), encoding="utf-8")


def _relever(contexte: Contexte, prestation: str, type_accueil: str | None = None) -> None:
    with transaction(contexte.moteur) as session:
        structure = session.exec(select(Structure)).one()
        structure.prestation, structure.type_accueil = prestation, type_accueil


def _deposer(contexte: Contexte, prestation: str, jour: date, dossier: Path) -> list[str]:
    """Fill every cell with its smallest plausible answer and verify; give the blocking anomalies."""
    _, octets = produire_modele(contexte, prestation, "reel", 2025, "S1")
    document = load_workbook(io.BytesIO(octets))
    for ligne in plan(formulaire(contexte, prestation)).champs:
        minimum = ligne.champ.minimum or 0
        document[ligne.feuille].cell(ligne.ligne, COLONNE_SAISIE).value = float(minimum)
    chemin = dossier / "essai.xlsx"
    document.save(chemin)
    return [a.message for a in verifier(contexte, chemin, jour).anomalies if a.est_bloquante]


def test_un_champ_s_ajoute_comme_le_guide_le_dit(copie: Contexte, tmp_path: Path) -> None:
    champ, *_ = _blocs()
    fichier = copie.reglages.config / "formulaires" / "LAEP.yaml"
    _changer(fichier, "\n  - nom: Charges\n", f"{champ}\n  - nom: Charges\n")
    _changer(fichier, 'version: "2026.1"', 'version: "2026.2"')
    _relever(copie, "LAEP")
    assert formulaire(copie, "LAEP").champ("enfants_accueillis").section == "Heures"
    assert _deposer(copie, "LAEP", date(2026, 2, 20), tmp_path) == []


def test_une_prestation_s_ajoute_comme_le_guide_le_dit(copie: Contexte, tmp_path: Path) -> None:
    _, form, controles, etape, registre = _blocs()
    config = copie.reglages.config
    (config / "formulaires" / "VACANCES.yaml").write_text(form, encoding="utf-8")
    (config / "controles" / "VACANCES.yaml").write_text(controles, encoding="utf-8")
    calendrier = config / "calendrier" / "2026.yaml"
    _changer(calendrier, "\nprestations:\n", "\nprestations:\n  VACANCES: Séjours de vacances\n")
    calendrier.write_text(f"{calendrier.read_text(encoding='utf-8')}\n{etape}", encoding="utf-8")
    prestations = config / "prestations.yaml"
    prestations.write_text(prestations.read_text(encoding="utf-8") + registre, encoding="utf-8")
    _relever(copie, "VACANCES")
    (campagne,) = [e for c in calendriers(copie) for e in c.etapes if e.id == "reels-vacances-2025"]
    assert prestations_collectees(copie, campagne) == ("VACANCES",)
    assert formulaire(copie, "VACANCES").champ("produits_70642").libelle == "Participations des familles"
    assert _deposer(copie, "VACANCES", date(2026, 9, 15), tmp_path) == []
