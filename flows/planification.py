"""The calendar as schedules: each dated action of a step is one one-off rule, in local time. Imports no Prefect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regles.calendrier import (
    PARIS,
    ActionDatee,
    Calendrier,
    Etape,
    NatureEtape,
    PlanRelances,
    Verbe,
    actions_datees,
)

FUSEAU = PARIS.key
PRESTATIONS_CITEES = 2

LIBELLES = {Verbe.OUVRIR: "Ouverture", Verbe.RELANCER: "Relance", Verbe.CLORE: "Clôture"}
LIBELLES_D_OUVERTURE = {NatureEtape.COMMISSION: "Séance", NatureEtape.VERSEMENT: "Départ"}


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


def nommer_etape(etape: Etape) -> str:
    """Name a step briefly; prestations tell two declaration steps apart: « Réels 2025 (EAJE, RPE…) »."""
    if not etape.nature.est_declaration:
        return etape.libelle
    citees = ", ".join(etape.prestations[:PRESTATIONS_CITEES]).replace("_", " ")
    suite = "…" if len(etape.prestations) > PRESTATIONS_CITEES else ""
    return f"{etape.libelle} ({citees}{suite})"


def nommer_action(etape: Etape, verbe: Verbe, rang: int = 0, *, a_confirmer: bool = False) -> str:
    """Name an action as the team reads it: « Relance n° 1 : Réels 2025 (ALSH) »."""
    libelle = LIBELLES[verbe]
    if verbe is Verbe.OUVRIR:
        libelle = LIBELLES_D_OUVERTURE.get(etape.nature, libelle)
    if verbe is Verbe.RELANCER and rang:
        libelle = f"{libelle} n° {rang}"
    suite = " (date à confirmer)" if a_confirmer else ""
    return f"{libelle} : {nommer_etape(etape)}{suite}"


def _horaire(etape: Etape, action: ActionDatee) -> Horaire:
    le = action.le.astimezone(PARIS)
    return Horaire(
        cle=action.cle,
        intitule=nommer_action(etape, action.verbe, action.rang, a_confirmer=action.a_confirmer),
        le=le,
        regle=f"DTSTART:{le:%Y%m%dT%H%M%S}\nRRULE:FREQ=DAILY;COUNT=1",
        parametres={"demande": {"etape": action.etape, "verbe": action.verbe.value, "rang": action.rang}},
    )


def horaires(calendriers: Iterable[Calendrier], plan: PlanRelances) -> tuple[Horaire, ...]:
    """Give the schedule of every dated action of every step, by date."""
    rendus = (
        _horaire(etape, action)
        for calendrier in calendriers
        for etape in calendrier.etapes
        for action in actions_datees(etape, plan)
    )
    return tuple(sorted(rendus, key=lambda h: (h.le, h.cle)))
