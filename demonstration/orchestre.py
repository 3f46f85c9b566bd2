"""Carries out the acts through Prefect, as the team will: a run of a deployment for each, seen in the UI.

To be imported once PREFECT_API_URL is set: Prefect reads its settings when it is imported.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from demonstration.operateurs import ETATS, ExecutionRatee
from flows.noms import CALENDRIER
from operations.contexte import Contexte
from operations.lots import ResumeLot, resume_lot
from operations.rappels import RIEN
from regles.calendrier import Verbe
from regles.etats import EtatLot
from tasks.liberations import LIBERATION

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

RECEPTION = "Réception des déclarations/réception"
RATTRAPAGE = "Rattrapage quotidien/rattrapage"
VALIDATION = "Validation des déclarations/validation"
DROITS = "Calcul des droits/droits"
PROPOSITION = "Proposition de lot/proposition"
RAPPELS = "Rappels/rappels"
# What the machine's own clock starts: it would play today's date in the middle of a campaign of another time.
A_L_HEURE_DE_LA_MACHINE = (RECEPTION, RATTRAPAGE)
ATTENTE_MAX = 180.0
PAUSE = 0.3


@dataclass(frozen=True, slots=True)
class OperateurPrefect:
    """Starts runs on the server of PREFECT_API_URL, where a worker must be running, and waits for each."""

    contexte: Contexte
    client: "SyncPrefectClient"

    def jouer(self, etape: str, verbe: Verbe, rang: int, jour: date) -> str:
        """Play a dated action of the calendar."""
        return self._executer(CALENDRIER, {"etape": etape, "verbe": verbe.value, "rang": rang}, jour)

    def recevoir(self, jour: date) -> str:
        """Take in what arrived in the inbox."""
        return self._executer(RECEPTION, {}, jour)

    def valider(self, etape: str, par: str, motif: str, jour: date) -> str:
        """Validate what was received."""
        return self._executer(VALIDATION, {"etape": etape, "par": par, "motif": motif}, jour)

    def calculer(self, etape: str, jour: date) -> str:
        """Compute the rights."""
        return self._executer(DROITS, {"etape": etape}, jour)

    def proposer(self, etape: str, par: str, jour: date) -> str:
        """Prepare the dues and freeze a batch."""
        return self._executer(PROPOSITION, {"etape": etape, "par": par}, jour)

    def ordonner(self, lot: int, par: str, jour: date) -> str:
        """Answer the first form as a person does in the UI, and wait until the second one is asked.

        Raises:
            ExecutionRatee: the run does not suspend, or fails after the answer.
        """
        return self._signer(lot, "Ordonnancer", par, jour)

    def liberer(self, lot: int, par: str, jour: date) -> str:
        """Answer the second form, and wait for what follows.

        Raises:
            ExecutionRatee: the run does not suspend, or fails after the answer.
        """
        return self._signer(lot, "Viser", par, jour)

    def _signer(self, lot: int, decision: str, par: str, jour: date) -> str:
        execution = self._suspendue(LIBERATION, {"lot": lot}, jour)
        avant = resume_lot(self.contexte, lot)
        if execution is None:
            return f"Lot {avant.numero} {ETATS[avant.etat]}."
        self.client.resume_flow_run(execution, run_input={"decision": decision, "par": par, "motif": ""})
        self._attendre(execution, lambda etat: etat.is_final() or (self._a_bouge(lot, avant) and etat.is_paused()))
        apres = resume_lot(self.contexte, lot)
        if len(apres.tentatives_refusees) > len(avant.tentatives_refusees):
            return apres.tentatives_refusees[-1]
        return f"Lot {apres.numero} ordonnancé." if apres.etat is EtatLot.ORDONNANCE else self._conclure(execution)

    def rappeler(self, exercice: int, par: str, motif: str, jour: date) -> str:
        """Answer « Confirmer » to the list of an exercice.

        Raises:
            ExecutionRatee: the run fails.
        """
        execution = self._suspendue(RAPPELS, {"exercices": [exercice]}, jour)
        if execution is None:
            return RIEN
        self.client.resume_flow_run(execution, run_input={"decision": "Confirmer", "par": par, "motif": motif})
        return self._conclure(execution)

    def _a_bouge(self, lot: int, avant: ResumeLot) -> bool:
        """Whether the answer was written: a signature, or why it was turned down."""
        return resume_lot(self.contexte, lot).actes > avant.actes

    def _suspendue(self, nom: str, demande: Mapping[str, Any], jour: date) -> UUID | None:
        """Find the run of a deployment that waits for an answer to this, or start one; None when it ended at once."""
        from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

        deploiement = self.client.read_deployment_by_name(nom).id
        vivantes = [
            execution
            for execution in self.client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deploiement]))
            )
            if demande.items() <= execution.parameters["demande"].items() and not _etat(execution).is_final()
        ]
        execution = vivantes[0].id if vivantes else self._lancer(nom, demande, jour)
        etat = self._attendre(execution, lambda etat: etat.is_final() or etat.is_paused())
        return execution if etat.is_paused() else None

    def _executer(self, deploiement: str, demande: Mapping[str, Any], jour: date) -> str:
        return self._conclure(self._lancer(deploiement, demande, jour))

    def _lancer(self, deploiement: str, demande: Mapping[str, Any], jour: date) -> UUID:
        from prefect.states import Scheduled

        cible = self.client.read_deployment_by_name(deploiement)
        parametres = {"demande": {**demande, "jour": jour.isoformat()}}
        return self.client.create_flow_run_from_deployment(cible.id, parameters=parametres, state=Scheduled()).id

    def _conclure(self, execution: UUID) -> str:
        etat = self._attendre(execution, lambda etat: etat.is_final())
        if not etat.is_completed():
            raise ExecutionRatee(f"Une exécution Prefect s'est mal terminée ({etat.name}) : {etat.message}")
        return etat.message or ""

    def _attendre(self, execution: UUID, condition: "Callable[[State[Any]], bool]") -> "State[Any]":
        fin = time.monotonic() + ATTENTE_MAX
        while time.monotonic() < fin:
            etat = _etat(self.client.read_flow_run(execution))
            if condition(etat):
                return etat
            time.sleep(PAUSE)
        raise ExecutionRatee("Une exécution Prefect n'avance plus depuis trois minutes.")

    def preparer(self) -> None:
        """Set aside what would disturb a played year: runs of a killed session, schedules on the machine's clock."""
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
        from prefect.client.schemas.objects import StateType
        from prefect.states import Crashed

        mortes = self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING]))
            )
        )
        for execution in mortes:
            self.client.set_flow_run_state(execution.id, Crashed(message="Session interrompue ; l'étape est reprise."))
        for nom in A_L_HEURE_DE_LA_MACHINE:
            deploiement = self.client.read_deployment_by_name(nom).id
            for horaire in self.client.read_deployment_schedules(deploiement):
                self.client.update_deployment_schedule(deploiement, horaire.id, active=False)


def _etat(execution: "FlowRun") -> "State[Any]":
    if execution.state is None:
        raise ExecutionRatee("Une exécution Prefect n'a pas d'état.")
    return execution.state
