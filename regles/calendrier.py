"""The published calendar: steps, their dated actions, and when each is due (Europe/Paris, limits included)."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class NatureEtape(StrEnum):
    """Kind of step of the partners' calendar."""

    PREVISIONNEL = "previsionnel"
    ACTUALISATION = "actualisation"
    REEL = "reel"
    FILOUE = "filoue"
    BILAN = "bilan"
    RENOUVELLEMENT = "renouvellement"
    APPEL_A_PROJETS = "appel_a_projets"
    COMMISSION = "commission"
    VERSEMENT = "versement"

    @property
    def est_declaration(self) -> bool:
        """Whether partners answer it with an AFAS workbook."""
        return self in {NatureEtape.PREVISIONNEL, NatureEtape.ACTUALISATION, NatureEtape.REEL}


class Verbe(StrEnum):
    """What is done to a step on a day."""

    OUVRIR = "ouvrir"
    RELANCER = "relancer"
    CLORE = "clore"


@dataclass(frozen=True, slots=True)
class Etape:
    """One step. `limite` includes its day. `approximations` gives, per date field, the source's own vague words."""

    id: str
    nature: NatureEtape
    libelle: str
    prestations: tuple[str, ...] = ()
    exercice: int | None = None
    canal: str = ""
    ouverture: date | None = None
    limite: date | None = None
    derniere_relance: date | None = None
    limite_finale: date | None = None
    jour: date | None = None
    demandes_avant: date | None = None
    a_partir_du: date | None = None
    date_limite: date | None = None
    approximations: tuple[tuple[str, str], ...] = ()
    a_confirmer: str = ""

    def est_approximative(self, champ: str) -> bool:
        """Whether the source gives no exact day for this date field: shown « à confirmer »."""
        return any(nom == champ for nom, _ in self.approximations)


@dataclass(frozen=True, slots=True)
class Calendrier:
    """The steps of a year, and the full names of the prestations."""

    annee: int
    prestations: tuple[tuple[str, str], ...]
    etapes: tuple[Etape, ...]

    def etape(self, identifiant: str) -> Etape:
        """Give a step by its id.

        Raises:
            KeyError: when the calendar has no such step.
        """
        for etape in self.etapes:
            if etape.id == identifiant:
                return etape
        raise KeyError(identifiant)


@dataclass(frozen=True, slots=True)
class PlanRelances:
    """When reminders leave: days relative to the limit (negative: before), local hour, days from limit to closing."""

    decalages: tuple[int, ...]
    heure: time
    delai_cloture: int


@dataclass(frozen=True, slots=True)
class ActionDatee:
    """One dated action of a step. `rang` orders the reminders (0 for the other verbs)."""

    etape: str
    verbe: Verbe
    rang: int
    le: datetime
    a_confirmer: bool = False

    @property
    def cle(self) -> str:
        """Unique key in the ledger of played actions, and slug of its schedule."""
        suffixe = f"-{self.rang}" if self.verbe is Verbe.RELANCER else ""
        return f"{self.etape}-{self.verbe}{suffixe}"


def fin_de_reception(etape: Etape, plan: PlanRelances) -> date | None:
    """Last day on which an answer is still taken by the step: the final limit, or the limit plus the closing delay."""
    if etape.limite_finale is not None:
        return etape.limite_finale
    return None if etape.limite is None else etape.limite + timedelta(days=plan.delai_cloture)


def actions_datees(etape: Etape, plan: PlanRelances) -> tuple[ActionDatee, ...]:
    """Give the dated actions of a step, in order: open, remind (each rank), close the day after the last day.

    A reminder that the plan would place before the opening or after the end of reception is not rendered.
    The published `derniere_relance` replaces the planned reminder of the same day or adds the last rank.
    """

    def a(verbe: Verbe, jour: date, rang: int = 0, champ: str = "limite") -> ActionDatee:
        return ActionDatee(
            etape.id, verbe, rang, datetime.combine(jour, plan.heure, PARIS), etape.est_approximative(champ)
        )

    actions = []
    if etape.ouverture is not None:
        actions.append(a(Verbe.OUVRIR, etape.ouverture, champ="ouverture"))
    if etape.jour is not None:
        actions.append(a(Verbe.OUVRIR, etape.jour, champ="jour"))
    if etape.a_partir_du is not None:
        actions.append(a(Verbe.OUVRIR, etape.a_partir_du, champ="a_partir_du"))
    fin = fin_de_reception(etape, plan)
    if etape.limite is not None and fin is not None:
        jours = {etape.limite + timedelta(days=d) for d in plan.decalages}
        if etape.derniere_relance is not None:
            jours.add(etape.derniere_relance)
        debut = etape.ouverture or date.min
        retenus = sorted(j for j in jours if debut < j <= fin)
        actions += [a(Verbe.RELANCER, j, rang) for rang, j in enumerate(retenus, start=1)]
        actions.append(a(Verbe.CLORE, fin + timedelta(days=1)))
    return tuple(sorted(actions, key=lambda x: x.le))


def actions_dues(
    actions: Iterable[ActionDatee], jour: date, faites: Set[str]
) -> tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]:
    """Split the actions due on `jour` and not yet done into (to play, to skip).

    After an outage only the reminder of the highest due rank of a step leaves; none leaves once its closing is due.
    """
    echues = [a for a in actions if a.le.date() <= jour and a.cle not in faites]
    clos = {a.etape for a in actions if a.verbe is Verbe.CLORE and a.le.date() <= jour}
    dernier_rang = {
        etape: max(a.rang for a in echues if a.etape == etape and a.verbe is Verbe.RELANCER)
        for etape in {a.etape for a in echues if a.verbe is Verbe.RELANCER}
    }
    a_jouer: list[ActionDatee] = []
    a_sauter: list[ActionDatee] = []
    for action in sorted(echues, key=lambda x: (x.le, x.etape, x.rang)):
        perimee = action.verbe is Verbe.RELANCER and (action.etape in clos or action.rang < dernier_rang[action.etape])
        (a_sauter if perimee else a_jouer).append(action)
    return tuple(a_jouer), tuple(a_sauter)
