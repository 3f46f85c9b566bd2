"""The clock of the simulated year: it stands still until it is set."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum

from regles.calendrier import PARIS


class Heure(Enum):
    """When each part of a day happens: the system in the morning, then the partners, the reception, the team."""

    MATIN = time(9)
    PARTENAIRES = time(11)
    RECEPTION = time(14)
    EQUIPE = time(16)

    def du(self, jour: date) -> datetime:
        """Give that moment of a day, in Paris."""
        return datetime.combine(jour, self.value, PARIS)


@dataclass(slots=True)
class Horloge:
    """A clock that gives the instant it was last set to."""

    instant: datetime

    def __call__(self) -> datetime:
        """Give the instant."""
        return self.instant

    def regler(self, jour: date, heure: Heure) -> datetime:
        """Set it to a moment of a day, and give that instant."""
        self.instant = heure.du(jour)
        return self.instant
