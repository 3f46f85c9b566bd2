"""An indu is withheld on the partner's next payments, oldest first, under the cap of the convention, or paid back."""

from datetime import date

import pytest
from sqlmodel import select, update

from modeles.base import transaction
from modeles.tables import Convention, Declaration, LigneLot, Recouvrement, Versement
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.indus import encaisser, lister_indus
from operations.lots import proposer_lot, resume_lot
from operations.signatures import decider_lot
from regles.etats import EtatDeclaration, EtatLot
from tests.operations.argent import (
    ETAPE,
    JOUR,
    LIBERE,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reprise,
    ajouter_structure,
    etats,
    liberer,
)

LENDEMAIN = date(2026, 3, 13)
INDU = "2025-EAJE-S01-02"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """S01 owes 100,00 € back; S02 of the same partner, under a cap of 40 %, is due 150,01 €; S03 is another's."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_partenaire(session, 2, "Association")
        for rang, partenaire, retenue in ((1, 1, None), (2, 1, "0.4"), (3, 2, "1")):
            ajouter_structure(session, rang, partenaire, retenue)
            ajouter_declaration(session, rang, rang)
        ajouter_reprise(session, 1, 50_000)
        ajouter_droit(session, 1, 40_000)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_droit(session, 2, 15_001)
        ajouter_droit(session, 3, 20_000)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    return contexte_deux_bases


def proposer(ctx: Contexte, jour: date = LENDEMAIN) -> int:
    lot = proposer_lot(ctx, ETAPE, PROPOSE, jour)
    assert lot is not None
    return lot


def restant(ctx: Contexte) -> list[tuple[int, int, int]]:
    return [(i.rentre_centimes, i.en_cours_centimes, i.restant_centimes) for i in lister_indus(ctx)]


def test_le_premier_jour_rien_n_est_retenu(ctx: Contexte) -> None:
    resume = resume_lot(ctx, proposer(ctx, JOUR))
    assert (resume.total_centimes, resume.retenue_centimes) == (35_001, 0)
    assert restant(ctx) == [(0, 0, 10_000)]


def test_retenu_sous_le_plafond_chez_le_meme_partenaire(ctx: Contexte) -> None:
    lot = proposer(ctx)
    resume = resume_lot(ctx, lot)
    assert [(li.structure, li.du_centimes, li.retenue_centimes, li.montant_centimes) for li in resume.lignes] == [
        ("S02", 15_001, 6_000, 9_001),
        ("S03", 20_000, 0, 20_000),
    ]
    assert resume.total_centimes == 29_001
    assert restant(ctx) == [(0, 6_000, 4_000)]
    liberer(ctx, lot, LENDEMAIN)
    assert restant(ctx) == [(6_000, 0, 4_000)]


def test_un_lot_refuse_rend_la_retenue(ctx: Contexte) -> None:
    decider_lot(ctx, proposer(ctx), EtatLot.REFUSE, LIBERE, "à revoir", LENDEMAIN)
    assert restant(ctx) == [(0, 0, 10_000)]
    assert resume_lot(ctx, proposer(ctx)).retenue_centimes == 6_000


def test_un_indu_entame_tient_et_la_hausse_devient_un_du(ctx: Contexte) -> None:
    """The right of S01 rises once a part of its indu is withheld: the indu stands, the rise is a due of its own."""
    liberer(ctx, proposer(ctx), LENDEMAIN)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 42_000, rang=2)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    assert [e for e in etats(ctx) if e[2] in {"du", "a_recouvrer"}] == [
        ("indu", 10_000, "a_recouvrer"),
        ("solde", 2_000, "du"),
    ]
    assert resume_lot(ctx, proposer(ctx)).total_centimes == 1_000


def test_un_indu_rembourse_est_recouvre(ctx: Contexte) -> None:
    etat = encaisser(ctx, INDU, 4_000, LIBERE, "virement du 12 mars", JOUR)
    assert (etat.rentre_centimes, etat.restant_centimes) == (4_000, 6_000)
    lot = proposer(ctx)
    assert resume_lot(ctx, lot).retenue_centimes == 6_000
    liberer(ctx, lot, LENDEMAIN)
    assert restant(ctx) == []
    assert ("indu", 10_000, "recouvre") in etats(ctx)


def test_un_versement_peut_etre_retenu_en_entier(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        ajouter_reprise(session, 3, 25_000)
        ajouter_declaration(session, 9, 3, exercice=2024, etape="reels-2025-b")
        ajouter_droit(session, 9, 4_000)
        ajouter_droit(session, 3, 20_000, rang=2)
    preparer_dus(ctx, ETAPE, JOUR)
    preparer_dus(ctx, "reels-2025-b", JOUR)
    lot = proposer_lot(ctx, "reels-2025-b", PROPOSE, LENDEMAIN)
    assert lot is not None
    resume = resume_lot(ctx, lot)
    assert (resume.total_centimes, resume.retenue_centimes, resume.nombre) == (0, 4_000, 1)
    liberer(ctx, lot, LENDEMAIN)
    assert resume_lot(ctx, lot).etat is EtatLot.LIBERE


def test_un_indu_recouvre_en_une_fois(ctx: Contexte) -> None:
    """The whole indu on one due: what the database adds up stays whole numbers on PostgreSQL too."""
    with transaction(ctx.moteur) as session:
        session.exec(update(Convention).values(retenue_maximale="1"))
    lot = proposer(ctx)
    assert resume_lot(ctx, lot).retenue_centimes == 10_000
    liberer(ctx, lot, LENDEMAIN)
    assert restant(ctx) == []


def corriger_le_reel(ctx: Contexte) -> None:
    """The réel of S01 is corrected and validated: nothing is owed back any more."""
    with transaction(ctx.moteur) as session:
        ancienne = session.get_one(Declaration, 1)
        ancienne.etat = EtatDeclaration.REMPLACEE
        session.add(ancienne)
        session.flush()
        ajouter_declaration(session, 11, 1)
        ajouter_droit(session, 11, 50_000)


def test_un_indu_dont_le_droit_est_corrige_n_est_plus_retenu(ctx: Contexte) -> None:
    corriger_le_reel(ctx)
    assert resume_lot(ctx, proposer(ctx)).retenue_centimes == 0


def test_un_lot_qui_retient_un_indu_corrige_ne_se_libere_pas(ctx: Contexte) -> None:
    lot = proposer(ctx)
    corriger_le_reel(ctx)
    with pytest.raises(ActeRefuse, match=rf"le droit a changé .* pour S02 \(indu retenu sur son versement : {INDU}\)"):
        liberer(ctx, lot, LENDEMAIN)


@pytest.mark.parametrize(
    ("reference", "montant", "par", "motif", "phrase"),
    [
        (INDU, 10_001, LIBERE, "virement", "dépasse ce qui reste dû"),
        (INDU, 0, LIBERE, "virement", "montant positif"),
        (INDU, 100, LIBERE, " ", "d'où il vient"),
        (INDU, 100, PROPOSE, "virement", "pas habilité"),
        ("2025-EAJE-S02-01", 100, LIBERE, "virement", "n'est pas un indu à recouvrer"),
        ("inconnu", 100, LIBERE, "virement", "n'est pas un indu à recouvrer"),
    ],
)
def test_encaissements_refuses(ctx: Contexte, reference: str, montant: int, par: str, motif: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        encaisser(ctx, reference, montant, par, motif, JOUR)
    with transaction(ctx.moteur) as session:
        assert session.exec(select(Recouvrement)).all() == []


def test_le_meme_encaissement_du_jour_se_confirme(ctx: Contexte) -> None:
    encaisser(ctx, INDU, 1_000, LIBERE, "virement du 12 mars", JOUR)
    with pytest.raises(ActeRefuse, match=r"déjà noté aujourd'hui.*--confirmer"):
        encaisser(ctx, INDU, 1_000, LIBERE, "virement du 12 mars", JOUR)
    encaisser(ctx, INDU, 1_001, LIBERE, "virement du 12 mars", JOUR)
    encaisser(ctx, INDU, 1_000, LIBERE, "titre 12", JOUR)
    encaisser(ctx, INDU, 1_000, LIBERE, "virement du 12 mars", LENDEMAIN)
    etat = encaisser(ctx, INDU, 1_000, LIBERE, "virement du 12 mars", JOUR, confirme=True)
    assert etat.rentre_centimes == 5_001


def test_le_compte_est_fige_avec_la_ligne(ctx: Contexte) -> None:
    proposer(ctx)
    with transaction(ctx.moteur) as session:
        lignes = session.exec(select(LigneLot, Versement).where(LigneLot.versement_id == Versement.id)).all()
        assert {v.structure_id: li.coordonnee_id for li, v in lignes} == {2: 1, 3: 2}
