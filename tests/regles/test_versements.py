"""Solde and indu: what is written always brings what is settled back to the right."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.etats import EtatVersement, NatureVersement
from regles.versements import APayer, ARecouvrer, Ecriture, regulariser, retenir

ACOMPTE = Ecriture(NatureVersement.ACOMPTE, EtatVersement.REPRISE, 70_000)
INDU = Ecriture(NatureVersement.INDU, EtatVersement.A_RECOUVRER, 10_000)


@pytest.mark.parametrize(
    ("droit", "ecritures", "nature", "montant", "remplace"),
    [
        (100_000, [ACOMPTE], "solde", 30_000, False),
        (60_000, [ACOMPTE], "indu", 10_000, False),
        (70_000, [ACOMPTE], "solde", 0, False),
        (100_000, [ACOMPTE, Ecriture(NatureVersement.SOLDE, EtatVersement.DU, 30_000)], "solde", 0, False),
        (100_000, [ACOMPTE, Ecriture(NatureVersement.SOLDE, EtatVersement.LIBERE, 30_000)], "solde", 0, False),
        (101_000, [ACOMPTE, Ecriture(NatureVersement.SOLDE, EtatVersement.DU, 30_000)], "solde", 31_000, True),
        (101_000, [ACOMPTE, Ecriture(NatureVersement.SOLDE, EtatVersement.EN_LOT, 30_000)], "solde", 1_000, False),
        (60_000, [ACOMPTE, Ecriture(NatureVersement.SOLDE, EtatVersement.DU, 30_000)], "indu", 10_000, True),
        (65_000, [ACOMPTE, Ecriture(NatureVersement.INDU, EtatVersement.A_RECOUVRER, 10_000)], "indu", 5_000, True),
        (100_000, [Ecriture(NatureVersement.SOLDE, EtatVersement.ANNULE, 5)], "solde", 100_000, False),
        (0, [], "solde", 0, False),
        (100_000, [ACOMPTE, Ecriture(NatureVersement.SOLDE, EtatVersement.DU, 30_000, False)], "solde", 30_000, True),
        (65_000, [ACOMPTE, replace(INDU, est_entamee=True)], "solde", 5_000, False),
        (60_000, [ACOMPTE, replace(INDU, est_entamee=True)], "solde", 0, False),
        (55_000, [ACOMPTE, replace(INDU, est_entamee=True)], "indu", 5_000, False),
        (65_000, [ACOMPTE, replace(INDU, etat=EtatVersement.RECOUVRE)], "solde", 5_000, False),
    ],
)
def test_regularisation(droit: int, ecritures: list[Ecriture], nature: str, montant: int, remplace: bool) -> None:
    suite = regulariser(droit, ecritures, NatureVersement.SOLDE, definitif=True)
    assert (suite.montant_centimes, suite.remplace_les_ouverts) == (montant, remplace)
    if montant:
        assert suite.nature == nature


@pytest.mark.parametrize(
    ("cible", "ecritures", "montant", "remplace"),
    [
        (35_000, [], 35_000, False),
        (70_000, [replace(ACOMPTE, montant_centimes=35_000)], 35_000, False),
        (60_000, [ACOMPTE], 0, False),
        (70_000, [ACOMPTE], 0, False),
        (60_000, [ACOMPTE, Ecriture(NatureVersement.ACOMPTE, EtatVersement.DU, 5_000)], 0, True),
        (35_000, [Ecriture(NatureVersement.ACOMPTE, EtatVersement.DU, 35_000)], 0, False),
        (36_000, [Ecriture(NatureVersement.ACOMPTE, EtatVersement.DU, 35_000, False)], 36_000, True),
    ],
)
def test_un_acompte_ne_se_reprend_pas(cible: int, ecritures: list[Ecriture], montant: int, remplace: bool) -> None:
    suite = regulariser(cible, ecritures, NatureVersement.ACOMPTE, definitif=False)
    assert (suite.nature, suite.montant_centimes, suite.remplace_les_ouverts) == ("acompte", montant, remplace)


EVENEMENTS = ["rien", "mise en lot", "libération", "refus du lot", "recouvrement d'une part", "recouvrement"]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.booleans(), st.sampled_from(EVENEMENTS)), max_size=12))
def test_aucun_centime_ne_se_perd(histoire: list[tuple[int, bool, str]]) -> None:
    """Whatever corrections and batches follow one another, paid + open − owed back equals the last target.

    Under an acompte too much may have been paid: then nothing is written, and never more than before.
    """
    ecritures: list[Ecriture] = []
    for cible, definitif, evenement in histoire:
        ecritures = [replace(e, est_a_jour=False) for e in ecritures]
        suite = regulariser(cible, ecritures, NatureVersement.SOLDE, definitif=definitif)
        if suite.remplace_les_ouverts:
            ecritures = [e for e in ecritures if not e.est_ouverte]
        if suite.montant_centimes:
            indu = suite.nature is NatureVersement.INDU
            etat = EtatVersement.A_RECOUVRER if indu else EtatVersement.DU
            ecritures.append(Ecriture(suite.nature, etat, suite.montant_centimes))
        engage = sum(e.signe for e in ecritures if e.est_engagee)
        assert sum(e.signe for e in ecritures) == (cible if definitif else max(cible, engage))
        assert all(e.montant_centimes > 0 for e in ecritures)
        assert regulariser(cible, ecritures, NatureVersement.SOLDE, definitif=definitif).montant_centimes == 0
        ecritures = [_vivre(e, evenement) for e in ecritures]


def _vivre(ecriture: Ecriture, evenement: str) -> Ecriture:
    """What an event of the batch or of the recovery does to one entry."""
    if evenement.startswith("recouvrement"):
        if ecriture.etat is not EtatVersement.A_RECOUVRER:
            return ecriture
        entier = evenement == "recouvrement"
        return replace(ecriture, est_entamee=True, etat=EtatVersement.RECOUVRE if entier else ecriture.etat)
    passages = {
        "mise en lot": {EtatVersement.DU: EtatVersement.EN_LOT},
        "libération": {EtatVersement.EN_LOT: EtatVersement.LIBERE},
        "refus du lot": {EtatVersement.EN_LOT: EtatVersement.DU},
    }.get(evenement, {})
    return replace(ecriture, etat=passages.get(ecriture.etat, ecriture.etat))


@pytest.mark.parametrize(
    ("dus", "indus", "retenues"),
    [
        ([("A", 100, "1")], [("I1", 60)], [("A", "I1", 60)]),
        ([("A", 100, "0.5")], [("I1", 60)], [("A", "I1", 50)]),
        ([("A", 101, "0.5")], [("I1", 60)], [("A", "I1", 50)]),
        ([("A", 100, "0")], [("I1", 60)], []),
        ([("A", 100, "1")], [], []),
        ([("A", 100, "1")], [("I1", 60), ("I2", 60)], [("A", "I1", 60), ("A", "I2", 40)]),
        (
            [("A", 100, "0.5"), ("B", 100, "0.5")],
            [("I1", 70), ("I2", 40)],
            [("A", "I1", 50), ("B", "I1", 20), ("B", "I2", 30)],
        ),
        ([("A", 1, "0.5")], [("I1", 60)], []),
    ],
)
def test_retenues(
    dus: list[tuple[str, int, str]], indus: list[tuple[str, int]], retenues: list[tuple[str, str, int]]
) -> None:
    trouvees = retenir([APayer(r, m, Fraction(p)) for r, m, p in dus], [ARecouvrer(r, m) for r, m in indus])
    assert [(t.a_payer, t.indu, t.montant_centimes) for t in trouvees] == retenues


@given(
    st.lists(st.tuples(st.integers(1, 10**9), st.fractions(0, 1)), max_size=8),
    st.lists(st.integers(1, 10**9), max_size=6),
)
def test_on_ne_retient_ni_trop_ni_dans_le_desordre(dus: list[tuple[int, Fraction]], indus: list[int]) -> None:
    a_payer = [APayer(f"A{i}", montant, part) for i, (montant, part) in enumerate(dus)]
    a_recouvrer = [ARecouvrer(f"I{i}", montant) for i, montant in enumerate(indus)]
    retenues = retenir(a_payer, a_recouvrer)
    par_du = {du.reference: sum(r.montant_centimes for r in retenues if r.a_payer == du.reference) for du in a_payer}
    par_indu = {i.reference: sum(r.montant_centimes for r in retenues if r.indu == i.reference) for i in a_recouvrer}
    assert all(par_du[du.reference] <= du.part_retenue * du.montant_centimes for du in a_payer)
    assert all(par_indu[i.reference] <= i.restant_centimes for i in a_recouvrer)
    restants = [i.restant_centimes - par_indu[i.reference] for i in a_recouvrer]
    entames = [rang for rang, i in enumerate(a_recouvrer) if par_indu[i.reference]]
    assert all(restants[rang] == 0 for rang in range(max(entames, default=0)))
    if any(restants):
        assert all(par_du[du.reference] == int(du.part_retenue * du.montant_centimes) for du in a_payer)
