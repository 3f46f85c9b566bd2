"""Solde and indu: what is written always brings what is settled back to the right."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.etats import EtatVersement, NatureVersement
from regles.versements import Ecriture, regulariser

ACOMPTE = Ecriture(NatureVersement.ACOMPTE, EtatVersement.REPRISE, 70_000)


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
    ],
)
def test_regularisation(droit: int, ecritures: list[Ecriture], nature: str, montant: int, remplace: bool) -> None:
    suite = regulariser(droit, ecritures)
    assert (suite.montant_centimes, suite.remplace_les_ouverts) == (montant, remplace)
    if montant:
        assert suite.nature == nature


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**9),
            st.sampled_from(["rien", "mise en lot", "libération", "refus du lot"]),
        ),
        max_size=12,
    )
)
def test_aucun_centime_ne_se_perd(histoire: list[tuple[int, str]]) -> None:
    """Whatever corrections and batches follow one another, paid + open − owed back equals the last right."""
    ecritures: list[Ecriture] = []
    for droit, evenement in histoire:
        ecritures = [replace(e, est_a_jour=False) for e in ecritures]
        suite = regulariser(droit, ecritures)
        if suite.remplace_les_ouverts:
            ouverts = {EtatVersement.DU, EtatVersement.A_RECOUVRER}
            ecritures = [e for e in ecritures if e.etat not in ouverts]
        if suite.montant_centimes:
            indu = suite.nature is NatureVersement.INDU
            etat = EtatVersement.A_RECOUVRER if indu else EtatVersement.DU
            ecritures.append(Ecriture(suite.nature, etat, suite.montant_centimes))
        assert sum(e.signe for e in ecritures) == droit
        assert all(e.montant_centimes > 0 for e in ecritures)
        assert regulariser(droit, ecritures).montant_centimes == 0
        passages = {
            "mise en lot": {EtatVersement.DU: EtatVersement.EN_LOT},
            "libération": {EtatVersement.EN_LOT: EtatVersement.LIBERE},
            "refus du lot": {EtatVersement.EN_LOT: EtatVersement.DU},
        }.get(evenement, {})
        ecritures = [replace(e, etat=passages.get(e.etat, e.etat)) for e in ecritures]
