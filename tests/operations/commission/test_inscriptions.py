"""A request in time that the team recorded late is put on the agenda by a person, until the sitting."""

from datetime import date

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Courriel, LigneJournal
from operations.commission.decisions import decider
from operations.commission.inscriptions import inscrire
from operations.commission.pieces import recevoir
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.pieces import Apport
from regles.etats import SensDecision
from tests.operations.commission.fonds import (
    AVRIL,
    DECIDE,
    FEVRIER,
    LIMITE,
    PAR,
    SEANCE,
    completer,
    demander,
    etats,
    installer,
    jouer_jusqu_au,
)

UN = "2026-PART-0001"
LUNDI = date(2026, 1, 12)
MOTIF = "Pièces reçues le samedi, saisies le lundi."


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    """A request that the cut-off, a Saturday, sent on to April: its budget was not recorded yet."""
    installer(contexte)
    demander(contexte, date(2025, 12, 15), complete=False)
    completer(contexte, UN, date(2025, 12, 16), "formulaire")
    envoyer_en_attente(contexte, date(2025, 12, 16))
    jouer_jusqu_au(contexte, date(2026, 1, 11))
    assert etats(contexte)[UN] == ("deposee", AVRIL)
    return contexte


def apporter_le_budget(ctx: Contexte, recue_le: date) -> str:
    return recevoir(ctx, UN, Apport("budget", PAR, constat="courriel", recue_le=recue_le), LUNDI).message


def test_une_piece_venue_a_temps_et_saisie_apres_se_dit_puis_s_inscrit(ctx: Contexte) -> None:
    assert f"campagnes commission inscrire {FEVRIER} {UN}" in apporter_le_budget(ctx, LIMITE)
    assert inscrire(ctx, FEVRIER, UN, DECIDE, MOTIF, LUNDI).courriels == 1
    assert not inscrire(ctx, FEVRIER, UN, DECIDE, MOTIF, LUNDI).nouvelle
    assert etats(ctx)[UN] == ("inscrite", FEVRIER)
    envoyer_en_attente(ctx, LUNDI)
    with transaction(ctx.moteur) as session:
        suites = {c.genre: c.etat.value for c in session.exec(select(Courriel))}
        ligne = session.exec(select(LigneJournal).where(LigneJournal.action == "inscrire")).one()
    assert (suites["demande_reportee"], suites["demande_inscrite"]) == ("sans_objet", "envoye")
    assert (ligne.par, ligne.motif) == (DECIDE, MOTIF)
    dossier = ctx.reglages.var / "documents" / FEVRIER
    assert UN in (dossier / "DEMONSTRATION-ordre-du-jour.html").read_text("utf-8")
    decider(ctx, FEVRIER, UN, SensDecision.ACCORD, DECIDE, montant_centimes=200_000, jour=SEANCE)


def test_une_piece_venue_trop_tard_ne_le_dit_pas(ctx: Contexte) -> None:
    assert "inscrire" not in apporter_le_budget(ctx, LUNDI)


@pytest.mark.parametrize(
    ("seance", "par", "jour", "phrase"),
    [
        (FEVRIER, PAR, LUNDI, "n'est pas habilité"),
        (FEVRIER, DECIDE, LUNDI, "est incomplète, manque : Budget prévisionnel du projet"),
        (AVRIL, DECIDE, LUNDI, "n'est pas arrêté"),
        (FEVRIER, DECIDE, date(2026, 2, 13), "a siégé le"),
    ],
)
def test_ce_qui_ne_s_inscrit_pas(ctx: Contexte, seance: str, par: str, jour: date, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        inscrire(ctx, seance, UN, par, MOTIF, jour)


def test_une_demande_deja_decidee_ne_s_inscrit_pas(ctx: Contexte) -> None:
    apporter_le_budget(ctx, LIMITE)
    inscrire(ctx, FEVRIER, UN, DECIDE, MOTIF, LUNDI)
    decider(ctx, FEVRIER, UN, SensDecision.REFUS, DECIDE, motif="Hors champ.", jour=SEANCE)
    with pytest.raises(ActeRefuse, match="ne s'inscrit plus"):
        inscrire(ctx, FEVRIER, UN, DECIDE, MOTIF, SEANCE)
