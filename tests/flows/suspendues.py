"""A run that waits for answers, played in this process as a worker would pick it up, from its first line each time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import Scheduled

from flows.demandes import Formulaire


@dataclass(frozen=True)
class Suspendue:
    """A run of a deployment made for a test."""

    client: SyncPrefectClient
    id: UUID
    flux: Flow[Any, Any]
    formulaire: type[Formulaire]

    def jouer(self) -> State[Any]:
        """Play the run until it waits or ends."""
        run = self.client.read_flow_run(self.id)
        parametres = {"demande": self.formulaire(**run.parameters["demande"])}
        with suppress(Pause):
            run_flow(self.flux, flow_run=run, parameters=parametres, return_type="state")
        etat = self.client.read_flow_run(self.id).state
        assert etat is not None
        return etat

    def repondre(self, **reponse: str) -> State[Any]:
        """Answer the form, and play on."""
        self.client.resume_flow_run(self.id, run_input=reponse)
        return self.jouer()

    def gardes(self) -> dict[str, str]:
        """What Prefect keeps of the forms and of what was answered, by key."""
        entrees = self.client.filter_flow_run_input(self.id, "suspended-", 200, set())
        return {entree.key: entree.value for entree in entrees}


@contextmanager
def suspendue(flux: Flow[Any, Any], demande: Formulaire) -> Iterator[Suspendue]:
    """Start a run of a deployment, then remove that deployment."""
    with get_client(sync_client=True) as client:
        deploiement = client.create_deployment(client.create_flow(flux), name=f"{flux.fn.__name__}-essai")
        parametres = {"demande": demande.model_dump(mode="json")}
        run = client.create_flow_run_from_deployment(deploiement, parameters=parametres, state=Scheduled())
        yield Suspendue(client, run.id, flux, type(demande))
        client.delete_deployment(deploiement)
