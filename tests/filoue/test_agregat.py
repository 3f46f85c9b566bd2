"""The département's aggregate: each child once, small counts masked and not to be found again, the same bytes."""

import io
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from demonstration.filoue import Enfant, additionner, ecrire, inventer
from echanges.filoue.agregat import MASQUE
from echanges.filoue.vues import TOTAL
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.agregat import HORS_DEPARTEMENT, NON_DIT, PLUSIEURS, agreger, ecrire_agregat
from tests.filoue.fabrique import EXERCICE, poser_creche, recevoir

CHAUMONT, LANGRES, TROIS_FORETS = "CA de Chaumont", "CC du Grand Langres", "CC des Trois Forêts"
GENERAL, MSA = "Régime général", "MSA"


def _enfants(nombre: int, sujet: str, regime: str = "1", code_postal: str = "52000") -> tuple[Enfant, ...]:
    return tuple(replace(e, regime=regime, code_postal=code_postal) for e in inventer(nombre, EXERCICE, sujet))


def _poser(contexte: Contexte, code: str, epci: str, enfants: Sequence[Enfant]) -> None:
    recevoir(contexte, code, ecrire(enfants, poser_creche(contexte, code, epci)))


def _enfants_de(contexte: Contexte, tableau: int = 0) -> dict[tuple[str, str], int | str]:
    cases = agreger(contexte, EXERCICE).tableaux[tableau].cases
    return {cle: MASQUE if case is None else case.enfants for cle, case in cases.items()}


def test_enfants_et_heures_par_territoire_et_regime(contexte: Contexte) -> None:
    chaumont, langres = _enfants(12, "c"), _enfants(9, "l", regime="2")
    _poser(contexte, "EAJE01", CHAUMONT, chaumont)
    _poser(contexte, "EAJE02", LANGRES, langres)
    cases = agreger(contexte, EXERCICE).tableaux[0].cases

    assert {cle: case.enfants for cle, case in cases.items() if case and case.enfants} == {
        (CHAUMONT, GENERAL): 12, (CHAUMONT, TOTAL): 12, (LANGRES, MSA): 9, (LANGRES, TOTAL): 9,
        (TOTAL, GENERAL): 12, (TOTAL, MSA): 9, (TOTAL, TOTAL): 21,
    }  # fmt: skip
    ensemble = cases[TOTAL, TOTAL]
    assert ensemble is not None
    attendues = additionner([*chaumont, *langres])
    assert ensemble.heures_facturees == Decimal(attendues.facturees) / 100
    assert ensemble.heures_realisees == Decimal(attendues.realisees) / 100


def test_un_enfant_de_deux_structures_est_compte_une_fois_dans_chaque_ensemble(contexte: Contexte) -> None:
    communs = _enfants(7, "communs")
    _poser(contexte, "EAJE01", CHAUMONT, [*communs, *_enfants(10, "c")])
    _poser(contexte, "EAJE02", LANGRES, [*communs, *_enfants(10, "l")])
    _poser(contexte, "EAJE03", LANGRES, communs)
    comptes = _enfants_de(contexte)

    assert (comptes[CHAUMONT, TOTAL], comptes[LANGRES, TOTAL], comptes[TOTAL, TOTAL]) == (17, 17, 27)
    ensemble = agreger(contexte, EXERCICE).tableaux[0].cases[TOTAL, TOTAL]
    assert ensemble is not None
    heures = additionner([*communs * 3, *_enfants(10, "c"), *_enfants(10, "l")])
    assert ensemble.heures_facturees == Decimal(heures.facturees) / 100


def test_un_enfant_sans_matricule_compte_pour_un(contexte: Contexte) -> None:
    _poser(contexte, "EAJE01", CHAUMONT, [replace(e, matricule="") for e in _enfants(8, "sans")])
    assert _enfants_de(contexte)[CHAUMONT, TOTAL] == 8


def test_un_petit_effectif_entraine_le_plus_petit_voisin_et_ses_heures(contexte: Contexte) -> None:
    _poser(contexte, "EAJE01", CHAUMONT, [*_enfants(40, "a"), *_enfants(3, "b", regime="2")])
    _poser(contexte, "EAJE02", LANGRES, [*_enfants(30, "c"), *_enfants(20, "d", regime="2")])
    _poser(contexte, "EAJE03", TROIS_FORETS, [*_enfants(25, "e"), *_enfants(10, "f", regime="2")])
    comptes = _enfants_de(contexte)

    masquees = {cle for cle, nombre in comptes.items() if nombre == MASQUE}
    assert masquees == {(CHAUMONT, MSA), (CHAUMONT, GENERAL), (TROIS_FORETS, MSA), (TROIS_FORETS, GENERAL)}
    assert comptes[TOTAL, MSA] == 33


def test_le_territoire_de_la_famille_vient_du_code_postal_quand_il_est_sur(contexte: Contexte) -> None:
    codes = {"52000": CHAUMONT, "52700": PLUSIEURS, "51300": HORS_DEPARTEMENT, "": NON_DIT}
    enfants = [e for code in codes for e in _enfants(6, f"p{code}", code_postal=code)]
    _poser(contexte, "EAJE01", LANGRES, enfants)
    tableau = agreger(contexte, EXERCICE).tableaux[1]

    assert tableau.territoires == (CHAUMONT, PLUSIEURS, HORS_DEPARTEMENT, NON_DIT)
    assert {t: _enfants_de(contexte, 1)[t, TOTAL] for t in tableau.territoires} == dict.fromkeys(codes.values(), 6)


def test_le_classeur_et_la_page_disent_la_meme_chose_aux_memes_octets(contexte: Contexte, tmp_path: Path) -> None:
    _poser(contexte, "EAJE01", CHAUMONT, [*_enfants(40, "a"), *_enfants(3, "b", regime="2")])
    poser_creche(contexte, "EAJE02")
    bilan = ecrire_agregat(contexte, EXERCICE, tmp_path / "un")
    encore = ecrire_agregat(contexte, EXERCICE, tmp_path / "deux")
    classeur, page = (chemin.read_bytes() for chemin in bilan.chemins)

    assert [c.read_bytes() for c in encore.chemins] == [classeur, page]
    feuilles = load_workbook(io.BytesIO(classeur))
    lignes = {li[0]: li[1:] for li in feuilles["EPCI de la structure"].iter_rows(min_row=4, values_only=True)}
    assert lignes[CHAUMONT][:4] == (MASQUE, MASQUE, 0, 43)
    assert feuilles["EPCI de la structure"]["B4"].data_type == "s"
    texte = page.decode()
    assert "Fichiers reçus et acceptés : 1 sur 2 EAJE attendus ; sans fichier : EAJE02." in texte
    assert "DÉMONSTRATION" in texte
    assert "<svg" in texte
    assert MASQUE in texte
    assert not {"http://", "https://"} & set(texte.replace("http://www.w3.org/2000/svg", "").split('"'))


def test_sans_fichier_ou_sans_campagne_le_refus_est_une_phrase(contexte: Contexte, tmp_path: Path) -> None:
    with pytest.raises(ActeRefuse, match="Aucun fichier Filoué 2025 n'est accepté"):
        agreger(contexte, EXERCICE)
    with pytest.raises(ActeRefuse, match="Aucune campagne Filoué ne porte sur l'exercice 2031"):
        agreger(contexte, 2031)
