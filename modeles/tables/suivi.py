"""What the calendar did: played actions and the outbox."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.etats import EtatAction, EtatCourriel


class ActionJouee(SQLModel, table=True):
    """A dated action, claimed once by its key in the transaction that does it.

    `prolongation_id`: the extension it belongs to; none for the step as published.
    """

    cle: str = Field(primary_key=True, max_length=100)
    etape: str = Field(max_length=60, index=True)
    verbe: str = Field(max_length=20)
    rang: int
    etat: EtatAction = Field(sa_type=enumeration(EtatAction))
    le: datetime = Field(sa_type=Instant)
    par: str = Field(max_length=60)
    motif: str = Field(default="", max_length=500)
    prolongation_id: int | None = Field(default=None, foreign_key="prolongation.id")


class Courriel(SQLModel, table=True):
    """A mail decided. `cle` (genre, step, contact, the reminder's mark or deposit) makes a second one impossible.

    `structures` are the codes it speaks of; `contexte` what the template needs beyond them. `octets` is the message
    as it left. `destinataire` is the address at the time of sending. `porteur`: the key of the mail it left with, when
    several to the same person were made one; `octets` are then the carrier's.
    """

    id: int | None = Field(default=None, primary_key=True)
    cle: str = Field(unique=True, max_length=150)
    genre: str = Field(max_length=40)
    etape: str = Field(default="", max_length=60, index=True)
    rang: int = 0
    contact_id: int = Field(foreign_key="contact.id", index=True)
    structures: list[str] = Field(sa_column=Column(JSON, nullable=False))
    contexte: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    etat: EtatCourriel = Field(sa_type=enumeration(EtatCourriel), index=True)
    tentatives: int = 0
    prochain_essai_le: datetime = Field(sa_type=Instant)
    decide_le: datetime = Field(sa_type=Instant)
    envoye_le: datetime | None = Field(default=None, sa_type=Instant)
    sujet: str = Field(default="", max_length=250)
    destinataire: str = Field(default="", max_length=254)
    octets: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    motif: str = Field(default="", max_length=500)
    porteur: str = Field(default="", max_length=150)
