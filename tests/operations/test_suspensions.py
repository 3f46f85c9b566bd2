"""A suspended due is paid by nobody: out of its batch, the signatures off it, what it withheld given back."""

from datetime import date

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Convention, Versement
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.indus import lister_indus
from operations.journal import histoire, verifier_journal
from operations.lots import proposer_lot, resume_lot
from operations.signatures import decider_lot, ordonner_lot
from operations.suspensions import lever_suspension, lister_suspensions, suspendre
from regles.etats import EtatLot
from tests.operations.argent import (
    ETAPE,
    JOUR,
    LES_DEUX,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reel,
    etats,
    liberer,
)

LENDEMAIN = date(2026, 3, 13)
S01, S02, INDU = "2025-EAJE-S01-01", "2025-EAJE-S02-01", "2025-EAJE-S03-02"
POURQUOI = ("pieces", "attestation attendue")


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Dues of 300,00 € (S01, that may give up everything) and 0,05 € (S02); S03, of the same partner, owes 100,00 €."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 30_000, 0)
        ajouter_reel(session, 2, 5, 0)
        ajouter_reel(session, 3, 60_000, 70_000)
        for convention in session.exec(select(Convention)):
            convention.retenue_maximale = "1" if convention.structure_id == 1 else "0"
            session.add(convention)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    return contexte_deux_bases


def lot_au(ctx: Contexte, etat: str) -> int:
    lot = proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN)
    assert lot is not None
    if etat != "propose":
        ordonner_lot(ctx, lot, ORDONNE, LENDEMAIN)
    if etat == "libere":
        decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=LENDEMAIN)
    return lot


def suspendu(ctx: Contexte, reference: str = S01) -> None:
    suspendre(ctx, reference, *POURQUOI, ORDONNE, LENDEMAIN)


def test_hors_lot_un_suspendu_n_est_propose_qu_une_fois_leve(ctx: Contexte) -> None:
    suspendu(ctx)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN)
    assert lot is not None
    assert [li.structure for li in resume_lot(ctx, lot).lignes] == ["S02"]
    assert [(d.reference, d.montant_centimes, d.par) for d in lister_suspensions(ctx)] == [(S01, 30_000, ORDONNE)]
    lever_suspension(ctx, S01, "attestation reçue", LIBERE, LENDEMAIN)
    second = proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN)
    assert second is not None
    assert [li.structure for li in resume_lot(ctx, second).lignes] == ["S01"]
    assert lister_suspensions(ctx) == ()


@pytest.mark.parametrize("etat", ["propose", "ordonnance", "libere"])
def test_un_suspendu_sort_de_son_lot_qui_revient_en_brouillon(ctx: Contexte, etat: str) -> None:
    lot = lot_au(ctx, etat)
    assert resume_lot(ctx, lot).retenue_centimes == 10_000
    bilan = suspendre(ctx, S01, *POURQUOI, LIBERE, LENDEMAIN)
    assert (bilan.etat, bilan.nombre, bilan.total_centimes) == (EtatLot.PROPOSE, 1, 5)
    assert bilan.signatures_retirees is (etat != "propose")
    resume = resume_lot(ctx, lot)
    assert (resume.nombre, resume.total_centimes, resume.ordonne_par, resume.decide_par) == (1, 5, None, None)
    assert [e[2] for e in etats(ctx)] == ["du", "en_lot", "a_recouvrer"]
    assert [(i.reference, i.restant_centimes) for i in lister_indus(ctx)] == [(INDU, 10_000)]
    liberer(ctx, lot, LENDEMAIN)
    assert "S01" not in exporter_lot(ctx, lot, LENDEMAIN)[0].chemin.read_text(encoding="utf-8-sig")
    actes = [li.action for li in histoire(ctx, "lot", f"{ETAPE}-lot-01")]
    assert ("retirer les signatures" in actes) is (etat != "propose")
    assert "mettre une ligne de côté" in actes
    assert verifier_journal(ctx).rupture is None


def test_les_memes_personnes_peuvent_signer_le_lot_revenu(ctx: Contexte) -> None:
    lot = lot_au(ctx, "libere")
    suspendu(ctx)
    with pytest.raises(ActeRefuse, match="n'est pas encore ordonnancé"):
        decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=LENDEMAIN)
    ordonner_lot(ctx, lot, LES_DEUX, LENDEMAIN)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=LENDEMAIN)
    assert (resume_lot(ctx, lot).ordonne_par, resume_lot(ctx, lot).etat) == (LES_DEUX, EtatLot.LIBERE)


@pytest.mark.parametrize("etat", ["propose", "ordonnance", "libere"])
def test_un_lot_vide_est_refuse(ctx: Contexte, etat: str) -> None:
    lot = lot_au(ctx, etat)
    suspendu(ctx, S02)
    suspendu(ctx, S01)
    resume = resume_lot(ctx, lot)
    assert (resume.etat, resume.motif, resume.lignes) == (EtatLot.REFUSE, "toutes ses lignes sont suspendues", ())
    assert [e[2] for e in etats(ctx)] == ["du", "du", "a_recouvrer"]
    assert proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN) is None


def test_un_versement_exporte_ne_se_suspend_plus(ctx: Contexte) -> None:
    lot = lot_au(ctx, "libere")
    exporter_lot(ctx, lot, LENDEMAIN)
    with pytest.raises(ActeRefuse, match=r"parti avec le lot .* Payé, et revenu ou perdu, il se contre-passe"):
        suspendu(ctx)


@pytest.mark.parametrize(
    ("reference", "motif", "texte", "par", "phrase"),
    [
        (S01, "humeur", "x", ORDONNE, "n'est pas un motif de suspension"),
        (S01, "pieces", " ", ORDONNE, "dit pourquoi"),
        (S01, "pieces", "x", PROPOSE, "habilité"),
        (S01, "pieces", "x", "inconnu", "équipe"),
        ("X", "pieces", "x", ORDONNE, "Aucun versement"),
        (INDU, "pieces", "x", ORDONNE, "encore à payer"),
        ("A3-2025", "pieces", "x", ORDONNE, "encore à payer"),
    ],
)
def test_suspensions_refusees(ctx: Contexte, reference: str, motif: str, texte: str, par: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        suspendre(ctx, reference, motif, texte, par, LENDEMAIN)
    assert lister_suspensions(ctx) == ()


def test_une_suspension_se_dit_et_se_leve_une_fois(ctx: Contexte) -> None:
    suspendu(ctx)
    with pytest.raises(ActeRefuse, match=r"déjà suspendu par m\.lefevre depuis le 13/03/2026"):
        suspendu(ctx)
    for par, motif, phrase in ((ORDONNE, " ", "dit pourquoi"), (PROPOSE, "vu", "habilité")):
        with pytest.raises(ActeRefuse, match=phrase):
            lever_suspension(ctx, S01, motif, par, LENDEMAIN)
    lever_suspension(ctx, S01, "vu", LIBERE, LENDEMAIN)
    with pytest.raises(ActeRefuse, match="n'est pas suspendu"):
        lever_suspension(ctx, S01, "vu", LIBERE, LENDEMAIN)


def test_un_recalcul_ne_leve_pas_une_suspension(ctx: Contexte) -> None:
    suspendu(ctx)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 31_000, rang=2)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    assert [(d.reference, d.montant_centimes, d.texte) for d in lister_suspensions(ctx)] == [
        ("2025-EAJE-S01-02", 31_000, "attestation attendue")
    ]
    lot = proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN)
    assert lot is not None
    assert [li.structure for li in resume_lot(ctx, lot).lignes] == ["S02"]
    with transaction(ctx.moteur) as session:
        assert session.exec(select(Versement.etat).where(Versement.reference == S01)).one() == "annule"
