"""The commands that close an exercice, and say what of the barèmes is still to enter or confirm."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from commandes.principal import application
from regles.baremes import Bareme, ParametreInconnu, Statut
from regles.calendrier import PARIS
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.reglages import RACINE
from schemas.configuration.verrous import lire_verrous

PAR = ("--par", "a.leroy", "--motif", "exercice fini")
AUJOURDHUI = datetime.now(PARIS).date()


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    copie = tmp_path / "config"
    shutil.copytree(RACINE / "config", copie)
    for nom in ("verrous.yaml", "confirmations.yaml"):
        (copie / "baremes" / nom).unlink(missing_ok=True)
    for nom in ("CAMPAGNES_DEMONSTRATION", "CAMPAGNES_COURRIEL_MODE"):
        monkeypatch.delenv(nom, raising=False)
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(copie))
    monkeypatch.setenv("CAMPAGNES_BASE_URL", "sqlite:////dev/null/aucune-base")
    return copie


def baremes(*arguments: str) -> Result:
    return CliRunner().invoke(application, ["baremes", *arguments])


def modifier(config: Path, avant: str, apres: str) -> None:
    fichier = config / "baremes" / "2024.yaml"
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")


def test_sans_personne_on_montre_sans_ecrire(config: Path) -> None:
    montre = baremes("clore", "2024")
    assert montre.exit_code == 0, montre.output
    assert "Barème 2024 : " in montre.stdout
    assert "  à confirmer : " in montre.stdout
    assert "Rien n'est écrit" in montre.stdout
    assert not (config / "baremes" / "verrous.yaml").exists()


def test_clore_fige_les_valeurs(config: Path) -> None:
    assert baremes("clore", "2024", *PAR).exit_code == 0
    (verrou,) = lire_verrous(config / "baremes")
    assert (verrou.exercice, verrou.clos_par, verrou.clos_le, verrou.motif) == (
        2024, "a.leroy", AUJOURDHUI, "exercice fini",
    )  # fmt: skip
    encore = baremes("clore", "2024", *PAR)
    assert (encore.exit_code, "déjà clos avec ces valeurs" in encore.stderr) == (2, True)
    modifier(config, '"0.66"', '"0.67"')
    assert "2024.yaml, ligne 2 : les valeurs de 2024, exercice clos le" in baremes("--exercice", "2024").stderr


def test_clore_a_nouveau_garde_l_ancien_verrou(config: Path) -> None:
    baremes("clore", "2024", *PAR)
    (ancien,) = lire_verrous(config / "baremes")
    modifier(config, '"0.66"', '"0.67"')
    refus = baremes("clore", "2024", "--par", "a.leroy")
    assert (refus.exit_code, "Dire pourquoi l'exercice est clos." in refus.stderr) == (2, True)
    repris = baremes("clore", "2024", "--par", "j.moreau", "--motif", "taux relu dans la circulaire")
    assert repris.exit_code == 0, repris.output
    assert f"ses valeurs ont changé. Ancienne empreinte, gardée dans l'historique : {ancien.empreinte}" in repris.stdout
    premier, second = lire_verrous(config / "baremes")
    assert premier == ancien
    assert (second.clos_par, second.empreinte != ancien.empreinte) == ("j.moreau", True)
    assert baremes("--exercice", "2024").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        ((str(AUJOURDHUI.year), *PAR), "n'est pas fini"),
        (("2022", *PAR), "Aucun barème n'est enregistré pour l'exercice 2022"),
        (("2024", "--par", "c.martin", "--motif", "fini"), "« c.martin » n'est pas une personne de l'équipe qui peut"),
        (("2024", "--par", "a.leroy", "--motif", " "), "Dire pourquoi l'exercice est clos."),
    ],
)
def test_une_cloture_refusee_est_une_phrase(arguments: tuple[str, ...], phrase: str, config: Path) -> None:
    refus = baremes("clore", *arguments)
    assert refus.exit_code == 2
    assert phrase in refus.stderr
    assert not (config / "baremes" / "verrous.yaml").exists()


def test_un_bareme_incomplet_ne_se_clot_pas(config: Path) -> None:
    """One that precedes the first complete exercice does: what is known of it is all that will be."""
    for annee in (2025, 2026):
        fichier = config / "baremes" / f"{annee}.yaml"
        fichier.write_text(fichier.read_text(encoding="utf-8").replace("complet: true", "complet: false"), "utf-8")
    refus = baremes("clore", "2025", *PAR)
    assert (refus.exit_code, "Le barème 2025 n'est pas complet" in refus.stderr) == (2, True)
    assert baremes("clore", "2018", *PAR).exit_code == 0


def test_la_demonstration_ne_clot_rien(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", "1")
    refus = baremes("clore", "2024", *PAR)
    assert (refus.exit_code, "La démonstration ne clôt aucun exercice." in refus.stderr) == (2, True)
    assert not (config / "baremes" / "verrous.yaml").exists()


def manque(bareme: Bareme, cle: str, exercice: int) -> str | None:
    try:
        statut = bareme.valeur(cle, exercice, AUJOURDHUI).statut
    except ParametreInconnu:
        return "a_saisir"
    return "a_confirmer" if statut is Statut.A_CONFIRMER else None


@pytest.mark.parametrize("demonstration", ["0", "1"])
def test_tout_ce_qui_manque_est_dit(demonstration: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even in demonstration: the invented values do not hide what a Caf must still enter."""
    monkeypatch.setenv("CAMPAGNES_DEMONSTRATION", demonstration)
    bareme = charger_bareme(RACINE / "config", demonstration=False)
    attendus = {
        (v.cle, v.du.year): lacune for v in bareme.valeurs if (lacune := manque(bareme, v.cle, v.du.year)) is not None
    }
    lus = json.loads(baremes("inconnus", "--json").stdout)
    assert {(m["cle"], m["exercice"]): m["manque"] for m in lus} == attendus
    prestations = [m["prestation"] for m in lus]
    assert prestations == sorted(prestations, key=prestations.index)


def test_la_liste_se_lit_par_prestation() -> None:
    sortie = baremes("inconnus", "--exercice", "2026").stdout
    assert sortie.startswith("À saisir : ")
    assert "\nRPE\n  rpe.plafond – " in sortie
    assert "    à confirmer : 2026 (0,3)\n" in sortie
    assert "\nToutes les prestations\n  acompte.taux_cumule.previsionnel – " in sortie
    assert "2025" not in sortie
    assert baremes("inconnus", "--exercice", "2031").stdout == "À saisir : aucune valeur\nÀ confirmer : aucune valeur\n"
