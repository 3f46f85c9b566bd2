"""The calendar as schedules: each dated action of a step is one one-off rule, in local time. Imports no Prefect."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regles.agenda import nommer_action
from regles.calendrier import PARIS, ActionDatee, Calendrier, Etape, PlanRelances, actions_datees

FUSEAU = PARIS.key


@dataclass(frozen=True, slots=True)
class Horaire:
    """A one-off schedule. `cle` is its slug, `intitule` the name of the run, `regle` an RRULE in local time."""

    cle: str
    intitule: str
    le: datetime
    regle: str
    parametres: Mapping[str, Any]

    def est_passe(self, maintenant: datetime) -> bool:
        """Whether the rule can no longer fire."""
        return self.le < maintenant


def _horaire(etape: Etape, action: ActionDatee) -> Horaire:
    le = action.le.astimezone(PARIS)
    return Horaire(
        cle=action.cle,
        intitule=nommer_action(etape, action.verbe, action.rang, a_confirmer=action.a_confirmer),
        le=le,
        regle=f"DTSTART:{le:%Y%m%dT%H%M%S}\nRRULE:FREQ=DAILY;COUNT=1",
        parametres={"demande": {"etape": action.etape, "verbe": action.verbe.value, "rang": action.rang}},
    )


def horaires(calendriers: Iterable[Calendrier], plan_de: Callable[[Etape], PlanRelances]) -> tuple[Horaire, ...]:
    """Give the schedule of every dated action of every step, by date."""
    rendus = (
        _horaire(etape, action)
        for calendrier in calendriers
        for etape in calendrier.etapes
        for action in actions_datees(etape, plan_de(etape))
    )
    return tuple(sorted(rendus, key=lambda h: (h.le, h.cle)))
