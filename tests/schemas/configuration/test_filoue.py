"""The Filoué settings: those of the project are complete, a fault is refused at its line."""

from datetime import date
from pathlib import Path

import pytest

from regles.baremes import Statut
from regles.filoue import ColonneFiloue, VersionFiloue
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.filoue import IDENTIFIANTES, charger_filoue
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration
from schemas.filoue.taux_effort import PLAFOND, TAUX

PUBLIE = RACINE / "config" / "filoue.yaml"


def test_chaque_version_ajoute_a_la_precedente() -> None:
    versions = charger_filoue(PUBLIE).versions
    assert [len(versions[v].colonnes) for v in VersionFiloue] == [13, 15, 16]
    assert set(versions[VersionFiloue.V3].colonnes) == set(ColonneFiloue)


def test_rien_d_identifiant_n_est_remis() -> None:
    remise = charger_filoue(PUBLIE).remise
    assert remise.remplacees.keys() == IDENTIFIANTES
    assert not set(remise.remplacees.values()) & {c.value for c in ColonneFiloue}


@pytest.mark.parametrize("exercice", [2025, 2026])
def test_le_bareme_des_taux_d_effort_est_date(exercice: int) -> None:
    bareme = charger_bareme(RACINE / "config", demonstration=False)
    valeurs = [bareme.valeur(cle, exercice, date(2026, 4, 1)) for cle in TAUX]
    assert [v.texte for v in valeurs] == ["0.0619", "0.0516", "0.0413", "0.0310", "0.0206"]
    assert {v.statut for v in valeurs} == {Statut.A_CONFIRMER}
    assert bareme.valeur(PLAFOND, exercice, date(2026, 4, 1)).texte == "8500"


@pytest.mark.parametrize(
    ("avant", "apres", "raison"),
    [
        ("  octets_maximum: 20000000", "  octets_maximum: 0", "octets_maximum"),
        ('part_illisible_maximale: "0.5"', 'part_illisible_maximale: "1.5"', "part_illisible_maximale"),
        ('part_illisible_maximale: "0.5"', "part_illisible_maximale: 0.5", "nombre à virgule sans guillemets"),
        (
            "[NUMERO_CAF, NUMERO_DOSSIER_AFC, IDEQU,",
            "[NUMERO_CAF, NUMERO_DOSSIER_AFC, REGIME,",
            "colonne répétée : REGIME",
        ),
        ("  IDEQU: [ID_EQU,", "  ID: [ID_EQU,", "ID"),
        ('code_postal: "[0-9]{5}"', 'code_postal: "[0-9"', "forme mal écrite"),
        ("MATRICULE: PSEUDONYME_FAMILLE", "MATRICULE: MATRICULE", "la colonne MATRICULE ne sort jamais"),
        ("DATE_NAISSANCE_INDIVIDU: MOIS_NAISSANCE, ", "", "la colonne DATE_NAISSANCE_INDIVIDU ne sort jamais"),
        ("    V3: {separateur", "    V4: {separateur", "V4"),
        ("encodage: utf-8,", "encodage: utf-16,", "utf-16"),
        ("  telephone: 01 71 25 12 75\n", "", "clé manquante"),
        ("conservation:", "conservations:", "conservation"),
    ],
)
def test_une_faute_est_refusee(tmp_path: Path, avant: str, apres: str, raison: str) -> None:
    texte = PUBLIE.read_text(encoding="utf-8")
    assert avant in texte
    fichier = tmp_path / "filoue.yaml"
    fichier.write_text(texte.replace(avant, apres), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_filoue(fichier)
    assert raison in refus.value.raison


def test_une_version_sans_forme_de_remise_est_refusee(tmp_path: Path) -> None:
    lignes = PUBLIE.read_text(encoding="utf-8").splitlines()
    fichier = tmp_path / "filoue.yaml"
    fichier.write_text("\n".join(ligne for ligne in lignes if not ligne.startswith("    V2: {sep")), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match="la version V2 n'est pas décrite"):
        charger_filoue(fichier)
