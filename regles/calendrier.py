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

    A reminder that the plan would place on the opening or before, or after the end of reception, is not rendered. The
    published `derniere_relance` is the last one: it is added to the plan, and nothing planned after it is kept.
    """

    def a(verbe: Verbe, jour: date, champ: str, rang: int = 0) -> ActionDatee:
        return ActionDatee(
            etape.id, verbe, rang, datetime.combine(jour, plan.heure, PARIS), etape.est_approximative(champ)
        )

    actions = [
        a(Verbe.OUVRIR, jour, champ)
        for champ, jour in (
            ("ouverture", etape.ouverture),
            ("jour", etape.jour),
            ("a_partir_du", etape.a_partir_du),
        )
        if jour is not None
    ]
    fin = fin_de_reception(etape, plan)
    if etape.limite is not None and fin is not None:
        actions += [
            a(Verbe.RELANCER, jour, "derniere_relance" if jour == etape.derniere_relance else "limite", rang)
            for rang, jour in enumerate(_jours_de_relance(etape, plan, etape.limite, fin), start=1)
        ]
        actions.append(
            a(Verbe.CLORE, fin + timedelta(days=1), "limite" if etape.limite_finale is None else "limite_finale")
        )
    return tuple(sorted(actions, key=lambda x: x.le))


def _jours_de_relance(etape: Etape, plan: PlanRelances, limite: date, fin: date) -> list[date]:
    jours = {limite + timedelta(days=d) for d in plan.decalages}
    dernier = fin
    if etape.derniere_relance is not None:
        jours.add(etape.derniere_relance)
        dernier = min(fin, etape.derniere_relance)
    debut = etape.ouverture or date.min
    return sorted(j for j in jours if debut < j <= dernier)


def actions_dues(
    actions: Iterable[ActionDatee], jour: date, faites: Set[str]
) -> tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]:
    """Split the actions due on `jour` and not yet done into (to play, to skip), each in the order of its date.

    After an outage a step writes once: its opening if that was missed, else the reminder of the highest due rank, the
    one already done included. Once its closing is due, it is only closed.
    """
    echues = sorted((a for a in actions if a.le.date() <= jour), key=lambda a: (a.le, a.etape, a.rang))
    a_faire = [a for a in echues if a.cle not in faites]
    closes = {a.etape for a in echues if a.verbe is Verbe.CLORE}
    a_ouvrir = {a.etape for a in a_faire if a.verbe is Verbe.OUVRIR}
    dernier_rang: dict[str, int] = {}
    for action in echues:
        dernier_rang[action.etape] = max(action.rang, dernier_rang.get(action.etape, 0))

    def est_perimee(action: ActionDatee) -> bool:
        if action.verbe is Verbe.CLORE:
            return False
        if action.etape in closes:
            return True
        return action.verbe is Verbe.RELANCER and (action.etape in a_ouvrir or action.rang < dernier_rang[action.etape])

    return tuple(a for a in a_faire if not est_perimee(a)), tuple(a for a in a_faire if est_perimee(a))
