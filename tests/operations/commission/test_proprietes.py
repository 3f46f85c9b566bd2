"""Whatever the order: no accord beyond its request or envelope, no request twice, no due without convention."""

import shutil
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Convention, Courriel, Decision, Demande, Structure, Versement
from operations.commission.decisions import decider
from operations.commission.demandes import deposer, retirer
from operations.commission.engagements import ConventionPosee, conventionner
from operations.commission.pieces import recevoir
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.lots import proposer_lot
from operations.pieces import Apport
from operations.signatures import decider_lot
from regles.commission import BILAN_DU_PROJET
from regles.etats import EtatDemande, EtatLot, SensDecision
from tests.conftest import DEUX_BASES, contexte_de_test
from tests.operations.argent import LIBERE, PROPOSE, liberer
from tests.operations.commission.fonds import DECIDE, PAR, SEANCE, completer, installer, jouer_jusqu_au, projet

ENVELOPPE = 400_000
SEANCES = ("cas-2026-02", "cas-2026-04", "cas-2026-06", "cas-2026-11")
DEBUT = date(2025, 12, 20)


class Commission(RuleBasedStateMachine):
    """A year of requests played at random, on one database; each act may be refused, none may break a rule."""

    genre = "sqlite"

    @initialize()
    def ouvrir(self) -> None:
        self.pile = ExitStack()
        dossier = Path(self.pile.enter_context(TemporaryDirectory()))
        correctif = self.pile.enter_context(pytest.MonkeyPatch.context())
        ctx = self.pile.enter_context(contexte_de_test(self.genre, dossier, correctif))
        config = dossier / "config"
        shutil.copytree(ctx.reglages.config, config)
        fichier = config / "demonstration" / "enveloppes.yaml"
        fichier.write_text(fichier.read_text("utf-8").replace('2026: "120000.00"', f'2026: "{ENVELOPPE // 100}.00"'))
        self.ctx = Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)
        installer(self.ctx)
        self.jour, self.numero = DEBUT, 0
        for centimes in (300_000, 200_000, 150_000):
            self.demander(centimes, True, "P1")
        self.jour = SEANCE
        jouer_jusqu_au(self.ctx, self.jour)

    def teardown(self) -> None:
        if hasattr(self, "pile"):
            self.pile.close()

    def _references(self, *etats: EtatDemande) -> list[str]:
        with transaction(self.ctx.moteur) as session:
            toutes = session.exec(select(Demande).order_by(Demande.reference)).all()
        return [d.reference for d in toutes if not etats or d.etat in etats]

    @rule(centimes=st.integers(1, 300_000), complete=st.booleans(), partenaire=st.sampled_from(["P1", "P2"]))
    def demander(self, centimes: int, complete: bool, partenaire: str) -> None:
        self.numero += 1
        reference = deposer(
            self.ctx, projet(f"Projet {self.numero}", centimes, partenaire, cofinanceurs=()), PAR, self.jour
        ).reference
        if complete:
            completer(self.ctx, reference, self.jour)

    @rule(jours=st.sampled_from([1, 20, 45, 90]))
    def avancer(self, jours: int) -> None:
        self.jour = min(self.jour + timedelta(days=jours), date(2026, 12, 31))
        jouer_jusqu_au(self.ctx, self.jour)

    @precondition(lambda self: self._references())
    @rule(data=st.data())
    def completer(self, data: st.DataObject) -> None:
        reference = data.draw(st.sampled_from(self._references()))
        with suppress(ActeRefuse):
            completer(self.ctx, reference, self.jour)

    @precondition(lambda self: self._references(EtatDemande.INSCRITE))
    @rule(
        parts=st.lists(st.sampled_from([100, 80, 110, 0, 1]), min_size=1, max_size=4), seance=st.sampled_from(SEANCES)
    )
    def decider(self, parts: list[int], seance: str) -> None:
        """Decide on what is on an agenda: a share of what is asked, 0 to refuse, 1 to postpone."""
        for rang, reference in enumerate(self._references(EtatDemande.INSCRITE)):
            part = parts[rang % len(parts)]
            sens = {0: SensDecision.REFUS, 1: SensDecision.AJOURNEMENT}.get(part, SensDecision.ACCORD)
            with transaction(self.ctx.moteur) as session:
                demande = session.exec(select(Demande).where(Demande.reference == reference)).one()
            montant = part * demande.montant_demande_centimes // 100 if sens is SensDecision.ACCORD else None
            for ici in (seance, demande.commission):
                with suppress(ActeRefuse):
                    decider(
                        self.ctx, ici, reference, sens, DECIDE, montant_centimes=montant, motif="Vu.", jour=self.jour
                    )

    @precondition(lambda self: self._references())
    @rule()
    def conventionner(self) -> None:
        """Try a convention for every request, accorded or not, then write what is due."""
        posee = ConventionPosee("C1", date(2026, 1, 1), date(2026, 12, 31), "73282932000074", "52121")
        for reference in self._references():
            with suppress(ActeRefuse):
                conventionner(self.ctx, reference, posee, PAR, self.jour)
        for seance in SEANCES:
            preparer_dus(self.ctx, seance, self.jour)

    @precondition(lambda self: self._references(EtatDemande.ACCORDEE))
    @rule(data=st.data())
    def recevoir_le_bilan(self, data: st.DataObject) -> None:
        reference = data.draw(st.sampled_from(self._references(EtatDemande.ACCORDEE)))
        recevoir(self.ctx, reference, Apport(BILAN_DU_PROJET, PAR, constat="papier"), self.jour)

    @rule(visee=st.booleans())
    def payer(self, visee: bool) -> None:
        for seance in SEANCES:
            preparer_dus(self.ctx, seance, self.jour)
            lot = proposer_lot(self.ctx, seance, PROPOSE, self.jour)
            if lot is not None and visee:
                liberer(self.ctx, lot, self.jour)
            elif lot is not None:
                decider_lot(self.ctx, lot, EtatLot.REFUSE, LIBERE, "Relu.", self.jour)

    @precondition(lambda self: self._references())
    @rule(data=st.data())
    def retirer(self, data: st.DataObject) -> None:
        with suppress(ActeRefuse):
            retirer(self.ctx, data.draw(st.sampled_from(self._references())), PAR, "Renonce.", self.jour)

    @invariant()
    def rien_ne_depasse(self) -> None:
        if not hasattr(self, "ctx"):
            return
        with transaction(self.ctx.moteur) as session:
            demandes = {d.id: d for d in session.exec(select(Demande))}
            decisions = session.exec(select(Decision)).all()
            versements = session.exec(select(Versement).where(col(Versement.etat) != "annule")).all()
            structures = {s.id: s.code for s in session.exec(select(Structure))}
            conventions = {structures[c.structure_id] for c in session.exec(select(Convention))}
            cles = Counter(c.cle for c in session.exec(select(Courriel)))
        accords = {demandes[d.demande_id].reference: d.montant_centimes or 0 for d in decisions if d.sens == "accord"}
        assert sum(accords.values()) <= ENVELOPPE
        assert len(accords) == sum(d.sens == "accord" for d in decisions)
        par_reference = {d.reference: d for d in demandes.values()}
        assert all(montant <= par_reference[r].montant_demande_centimes for r, montant in accords.items())
        assert all(d.commission for d in demandes.values() if d.etat not in {"deposee", "retiree"})
        verse: Counter[str] = Counter()
        for versement in versements:
            verse[structures[versement.structure_id]] += versement.montant_centimes
        assert set(verse) <= set(accords) & conventions
        assert all(montant <= accords[reference] for reference, montant in verse.items())
        assert not cles or max(cles.values()) == 1


@pytest.mark.parametrize("genre", DEUX_BASES)
def test_rien_ne_depasse_quel_que_soit_l_ordre(genre: str) -> None:
    class Ici(Commission):
        pass

    Ici.genre = genre
    run_state_machine_as_test(
        Ici,
        settings=settings(
            max_examples=5,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
