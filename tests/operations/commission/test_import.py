"""Requests by batch: a preview, the faults at their cells, all or nothing, twice the same."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from operations.commission.demandes import importer
from operations.contexte import ActeRefuse, Contexte
from schemas.commission import DEMANDES
from tests.operations.commission.fonds import APPEL, PAR, etats, installer

JOUR = date(2025, 12, 15)
BONNE = ("P1", "EVS01", APPEL, "partenaires", "2026", "Ludothèque", "2 500,50", "5 000", "MSA : 1 000")
AUTRE = ("P2", "", APPEL, "partenaires", "2026", "Fête du jeu", "800", "1 600", "")


def csv(dossier: Path, *lignes: tuple[str, ...]) -> Path:
    chemin = dossier / "demandes.csv"
    chemin.write_text("\r\n".join(";".join(ligne) for ligne in (DEMANDES, *lignes)), "utf-8-sig")
    return chemin


def test_un_apercu_n_ecrit_rien_puis_tout_s_ecrit_une_fois(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    chemin = csv(tmp_path, BONNE, AUTRE)
    apercu = importer(contexte, chemin, PAR, jour=JOUR)
    assert ([d.reference for d in apercu.demandes], apercu.applique) == (["2026-PART-0001", "2026-PART-0002"], False)
    assert etats(contexte) == {}
    assert importer(contexte, chemin, PAR, appliquer=True, jour=JOUR).applique
    encore = importer(contexte, chemin, PAR, appliquer=True, jour=JOUR)
    assert [(d.reference, d.nouvelle) for d in encore.demandes] == [
        ("2026-PART-0001", False),
        ("2026-PART-0002", False),
    ]
    assert set(etats(contexte)) == {"2026-PART-0001", "2026-PART-0002"}


def test_une_faute_arrete_tout_et_dit_sa_cellule(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    fausses = (
        ("P9", *BONNE[1:]),
        (*AUTRE[:3], "caisse", *AUTRE[4:]),
        (*BONNE[:1], "EVS99", *BONNE[2:]),
        (*BONNE[:2], "cas-2026-02", *BONNE[3:]),
        (*BONNE[:6], "2 600", *BONNE[7:]),
        (*AUTRE[:4], "20266", *AUTRE[5:]),
    )
    bilan = importer(contexte, csv(tmp_path, BONNE, *fausses), PAR, appliquer=True, jour=JOUR)
    assert [f.cellule for f in bilan.fautes] == ["A3", "D4", "B5", "C6", "F7", "E8"]
    assert bilan.fautes[4].message == "déjà écrit en F2 : une seule ligne est attendue."
    assert "n'a pas d'exercice 20266 dans config/enveloppes.yaml (2026, 2027)" in bilan.fautes[5].message
    assert etats(contexte) == {}


@pytest.mark.parametrize(
    ("jour", "avis"),
    [
        (date(2025, 11, 20), " Attention : cet appel n'ouvre que le vendredi 28 novembre 2025."),
        (date(2025, 11, 28), ""),
        (date(2026, 1, 12), ""),
        (date(2026, 1, 13), " Attention : cet appel s'est terminé le lundi 12 janvier 2026."),
    ],
)
def test_une_demande_hors_des_dates_de_l_appel_est_prise_et_signalee(
    contexte: Contexte, tmp_path: Path, jour: date, avis: str
) -> None:
    installer(contexte)
    (demande,) = importer(contexte, csv(tmp_path, BONNE), PAR, appliquer=True, jour=jour).demandes
    assert demande.message.replace("\xa0", " ").partition("projet.")[2] == avis


def test_un_cofinanceur_qui_deborde_de_sa_colonne_se_dit(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    deborde = (*BONNE[:8], "Commune : 500 ; MSA : 1 000")
    bilan = importer(contexte, csv(tmp_path, deborde), PAR, appliquer=True, jour=JOUR)
    ((cellule, phrase),) = [(f.cellule, f.message) for f in bilan.fautes]
    assert cellule == "J2"
    assert phrase.replace("\xa0", " ").startswith("« MSA : 1 000 » n'est sous aucune des colonnes attendues")
    entre_guillemets = (*BONNE[:8], '"Commune : 500 ; MSA : 1 000"')
    (demande,) = importer(contexte, csv(tmp_path, entre_guillemets), PAR, jour=JOUR).demandes
    assert demande.part_propre_centimes == 99_950


def test_une_colonne_mal_nommee_se_dit(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    chemin = csv(tmp_path, BONNE)
    chemin.write_text(chemin.read_text("utf-8-sig").replace("Cofinanceurs", "Cofinanceur"), "utf-8-sig")
    assert [f.cellule for f in importer(contexte, chemin, PAR, jour=JOUR).fautes] == ["I1", "I2"]


def test_un_classeur_se_lit_aussi(contexte: Contexte, tmp_path: Path) -> None:
    installer(contexte)
    classeur = Workbook()
    feuille = classeur.worksheets[0]
    feuille.append(["Demandes du printemps"])
    feuille.append(list(DEMANDES))
    feuille.append(["P1", None, APPEL, "partenaires", 2026, "=1+1", 2500.5, 5000, None])
    feuille["F3"].data_type = "s"
    chemin = tmp_path / "demandes.xlsx"
    classeur.save(chemin)
    (demande,) = importer(contexte, chemin, PAR, jour=JOUR).demandes
    assert demande.part_propre_centimes == 249_950


def test_un_fichier_absent_se_dit(contexte: Contexte, tmp_path: Path) -> None:
    with pytest.raises(ActeRefuse, match="ne se lit pas"):
        importer(contexte, tmp_path / "rien.xlsx", PAR, jour=JOUR)
