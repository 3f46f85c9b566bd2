"""Next year's calendar drafted from this year's: the same steps a year later, every date to be confirmed by a person.

The rules are ours; they follow how a Caf words its calendar:

- an opening on a weekend or a holiday stays on its weekday (campaigns open on Sundays);
- the first day of a month stays the first day of that month; the last one, or its last working day, the last working
  day of that month;
- any other date keeps its weekday and its place in the year: the same weekday nearest to the same day of the year;
- what binds somebody to a day (limits, sittings, payments) never falls on a weekend or a public holiday: the next
  working day takes it, as article 642 of the code de procédure civile does for a delay (the one before, when the next
  is more than three days after the published day); nor does any other opening;
- the last reminder keeps its distance to the limit, and the dates of a step keep their order.

Each date starts from the oldest calendar that published it so: 52 weeks after 52 weeks would lose a day a year, and
what a holiday pushed once would never come back. A date that a person has moved since starts from there.
"""

import calendar
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from regles.calendrier import SAMEDI, Calendrier, Etape

UN_JOUR, UNE_SEMAINE, DEMI_SEMAINE = timedelta(days=1), timedelta(weeks=1), timedelta(days=3)
CHAMPS = (
    "ouverture",
    "limite",
    "derniere_relance",
    "limite_finale",
    "jour",
    "demandes_avant",
    "a_partir_du",
    "date_limite",
)
ID_AU_PLUS = 60
NOTE = "noté en "
FEVRIER = 2


class Raison(StrEnum):
    """Why a drafted date is where it is, as the reviewer reads it."""

    SEMAINES = "même jour de la semaine, au plus près de la même date"
    PREMIER = "le 1er du mois reste le 1er du mois"
    DERNIER = "la fin du mois reste la fin du mois (dernier jour ouvrable)"
    OUVRABLE = "jour ouvrable le plus proche"
    ECART = "même écart avec la limite"
    ORDRE = "repoussée pour garder l'ordre des dates"


@dataclass(frozen=True, slots=True)
class DateReportee:
    """A date of a step, before and after. `tombait`: the day it would have been, when a working day was sought."""

    champ: str
    avant: date
    apres: date
    raison: Raison
    tombait: date | None = None


@dataclass(frozen=True, slots=True)
class EtapeReportee:
    """A drafted step, those it is the sequel of (year by year, the most recent first), and how each date moved."""

    etape: Etape
    lignee: tuple[str, ...]
    dates: tuple[DateReportee, ...]

    @property
    def origine(self) -> str:
        """The step of the year before."""
        return self.lignee[0]


@dataclass(frozen=True, slots=True)
class Brouillon:
    """The draft of a year. `deja_publiees`: (step of the former year, its twin that a calendar already publishes)."""

    annee: int
    prestations: tuple[tuple[str, str], ...]
    etapes: tuple[EtapeReportee, ...]
    deja_publiees: tuple[tuple[str, str], ...]


def preparer(
    calendrier: Calendrier, publiees: Collection[str], feries: Collection[date], anciens: Sequence[Calendrier] = ()
) -> Brouillon:
    """Draft the year after a calendar's, without the steps whose id is already published somewhere.

    `anciens`: the calendars published before it, oldest first, where its dates come from.
    """
    etapes: list[EtapeReportee] = []
    deja: list[tuple[str, str]] = []
    pris: set[str] = set()
    suites = [{_identifiant(e.id, c.annee): e for e in c.etapes} for c in anciens]
    for etape in calendrier.etapes:
        identifiant = _identifiant(etape.id, calendrier.annee)
        if identifiant in publiees:
            deja.append((etape.id, identifiant))
            continue
        libre = _libre(identifiant, pris.union(publiees))
        pris.add(libre)
        etapes.append(_reporter(_lignee(etape, suites), libre, calendrier.annee, feries))
    return Brouillon(calendrier.annee + 1, calendrier.prestations, tuple(etapes), tuple(deja))


def _lignee(etape: Etape, suites: Sequence[Mapping[str, Etape]]) -> list[Etape]:
    """Give a step and those it is the sequel of, the most recent first: at most one a calendar.

    `suites`: of each former calendar, oldest first, its steps by the id that their sequel takes.
    """
    lignee = [etape]
    for connues in reversed(suites):
        if (precedente := connues.get(lignee[-1].id)) is not None:
            lignee.append(precedente)
    return lignee


def avancer_annees(texte: str, annee: int) -> str:
    """Move the years that a text names by one: « Réels 2025 », « campagne CLAS 2026-2027 »; others are left."""

    def suivante(trouvee: re.Match[str]) -> str:
        lue = int(trouvee[0])
        return str(lue + 1) if abs(lue - annee) <= 1 else trouvee[0]

    return re.sub(r"(?<!\d)\d{4}(?!\d)", suivante, texte)


def _identifiant(identifiant: str, annee: int) -> str:
    """Give the id of the twin; one that names no year takes the new one."""
    avance = avancer_annees(identifiant, annee)
    return avance if avance != identifiant else _suffixer(identifiant, str(annee + 1))


def _libre(identifiant: str, pris: Collection[str]) -> str:
    """Tell apart two steps that a year added would make one."""
    rang, libre = 1, identifiant
    while libre in pris:
        rang += 1
        libre = _suffixer(identifiant, str(rang))
    return libre


def _suffixer(identifiant: str, suffixe: str) -> str:
    return f"{identifiant[: ID_AU_PLUS - len(suffixe) - 1].rstrip('-')}-{suffixe}"


def _reporter(lignee: Sequence[Etape], identifiant: str, annee: int, feries: Collection[date]) -> EtapeReportee:
    etape = lignee[0]
    dates = _dans_l_ordre(_dates(lignee, feries), feries)
    reconduite = f"reconduite de {annee}"
    dites = {champ: _sans_reconduite(avancer_annees(mots, annee)) for champ, mots in etape.approximations}
    vagues = {champ: f"{mots}, {reconduite}" for champ, mots in dites.items() if mots}
    changees: Mapping[str, Any] = {d.champ: d.apres for d in dates}
    reportee = replace(
        etape,
        **changees,
        id=identifiant,
        libelle=avancer_annees(etape.libelle, annee),
        exercice=None if etape.exercice is None else etape.exercice + 1,
        approximations=tuple((d.champ, vagues.get(d.champ, reconduite)) for d in dates),
        a_confirmer=_noter(etape.a_confirmer, annee),
    )
    return EtapeReportee(reportee, tuple(ancienne.id for ancienne in lignee), dates)


def _sans_reconduite(mots: str) -> str:
    """Give the source's own words, without what a former draft had added to them."""
    return re.sub(r"(, )?reconduite de \d{4}$", "", mots)


def _noter(a_confirmer: str, annee: int) -> str:
    """Say of which year a doubt is; one carried over twice keeps the first."""
    return a_confirmer if not a_confirmer or a_confirmer.startswith(NOTE) else f"{NOTE}{annee} : {a_confirmer}"


def _dates(lignee: Sequence[Etape], feries: Collection[date]) -> list[DateReportee]:
    """Move each date by itself; the last reminder follows the limit."""
    etape = lignee[0]
    dates: list[DateReportee] = []
    for champ in CHAMPS:
        avant: date | None = getattr(etape, champ)
        if avant is None:
            continue
        if champ == "derniere_relance" and etape.limite is not None:
            limite = next(d.apres for d in dates if d.champ == "limite")
            dates.append(DateReportee(champ, avant, limite + (avant - etape.limite), Raison.ECART))
        else:
            publiee = _publiee(champ, avant, lignee[1:], feries)
            dates.append(replace(_placer(champ, publiee, avant.year + 1, feries), avant=avant))
    return dates


def _publiee(champ: str, avant: date, lignee: Iterable[Etape], feries: Collection[date]) -> date:
    """Give the oldest date of a step that all those published since come from; `lignee`: the most recent first."""
    depart, suites = avant, [avant]
    for etape in lignee:
        jour: date | None = getattr(etape, champ)
        if jour is None:
            break
        if all(_placer(champ, jour, suite.year, feries).apres == suite for suite in suites):
            depart = jour
        suites.append(jour)
    return depart


def _placer(champ: str, publiee: date, annee: int, feries: Collection[date]) -> DateReportee:
    """Place a published date in a later year."""
    if champ == "ouverture" and not _est_ouvrable(publiee, feries):
        return DateReportee(champ, publiee, _meme_jour(publiee, annee), Raison.SEMAINES)
    dernier = _dernier_du_mois(publiee.year, publiee.month)
    if publiee in {dernier, _chercher(dernier, feries, -1)}:
        fin = _dernier_du_mois(annee, publiee.month)
        ouvrable = _chercher(fin, feries, -1)
        return DateReportee(champ, publiee, ouvrable, Raison.DERNIER, fin if ouvrable != fin else None)
    if publiee.day == 1:
        vise, raison = publiee.replace(year=annee), Raison.PREMIER
    else:
        vise, raison = _meme_jour(publiee, annee), Raison.SEMAINES
    ouvrable = _ouvrable(vise, publiee.replace(year=annee), feries)
    if ouvrable == vise:
        return DateReportee(champ, publiee, vise, raison)
    return DateReportee(champ, publiee, ouvrable, Raison.OUVRABLE, vise)


def _meme_jour(publiee: date, annee: int) -> date:
    """Give the same weekday nearest to the same date of another year, in that year."""
    repere = publiee.replace(year=annee, day=min(publiee.day, 28) if publiee.month == FEVRIER else publiee.day)
    premier = repere - DEMI_SEMAINE
    vise = premier + timedelta(days=(publiee.weekday() - premier.weekday()) % 7)
    while vise.year != annee:
        vise += UNE_SEMAINE if vise.year < annee else -UNE_SEMAINE
    return vise


def _dans_l_ordre(dates: list[DateReportee], feries: Collection[date]) -> tuple[DateReportee, ...]:
    """Push back what the rules would put before, or on the day of, a date that came strictly earlier."""
    rangees: dict[str, DateReportee] = {}
    precedente: DateReportee | None = None
    for reportee in sorted(dates, key=lambda d: d.avant):
        au_plus_tot = date.min
        if precedente is not None:
            au_plus_tot = precedente.apres + (UN_JOUR if precedente.avant < reportee.avant else timedelta())
        if reportee.apres < au_plus_tot:
            tenue = _chercher(au_plus_tot, feries, 1) if reportee.champ != "ouverture" else au_plus_tot
            reportee = replace(reportee, apres=tenue, raison=Raison.ORDRE, tombait=None)
        rangees[reportee.champ] = precedente = reportee
    return tuple(rangees[champ] for champ in CHAMPS if champ in rangees)


def _est_ouvrable(jour: date, feries: Collection[date]) -> bool:
    return jour.weekday() < SAMEDI and jour not in feries


def _chercher(jour: date, feries: Collection[date], pas: int) -> date:
    """Give the first working day from a day, forward (1) or backward (-1)."""
    while not _est_ouvrable(jour, feries):
        jour += timedelta(days=pas)
    return jour


def _ouvrable(vise: date, publiee: date, feries: Collection[date]) -> date:
    """Give the next working day, or the one before when that is far from the published day, or in another year."""
    suivant, precedent = _chercher(vise, feries, 1), _chercher(vise, feries, -1)
    if suivant.year != vise.year:
        return precedent
    return precedent if suivant - publiee > DEMI_SEMAINE and precedent.year == vise.year else suivant


def _dernier_du_mois(annee: int, mois: int) -> date:
    return date(annee, mois, calendar.monthrange(annee, mois)[1])
