"""Whatever happens, and in whatever order, no cent is created nor lost: the whole money cycle under a random clerk.

Two structures of one partner live through forecasts, updates, réels, corrections, batches signed, turned down, sent,
paid or rejected line by line, dues suspended, payments taken back, indus withheld or paid back. After every act the
accounts must balance, no due is paid twice, and three people stand behind whatever was paid.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.requetes_argent import dernier_droit, recouvre, versements_de_la_structure
from modeles.tables import Declaration, LigneLot, Lot, Versement
from modeles.transitions import Acte, passer
from operations.contexte import ActeRefuse, Contexte
from operations.contrepassations import contrepasser
from operations.dus import preparer_dus
from operations.indus import encaisser, lister_indus
from operations.lots import proposer_lot
from operations.paiements import base_du_droit
from operations.resultats import noter_resultat
from operations.signatures import decider_lot, ordonner_lot, transmettre_lot
from operations.suspensions import SUSPENDABLES, lever_suspension, lister_suspensions, suspendre
from regles.etats import LOTS_VISES, EtatDeclaration, EtatLigne, EtatLot, EtatVersement, NatureVersement
from tests.conftest import contexte_de_test
from tests.operations.argent import (
    ETAPE,
    LES_DEUX,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_structure,
)

ETAPES = {"previsionnel": "acompte-1-2026", "actualisation": "actualisation-juin-2026", "reel": ETAPE}
STRUCTURES = st.sampled_from([1, 2])
MONTANTS = st.integers(0, 5_000) | st.integers(0, 10**7)


class Annee(RuleBasedStateMachine):
    """A clerk who does anything at any time."""

    def __init__(self, contexte: Contexte) -> None:
        super().__init__()
        self.contexte = contexte
        self.jour = date(2026, 3, 12)
        self.declarations = 0

    @initialize(retenues=st.tuples(*[st.sampled_from([None, "0", "0.5", "1"])] * 2))
    def reseau(self, retenues: tuple[str | None, str | None]) -> None:
        """Two structures of one partner."""
        with transaction(self.contexte.moteur) as session:
            ajouter_partenaire(session)
            for rang, retenue in enumerate(retenues, start=1):
                ajouter_structure(session, rang, retenue=retenue)

    @rule(structure=STRUCTURES, nature=st.sampled_from(list(ETAPES)), montant=MONTANTS)
    def declarer(self, structure: int, nature: str, montant: int) -> None:
        """A declaration comes, or corrects the one of its nature, and is validated; its right is computed."""
        with transaction(self.contexte.moteur) as session:
            for ancienne in session.exec(
                select(Declaration).where(Declaration.structure_id == structure, Declaration.nature == nature)
            ):
                if ancienne.etat is EtatDeclaration.VALIDEE:
                    ancienne.etat = EtatDeclaration.REMPLACEE
                    session.add(ancienne)
            session.flush()
            self.declarations += 1
            etape = "previsionnels-2026-a" if nature == "previsionnel" else ETAPES[nature]
            ajouter_declaration(session, self.declarations, structure, nature, 2026, etape)
            ajouter_droit(session, self.declarations, montant)

    @rule(structure=STRUCTURES, montant=MONTANTS)
    def reviser(self, structure: int, montant: int) -> None:
        """The right of the current declaration is computed anew and differs."""
        with transaction(self.contexte.moteur) as session:
            base = base_du_droit(session, structure, 2026)
            if base is not None:
                dernier = dernier_droit(session, base.id or 0)
                ajouter_droit(session, base.id or 0, montant, rang=1 if dernier is None else dernier.rang + 1)

    @rule(nature=st.sampled_from(list(ETAPES)))
    def preparer(self, nature: str) -> None:
        """The dues of a step are written."""
        preparer_dus(self.contexte, ETAPES[nature], self.jour)
        assert preparer_dus(self.contexte, ETAPES[nature], self.jour).ecrits == {}

    @rule(nature=st.sampled_from(list(ETAPES)), par=st.sampled_from([PROPOSE, LES_DEUX]))
    def proposer(self, nature: str, par: str) -> None:
        """A batch is proposed, if anything is due."""
        proposer_lot(self.contexte, ETAPES[nature], par, self.jour)

    @rule(par=st.sampled_from([ORDONNE, LES_DEUX]))
    def ordonner(self, par: str) -> None:
        """The oldest draft is signed, unless it is overtaken or by who proposed it."""
        lot = self._plus_ancien(EtatLot.PROPOSE)
        if lot is not None:
            with self._refus_attendu("le droit a changé|La base de données l'interdit"):
                ordonner_lot(self.contexte, lot, par, self.jour)

    @rule(par=st.sampled_from([LIBERE, LES_DEUX]))
    def viser(self, par: str) -> None:
        """The oldest signed batch gets its visa, unless it is overtaken or by who proposed or signed it."""
        lot = self._plus_ancien(EtatLot.ORDONNANCE)
        if lot is not None:
            with self._refus_attendu("le droit a changé|La base de données l'interdit"):
                decider_lot(self.contexte, lot, EtatLot.LIBERE, par, jour=self.jour)

    @rule(etat=st.sampled_from([EtatLot.PROPOSE, EtatLot.ORDONNANCE, EtatLot.LIBERE]))
    def refuser(self, etat: EtatLot) -> None:
        """A batch that has not left is turned down."""
        lot = self._plus_ancien(etat)
        if lot is not None:
            decider_lot(self.contexte, lot, EtatLot.REFUSE, LIBERE, "relu", self.jour)

    @rule()
    def transmettre(self) -> None:
        """The oldest batch with its visa leaves for the bank."""
        lot = self._plus_ancien(EtatLot.LIBERE)
        if lot is not None:
            with transaction(self.contexte.moteur) as session:
                acte = Acte(self.contexte.maintenant(self.jour), LIBERE, "exporter")
                passer(session, session.get_one(Lot, lot), EtatLot.EXPORTE, acte)
            transmettre_lot(self.contexte, lot, LIBERE, self.jour)

    @rule(payees=st.lists(st.booleans(), min_size=2, max_size=2))
    def recevoir_les_resultats(self, payees: list[bool]) -> None:
        """The bank says of each line of the oldest batch sent that it is paid or rejected."""
        lot = self._plus_ancien(EtatLot.TRANSMIS)
        if lot is None:
            return
        acte = Acte(self.contexte.maintenant(self.jour), LIBERE, "résultat")
        with transaction(self.contexte.moteur) as session:
            lignes = session.exec(select(LigneLot).where(LigneLot.lot_id == lot, col(LigneLot.montant_centimes) > 0))
            attendues = [ligne for ligne in lignes if ligne.etat is EtatLigne.EN_ATTENTE]
            for ligne, payee in zip(attendues, payees, strict=False):
                etat, code = (EtatLigne.PAYEE, "") if payee else (EtatLigne.REJETEE, "AC04")
                noter_resultat(session, ligne, etat, code, acte)

    @rule(
        structures=st.sampled_from([(1,), (2,), (1, 2)]),
        nature=st.sampled_from(list(ETAPES)),
        montant=MONTANTS,
        arret=st.integers(0, 4),
        payees=st.lists(st.booleans(), min_size=2, max_size=2),
    )
    def derouler(self, structures: tuple[int, ...], nature: str, montant: int, arret: int, payees: list[bool]) -> None:
        """From a declaration to what the bank says of its payment, or as far as it goes."""
        for structure in structures:
            self.declarer(structure, nature, montant)
        self.preparer(nature)
        self.proposer(nature, PROPOSE)
        for acte in (self.ordonner, self.viser)[:arret]:
            acte(ORDONNE if acte == self.ordonner else LIBERE)
        if arret > 2:
            self.transmettre()
        if arret > 3:
            self.recevoir_les_resultats(payees)

    @rule(structure=STRUCTURES, rang=st.integers(0, 2))
    def suspendre(self, structure: int, rang: int) -> None:
        """A due is suspended, wherever it stands, unless it has left."""
        with transaction(self.contexte.moteur) as session:
            connus = versements_de_la_structure(session, structure, 2026)
            dus = sorted((v for v in connus if v.etat in SUSPENDABLES), key=lambda v: v.etat is EtatVersement.DU)
        if dus:
            with self._refus_attendu("est parti|déjà suspendu"):
                suspendre(
                    self.contexte, dus[min(rang, len(dus) - 1)].reference, "pieces", "attendue", ORDONNE, self.jour
                )

    @precondition(lambda self: bool(lister_suspensions(self.contexte)))
    @rule()
    def lever(self) -> None:
        """The oldest suspension is lifted."""
        reference = lister_suspensions(self.contexte)[0].reference
        lever_suspension(self.contexte, reference, "reçue", LIBERE, self.jour)

    @rule(structure=STRUCTURES)
    def contrepasser(self, structure: int) -> None:
        """The last due that the bank paid comes back."""
        with transaction(self.contexte.moteur) as session:
            payes = session.exec(
                select(Versement.reference)
                .where(
                    LigneLot.versement_id == Versement.id,
                    LigneLot.etat == EtatLigne.PAYEE,
                    Versement.structure_id == structure,
                )
                .order_by(col(Versement.id).desc())
            ).all()
        if payes:
            with self._refus_attendu("retenu en entier"):
                contrepasser(self.contexte, payes[0], "revenu", LIBERE, self.jour)

    def _plus_ancien(self, etat: EtatLot) -> int | None:
        with transaction(self.contexte.moteur) as session:
            return session.exec(select(Lot.id).where(Lot.etat == etat).order_by(col(Lot.id))).first()

    @contextmanager
    def _refus_attendu(self, phrases: str) -> Iterator[None]:
        try:
            yield
        except ActeRefuse as refus:
            if not re.search(phrases, str(refus)):
                raise

    @precondition(lambda self: bool(lister_indus(self.contexte)))
    @rule(part=st.fractions(0, 1))
    def rembourser(self, part: object) -> None:
        """The partner pays back a part of its oldest indu."""
        indu = lister_indus(self.contexte)[0]
        montant = int(part * indu.restant_centimes)  # type: ignore[operator]
        if montant:
            encaisser(self.contexte, indu.reference, montant, LIBERE, "virement", self.jour, confirme=True)

    @rule(jours=st.integers(0, 3))
    def attendre(self, jours: int) -> None:
        """Days pass."""
        self.jour += timedelta(days=jours)

    @invariant()
    def les_comptes_tombent_juste(self) -> None:
        """What is due never exceeds the right it rests on, cash is what the lines say, indus are what they lack."""
        with transaction(self.contexte.moteur) as session:
            for structure in (1, 2):
                self._verifier(session, structure)
            for lot in session.exec(select(Lot)).all():
                self._verifier_le_lot(session, lot)

    def _verifier_le_lot(self, session: Session, lot: Lot) -> None:
        """What a batch says is what its lines say; three people have signed what has left."""
        tenues = [
            ligne
            for ligne in session.exec(select(LigneLot).where(LigneLot.lot_id == lot.id))
            if ligne.etat is not EtatLigne.SUSPENDUE
        ]
        if tenues:
            assert (lot.nombre, lot.total_centimes) == (len(tenues), sum(li.montant_centimes for li in tenues))
        else:
            assert lot.etat is EtatLot.REFUSE
        if lot.etat in LOTS_VISES:
            assert len({lot.propose_par, lot.ordonne_par, lot.decide_par, None}) == 4

    def _verifier(self, session: Session, structure: int) -> None:
        versements = [
            v for v in versements_de_la_structure(session, structure, 2026) if v.etat is not EtatVersement.ANNULE
        ]
        indus = [v for v in versements if v.nature is NatureVersement.INDU]
        payes = [v for v in versements if v.etat is EtatVersement.LIBERE]
        verse = sum(self._net(session, v) + self._retenu(session, v) for v in payes)
        assert verse == sum(v.montant_centimes for v in payes)
        for versement in versements:
            sorties = session.exec(
                select(LigneLot).where(LigneLot.versement_id == versement.id, LigneLot.etat == EtatLigne.PAYEE)
            ).all()
            assert len(sorties) <= 1
            assert versement.etat is EtatVersement.LIBERE or not sorties
        for indu in indus:
            if indu.contrepasse_id is not None:
                repris = session.get_one(Versement, indu.contrepasse_id)
                assert indu.montant_centimes == self._net(session, repris)
            rentre = recouvre(session, indu.id or 0, rentre=True)
            assert 0 <= rentre <= indu.montant_centimes
            assert (indu.etat is EtatVersement.RECOUVRE) == (rentre == indu.montant_centimes)

    def _net(self, session: Session, versement: Versement) -> int:
        return self._ligne(session, versement).montant_centimes

    def _retenu(self, session: Session, versement: Versement) -> int:
        return self._ligne(session, versement).retenue_centimes

    def _ligne(self, session: Session, versement: Versement) -> LigneLot:
        return session.exec(
            select(LigneLot).where(LigneLot.versement_id == versement.id, col(LigneLot.active).is_(True))
        ).one()

    def teardown(self) -> None:
        """At the end everything settles: what stands for a réel is exactly its right, and nobody due is left out."""
        for etat in (EtatLot.PROPOSE, EtatLot.ORDONNANCE, EtatLot.LIBERE):
            while (lot := self._plus_ancien(etat)) is not None:
                decider_lot(self.contexte, lot, EtatLot.REFUSE, LIBERE, "fin", self.jour)
        for etape in ETAPES.values():
            preparer_dus(self.contexte, etape, self.jour)
        for du in lister_suspensions(self.contexte):  # those carried to the due that replaces a suspended one included
            lever_suspension(self.contexte, du.reference, "fin", LIBERE, self.jour)
        for etape in ETAPES.values():
            proposer_lot(self.contexte, etape, PROPOSE, self.jour)
        with transaction(self.contexte.moteur) as session:
            for structure in (1, 2):
                base = base_du_droit(session, structure, 2026)
                if base is None:
                    continue
                droit = dernier_droit(session, base.id or 0)
                assert droit is not None
                connus = versements_de_la_structure(session, structure, 2026)
                assert EtatVersement.DU not in {v.etat for v in connus}
                debout = sum(
                    -v.montant_centimes if v.nature is NatureVersement.INDU else v.montant_centimes
                    for v in connus
                    if v.etat is not EtatVersement.ANNULE
                )
                if base.nature == "reel":
                    assert debout == droit.montant_centimes


def test_aucun_centime_ne_se_cree_ni_ne_se_perd() -> None:
    with ExitStack() as annees:

        class AnneeSurSaBase(Annee):
            def __init__(self) -> None:
                dossier = Path(annees.enter_context(TemporaryDirectory()))
                environnement = annees.enter_context(pytest.MonkeyPatch.context())
                super().__init__(annees.enter_context(contexte_de_test("sqlite", dossier, environnement)))

        run_state_machine_as_test(
            AnneeSurSaBase, settings=settings(max_examples=15, stateful_step_count=30, deadline=None)
        )
