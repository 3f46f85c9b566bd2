"""Statistical secrecy: which counts of people are not shown, so that none below a threshold is told or worked out.

A count from 1 to the threshold minus one is masked. Others are then masked with it, smallest first, until in every sum
that is shown the masked counts are several and reach the threshold together, and no masked count follows from the shown
ones by additions and subtractions. A count of zero says nothing of anybody: it is shown, unless hiding it is all that
keeps a small count from being worked out.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

Cle = TypeVar("Cle", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Somme(Generic[Cle]):
    """A sum that a reader can see: the counts added, and their total."""

    parts: tuple[Cle, ...]
    total: Cle


def masquer(comptes: Mapping[Cle, int], sommes: Sequence[Somme[Cle]], seuil: int) -> frozenset[Cle]:
    """Give the counts to mask, always the same for the same tables in the same order.

    A total that counts once what stands in two of its parts is taken as their sum.
    """
    masques = [cle for cle, nombre in comptes.items() if 0 < nombre < seuil]
    while masques:
        a_cacher = _manque(comptes, sommes, seuil, masques)
        if a_cacher is None:
            break
        masques.append(a_cacher)
    return frozenset(masques)


def _manque(
    comptes: Mapping[Cle, int], sommes: Sequence[Somme[Cle]], seuil: int, masques: Collection[Cle]
) -> Cle | None:
    """Give the next count to mask, or None when nothing small can be worked out any more."""
    for somme in sommes:
        caches = [cle for cle in somme.parts if cle in masques]
        seul = len(caches) == 1 or sum(comptes[cle] for cle in caches) < seuil
        if caches and somme.total not in masques and seul:
            candidat = _plus_petit(comptes, masques, (somme,))
            if candidat is not None:
                return candidat
    deduits = deductibles(masques, sommes)
    for cle in deduits:
        candidat = _plus_petit(comptes, masques, [s for s in sommes if cle in s.parts or cle == s.total])
        if candidat is not None:
            return candidat
    if any(0 < comptes[cle] < seuil for cle in deduits):
        candidat = _plus_petit(comptes, masques, sommes)
        return _plus_petit(comptes, masques, sommes, zeros=True) if candidat is None else candidat
    return None


def _plus_petit(
    comptes: Mapping[Cle, int], masques: Collection[Cle], sommes: Sequence[Somme[Cle]], *, zeros: bool = False
) -> Cle | None:
    """Give the smallest count still shown in some sums, a part before a total; the first of equals."""
    for candidats in ([c for s in sommes for c in s.parts], [s.total for s in sommes]):
        montres = [c for c in candidats if c not in masques and (zeros or comptes[c])]
        if montres:
            return min(montres, key=lambda c: comptes[c])
    return None


def deductibles(masques: Collection[Cle], sommes: Sequence[Somme[Cle]]) -> list[Cle]:
    """Give the masked counts that the shown ones and the sums determine: those alone in a line once solved."""
    rang = {cle: place for place, cle in enumerate(masques)}
    lignes = []
    for somme in sommes:
        ligne = [Fraction(0)] * len(rang)
        for cle in somme.parts:
            if cle in rang:
                ligne[rang[cle]] += 1
        if somme.total in rang:
            ligne[rang[somme.total]] -= 1
        lignes.append(ligne)
    cles = list(rang)
    resolues = (reduite for reduite in _reduire(lignes) if sum(map(bool, reduite)) == 1)
    return [cles[next(place for place, valeur in enumerate(reduite) if valeur)] for reduite in resolues]


def _reduire(matrice: list[list[Fraction]]) -> list[list[Fraction]]:
    """Bring a matrix to its reduced row echelon form."""
    fixees = 0
    for colonne in range(len(matrice[0]) if matrice else 0):
        pivot = next((rang for rang in range(fixees, len(matrice)) if matrice[rang][colonne]), None)
        if pivot is None:
            continue
        matrice[fixees], matrice[pivot] = matrice[pivot], matrice[fixees]
        tete = matrice[fixees][colonne]
        norme = matrice[fixees] = [valeur / tete for valeur in matrice[fixees]]
        for rang, ligne in enumerate(matrice):
            if rang != fixees and ligne[colonne]:
                facteur = ligne[colonne]
                matrice[rang] = [valeur - facteur * n for valeur, n in zip(ligne, norme, strict=True)]
        fixees += 1
    return matrice
