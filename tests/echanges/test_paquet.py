"""The package of a batch: entries balanced to the cent, a manifest that tells the truth, the same bytes again."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echanges.bordereau import EnteteBordereau, LigneBordereau
from echanges.ecritures import COLONNES, Plan, ecritures, ecritures_csv
from echanges.paquet import archiver, manifeste
from echanges.synthese import synthese_pdf

PLAN = Plan("JRN", {"defaut": "656", "EAJE": "6561"}, "401", "512", "409")
LIGNE = LigneBordereau(
    "2025-EAJE-S01-02", "solde", 2025, "EAJE", "C1", "21520083300010", "=Crèche & Cie", "Commune d’Éclaron",
    "FR76 •••• 0126", 100_000, 70_000, 30_000, 1_000, 29_000, "abc", "01/01/2025-31/12/2025", "", "", "", "", "",
)  # fmt: skip
ENTETE = EnteteBordereau(
    "lot-01",
    "reels-2025-a",
    "c.martin",
    "m.lefevre",
    "11/03/2026",
    "a.leroy",
    "12/03/2026",
    "12 abcdef",
    "DÉMONSTRATION",
)


def une_ligne(liquide: int, retenu: int, rang: int) -> LigneBordereau:
    return replace(
        LIGNE, reference=f"R{rang}", liquide_centimes=liquide, retenu_centimes=retenu, net_centimes=liquide - retenu
    )


@given(st.lists(st.integers(1, 10**11).flatmap(lambda x: st.tuples(st.just(x), st.integers(0, x))), max_size=8))
def test_les_ecritures_sont_equilibrees_piece_par_piece(montants: list[tuple[int, int]]) -> None:
    lignes = [une_ligne(liquide, retenu, rang) for rang, (liquide, retenu) in enumerate(montants)]
    par_piece: dict[str, int] = {}
    par_compte: dict[str, int] = {}
    for e in ecritures(PLAN, lignes):
        assert (e.debit_centimes == 0) != (e.credit_centimes == 0)
        par_piece[e.piece] = par_piece.get(e.piece, 0) + e.debit_centimes - e.credit_centimes
        par_compte[e.compte] = par_compte.get(e.compte, 0) + e.debit_centimes - e.credit_centimes
    assert set(par_piece.values()) <= {0}
    assert par_compte.get("512", 0) == -sum(liquide - retenu for liquide, retenu in montants)
    assert par_compte.get("409", 0) == -sum(retenu for _, retenu in montants)
    assert par_compte.get("401", 0) == 0


def test_le_fichier_des_ecritures_ne_porte_aucune_formule() -> None:
    lues = list(
        csv.DictReader(io.StringIO(ecritures_csv(PLAN, [LIGNE], date(2026, 3, 12)).decode("utf-8-sig")), delimiter=";")
    )
    assert list(lues[0]) == list(COLONNES)
    assert {ligne["Compte"] for ligne in lues} == {"6561", "401", "512", "409"}
    debits = [Decimal(ligne["Débit"].replace(",", ".")) for ligne in lues]
    assert sum(debits) == Decimal("600.00")
    assert not any(valeur.startswith(("=", "+", "-", "@")) for ligne in lues for valeur in ligne.values())


def test_une_prestation_sans_compte_a_elle_prend_celui_par_defaut() -> None:
    assert PLAN.charge("RPE") == "656"


@pytest.mark.parametrize("nom", ["=Crèche & Cie", "Les ｆｕｌｌ <b>", "Œuf & Cie", "𝕏" * 40])
def test_le_pdf_se_refait_a_l_identique_quels_que_soient_les_noms(nom: str) -> None:
    lignes = [replace(LIGNE, structure=nom, reference=f"R{rang}") for rang in range(60)]
    fichiers = [("a.csv", b"a")]
    octets = synthese_pdf(ENTETE, lignes, fichiers)
    assert octets.startswith(b"%PDF-")
    assert synthese_pdf(ENTETE, lignes, fichiers) == octets


def test_le_manifeste_dit_ce_que_l_archive_porte() -> None:
    fichiers = [("a.csv", b"alpha"), ("b.xml", b"<b/>")]
    dit = manifeste({"lot": "lot-01"}, fichiers)
    archive = archiver([*fichiers, ("manifeste.json", dit)])
    assert archiver([*fichiers, ("manifeste.json", dit)]) == archive
    with zipfile.ZipFile(io.BytesIO(archive)) as lue:
        annonces = json.loads(lue.read("manifeste.json"))["fichiers"]
        for annonce in annonces:
            contenu = lue.read(annonce["nom"])
            assert (annonce["octets"], annonce["sha256"]) == (len(contenu), hashlib.sha256(contenu).hexdigest())
    assert [annonce["nom"] for annonce in annonces] == ["a.csv", "b.xml"]
