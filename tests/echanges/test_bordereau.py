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
from echanges.suspendus import LigneSuspendue

ENTETE = EnteteBordereau(
    "lot-01", "reels-2025-a", "c.martin", "m.lefevre", "11/03/2026", "a.leroy", "12/03/2026", "12 abcd", ""
)
SUSPENDUE = LigneSuspendue(
    "2025-EAJE-S04-01", "S04 La Marelle", "Commune", 12_345, "pieces", "Pièce absente", date(2026, 3, 10), "m.lefevre",
    "attestation attendue",
)  # fmt: skip
ANNEXES = Annexes(
    [
        LigneEcart("Commune", "S01", "EAJE", "solde", "lot-00", 10_000, 5_000, compte_change=False),
        LigneEcart("Commune", "S02", "EAJE", "solde", "", None, 90_000, compte_change=True),
        LigneEcart("Commune", "S03", "EAJE", "solde", "lot-00", 10_000, 10_100, compte_change=True),
    ],
    [SUSPENDUE],
    [],
    date(2026, 3, 12),
)
LIGNE = LigneBordereau(
    "2025-EAJE-S01-02", "solde", 2025, "EAJE", "C1", "21520083300010", "Les Petits Renards", "Commune de Chaumont",
    "FR76 •••• 0189", 100_000, 70_000, 30_000, 12_000, 18_000, "ab" * 32, "01/01/2025-31/12/2025", "12/01/2026",
    "validé par c.martin le 11/03/2026", "0123456789ab", "11/03/2026", "",
)  # fmt: skip
MONTANTS = ("droit_centimes", "deja_verse_centimes", "liquide_centimes", "retenu_centimes", "net_centimes")


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
@settings(deadline=None, max_examples=25)
def test_csv_et_classeur_disent_les_memes_sommes(ecrites: list[LigneBordereau]) -> None:
    *rangees, total = en_table(bordereau_csv(ENTETE, ecrites))
    montants = [[Decimal(c.replace(",", ".")) for c in rangee[10:13]] for rangee in rangees]
    assert all(liquide - retenu == net for liquide, retenu, net in montants)
    sommes = [sum(colonne) for colonne in zip(*montants, strict=True)]
    assert [Decimal(c.replace(",", ".")) for c in total[10:13]] == sommes
    assert total[:2] == ["TOTAL", f"{len(ecrites)} ligne(s)"]
    feuille = load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, ecrites, ANNEXES)))["Bordereau"]
    fin = [[c.value for c in rangee[10:13]] for rangee in feuille.iter_rows(min_row=feuille.max_row - len(ecrites))]
    assert [[round(Decimal(str(v)), 2) for v in rangee] for rangee in fin] == [*montants, sommes]


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


def test_le_classeur_dit_en_deux_feuilles_ce_que_le_csv_dit_en_une_ligne() -> None:
    sommes = dict(zip(MONTANTS, (100_001, 70_003, 30_011, 12_004, 18_007), strict=True))
    ecrites = [replace(LIGNE, reference=f"R{rang}", piece=f"{rang:012}", **sommes) for rang in range(3)]
    classeur = load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, ecrites, ANNEXES)))
    a, b = ([list(r) for r in classeur[nom].iter_rows(min_row=10, values_only=True)] for nom in classeur.sheetnames[:2])
    en_une_ligne = [[*gauche, *droite[2:]] for gauche, droite in zip(a[:3], b[:3], strict=True)]
    lues = [[en_texte(valeur) for valeur in rangee] for rangee in en_une_ligne]
    assert lues == en_table(bordereau_csv(ENTETE, ecrites))[:3]


def en_texte(valeur: object) -> str:
    """Say a cell as the CSV does: the workbook gives an amount back as a number."""
    return f"{valeur:.2f}".replace(".", ",") if isinstance(valeur, float) else str(valeur or "")


def test_les_suspendus_sont_a_part_avec_leur_total() -> None:
    lues = load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, [LIGNE], ANNEXES)))["Suspendus"]
    assert lues["A1"].value == "Versements de l'étape suspendus au 12/03/2026"
    rangee, total = lues.iter_rows(min_row=4, values_only=True)
    assert rangee == (
        "2025-EAJE-S04-01", "S04 La Marelle", "Commune", 123.45, "pieces", "Pièce absente", "10/03/2026", "m.lefevre",
        "attestation attendue",
    )  # fmt: skip
    assert total[:4] == ("TOTAL", "1 ligne(s)", None, 123.45)


def test_une_feuille_sans_rien_le_dit() -> None:
    vides = Annexes([], [], [], date(2026, 3, 12))
    classeur = load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, [LIGNE], vides)))
    assert {nom: classeur[nom]["A4"].value for nom in classeur.sheetnames[2:]} == dict.fromkeys(
        ("Suspendus", FEUILLE, "Balance âgée"), "Néant"
    )


def test_chaque_feuille_s_imprime_sur_la_largeur_d_une_page_a4() -> None:
    for feuille in load_workbook(io.BytesIO(bordereau_xlsx(ENTETE, [LIGNE], ANNEXES))):
        page = feuille.page_setup
        assert (page.paperSize, page.orientation, page.fitToWidth, page.fitToHeight) == (9, "landscape", 1, 0)
        assert feuille.sheet_properties.pageSetUpPr.fitToPage
        titres = feuille.print_title_rows.strip("$").split(":$")[0]
        assert feuille.cell(int(titres), 2).fill.fgColor.rgb == "001F3A5F", feuille.title
        assert feuille.oddFooter.right.text == "Page &P sur &N"
        # Under this width the texts, 11 points on the screen, print at 7 points or more.
        assert sum(colonne.width for colonne in feuille.column_dimensions.values()) <= 230, feuille.title
