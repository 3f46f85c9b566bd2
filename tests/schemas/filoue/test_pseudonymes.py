"""Pseudonyms: the same child is met again, nobody else is, and nothing leads back to a matricule or a birth date."""

import hashlib
import traceback
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regles.filoue import VersionFiloue
from schemas.filoue.lecture import lire
from schemas.filoue.pseudonymes import ENFANT, FAMILLE, MOIS, pseudonymiser
from schemas.filoue.silence import ErreurFiloue
from tests.schemas.filoue.fichiers import CLE, fichier, reglages

FRATRIE = [{}, {"DATE_NAISSANCE_INDIVIDU": "02/05/2022"}, {"MATRICULE": "7654321"}]
SANS = {"MATRICULE": "", "TOP_ALLOC": "0"}


def _table(*changes: dict[str, str], version: VersionFiloue = VersionFiloue.V3) -> pl.DataFrame:
    table = lire(fichier(*changes, version=version), reglages()).table
    assert table is not None
    return table


def test_une_famille_et_ses_enfants() -> None:
    rendue = pseudonymiser(_table(*FRATRIE), CLE)
    familles, enfants = rendue[FAMILLE].to_list(), rendue[ENFANT].to_list()
    assert familles[0] == familles[1] != familles[2]
    assert len({*familles, *enfants}) == 5
    assert all(len(code) == 64 and int(code, 16) for code in (*familles, *enfants))
    assert rendue[MOIS].to_list() == [date(2024, 3, 1), date(2022, 5, 1), date(2024, 3, 1)]


def test_d_un_fichier_et_d_une_annee_a_l_autre() -> None:
    avant = pseudonymiser(_table({"PREMIERJOUR": "01/01/2020"}, version=VersionFiloue.V1), CLE)
    apres = pseudonymiser(_table(*reversed(FRATRIE), {"MATRICULE": "0123456x", "REGIME": "3"}), CLE)
    assert apres[ENFANT][2] == apres[ENFANT][3] == avant[ENFANT][0]
    assert apres[FAMILLE][2] == apres[FAMILLE][3] == avant[FAMILLE][0]


def test_une_autre_cle_donne_d_autres_pseudonymes() -> None:
    table = _table(*FRATRIE)
    une, autre = pseudonymiser(table, CLE), pseudonymiser(table, CLE[::-1])
    for colonne in (FAMILLE, ENFANT):
        assert not set(une[colonne]) & set(autre[colonne])


def test_sans_la_cle_un_pseudonyme_ne_se_retrouve_pas() -> None:
    code = pseudonymiser(_table({}), CLE)[FAMILLE][0]
    assert code not in {hashlib.sha256(texte).hexdigest() for texte in (b"0123456", b"filoue/famille\x000123456")}


def test_sans_matricule_pas_de_famille_et_un_enfant_par_ligne() -> None:
    rendue = pseudonymiser(_table(SANS, SANS, {}), CLE)
    assert rendue[FAMILLE].null_count() == 2
    assert rendue[ENFANT].n_unique() == 3
    assert rendue[ENFANT].null_count() == 0


def test_il_ne_reste_rien_qui_nomme_un_enfant() -> None:
    rendue = pseudonymiser(_table({}), CLE)
    assert rendue.columns[:4] == ["LIGNE", FAMILLE, ENFANT, MOIS]
    assert not {"MATRICULE", "DATE_NAISSANCE_INDIVIDU", "VILLE_FAMILLE"} & set(rendue.columns)
    assert rendue["CODE_POSTAL_FAMILLE"].to_list() == ["52100"]
    texte = rendue.write_csv()
    assert not [v for v in ("0123456", "14/03/2024", "2024-03-14", "SAINT-DIZIER") if v in texte]


def test_une_naissance_illisible_garde_la_famille() -> None:
    rendue = pseudonymiser(_table({}, {"DATE_NAISSANCE_INDIVIDU": ""}), CLE)
    assert rendue[FAMILLE].n_unique() == 1
    assert rendue[MOIS].to_list() == [date(2024, 3, 1), None]


@pytest.mark.parametrize("cle", [b"", b"courte", bytes(31)])
def test_une_cle_courte_est_refusee(cle: bytes) -> None:
    with pytest.raises(ValueError, match="trop courte"):
        pseudonymiser(_table({}), cle)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["0000001", "0000002", "0000003K", "0000003", ""]), min_size=1, max_size=12))
def test_un_pseudonyme_par_matricule_dans_l_ordre_des_lignes(matricules: list[str]) -> None:
    table = _table(*({"MATRICULE": m} for m in matricules))
    rendue = pseudonymiser(table, CLE)
    par_matricule = {m.rstrip("K"): code for m, code in zip(matricules, rendue[FAMILLE], strict=True)}
    assert [par_matricule[m.rstrip("K")] for m in matricules] == rendue[FAMILLE].to_list()
    assert len(set(par_matricule.values())) == len(par_matricule)
    assert rendue["LIGNE"].to_list() == list(range(2, len(matricules) + 2))
    assert rendue.equals(pseudonymiser(table, CLE))


def test_une_faute_du_programme_ne_cite_aucune_valeur() -> None:
    abimee = _table({}).with_columns(DATE_NAISSANCE_INDIVIDU=pl.lit("0123456, 14/03/2024"))
    with pytest.raises(ErreurFiloue) as erreur:
        pseudonymiser(abimee, CLE)
    dit = "".join(traceback.format_exception(erreur.value))
    assert "0123456" not in dit
    assert "14/03/2024" not in dit
    assert erreur.value.__context__ is None
    assert erreur.value.__cause__ is None
