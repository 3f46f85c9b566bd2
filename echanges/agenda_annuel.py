"""The whole year as an `.ics` file for the team: one all-day event a date, the same bytes for the same calendar."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from regles.agenda import Evenement
from regles.calendrier import PARIS


def agenda_ics(titre: str, evenements: Iterable[Evenement], domaine: str, releve_le: date) -> bytes:
    """Write all-day events whose identifiers never change: importing a new edition moves those of the former one.

    `releve_le` is the day the source carries: the stamp of the edition.
    """
    calendrier = Calendar()
    calendrier.add("prodid", "-//Caf//Campagnes//FR")
    calendrier.add("version", "2.0")
    calendrier.add("method", "PUBLISH")
    calendrier.add("x-wr-calname", titre)
    edition = datetime.combine(releve_le, time(), PARIS).astimezone(UTC)
    for evenement in sorted(evenements, key=lambda e: (e.jour, e.cle)):
        calendrier.add_component(_evenement(evenement, domaine, edition))
    return bytes(calendrier.to_ical())


def _evenement(evenement: Evenement, domaine: str, edition: datetime) -> Event:
    etape = evenement.etape
    vague = [f"« {mots} » au calendrier" for _, mots in etape.approximations] if evenement.a_confirmer else []
    parties = [
        etape.libelle,
        f"Prestations : {', '.join(etape.prestations).replace('_', ' ')}" if etape.prestations else "",
        f"Réponses sur {etape.canal}" if etape.canal else "",
        f"Date à confirmer ({' ; '.join(vague) or 'déduite de la limite'})" if evenement.a_confirmer else "",
        f"À confirmer : {etape.a_confirmer}" if etape.a_confirmer else "",
    ]
    ecrit = Event()
    ecrit.add("uid", f"{evenement.cle}@{domaine}")
    ecrit.add("dtstamp", edition)
    ecrit.add("dtstart", evenement.jour)
    ecrit.add("dtend", evenement.jour + timedelta(days=1))
    ecrit.add("summary", evenement.titre)
    ecrit.add("description", "\n".join(partie for partie in parties if partie))
    ecrit.add("transp", "TRANSPARENT")
    ecrit.add("categories", ["Caf", etape.nature.value])
    return ecrit
