"""Next year's calendar drafted from this year's: the same steps a year later, every date to be confirmed by a person.

The rules are ours; they follow how a Caf words its calendar:

- the first day of a month stays the first day of that month; the last one, or its last working day, the last working
  day of that month;
- any other date moves by 52 weeks, so that it keeps its weekday (an opening on a Sunday stays on a Sunday);
- what binds somebody to a day (limits, sittings, payments) never falls on a weekend or a public holiday: the next
  working day takes it, as article 642 of the code de procédure civile does for a delay; nor does an opening that fell
  on a working day;
- the last reminder keeps its distance to the limit, and the dates of a step keep their order.
"""

import calendar
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from regles.calendrier import SAMEDI, Calendrier, Etape

UN_JOUR, UNE_SEMAINE, CINQUANTE_DEUX_SEMAINES = timedelta(days=1), timedelta(weeks=1), timedelta(weeks=52)
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


class Raison(StrEnum):
    """Why a drafted date is where it is, as the reviewer reads it."""

    SEMAINES = "52 semaines plus tard, même jour de la semaine"
    PREMIER = "le 1er du mois reste le 1er du mois"
    DERNIER = "la fin du mois reste la fin du mois (dernier jour ouvrable)"
    OUVRABLE = "premier jour ouvrable qui suit"
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
    """A drafted step, the one it comes from, and how each of its dates moved, in the order of the fields."""

    etape: Etape
    origine: str
    dates: tuple[DateReportee, ...]


@dataclass(frozen=True, slots=True)
class Brouillon:
    """The draft of a year. `deja_publiees`: (step of the former year, its twin that a calendar already publishes)."""

    annee: int
    prestations: tuple[tuple[str, str], ...]
    etapes: tuple[EtapeReportee, ...]
    deja_publiees: tuple[tuple[str, str], ...]


def preparer(calendrier: Calendrier, publiees: Collection[str], feries: Collection[date]) -> Brouillon:
    """Draft the year after a calendar's, without the steps whose id is already published somewhere."""
    etapes: list[EtapeReportee] = []
    deja: list[tuple[str, str]] = []
    pris: set[str] = set()
    for etape in calendrier.etapes:
        identifiant = _identifiant(etape.id, calendrier.annee)
        if identifiant in publiees:
            deja.append((etape.id, identifiant))
            continue
        libre = _libre(identifiant, pris.union(publiees))
        pris.add(libre)
        etapes.append(_reporter(etape, libre, calendrier.annee, feries))
    return Brouillon(calendrier.annee + 1, calendrier.prestations, tuple(etapes), tuple(deja))


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


def _reporter(etape: Etape, identifiant: str, annee: int, feries: Collection[date]) -> EtapeReportee:
    dates = _dans_l_ordre(_dates(etape, feries), feries)
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
    return EtapeReportee(reportee, etape.id, dates)


def _sans_reconduite(mots: str) -> str:
    """Give the source's own words, without what a former draft had added to them."""
    return re.sub(r"(, )?reconduite de \d{4}$", "", mots)


def _noter(a_confirmer: str, annee: int) -> str:
    """Say of which year a doubt is; one carried over twice keeps the first."""
    return a_confirmer if not a_confirmer or a_confirmer.startswith(NOTE) else f"{NOTE}{annee} : {a_confirmer}"


def _dates(etape: Etape, feries: Collection[date]) -> list[DateReportee]:
    """Move each date by itself; the last reminder follows the limit."""
    dates: list[DateReportee] = []
    for champ in CHAMPS:
        avant: date | None = getattr(etape, champ)
        if avant is None:
            continue
        if champ == "derniere_relance" and etape.limite is not None:
            limite = next(d.apres for d in dates if d.champ == "limite")
            dates.append(DateReportee(champ, avant, limite + (avant - etape.limite), Raison.ECART))
        else:
            dates.append(_reporter_date(champ, avant, feries))
    return dates


def _reporter_date(champ: str, avant: date, feries: Collection[date]) -> DateReportee:
    dernier = _dernier_du_mois(avant.year, avant.month)
    if avant in {dernier, _chercher(dernier, feries, -1)}:
        fin = _dernier_du_mois(avant.year + 1, avant.month)
        ouvrable = _chercher(fin, feries, -1)
        return DateReportee(champ, avant, ouvrable, Raison.DERNIER, fin if ouvrable != fin else None)
    if avant.day == 1:
        vise, raison = avant.replace(year=avant.year + 1), Raison.PREMIER
    else:
        vise, raison = avant + CINQUANTE_DEUX_SEMAINES, Raison.SEMAINES
        if vise.year == avant.year:  # 2 January of a leap year
            vise += UNE_SEMAINE
    if champ == "ouverture" and not _est_ouvrable(avant, feries):
        return DateReportee(champ, avant, vise, raison)
    ouvrable = _ouvrable_de_l_annee(vise, feries)
    if ouvrable == vise:
        return DateReportee(champ, avant, vise, raison)
    return DateReportee(champ, avant, ouvrable, Raison.OUVRABLE, vise)


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


def _ouvrable_de_l_annee(jour: date, feries: Collection[date]) -> date:
    """Give the next working day, or the one before when that would change the year."""
    suivant = _chercher(jour, feries, 1)
    return suivant if suivant.year == jour.year else _chercher(jour, feries, -1)


def _dernier_du_mois(annee: int, mois: int) -> date:
    return date(annee, mois, calendar.monthrange(annee, mois)[1])
