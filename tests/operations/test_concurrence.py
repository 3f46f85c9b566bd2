"""Eight processes at once: each due in one batch once, and a batch that several hands touch stays of one piece."""

import multiprocessing
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.synchronize import Barrier

import pytest
from sqlmodel import col, select

from modeles.base import creer_moteur, transaction
from modeles.tables import LigneLot, Lot, Versement
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.journal import verifier_journal
from operations.lots import proposer_lot
from operations.signatures import decider_lot, ordonner_lot
from operations.suspensions import suspendre
from regles.etats import EtatLigne, EtatLot, EtatVersement
from schemas.configuration.reglages import Reglages
from tests.operations.argent import (
    ETAPE,
    JOUR,
    LES_DEUX,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_partenaire,
    ajouter_reel,
)

# Processes forked from a clean one: the one that runs the tests may hold threads.
ENSEMBLE = multiprocessing.get_context("forkserver")
ENSEMBLE.set_forkserver_preload([__name__])
ATTENTE_S = 60
Geste = Callable[[Contexte], object]


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Six réels to pay."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        for rang in range(1, 7):
            ajouter_reel(session, rang, 1_000 * rang, 0)
    contexte_deux_bases.moteur.dispose()
    return contexte_deux_bases


def tous_ensemble(ctx: Contexte, gestes: Sequence[Geste]) -> None:
    """Do each act in a process of its own, all at once; a refusal is an answer, anything else fails."""
    depart = ENSEMBLE.Barrier(len(gestes))
    processus = [ENSEMBLE.Process(target=agir, args=(ctx.reglages, geste, depart)) for geste in gestes]
    for un in processus:
        un.start()
    for un in processus:
        un.join(ATTENTE_S)
    assert [un.exitcode for un in processus] == [0] * len(gestes)


def agir(reglages: Reglages, geste: Geste, depart: Barrier) -> None:
    ici = Contexte(reglages, creer_moteur(reglages.base_url))
    depart.wait(ATTENTE_S)
    try:
        geste(ici)
    except ActeRefuse as refus:
        print(refus)


def preparer_et_proposer(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    proposer_lot(ctx, ETAPE, PROPOSE, JOUR)


def test_huit_processus_ne_paient_chaque_du_qu_une_fois(ctx: Contexte) -> None:
    tous_ensemble(ctx, [preparer_et_proposer] * 8)
    with transaction(ctx.moteur) as session:
        dus = session.exec(select(Versement)).all()
        lignes = session.exec(select(LigneLot)).all()
        lots = session.exec(select(Lot)).all()
    assert sorted(du.montant_centimes for du in dus) == [1_000 * rang for rang in range(1, 7)]
    assert sorted(ligne.versement_id for ligne in lignes) == sorted(du.id or 0 for du in dus)
    assert [(lot.nombre, lot.total_centimes) for lot in lots] == [(6, 21_000)]
    assert verifier_journal(ctx).rupture is None


@pytest.mark.parametrize("essai", range(3))
def test_un_lot_que_tous_touchent_reste_entier(ctx: Contexte, essai: int) -> None:
    preparer_et_proposer(ctx)
    if essai:
        ordonner_lot(ctx, 1, ORDONNE, JOUR)
    if essai == 2:
        decider_lot(ctx, 1, EtatLot.LIBERE, LIBERE, jour=JOUR)
    ctx.moteur.dispose()
    tous_ensemble(
        ctx,
        [
            *(partial(ordonner_lot, lot=1, par=qui, jour=JOUR) for qui in (ORDONNE, LES_DEUX)),
            *(partial(decider_lot, lot=1, decision=EtatLot.LIBERE, par=qui, jour=JOUR) for qui in (LIBERE, LES_DEUX)),
            *(
                partial(suspendre, reference=due, motif="pieces", texte="attendue", par=qui, jour=JOUR)
                for due, qui in (
                    ("2025-EAJE-S01-01", ORDONNE),
                    ("2025-EAJE-S01-01", LIBERE),
                    ("2025-EAJE-S02-01", LIBERE),
                )
            ),
            preparer_et_proposer,
        ],
    )
    with transaction(ctx.moteur) as session:
        lot = session.exec(select(Lot)).one()
        actives = session.exec(select(LigneLot).where(col(LigneLot.active).is_(True))).all()
        suspendues = session.exec(select(LigneLot).where(LigneLot.etat == EtatLigne.SUSPENDUE)).all()
        etats = {v.id: v.etat for v in session.exec(select(Versement))}
    assert (lot.nombre, lot.total_centimes) == (4, 18_000)
    assert sum(ligne.montant_centimes for ligne in actives) == 18_000
    assert {etats[ligne.versement_id] for ligne in suspendues} == {EtatVersement.DU}
    attendu = EtatVersement.LIBERE if lot.etat is EtatLot.LIBERE else EtatVersement.EN_LOT
    assert {etats[ligne.versement_id] for ligne in actives} == {attendu}
    signataires = {lot.propose_par, lot.ordonne_par, lot.decide_par} - {None}
    assert len(signataires) == {EtatLot.PROPOSE: 1, EtatLot.ORDONNANCE: 2, EtatLot.LIBERE: 3}[lot.etat]
    assert verifier_journal(ctx).rupture is None
