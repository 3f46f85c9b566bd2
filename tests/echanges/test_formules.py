"""No text of a batch, whoever wrote it, is ever a live formula: every text field, every file, every sheet."""

import csv
import io
import zipfile
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from echanges.balance import LigneBalance, balance_xlsx
from echanges.bordereau import Annexes, EnteteBordereau, LigneBordereau, bordereau_csv, bordereau_xlsx
from echanges.ecarts import LigneEcart
from echanges.ecritures import Plan, ecritures_csv
from echanges.suspendus import LigneSuspendue

JOUR = date(2026, 3, 12)
DEBUTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LIGNE = LigneBordereau(*[""] * 2, 2025, *[""] * 6, 100_000, 70_000, 30_000, 1_000, 29_000, *[""] * 7)
ECART = LigneEcart(*[""] * 5, 10_000, 5_000, compte_change=True)
SUSPENDUE = LigneSuspendue("", "", "", 5_000, "", "", JOUR, "", "")
INDU = LigneBalance("", "", 2025, "", JOUR, 5_000, 0, 0)


def piegee(chose: Any, debut: str) -> Any:
    """Give the same thing, a formula in each of its text fields, that names the field."""
    textes = [champ.name for champ in fields(chose) if champ.type is str]
    return replace(chose, **{nom: f"{debut}HYPERLINK({nom})" for nom in textes})


def pieges(chose: Any) -> set[str]:
    return {valeur for champ in fields(chose) if isinstance(valeur := getattr(chose, champ.name), str)}


def cellules_csv(octets: bytes) -> list[str]:
    rangees = csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";")
    return [cellule for rangee in rangees for cellule in rangee]


def textes_xlsx(octets: bytes) -> set[str]:
    """Give every text of every sheet, once sure that no sheet holds a formula."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        feuilles = [nom for nom in archive.namelist() if nom.startswith("xl/worksheets/sheet")]
        assert not [nom for nom in feuilles if b"<f>" in archive.read(nom) or b"<f " in archive.read(nom)]
    classeur = load_workbook(io.BytesIO(octets))
    return {str(c.value) for feuille in classeur for rangee in feuille.iter_rows() for c in rangee if c.value}


@pytest.mark.parametrize("debut", DEBUTS)
def test_le_csv_du_bordereau_et_celui_des_ecritures_n_ont_aucune_formule(debut: str) -> None:
    entete = piegee(EnteteBordereau(*[""] * 9), debut)
    ligne = piegee(LIGNE, debut)
    plan = Plan(f"{debut}1", {"defaut": f"{debut}2"}, *[f"{debut}3"] * 3)
    ecritures = cellules_csv(ecritures_csv(plan, [ligne], JOUR))
    bordereau = cellules_csv(bordereau_csv(entete, [ligne]))
    assert not [cellule for cellule in (*bordereau, *ecritures) if cellule.startswith(DEBUTS)]
    assert {f"'{piege}" for piege in pieges(ligne)} <= set(bordereau)
    assert {f"'{debut}1", f"'{debut}2", f"'{debut}3", f"'{ligne.reference}", f"'{ligne.siret[:9]}"} <= set(ecritures)


@pytest.mark.parametrize("debut", DEBUTS)
def test_aucune_feuille_n_a_de_formule(debut: str) -> None:
    entete, ligne = piegee(EnteteBordereau(*[""] * 9), debut), piegee(LIGNE, debut)
    ecart, suspendue, indu = (piegee(chose, debut) for chose in (ECART, SUSPENDUE, INDU))
    textes = textes_xlsx(bordereau_xlsx(entete, [ligne], Annexes([ecart], [suspendue], [indu], JOUR)))
    textes |= textes_xlsx(balance_xlsx([indu], JOUR, entete.mention))
    for chose in (ligne, ecart, suspendue, indu):
        assert pieges(chose) <= textes
