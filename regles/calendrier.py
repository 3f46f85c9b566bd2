"""The published calendar: steps, their dated actions, and when each is due (Europe/Paris, limits included)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
PRESTATIONS_CITEES = 2
SAMEDI = 5
PUBLIEE = "derniere"  # what the reminder published by the calendar itself is called in the ledger
COURRIELS_AU_PLUS = 4  # automatic mails a person gets about one step, its opening included


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
    SIEGER = "sieger"

    @property
    def ecrit(self) -> bool:
        """Whether it writes to the partners."""
        return self in {Verbe.OUVRIR, Verbe.RELANCER}


@dataclass(frozen=True, slots=True)
class Etape:
    """One step. `limite` includes its day. `approximations` gives, per date field, the source's own vague words.

    `noms`: the usual names of its prestations, in their order; without any, their codes are shown.
    """

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
    noms: tuple[str, ...] = ()

    def est_approximative(self, champ: str) -> bool:
        """Whether the source gives no exact day for this date field: shown « à confirmer »."""
        return any(nom == champ for nom, _ in self.approximations)


def nommer_prestation(code: str, noms: Mapping[str, str]) -> str:
    """Give the usual name of a prestation: its initials, or its name without what stands between brackets."""
    return code if est_un_sigle(code) else noms.get(code, code).partition(" (")[0]


def est_un_sigle(code: str) -> bool:
    """Whether a code is the initials that everybody uses (EAJE), not an identifier (AIDE_DOMICILE)."""
    return "_" not in code


def nommer_etape(etape: Etape) -> str:
    """Name a step briefly; prestations tell two declaration steps apart: « Réels 2025 (EAJE, RPE…) »."""
    if not etape.nature.est_declaration:
        return etape.libelle
    citees = ", ".join((etape.noms or etape.prestations)[:PRESTATIONS_CITEES])
    suite = "…" if len(etape.prestations) > PRESTATIONS_CITEES else ""
    return f"{etape.libelle} ({citees}{suite})"


@dataclass(frozen=True, slots=True)
class Calendrier:
    """The steps of a year, the full names of the prestations, the source and the day it carries."""

    annee: int
    prestations: tuple[tuple[str, str], ...]
    etapes: tuple[Etape, ...]
    source: str = ""
    releve_le: date | None = None

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
    """When reminders leave: days relative to the limit (negative: before), local hour, days from limit to closing.

    `feries`: the public holidays, when a planned reminder leaves on working days only; None when any day will do.
    `ouverture`: days from the limit at which a step opens when its source gives none; None when a person opens it.
    `delai_appel`: working days to phone who still owes after the last reminder.
    """

    decalages: tuple[int, ...]
    heure: time
    delai_cloture: int
    feries: frozenset[date] | None = None
    ouverture: int | None = None
    delai_appel: int = 0


@dataclass(frozen=True, slots=True)
class DelaiDonne:
    """More time given to some partner for a step: its number, the day it was given, its own limit included."""

    numero: int
    donne_le: date
    limite: date


@dataclass(frozen=True, slots=True)
class ActionDatee:
    """One dated action of a step. `rang` orders the reminders for the eyes (0 for the other verbs).

    `repere` is what a reminder is for ever, whatever the plan becomes: its days from the limit (« j-7 », « j+1 »), or
    « derniere » for the one that the calendar publishes. `derniere`: the last one of the step; then a person phones.
    `prolongation`: the number of the extension it belongs to, 0 for the step as published.
    """

    etape: str
    verbe: Verbe
    rang: int
    le: datetime
    a_confirmer: bool = False
    repere: str = ""
    derniere: bool = False
    prolongation: int = 0

    @property
    def fil(self) -> str:
        """What its guards look at together: the step as published, or one extension of it."""
        return _fil(self.etape, self.prolongation)

    @property
    def cle(self) -> str:
        """Unique key in the ledger of played actions, and slug of its schedule."""
        return f"{self.fil}-{self.verbe}-{self.repere}" if self.verbe is Verbe.RELANCER else self._cle_de_rang

    @property
    def _cle_de_rang(self) -> str:
        suffixe = f"-{self.rang}" if self.verbe is Verbe.RELANCER else ""
        return f"{self.fil}-{self.verbe}{suffixe}"

    def est_celle_de(self, cle: str, jouee_le: date) -> bool:
        """Whether a line of the ledger is this action's.

        Reminders were once kept under their rank: such a line is theirs when it was played on their day or after.
        """
        return cle == self.cle or (cle == self._cle_de_rang and self.le.date() <= jouee_le)


@dataclass(frozen=True, slots=True)
class ActionFaite:
    """A line of the ledger: what was played, and on which day. `ecrite`: done, not skipped."""

    etape: str
    verbe: Verbe
    cle: str
    le: date
    ecrite: bool = True
    prolongation: int = 0

    @property
    def fil(self) -> str:
        """As for the action it was."""
        return _fil(self.etape, self.prolongation)


def _fil(etape: str, prolongation: int) -> str:
    return f"{etape}-p{prolongation}" if prolongation else etape


def echeance(etape: Etape) -> date | None:
    """Give the day by which partners act, that day included: the limit, or the cut-off of a sitting."""
    return etape.demandes_avant if etape.nature is NatureEtape.COMMISSION else etape.limite


def ouverture_prevue(etape: Etape, plan: PlanRelances) -> date | None:
    """Give the day a step opens: published, or counted back from its limit when the plan says how."""
    if etape.ouverture is not None or plan.ouverture is None or etape.limite is None:
        return etape.ouverture
    return ouvrer(etape.limite + timedelta(days=plan.ouverture), plan, etape.limite)


def fin_de_reception(etape: Etape, plan: PlanRelances) -> date | None:
    """Last day on which an answer is still taken by the step: the final limit, or the limit plus the closing delay."""
    if etape.limite_finale is not None:
        return etape.limite_finale
    limite = echeance(etape)
    return None if limite is None else limite + timedelta(days=plan.delai_cloture)


def prolonger(etape: Etape, plan: PlanRelances, delai: DelaiDonne) -> Etape:
    """Give a step as it stands for who has more time: its own limit, then the same days of grace before its closing."""
    fins = (delai.limite + timedelta(days=plan.delai_cloture), fin_de_reception(etape, plan) or delai.limite)
    return replace(
        etape,
        ouverture=delai.donne_le,
        limite=delai.limite,
        derniere_relance=None,
        limite_finale=max(fins),
        approximations=(),
        a_confirmer="",
    )


def actions_de_prolongation(etape: Etape, plan: PlanRelances, delai: DelaiDonne) -> tuple[ActionDatee, ...]:
    """Give the reminders and the closing of who has more time: the step's own offsets, from their own limit.

    The mail that gives the new date stands for the opening.
    """
    return tuple(
        replace(action, prolongation=delai.numero)
        for action in actions_datees(prolonger(etape, plan, delai), plan)
        if action.verbe in {Verbe.RELANCER, Verbe.CLORE}
    )


def actions_datees(etape: Etape, plan: PlanRelances) -> tuple[ActionDatee, ...]:
    """Give the dated actions of a step, in order: open, remind (each rank), close the day after the last day, sit.

    A reminder that the plan would place on the opening or before, or after the end of reception, is not rendered. The
    published `derniere_relance` is the last one: it is added to the plan, and nothing planned after it is kept.
    """

    def a(verbe: Verbe, jour: date, champ: str, rang: int = 0, repere: str = "") -> ActionDatee:
        deduite = champ == "ouverture" and etape.ouverture is None
        a_confirmer = deduite or etape.est_approximative(champ)
        return ActionDatee(etape.id, verbe, rang, datetime.combine(jour, plan.heure, PARIS), a_confirmer, repere)

    actions = [
        a(verbe, jour, champ)
        for verbe, champ, jour in (
            (Verbe.OUVRIR, "ouverture", ouverture_prevue(etape, plan)),
            (Verbe.OUVRIR, "a_partir_du", etape.a_partir_du),
            (Verbe.SIEGER, "jour", etape.jour),
        )
        if jour is not None
    ]
    fin = fin_de_reception(etape, plan)
    if fin is not None:
        actions += _relances(etape, plan, fin, a)
        actions.append(
            a(Verbe.CLORE, fin + timedelta(days=1), "limite" if etape.limite_finale is None else "limite_finale")
        )
    return tuple(sorted(actions, key=lambda x: x.le))


def _relances(etape: Etape, plan: PlanRelances, fin: date, a: Callable[..., ActionDatee]) -> list[ActionDatee]:
    reperes = _jours_de_relance(etape, plan, fin)
    relances = [
        a(Verbe.RELANCER, jour, "derniere_relance" if repere == PUBLIEE else "limite", rang, repere)
        for rang, (jour, repere) in enumerate(sorted(reperes.items()), start=1)
    ]
    return [*relances[:-1], *(replace(relance, derniere=True) for relance in relances[-1:])]


def _jours_de_relance(etape: Etape, plan: PlanRelances, fin: date) -> dict[date, str]:
    """Give the day of each reminder and what it is for ever; two that a weekend brings together are one."""
    limite = echeance(etape) or fin
    jours = {ouvrer(limite + timedelta(days=d), plan, fin): f"j{d:+d}" for d in sorted(plan.decalages)}
    dernier = fin
    if etape.derniere_relance is not None:
        jours[etape.derniere_relance] = PUBLIEE
        dernier = min(fin, etape.derniere_relance)
    debut = ouverture_prevue(etape, plan) or date.min
    return {jour: repere for jour, repere in jours.items() if debut < jour <= dernier}


def ouvrer(jour: date, plan: PlanRelances, fin: date) -> date:
    """Give the next working day when the plan wants one, or the one before when that would be after `fin`."""
    if plan.feries is None:
        return jour
    for pas in (1, -1):
        candidat = jour
        while candidat.weekday() >= SAMEDI or candidat in plan.feries:
            candidat += timedelta(days=pas)
        if candidat <= fin:
            return candidat
    return jour


def actions_dues(
    actions: Iterable[ActionDatee], jour: date, faites: Iterable[ActionFaite]
) -> tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]:
    """Split the actions due on `jour` and not yet done into (to play, to skip), each in the order of its date.

    After an outage a step writes once: its opening if that was missed, else the reminder of the highest due rank, the
    one already done included. Whatever the plan has become, a reminder placed on the last day the step wrote or before
    is out of date, and so is one more than `COURRIELS_AU_PLUS`. Once its closing is due, a step is only closed; once
    closed, it never writes again, even if the plan moves its closing later. An extension is looked at by itself.
    """
    registre: dict[str, list[ActionFaite]] = {}
    for faite in faites:
        registre.setdefault(faite.fil, []).append(faite)
    echues = sorted((a for a in actions if a.le.date() <= jour), key=lambda a: (a.le, a.fil, a.rang))
    a_faire = [a for a in echues if not any(a.est_celle_de(f.cle, f.le) for f in registre.get(a.fil, ()))]
    closes = {a.fil for a in echues if a.verbe is Verbe.CLORE} | {
        fil for fil, lignes in registre.items() if any(f.verbe is Verbe.CLORE for f in lignes)
    }
    a_ouvrir = {a.fil for a in a_faire if a.verbe is Verbe.OUVRIR}
    dernier_rang: dict[str, int] = {}
    for action in echues:
        dernier_rang[action.fil] = max(action.rang, dernier_rang.get(action.fil, 0))

    def est_perimee(action: ActionDatee) -> bool:
        if not action.verbe.ecrit:
            return False
        if action.fil in closes:
            return True
        return action.verbe is Verbe.RELANCER and (
            action.fil in a_ouvrir
            or action.rang < dernier_rang[action.fil]
            or _est_de_trop(action, registre.get(action.fil, ()))
        )

    return tuple(a for a in a_faire if not est_perimee(a)), tuple(a for a in a_faire if est_perimee(a))


def _est_de_trop(relance: ActionDatee, faites: Iterable[ActionFaite]) -> bool:
    ecrites = [f.le for f in faites if f.ecrite and f.verbe.ecrit]
    return len(ecrites) >= COURRIELS_AU_PLUS or any(relance.le.date() <= le for le in ecrites)


def compter_courriels(etape: Etape, plan: PlanRelances) -> int:
    """Count the automatic mails that a person who never answers would get about a step."""
    return sum(a.verbe.ecrit for a in actions_datees(etape, plan))
