"""A postal address as an order of transfers takes it, and the forms in which it may be written there."""

from dataclasses import dataclass
from enum import StrEnum


class FormeAdresse(StrEnum):
    """How the addresses of the payees are written: not at all, each part in its field, or the street in a free line."""

    AUCUNE = "aucune"
    STRUCTUREE = "structuree"
    HYBRIDE = "hybride"


@dataclass(frozen=True, slots=True)
class AdressePostale:
    """A whole address. `numero` is that of the building, "" when the street does without; `pays` an ISO 3166 code."""

    rue: str
    code_postal: str
    ville: str
    pays: str
    numero: str = ""
