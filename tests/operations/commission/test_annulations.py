"""A decision recorded by mistake is taken back, told to whoever read it, then decided again; never under convention."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Annulation, Courriel, Decision, Demande, LigneJournal
from operations.commission.annulations import annuler
from operations.commission.decisions import decider
from operations.commission.engagements import ConventionPosee, conventionner
from operations.commission.suivi import etat_des_enveloppes
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from regles.etats import EtatDemande, SensDecision
from tests.operations.commission.fonds import (
    AVRIL,
    DECIDE,
    FEVRIER,
    PAR,
    SEANCE,
    demander,
    etats,
    installer,
    jouer_jusqu_au,
)

UN = "2026-PART-0001"
ACCORD, REFUS, AJOURNEMENT = SensDecision
LENDEMAIN = date(2026, 2, 13)
MOTIF = "Le montant d'une autre demande a été saisi."
CONVENTION = ConventionPosee("FL-1", date(2026, 3, 1), date(2026, 12, 31))


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """One request of 2 500 € on the agenda of February."""
    ctx = contexte_deux_bases
    installer(ctx)
    demander(ctx, date(2025, 12, 15))
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    envoyer_en_attente(ctx, date(2026, 1, 11))
    return ctx


def accorder(ctx: Contexte, centimes: int) -> None:
    decider(ctx, FEVRIER, UN, ACCORD, DECIDE, montant_centimes=centimes, jour=SEANCE)


def accorde(ctx: Contexte) -> int:
    return next(e.accorde_centimes for e in etat_des_enveloppes(ctx, 2026) if e.libelle == "Projets des partenaires")


def partis(ctx: Contexte) -> list[tuple[str, str]]:
    """The mails about decisions: (kind, state)."""
    with transaction(ctx.moteur) as session:
        lus = session.exec(select(Courriel).order_by(col(Courriel.id)))
        return [(c.genre, c.etat.value) for c in lus if c.genre.startswith("decision_")]


def test_une_decision_lue_s_annule_se_rectifie_et_se_reprend(ctx: Contexte) -> None:
    accorder(ctx, 250_000)
    envoyer_en_attente(ctx, SEANCE)
    assert annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, LENDEMAIN).courriels == 1
    assert not annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, LENDEMAIN).nouvelle
    assert (etats(ctx)[UN], accorde(ctx)) == (("inscrite", FEVRIER), 0)
    accorder(ctx, 200_000)
    envoyer_en_attente(ctx, LENDEMAIN)
    assert partis(ctx) == [("decision_accord", "envoye"), ("decision_annulee", "envoye"), ("decision_accord", "envoye")]
    assert accorde(ctx) == 200_000
    conventionner(ctx, UN, CONVENTION, PAR, date(2026, 3, 2))
    with transaction(ctx.moteur) as session:
        ligne = session.exec(select(LigneJournal).where(LigneJournal.action == "annuler")).one()
        assert (ligne.avant, ligne.apres, ligne.par, ligne.motif) == ("accordee", "inscrite", DECIDE, MOTIF)


def test_une_decision_que_personne_n_a_lue_s_annule_sans_bruit(ctx: Contexte) -> None:
    decider(ctx, FEVRIER, UN, REFUS, DECIDE, motif="Hors champ.", jour=SEANCE)
    assert annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, SEANCE).courriels == 0
    envoyer_en_attente(ctx, SEANCE)
    assert partis(ctx) == [("decision_refus", "sans_objet")]


def test_un_ajournement_s_annule_tant_que_la_demande_attend(ctx: Contexte) -> None:
    decider(ctx, FEVRIER, UN, AJOURNEMENT, DECIDE, motif="À revoir.", jour=SEANCE)
    assert etats(ctx)[UN] == ("deposee", AVRIL)
    annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, LENDEMAIN)
    assert etats(ctx)[UN] == ("inscrite", FEVRIER)
    decider(ctx, FEVRIER, UN, AJOURNEMENT, DECIDE, motif="À revoir.", jour=LENDEMAIN)
    jouer_jusqu_au(ctx, date(2026, 3, 10))
    with pytest.raises(ActeRefuse, match="a suivi son chemin"):
        annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, date(2026, 3, 11))


def test_une_decision_sous_convention_ne_s_annule_plus(ctx: Contexte) -> None:
    accorder(ctx, 200_000)
    conventionner(ctx, UN, CONVENTION, PAR, date(2026, 3, 2))
    with pytest.raises(ActeRefuse, match="a déjà sa convention"):
        annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, date(2026, 3, 3))
    with pytest.raises(IntegrityError, match="convention est enregistrée"), transaction(ctx.moteur) as session:
        session.add(Annulation(decision_id=1, motif=MOTIF, par=DECIDE, le=ctx.maintenant(SEANCE)))


@pytest.mark.parametrize(
    ("par", "motif", "reference", "phrase"),
    [
        (PAR, MOTIF, UN, "n'est pas habilité"),
        (DECIDE, "  ", UN, "Un motif est attendu"),
        (DECIDE, "m" * 501, UN, "500 caractères au plus"),
        (DECIDE, MOTIF, "2026-PART-0009", "n'est la référence d'aucune demande"),
        (DECIDE, MOTIF, UN, "n'a rien décidé"),
    ],
)
def test_ce_qui_ne_s_annule_pas(ctx: Contexte, par: str, motif: str, reference: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        annuler(ctx, FEVRIER, reference, par, motif, SEANCE)


def test_la_base_ne_rouvre_ni_n_accorde_sans_cela(ctx: Contexte) -> None:
    accorder(ctx, 200_000)
    with pytest.raises(IntegrityError, match="ne se rouvre"), transaction(ctx.moteur) as session:
        session.exec(select(Demande)).one().etat = EtatDemande.INSCRITE
    annuler(ctx, FEVRIER, UN, DECIDE, MOTIF, SEANCE)
    with pytest.raises(IntegrityError, match="que par une décision"), transaction(ctx.moteur) as session:
        session.exec(select(Demande)).one().etat = EtatDemande.ACCORDEE


def test_la_base_ne_tient_qu_une_decision_a_la_fois(ctx: Contexte) -> None:
    decider(ctx, FEVRIER, UN, AJOURNEMENT, DECIDE, motif="À revoir.", jour=SEANCE)
    with transaction(ctx.moteur) as session:
        demande, prise = session.exec(select(Demande)).one(), session.exec(select(Decision)).one()
        demande.etat, demande.commission = EtatDemande.INSCRITE, FEVRIER
        autre = Decision(**(prise.model_dump() | {"id": None, "rang": 2}))
    with pytest.raises(IntegrityError, match="a déjà décidé"), transaction(ctx.moteur) as session:
        session.add(autre)
