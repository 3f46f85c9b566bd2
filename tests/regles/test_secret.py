from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regles.secret import Somme, deductibles, masquer

SEUIL = 5
LIGNE = Somme(("a", "b", "c"), "total")


@pytest.mark.parametrize(
    ("comptes", "masques"),
    [
        ({"a": 5, "b": 6, "c": 7}, set()),
        ({"a": 0, "b": 6, "c": 7}, set()),  # zero says nothing of anybody
        ({"a": 4, "b": 6, "c": 7}, {"a", "b"}),  # 17 − 6 − 7 would give 4: the next smallest goes with it
        ({"a": 4, "b": 3, "c": 7}, {"a", "b"}),  # 7 together: neither follows
        ({"a": 1, "b": 3, "c": 7}, {"a", "b", "c"}),  # 4 together would still be a small count
        ({"a": 4, "b": 0, "c": 0}, {"a", "total"}),  # the total is the same four children
        ({"a": 1, "b": 1, "c": 1}, {"a", "b", "c", "total"}),
        ({"a": 0, "b": 0, "c": 0}, set()),
    ],
)
def test_une_ligne_et_son_total(comptes: dict[str, int], masques: set[str]) -> None:
    assert masquer(comptes | {"total": sum(comptes.values())}, [LIGNE], SEUIL) == masques


def _grille(lignes: int, colonnes: int) -> list[Somme[tuple[int, int]]]:
    """Sums of a grid; the last line and column, of index `lignes` and `colonnes`, are totals."""
    rangees = [Somme(tuple((r, c) for c in range(colonnes)), (r, colonnes)) for r in range(lignes + 1)]
    piles = [Somme(tuple((r, c) for r in range(lignes)), (lignes, c)) for c in range(colonnes + 1)]
    return rangees + piles


def _comptes(valeurs: list[list[int]]) -> dict[tuple[int, int], int]:
    lignes, colonnes = len(valeurs), len(valeurs[0])
    comptes = {(r, c): valeurs[r][c] for r, c in product(range(lignes), range(colonnes))}
    comptes |= {(r, colonnes): sum(valeurs[r]) for r in range(lignes)}
    comptes |= {(lignes, c): sum(valeurs[r][c] for r in range(lignes)) for c in range(colonnes)}
    return comptes | {(lignes, colonnes): sum(map(sum, valeurs))}


def test_dans_une_grille_une_cellule_masquee_ne_se_retrouve_pas_par_l_autre_sens() -> None:
    # Masking (0,0) and its neighbour (0,1) leaves each alone in its column: the grid hides a second line.
    comptes = _comptes([[3, 8, 20], [30, 9, 21], [40, 50, 22]])
    masques = masquer(comptes, _grille(3, 3), SEUIL)

    assert masques == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert deductibles(masques, _grille(3, 3)) == []


def test_ce_que_les_sommes_determinent_est_dit() -> None:
    assert deductibles([(0, 0), (0, 1)], _grille(2, 2)) == [(0, 0), (0, 1)]
    assert deductibles([(0, 0), (0, 1), (1, 0), (1, 1)], _grille(2, 2)) == []


@settings(deadline=None)
@example([[0, 1, 0], [1, 4, 0], [1, 0, 4]])  # only zeros are left to hide
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=1, max_size=5))
def test_aucun_petit_effectif_n_est_montre_ni_deduit(valeurs: list[list[int]]) -> None:
    comptes, sommes = _comptes(valeurs), _grille(len(valeurs), 3)
    masques = masquer(comptes, sommes, SEUIL)

    assert all(comptes[cle] == 0 or comptes[cle] >= SEUIL for cle in comptes.keys() - masques)
    assert not any(0 < comptes[cle] < SEUIL for cle in deductibles(masques, sommes))
    for somme in sommes:
        caches = [comptes[cle] for cle in somme.parts if cle in masques]
        if caches and somme.total not in masques:
            assert len(caches) > 1
            assert sum(caches) >= SEUIL


@given(st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_masquer_ne_cache_rien_quand_rien_n_est_petit(valeurs: list[int]) -> None:
    grands = {rang: valeur + SEUIL for rang, valeur in enumerate(valeurs)}
    total = len(valeurs)

    assert masquer(grands | {total: sum(grands.values())}, [Somme(tuple(grands), total)], SEUIL) == frozenset()
