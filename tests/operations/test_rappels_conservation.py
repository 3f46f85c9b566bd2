"""Whatever the order of revaluations and batches, what was paid or is due adds up to the last target."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.requetes_argent import dernier_droit, recouvre, versements_de_la_structure
from modeles.tables import Declaration, Lot
from operations.contexte import ActeRefuse, Contexte
from operations.lots import proposer_lot
from operations.rappels import calculer_rappels, confirmer_rappels
from operations.signatures import decider_lot
from regles.etats import EtatLot, EtatVersement, NatureVersement
from tests.conftest import contexte_de_test
from tests.operations.argent import ETAPE, LIBERE, PROPOSE, ajouter_partenaire, ajouter_structure, liberer
from tests.operations.revalorisations import (
    ACOMPTE_1,
    PREVISIONNELS,
    Publication,
    avec_publications,
    calculer_et_payer,
    declarer,
)

JANVIER = date(2026, 1, 5)
PRIX = st.lists(st.sampled_from(["9.60", "10.05", "10.40", "10.90"]), min_size=2, max_size=4)
ACTES = st.lists(st.sampled_from(["publier", "rappeler", "proposer", "liberer", "refuser"]), min_size=4, max_size=14)


def deux_structures(ctx: Contexte) -> None:
    """A crèche paid on its réel 2025, and one paid on its prévisionnel 2026."""
    with transaction(ctx.moteur) as session:
        ajouter_partenaire(session)
        for rang in (1, 2):
            ajouter_structure(session, rang)
        declarer(session, 1, "reel", 2025, ETAPE)
        declarer(session, 2, "previsionnel", 2026, PREVISIONNELS, {"heures_facturees": "30000"})
    calculer_et_payer(ctx, JANVIER)
    calculer_et_payer(ctx, JANVIER, declaration=PREVISIONNELS, paiement=ACOMPTE_1)


def decider(ctx: Contexte, decision: EtatLot, jour: date) -> None:
    """Decide every waiting batch; one that withholds an indu a rappel has overtaken can only be turned down."""
    with transaction(ctx.moteur) as session:
        attente = session.exec(select(Lot.id).where(Lot.etat == EtatLot.PROPOSE).order_by(col(Lot.id))).all()
    for lot in attente:
        if decision is EtatLot.LIBERE and est_signe(ctx, lot or 0, jour):
            continue
        decider_lot(ctx, lot or 0, EtatLot.REFUSE, LIBERE, "relu", jour)


def est_signe(ctx: Contexte, lot: int, jour: date) -> bool:
    """Sign a batch; False when it is overtaken."""
    try:
        liberer(ctx, lot, jour)
    except ActeRefuse as refus:
        if "le droit a changé" not in str(refus):
            raise
        return False
    return True


def rappeler(ctx: Contexte, jour: date) -> None:
    """Confirm the list as read, when it holds anything."""
    lue = calculer_rappels(ctx, (2025, 2026), jour)
    if lue.changees:
        bilan = confirmer_rappels(ctx, (2025, 2026), lue.empreinte, PROPOSE, "publication lue", jour)
        assert bilan.dus.total_centimes(NatureVersement.RAPPEL) == lue.a_payer_centimes
        assert bilan.dus.total_centimes(NatureVersement.INDU) == lue.a_recouvrer_centimes
    assert calculer_rappels(ctx, (2025, 2026), jour).changees == ()


def soldes(session: Session, structure: int, exercice: int) -> tuple[int, int]:
    """What stands (paid, due, less the indus) and what was paid less what came back, in cents."""
    debout = verse = 0
    for versement in versements_de_la_structure(session, structure, exercice):
        signe = -1 if versement.nature is NatureVersement.INDU else 1
        if versement.etat is not EtatVersement.ANNULE:
            debout += signe * versement.montant_centimes
        if versement.etat is EtatVersement.LIBERE:
            verse += versement.montant_centimes
        verse -= recouvre(session, versement.id or 0, rentre=True)
    return debout, verse


def verifier(ctx: Contexte) -> None:
    """The réel stands at its right, to the cent; the acompte at its share, or at what was paid when that is more."""
    with transaction(ctx.moteur) as session:
        for declaration in session.exec(select(Declaration)):
            droit = dernier_droit(session, declaration.id or 0)
            assert droit is not None
            montant = droit.montant_centimes or 0
            debout, verse = soldes(session, declaration.structure_id, declaration.exercice)
            if declaration.nature == "reel":
                assert debout == montant
            else:
                assert debout == max((35 * montant + 50) // 100, verse)


def derouler(ctx: Contexte, actes: list[str], dernier_mois: int) -> None:
    """Play the acts, a publication a month; then decide what waits, and recall with all that is known."""
    mois = 1
    for acte in actes:
        jour = max(JANVIER, date(2026, mois, 1))
        if acte == "publier":
            mois = min(mois + 1, dernier_mois)
        elif acte == "rappeler":
            rappeler(ctx, jour)
        elif acte == "proposer":
            for etape in (ETAPE, ACOMPTE_1):
                proposer_lot(ctx, etape, PROPOSE, jour)
        else:
            decider(ctx, EtatLot.LIBERE if acte == "liberer" else EtatLot.REFUSE, jour)
    dernier = date(2026, dernier_mois, 1)
    decider(ctx, EtatLot.LIBERE, dernier)
    rappeler(ctx, dernier)


@example(prix=["9.60", "10.05"], actes=["publier", "rappeler", "publier", "proposer", "rappeler"])
@given(prix=PRIX, actes=ACTES)
@settings(max_examples=12, deadline=None)
def test_aucun_ordre_ne_perd_un_centime(prix: list[str], actes: list[str]) -> None:
    publications = [
        Publication(exercice, date(2026, mois, 1), valeur)
        for mois, valeur in enumerate(prix, start=2)
        for exercice in (2025, 2026)
    ]
    with (
        TemporaryDirectory() as dossier,
        pytest.MonkeyPatch.context() as environnement,
        contexte_de_test("sqlite", Path(dossier), environnement) as sans,
    ):
        ctx = avec_publications(sans, Path(dossier), *publications)
        deux_structures(ctx)
        derouler(ctx, actes, len(prix) + 1)
        verifier(ctx)
