"""The deadline of a step as an `.ics` file that a diary imports, the same bytes for the same deadline."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

ALARME = timedelta(hours=-15)  # 9 a.m. of the day before, as the event starts at midnight


def echeance_ics(
    etape: str, partenaire: str, titre: str, description: str, limite: date, domaine: str, emis_le: datetime
) -> bytes:
    """Write an all-day event on the limit's day, with an alarm at 9 a.m. the day before.

    A date without hour needs no time zone. The identifier rests on the step's id and the partner's code: importing the
    reminder's file updates the event of the opening's. `emis_le` is an aware instant.
    """
    evenement = Event()
    evenement.add("uid", f"{etape}.{partenaire}@{domaine}")
    evenement.add("dtstamp", emis_le.astimezone(UTC))
    evenement.add("dtstart", limite)
    evenement.add("dtend", limite + timedelta(days=1))
    evenement.add("summary", titre)
    evenement.add("description", description)
    evenement.add("transp", "TRANSPARENT")
    evenement.add("categories", ["Caf"])
    alarme = Alarm()
    alarme.add("action", "DISPLAY")
    alarme.add("trigger", ALARME)
    alarme.add("description", titre)
    evenement.add_component(alarme)
    calendrier = Calendar()
    calendrier.add("prodid", "-//Caf//Campagnes//FR")
    calendrier.add("version", "2.0")
    calendrier.add("method", "PUBLISH")
    calendrier.add_component(evenement)
    return bytes(calendrier.to_ical())
