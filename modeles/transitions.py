"""One way to change a state: checked, written on the row and in the journal, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from modeles.journal import inscrire
from modeles.tables import (
    Courriel,
    Declaration,
    Demande,
    Depot,
    Dossier,
    FichierFiloue,
    Lot,
    Piece,
    Tache,
    Versement,
)
from regles.etats import verifier_transition

Chose = Courriel | Declaration | Demande | Depot | Dossier | FichierFiloue | Lot | Piece | Tache | Versement


@dataclass(frozen=True, slots=True)
class Acte:
    """What somebody does, when and why, as the journal says it."""

    le: datetime
    par: str
    action: str
    motif: str = ""


def passer(
    session: Session, chose: Chose, apres: StrEnum, acte: Acte, details: Mapping[str, Any] | None = None
) -> None:
    """Bring a thing to another state and write the line of the journal that says so.

    Raises:
        TransitionInterdite: when the trade does not allow that change.
    """
    avant = chose.etat
    verifier_transition(avant, apres)
    chose.etat = apres  # type: ignore[assignment]
    session.add(chose)
    session.flush()
    inscrire(
        session,
        le=acte.le,
        par=acte.par,
        objet=type(chose).__name__.lower(),
        objet_id=_nom(chose),
        action=acte.action,
        avant=avant,
        apres=apres,
        motif=acte.motif,
        details=details,
    )


def consigner(session: Session, chose: Chose, acte: Acte, details: Mapping[str, Any] | None = None) -> None:
    """Write the line of the journal that says a thing was born, in the state it has."""
    inscrire(
        session,
        le=acte.le,
        par=acte.par,
        objet=type(chose).__name__.lower(),
        objet_id=_nom(chose),
        action=acte.action,
        apres=chose.etat,
        motif=acte.motif,
        details=details,
    )


def _nom(chose: Chose) -> str | int:
    match chose:
        case Courriel() | Tache():
            return chose.cle
        case Versement() | Demande():
            return chose.reference
        case Lot():
            return chose.numero
        case _:
            return chose.id or 0
