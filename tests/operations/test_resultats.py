"""What the bank answers, line by line: paid for good, or rejected and due again; a wrong payment is taken back."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Convention, LigneLot, Versement
from modeles.transitions import Acte
from operations.avis_indus import notifier_indus
from operations.contexte import ActeRefuse, Contexte
from operations.contrepassations import contrepasser
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.indus import encaisser, lister_indus
from operations.lots import proposer_lot, resume_lot
from operations.resultats import noter_resultat
from operations.signatures import transmettre_lot
from regles.etats import EtatLigne, EtatLot, NatureVersement
from tests.operations.argent import (
    ETAPE,
    JOUR,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_partenaire,
    ajouter_reel,
    etats,
    liberer,
)

LENDEMAIN = date(2026, 3, 13)
ACTE = Acte(datetime(2026, 3, 18, 9, tzinfo=UTC), LIBERE, "résultat", "camt.054 du 18 mars")
PAYEE, REJETEE = EtatLigne.PAYEE, EtatLigne.REJETEE
S01, S02 = "2025-EAJE-S01-01", "2025-EAJE-S02-01"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """A batch (1) exported: 200,00 € to S01, of which 100,00 € withheld for S03, and 0,05 € to S02."""
    ici = contexte_deux_bases
    with transaction(ici.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 20_000, 0)
        ajouter_reel(session, 2, 5, 0)
        ajouter_reel(session, 3, 60_000, 70_000)
        for convention in session.exec(select(Convention)):
            convention.retenue_maximale = "1" if convention.structure_id == 1 else "0"
            session.add(convention)
    preparer_dus(ici, ETAPE, JOUR)
    assert proposer_lot(ici, ETAPE, PROPOSE, LENDEMAIN) == 1
    liberer(ici, 1, LENDEMAIN)
    exporter_lot(ici, 1, LENDEMAIN)
    return ici


def noter(ctx: Contexte, reference: str, etat: EtatLigne, code: str = "", lot: int = 1) -> bool:
    with transaction(ctx.moteur) as session:
        ligne = session.exec(
            select(LigneLot).where(
                LigneLot.versement_id == Versement.id, Versement.reference == reference, LigneLot.lot_id == lot
            )
        ).one()
        return noter_resultat(session, ligne, etat, code, ACTE)


def test_chaque_ligne_payee_le_lot_est_execute(ctx: Contexte) -> None:
    transmettre_lot(ctx, 1, LIBERE, LENDEMAIN)
    transmettre_lot(ctx, 1, LIBERE, LENDEMAIN)
    assert noter(ctx, S01, PAYEE)
    assert resume_lot(ctx, 1).etat is EtatLot.TRANSMIS
    assert noter(ctx, S02, PAYEE)
    assert not noter(ctx, S02, PAYEE)
    assert resume_lot(ctx, 1).etat is EtatLot.EXECUTE
    assert [e[2] for e in etats(ctx)] == ["libere", "libere", "recouvre"]


def test_un_rejet_rend_le_du_et_l_indu_retenu(ctx: Contexte) -> None:
    transmettre_lot(ctx, 1, LIBERE, LENDEMAIN)
    noter(ctx, S01, REJETEE, "AC04")
    assert not noter(ctx, S01, REJETEE, "AC04")
    noter(ctx, S02, PAYEE)
    assert resume_lot(ctx, 1).etat is EtatLot.EXECUTE
    assert [e[2] for e in etats(ctx)] == ["du", "libere", "a_recouvrer"]
    assert [i.restant_centimes for i in lister_indus(ctx)] == [10_000]
    assert preparer_dus(ctx, ETAPE, LENDEMAIN).ecrits == {}
    second = proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN)
    assert second is not None
    resume = resume_lot(ctx, second)
    assert [(li.structure, li.montant_centimes, li.retenue_centimes) for li in resume.lignes] == [
        ("S01", 10_000, 10_000)
    ]
    liberer(ctx, second, LENDEMAIN)
    assert {fait.format for fait in exporter_lot(ctx, second, LENDEMAIN)} >= {"xml"}


@pytest.mark.parametrize(
    ("etat", "code", "phrase"),
    [
        (PAYEE, "AC04", "rejetée avec le code"),
        (REJETEE, " ", "rejetée avec le code"),
        (EtatLigne.SUSPENDUE, "", "rejetée avec le code"),
        (PAYEE, "", "n'est pas transmis"),
    ],
)
def test_resultats_refuses(ctx: Contexte, etat: EtatLigne, code: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        noter(ctx, S01, etat, code)
    assert resume_lot(ctx, 1).etat is EtatLot.EXPORTE


def test_un_resultat_ne_se_contredit_pas(ctx: Contexte) -> None:
    transmettre_lot(ctx, 1, LIBERE, LENDEMAIN)
    noter(ctx, S01, PAYEE)
    noter(ctx, S02, REJETEE, "AC01")
    for reference, etat, code in ((S01, REJETEE, "AC04"), (S02, PAYEE, ""), (S02, REJETEE, "AC04")):
        with pytest.raises(ActeRefuse, match="un autre résultat ne s'y écrit pas"):
            noter(ctx, reference, etat, code)


@pytest.mark.parametrize(("par", "phrase"), [(ORDONNE, "pas habilité"), ("x", "équipe")])
def test_transmissions_refusees(ctx: Contexte, par: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        transmettre_lot(ctx, 1, par, LENDEMAIN)


def test_on_ne_transmet_que_ce_qui_est_exporte(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        ajouter_reel(session, 4, 700, 0)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, LENDEMAIN)
    assert lot is not None
    liberer(ctx, lot, LENDEMAIN)
    with pytest.raises(ActeRefuse, match="n'est pas exporté"):
        transmettre_lot(ctx, lot, LIBERE, LENDEMAIN)


def test_un_lot_tout_retenu_est_execute_des_sa_transmission(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        ajouter_reel(session, 4, 700, 5_000)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    with transaction(ctx.moteur) as session:
        ajouter_reel(session, 5, 900, 0)
        for convention in session.exec(select(Convention).where(Convention.structure_id == 5)):
            convention.retenue_maximale = "1"
            session.add(convention)
    jour = date(2026, 3, 16)
    preparer_dus(ctx, ETAPE, jour)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, jour)
    assert lot is not None
    assert resume_lot(ctx, lot).total_centimes == 0
    liberer(ctx, lot, jour)
    exporter_lot(ctx, lot, jour)
    transmettre_lot(ctx, lot, LIBERE, jour)
    assert resume_lot(ctx, lot).etat is EtatLot.EXECUTE


def test_une_contre_passation_reprend_un_paiement_et_le_doit_de_nouveau(ctx: Contexte) -> None:
    """Of 200,00 €, 100,00 € paid come back: they close the entry and are paid again; what was withheld stays so."""
    transmettre_lot(ctx, 1, LIBERE, LENDEMAIN)
    noter(ctx, S01, PAYEE)
    ecriture = contrepasser(ctx, S01, "virement revenu, compte clos", LIBERE, LENDEMAIN)
    assert contrepasser(ctx, S01, "virement revenu, compte clos", LIBERE, LENDEMAIN) == ecriture
    assert preparer_dus(ctx, ETAPE, LENDEMAIN).ecrits == {NatureVersement.SOLDE: (1, 10_000)}
    assert preparer_dus(ctx, ETAPE, LENDEMAIN).ecrits == {}
    assert ecriture not in str(notifier_indus(ctx, ETAPE, LENDEMAIN))
    jour = date(2026, 3, 16)
    second = proposer_lot(ctx, ETAPE, PROPOSE, jour)
    assert second is not None
    assert [(li.structure, li.montant_centimes, li.retenue_centimes) for li in resume_lot(ctx, second).lignes] == [
        ("S01", 10_000, 0)
    ]
    assert [(i.reference, i.restant_centimes) for i in lister_indus(ctx)] == [(ecriture, 10_000)]
    assert encaisser(ctx, ecriture, 10_000, LIBERE, "retour de la banque", jour).restant_centimes == 0
    assert (lister_indus(ctx), preparer_dus(ctx, ETAPE, jour).ecrits) == ((), {})


def test_ce_qui_fut_retenu_en_entier_ne_se_contre_passe_pas(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        ajouter_reel(session, 4, 700, 5_000)
        ajouter_reel(session, 5, 900, 0)
        for convention in session.exec(select(Convention).where(Convention.structure_id == 5)):
            convention.retenue_maximale = "1"
            session.add(convention)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    jour = date(2026, 3, 16)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, jour)
    assert lot is not None
    liberer(ctx, lot, jour)
    exporter_lot(ctx, lot, jour)
    transmettre_lot(ctx, lot, LIBERE, jour)
    avant = etats(ctx)
    with pytest.raises(ActeRefuse, match="retenu en entier pour des indus : rien n'est parti à la banque"):
        contrepasser(ctx, "2025-EAJE-S05-01", "revenu", LIBERE, jour)
    assert etats(ctx) == avant


@pytest.mark.parametrize(
    ("reference", "motif", "par", "phrase"),
    [
        (S02, "revenu", LIBERE, "n'est pas payé d'après la banque"),
        (S01, " ", LIBERE, "dit pourquoi"),
        (S01, "revenu", ORDONNE, "pas habilité"),
        ("X", "revenu", LIBERE, "Aucun versement"),
        ("2025-EAJE-S03-02", "revenu", LIBERE, "n'est pas payé d'après la banque"),
    ],
)
def test_contre_passations_refusees(ctx: Contexte, reference: str, motif: str, par: str, phrase: str) -> None:
    transmettre_lot(ctx, 1, LIBERE, LENDEMAIN)
    noter(ctx, S01, PAYEE)
    with pytest.raises(ActeRefuse, match=phrase):
        contrepasser(ctx, reference, motif, par, LENDEMAIN)
