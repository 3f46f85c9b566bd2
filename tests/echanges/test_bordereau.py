"""The bordereau: every line adds up, the totals are those of the lines, the bytes are those of the content."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from echanges.bordereau import TITRES, Annexes, EnteteBordereau, LigneBordereau, bordereau_csv, bordereau_xlsx
from echanges.ecarts import FEUILLE, LigneEcart

ENTETE = EnteteBordereau(
    "lot-01", "reels-2025-a", "c.martin", "m.lefevre", "11/03/2026", "a.leroy", "12/03/2026", "12 abcd", ""
)
ANNEXES = Annexes(
    [
        LigneEcart("Commune", "S01", "EAJE", "solde", "lot-00", 10_000, 5_000, compte_change=False),
        LigneEcart("Commune", "S02", "EAJE", "solde", "", None, 90_000, compte_change=True),
        LigneEcart("Commune", "S03", "EAJE", "solde", "lot-00", 10_000, 10_100, compte_change=True),
    ],
    [],
    date(2026, 3, 12),
)
LIGNE = LigneBordereau(
    "2025-EAJE-S01-02", "solde", 2025, "EAJE", "C1", "21520083300010", "Les Petits Renards", "Commune de Chaumont",
    "FR76 •••• 0189", 100_000, 70_000, 30_000, 12_000, 18_000, "ab" * 32, "01/01/2025-31/12/2025", "12/01/2026",
    "validé par c.martin le 11/03/2026", "0123456789ab", "11/03/2026",
)  # fmt: skip


@st.composite
def lignes(tirer: st.DrawFn) -> LigneBordereau:
    liquide = tirer(st.integers(1, 10**11))
    retenu = tirer(st.integers(0, liquide))
    return replace(
        LIGNE, nature=tirer(st.sampled_from(["acompte", "solde", "rappel"])), liquide_centimes=liquide,
        retenu_centimes=retenu, net_centimes=liquide - retenu, gestionnaire=tirer(st.text("ab;'\"=+-@é ", max_size=8)),
    )  # fmt: skip


def en_table(octets: bytes) -> list[list[str]]:
    rangees = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";"))
    return rangees[rangees.index(list(TITRES)) + 1 :]


@given(st.lists(lignes(), min_size=1, max_size=6))
@settings(deadline=None)
def test_csv_et_classeur_disent_les_memes_sommes(ecrites: list[LigneBordereau]) -> None:
    *rangees, total = en_table(bordereau_csv(ENTETE, ecrites))
    montants = [[Decimal(c.replace(",", ".")) for c in rangee[14:17]] for rangee in rangees]
    assert all(liquide - retenu == net for liquide, retenu, net in montants)
    sommes = [sum(colonne) for colonne in zip(*montants, strict=True)]
    assert [Decimal(c.replace(",", ".")) for c in total[14:17]] == sommes
    assert total[17] == f"{len(ecrites)} lignes"
    feuille = load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, ecrites, ANNEXES)))["Bordereau"]
    fin = [[c.value for c in rangee[14:17]] for rangee in feuille.iter_rows(min_row=feuille.max_row - len(ecrites))]
    assert [[round(Decimal(str(v)), 2) for v in rangee] for rangee in fin] == [*montants, sommes]
    assert all(c.data_type != "f" for rangee in feuille.iter_rows() for c in rangee)


def test_une_ligne_qui_ne_tombe_pas_juste_n_existe_pas() -> None:
    with pytest.raises(ValueError, match="2025-EAJE-S01-02 : le net à payer n'est pas"):
        replace(LIGNE, net_centimes=18_001)


def test_memes_lignes_memes_octets() -> None:
    assert bordereau_csv(ENTETE, [LIGNE]) == bordereau_csv(ENTETE, [LIGNE])
    assert bordereau_xlsx(ENTETE, [LIGNE], ANNEXES) == bordereau_xlsx(ENTETE, [LIGNE], ANNEXES)


def test_un_compte_change_puis_le_plus_gros_ecart_viennent_d_abord() -> None:
    lues = load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, [LIGNE], ANNEXES)))[FEUILLE]
    rangees = [[c.value for c in rangee] for rangee in lues.iter_rows(min_row=4)]
    assert [(r[1], r[4], r[7], r[8]) for r in rangees[:-1]] == [
        ("S03", "lot-00", 1, "CHANGÉ depuis le lot précédent"),
        ("S02", "aucun", 900, "premier versement"),
        ("S01", "lot-00", -50, "inchangé"),
    ]
    assert rangees[-1][5:8] == [200, 1051, 851]


def test_la_demonstration_se_dit_en_tete() -> None:
    texte = bordereau_csv(replace(ENTETE, mention="DÉMONSTRATION"), [LIGNE]).decode("utf-8-sig")
    assert texte.startswith("DÉMONSTRATION;montants inventés, à ne pas payer")
