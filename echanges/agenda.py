"""Dates of the partners' calendar as an `.ics` file that a diary imports, the same bytes for the same dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

ALARME = timedelta(hours=-15)  # 9 a.m. of the day before, as the event starts at midnight
DEBUT_DES_SUITES = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Evenement:
    """An all-day event: a date without hour needs no time zone.

    `identifiant` (with the sender's domain) stays the same whatever file it comes in: a later one updates the event of
    an earlier one. `rappel`: an alarm at 9 a.m. the day before.
    """

    identifiant: str
    jour: date
    titre: str
    description: str
    rappel: bool = True


def agenda_ics(evenements: Iterable[Evenement], domaine: str, emis_le: datetime, nom: str = "") -> bytes:
    """Write events as a calendar to publish, named `nom` if any. `emis_le` is an aware instant.

    SEQUENCE counts the minutes from 2020 to `emis_le`: a file made after a date has changed wins over the one made
    before, without anything to remember.
    """
    calendrier = Calendar()
    calendrier.add("prodid", "-//Caf//Campagnes//FR")
    calendrier.add("version", "2.0")
    calendrier.add("method", "PUBLISH")
    if nom:
        calendrier.add("x-wr-calname", nom)
    for evenement in evenements:
        calendrier.add_component(_evenement(evenement, domaine, emis_le))
    return bytes(calendrier.to_ical())


def _evenement(dit: Evenement, domaine: str, emis_le: datetime) -> Event:
    evenement = Event()
    evenement.add("uid", f"{dit.identifiant}@{domaine}")
    evenement.add("dtstamp", emis_le.astimezone(UTC))
    evenement.add("sequence", (emis_le - DEBUT_DES_SUITES) // timedelta(minutes=1))
    evenement.add("dtstart", dit.jour)
    evenement.add("dtend", dit.jour + timedelta(days=1))
    evenement.add("summary", dit.titre)
    evenement.add("description", dit.description)
    evenement.add("transp", "TRANSPARENT")
    evenement.add("categories", ["Caf"])
    if dit.rappel:
        alarme = Alarm()
        alarme.add("action", "DISPLAY")
        alarme.add("trigger", ALARME)
        alarme.add("description", dit.titre)
        evenement.add_component(alarme)
    return evenement
