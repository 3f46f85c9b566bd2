"""The automation that marks a dead run as crashed: without it a killed worker leaves « Running » for ever."""

from datetime import timedelta

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

NOM = "Veille : exécutions sans signe de vie"
BATTEMENT = "prefect.flow-run.heartbeat"
SILENCE = timedelta(seconds=90)
# A batch awaiting its decision is silent on purpose, and a heartbeat may be recorded just after its suspension.
LIBERATION = "Libération de lot"
FINS = ("Completed", "Failed", "Cancelled", "Cancelling", "Crashed", "Suspended", "Paused")


def automatisme() -> AutomationCore:
    """Give the automation: a run that beat once and neither ended nor beat again within 90 s is « Crashed »."""
    return AutomationCore(
        name=NOM,
        description="Une exécution sans signe de vie est marquée « Crashed » ; le rattrapage reprend ce qui manque.",
        enabled=True,
        trigger=EventTrigger(
            after={BATTEMENT},
            expect={BATTEMENT, *(f"prefect.flow-run.{fin}" for fin in FINS)},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            match_related=ResourceSpecification(
                {"prefect.resource.role": "flow", "prefect.resource.name": f"!{LIBERATION}"}
            ),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=SILENCE,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                message="Plus de signe de vie depuis 90 secondes : le rattrapage quotidien reprendra ce qui manque.",
            )
        ],
    )
