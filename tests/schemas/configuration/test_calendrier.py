"""The calendar file: the published year whole, and every fault refused at its line with a French reason."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from regles.calendrier import NatureEtape
from schemas.configuration.calendrier import charger_calendrier, charger_calendriers, fautes_du_calendrier
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

PUBLIE = RACINE / "config" / "calendrier" / "2026.yaml"

VALIDE = """\
annee: 2026
source: webinaire
releve_le: 2026-01-05
prestations:
  EAJE: Crèche
  RPE: Relais
etapes:
  - id: reels-2025-a
    nature: reel
    libelle: Réels 2025
    exercice: 2025
    prestations: [EAJE, RPE]
    ouverture: 2026-02-08
    limite: 2026-02-27
    derniere_relance: 2026-02-28
    limite_finale: 2026-03-10
  - id: cas-2026-06
    nature: commission
    libelle: Commission
    jour: 2026-06-15
    demandes_avant: 2026-05-15
    approximations: {jour: mi-juin}
"""


def test_l_annee_publiee_est_entiere() -> None:
    calendrier = charger_calendrier(PUBLIE)
    natures = Counter(e.nature.value for e in calendrier.etapes)
    assert natures == {
        "appel_a_projets": 8, "previsionnel": 3, "reel": 3, "actualisation": 3, "bilan": 4,
        "commission": 4, "filoue": 1, "renouvellement": 1, "versement": 1,
    }  # fmt: skip
    assert len(calendrier.prestations) == 13
    assert all(e.libelle for e in calendrier.etapes)


def test_les_reels_2025_des_creches() -> None:
    etape = charger_calendrier(PUBLIE).etape("reels-2025-a")
    assert etape.nature is NatureEtape.REEL
    assert (etape.ouverture, etape.limite, etape.exercice) == (date(2026, 2, 8), date(2026, 2, 27), 2025)
    assert "EAJE" in etape.prestations
    assert etape.canal == "AFAS"


def test_les_dates_approximatives_sont_marquees() -> None:
    calendrier = charger_calendrier(PUBLIE)
    marquees = {(e.id, champ) for e in calendrier.etapes for champ, _ in e.approximations}
    assert marquees == {
        ("aap-partenaires-2026", "ouverture"),
        ("cas-2026-06", "jour"),
        ("cas-2026-11", "jour"),
        ("aap-partenaires-2027", "ouverture"),
        ("aap-reseau-parentalite-2027", "ouverture"),
    }
    assert {e.id for e in calendrier.etapes if e.a_confirmer} == {"filoue-2026", "renouvellement-rpe-2026"}


FAUTES = [
    ("limite: 2026-02-27", "limite: 2026-02-07", 14, "la limite (07/02/2026) précède « ouverture » (08/02/2026)"),
    ("[EAJE, RPE]", "[EAJE, RELAIS]", 12, "prestation inconnue : « RELAIS »"),
    ("[EAJE, RPE]", "[EAJE, EAJE]", 12, "prestation répétée"),
    ("derniere_relance: 2026-02-28", "derniere_relance: 2026-03-11", 16, "précède « derniere_relance »"),
    ("derniere_relance: 2026-02-28", "derniere_relance: 2026-02-07", 15, "précède « ouverture »"),
    ("derniere_relance: 2026-02-28", "derniere_relance: 2026-02-08", 15, "jour de l'ouverture"),
    ("    limite_finale: 2026-03-10\n", "", 8, "demande une « limite_finale »"),
    ("id: cas-2026-06", "id: reels-2025-a", 17, "identifiant répété : « reels-2025-a »"),
    ("id: cas-2026-06", "id: Commission de juin", 17, "forme"),
    ("exercice: 2025", "exercice: 2025.5", 11, "nombre à virgule"),
    ("    exercice: 2025\n", "", 8, "n'a pas de « exercice »"),
    ("exercice: 2025", 'exercice: "2025"', 11, "un nombre entier est attendu"),
    ("    prestations: [EAJE, RPE]\n", "", 8, "n'a pas de « prestations »"),
    ("    jour: 2026-06-15\n", "", 20, "« demandes_avant » se place avant"),
    ("nature: commission", "nature: comission", 18, "« comission » n'est pas admis"),
    ("nature: commission", "nature: versement", 17, "n'a pas de « exercice », « a_partir_du »"),
    ("{jour: mi-juin}", "{limite: mi-juin}", 22, "approximation d'une date absente : « limite »"),
    ("{jour: mi-juin}", "{libelle: mi-juin}", 22, "pas une date"),
    ("demandes_avant: 2026-05-15", "demandes_avant: 2026-06-16", 21, "se place avant"),
    ("limite: 2026-02-27", "limite: 2026-02-30", 14, "valeur illisible"),
    ("limite: 2026-02-27", "limite: 27 février 2026", 14, "une date (AAAA-MM-JJ"),
    ("annee: 2026", "annee: 2027", 1, "le fichier porte l'année 2027"),
    ("2026-06-15\n    demandes_avant: 2026-05-15", "2027-06-15", 17, "aucune date"),
    ("nature: reel", "nature: reel\n    nature: reel", 10, "clé répétée"),
    ("nature: reel", "\tnature: reel", 9, "tabulation"),
    ("libelle: Réels 2025", "libelle: Réels: 2025", 10, "YAML mal formé"),
    ("libelle: Réels 2025", "libelle: ''", 10, "un texte non vide"),
    ("libelle: Réels 2025", "titre: Réels 2025", 8, "clé manquante : « etapes.0.libelle »"),
    ("libelle: Réels 2025", "libelle: Réels\x07", 10, "caractère invisible"),
    ("exercice: 2025", "exercice: 2052", 11, "l'exercice 2052 est trop loin de 2026"),
    ("limite: 2026-02-27", "limite: 2062-02-27", 16, "précède « limite »"),
    ("limite_finale: 2026-03-10", "limite_finale: 2062-03-10", 16, "« limite_finale » (10/03/2062) est trop loin"),
    ("limite: 2026-02-27", "limite: 2026-02-27 18:00:00", 14, "est attendue (lu : 2026-02-27 18:00:00)"),
    ("limite: 2026-02-27", 'limite: "2026-02-27"', 14, "une date (AAAA-MM-JJ"),
    ("    limite: 2026-02-27\n    derniere_relance: 2026-02-28\n", "", 8, "n'a pas de « limite »"),
    ("    jour: 2026-06-15\n    demandes_avant: 2026-05-15\n    approximations: {jour: mi-juin}\n", "", 17,
     "n'a pas de « jour »"),
    ("  EAJE: Crèche\n", "  - EAJE\n", 6, "mal formé"),
    ("prestations:\n  EAJE: Crèche\n  RPE: Relais\n", "prestations: [EAJE, RPE]\n", 4, "une table"),
    ("source: webinaire\n", "", 1, "clé manquante : « source »"),
    ("releve_le: 2026-01-05", "releve_le: janvier", 3, "une date (AAAA-MM-JJ"),
]  # fmt: skip


@pytest.mark.parametrize(("avant", "apres", "ligne", "raison"), FAUTES)
def test_une_faute_est_refusee_a_sa_ligne(tmp_path: Path, avant: str, apres: str, ligne: int, raison: str) -> None:
    fichier = tmp_path / "2026.yaml"
    assert avant in VALIDE
    fichier.write_text(VALIDE.replace(avant, apres, 1), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_calendrier(fichier)
    assert raison in refus.value.raison
    assert (refus.value.ligne, refus.value.fichier) == (ligne, fichier)


def test_le_modele_des_fautes_est_lui_meme_valide(tmp_path: Path) -> None:
    fichier = tmp_path / "2026.yaml"
    fichier.write_text(VALIDE, encoding="utf-8")
    assert [e.id for e in charger_calendrier(fichier).etapes] == ["reels-2025-a", "cas-2026-06"]


@pytest.mark.parametrize(
    ("contenu", "raison"),
    [
        (b"", "fichier vide"),
        (b"# rien encore\n", "fichier vide"),
        ("annee: 2026\nsource: calendrier publié\n".encode("latin-1"), "UTF-8"),
        (b"- annee\n- 2026\n", "une table de clés et de valeurs"),
        (VALIDE.split("etapes:")[0].encode() + b"etapes: []\n", "une liste non vide est attendue"),
        (VALIDE.encode() + b"---\n" + VALIDE.encode(), "mal formé"),
        (b"&tout [*tout]\n", "trop de niveaux"),
        (b"? [annee]\n: 2026\n", "une clé est un mot simple"),
    ],
)  # fmt: skip
def test_un_fichier_qui_n_est_pas_un_calendrier(tmp_path: Path, contenu: bytes, raison: str) -> None:
    fichier = tmp_path / "2026.yaml"
    fichier.write_bytes(contenu)
    with pytest.raises(ErreurDeConfiguration, match=r"2026\.yaml") as refus:
        charger_calendrier(fichier)
    assert raison in refus.value.raison


def test_un_fichier_absent_ou_un_dossier_vide(tmp_path: Path) -> None:
    with pytest.raises(ErreurDeConfiguration, match=r"2026\.yaml : fichier illisible"):
        charger_calendrier(tmp_path / "2026.yaml")
    for dossier in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ErreurDeConfiguration, match="aucun calendrier"):
            charger_calendriers(dossier)


def test_un_identifiant_ne_sert_qu_a_une_annee(tmp_path: Path) -> None:
    (tmp_path / "2026.yaml").write_text(VALIDE, encoding="utf-8")
    suivant = VALIDE.replace("annee: 2026", "annee: 2027").replace("2026-0", "2027-0").replace("e: 2025", "e: 2026")
    (tmp_path / "2027.yaml").write_text(suivant, encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_calendriers(tmp_path)
    assert str(refus.value) == "2027.yaml, ligne 8 : identifiant répété : « reels-2025-a » est dans 2026.yaml"
    (tmp_path / "2027.yaml").write_text(suivant.replace("reels-2025-a", "r").replace("cas-2027", "c"), encoding="utf-8")
    assert [c.annee for c in charger_calendriers(tmp_path)] == [2026, 2027]


def test_toutes_les_fautes_d_un_fichier_sont_dites_d_un_coup(tmp_path: Path) -> None:
    fichier = tmp_path / "2026.yaml"
    fautif = VALIDE.replace("limite: 2026-02-27", "limite: 2026-02-07").replace("nature: commission", "nature: cas")
    fichier.write_text(
        f"{fautif}  - id: reels-b\n    nature: reel\n    libelle: Réels\n    exercice: 2052\n    prestations: [PSU]\n"
        "    ouverture: 2026-02-08\n    limite: 2026-02-27\n",
        encoding="utf-8",
    )
    assert [(f.ligne, f.raison.split(" (")[0]) for f in fautes_du_calendrier(fichier)] == [
        (14, "la limite"),
        (18, "« etapes.1.nature » : « cas » n'est pas admis ; attendu : 'previsionnel', 'actualisation', 'reel', "
             "'filoue', 'bilan', 'renouvellement', 'appel_a_projets', 'commission' ou 'versement'"),
        (26, "l'exercice 2052 est trop loin de 2026"),
        (27, "prestation inconnue : « PSU »"),
    ]  # fmt: skip


def test_un_fichier_sain_n_a_pas_de_faute(tmp_path: Path) -> None:
    assert fautes_du_calendrier(PUBLIE, [PUBLIE]) == []
    copie = tmp_path / "2026.yaml"
    copie.write_bytes(PUBLIE.read_bytes())
    assert {f.raison.split(" : ")[0] for f in fautes_du_calendrier(copie, [PUBLIE])} == {"identifiant répété"}
