"""The rappels from the terminal: the list fits the screen, its workbook holds the same, the confirmation its print."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from commandes import codes
from commandes import rappels as commandes
from commandes.principal import application
from echanges.rappels import COLONNES, rappels_xlsx
from operations.contexte import Contexte
from operations.droits import calculer_droits
from operations.dus import preparer_dus
from operations.lots import proposer_lot
from operations.rappels import calculer_rappels
from regles.monnaie import en_euros, formater_euros
from tests.operations.argent import ETAPE, PROPOSE, etats
from tests.operations.revalorisations import AVANT, calculer_et_payer, peupler

MOTIF = ("--motif", "revalorisation lue")


@pytest.fixture
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The commands, on three crèches paid before the revaluation."""
    peupler(contexte, 3)
    calculer_et_payer(contexte, AVANT)
    for module in (commandes, codes):
        monkeypatch.setattr(module, "contexte", lambda: contexte)
    return contexte


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, ["rappels", "2025", "2026", *arguments])
    return resultat.exit_code, resultat.output


def test_la_liste_tient_a_l_ecran_et_se_confirme(terminal: Contexte) -> None:
    attendue = calculer_rappels(terminal, (2025, 2026))
    code, sortie = lancer()
    assert code == 0
    assert all(len(ligne) <= 110 for ligne in sortie.splitlines())
    assert sortie.startswith("DÉMONSTRATION\n")
    for dit in ("Ce qui a bougé", "10,05\u00a0€/h → 10,251\u00a0€/h", formater_euros(attendue.a_payer_centimes)):
        assert dit in sortie
    (empreinte,) = re.findall("[0-9a-f]{64}", sortie)
    assert empreinte == attendue.empreinte

    code, sortie = lancer("--confirmer", empreinte, "--par", PROPOSE, *MOTIF)
    assert code == 0
    assert f"rappel(s) : {formater_euros(attendue.a_payer_centimes)}." in sortie
    assert f"Ensuite : campagnes proposer {ETAPE} --par VOUS" in sortie
    assert [e[2] for e in etats(terminal) if e[0] == "rappel"] == ["du"] * len(attendue.changees)
    assert "déjà confirmée par c.martin" in lancer("--confirmer", empreinte, "--par", PROPOSE, *MOTIF)[1]
    assert "0 droit(s) à revoir" in lancer()[1]


def test_un_refus_est_une_phrase(terminal: Contexte) -> None:
    code, sortie = lancer("--confirmer", "0" * 64, "--par", PROPOSE, *MOTIF)
    assert code == 2
    assert "La liste a changé" in sortie
    assert lancer("--prestation", "EAGE")[0] == 2


def test_le_classeur_dit_la_meme_chose(terminal: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "rappels.xlsx"
    assert f"Écrit : {fichier}" in lancer("--xlsx", str(fichier))[1]
    feuille = load_workbook(io.BytesIO(fichier.read_bytes()))["Rappels"]
    liste = calculer_rappels(terminal, (2025, 2026))
    assert fichier.read_bytes() == rappels_xlsx(liste)
    rangees = list(feuille.iter_rows(values_only=True))
    debut = rangees.index(COLONNES) + 1
    assert [r[0] for r in rangees[debut:-1]] == [ligne.structure for ligne in liste.lignes]
    assert [str(r[13]) for r in rangees[debut:-1]] == [
        f"{en_euros(ligne.signe_centimes).normalize():f}" for ligne in liste.lignes
    ]
    assert all(c.data_type != "f" for rangee in feuille.iter_rows() for c in rangee)
    assert "=Crèche" in [c.value for c in feuille["B"]]
    assert lancer("--xlsx", str(tmp_path / "absent" / "f.xlsx"))[0] == 2


def test_ce_qui_est_a_part_se_dit_une_fois(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (commandes, codes):
        monkeypatch.setattr(module, "contexte", lambda: contexte)
    peupler(contexte, 3)
    calculer_droits(contexte, ETAPE, AVANT)
    preparer_dus(contexte, ETAPE, AVANT)
    proposer_lot(contexte, ETAPE, PROPOSE, date(2025, 12, 2))
    code, sortie = lancer()
    assert code == 0
    assert sortie.count("attend ses signatures") == 1
    assert "S01 2025, S02 2025, S03 2025" in sortie
    assert "Empreinte" not in sortie
