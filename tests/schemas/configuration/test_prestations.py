"""The coverage register: every prestation of the calendar, and no « non » without its reason."""

from pathlib import Path

import pytest

from regles.calendrier import NatureEtape
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.prestations import charger_prestations
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

PUBLIE = RACINE / "config" / "prestations.yaml"


def test_le_registre_couvre_les_prestations_du_calendrier() -> None:
    calendrier = charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml")
    assert set(charger_prestations(PUBLIE).couverture) == {code for code, _ in calendrier.prestations}


@pytest.mark.parametrize(
    ("prestation", "nature", "collectee"),
    [
        ("EAJE", NatureEtape.REEL, True),
        ("EAJE", NatureEtape.PREVISIONNEL, True),
        ("EAJE", NatureEtape.FILOUE, False),
        ("RPE", NatureEtape.REEL, True),
        ("RPE", NatureEtape.ACTUALISATION, False),
        ("CLAS", NatureEtape.PREVISIONNEL, False),
        ("CRECHE", NatureEtape.REEL, False),
    ],
)
def test_ce_qui_est_collecte(prestation: str, nature: NatureEtape, collectee: bool) -> None:
    assert charger_prestations(PUBLIE).est_collectee(prestation, nature) is collectee


def test_ce_qui_n_est_pas_collecte_dit_pourquoi() -> None:
    registre = charger_prestations(PUBLIE)
    assert registre.raison("RPE", NatureEtape.REEL) == ""
    assert "ne demande pas d'actualisation" in registre.raison("RPE", NatureEtape.ACTUALISATION)
    assert "appel à projets" in registre.raison("CLAS", NatureEtape.PREVISIONNEL)
    assert "n'est pas dans le registre" in registre.raison("CRECHE", NatureEtape.REEL)


@pytest.mark.parametrize("prestation", list(charger_prestations(PUBLIE).couverture))
def test_ce_que_le_calendrier_demande_est_collecte_calcule_et_paye_et_rien_d_autre(prestation: str) -> None:
    etapes = charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml").etapes
    demandees = {e.nature.value for e in etapes if e.canal == "AFAS" and prestation in e.prestations}
    couverture = charger_prestations(PUBLIE).couverture[prestation]
    for nature in ("previsionnel", "actualisation", "reel"):
        ligne = getattr(couverture, nature)
        attendu = "oui" if nature in demandees else "non"
        assert (ligne.collecte, ligne.droit, ligne.paiement) == (attendu, attendu, attendu), nature
        assert attendu == "oui" or "Le calendrier 2026" in ligne.raison


@pytest.mark.parametrize(
    ("cellule", "raison"),
    [
        ("{collecte: oui, droit: oui, paiement: non}", "une « raison » accompagne"),
        ("{collecte: oui, droit: oui, paiement: oui, raison: parce que}", "une « raison » accompagne"),
        ("{collecte: oui, droit: non, paiement: oui, raison: parce que}", "on ne paie que ce qu'on calcule"),
        ("{collecte: true, droit: oui, paiement: oui}", "attendu : 'oui' ou 'non'"),
    ],
)
def test_une_faute_est_refusee(tmp_path: Path, cellule: str, raison: str) -> None:
    fichier = tmp_path / "prestations.yaml"
    bonne = "{collecte: oui, droit: oui, paiement: oui}"
    fichier.write_text(
        f"releve_le: 2026-02-08\ncouverture:\n  EAJE:\n    previsionnel: {bonne}\n    actualisation: {bonne}\n"
        f"    reel: {cellule}\n",
        encoding="utf-8",
    )
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_prestations(fichier)
    assert raison in refus.value.raison
    assert refus.value.ligne == 6
