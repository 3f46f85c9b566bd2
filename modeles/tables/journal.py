"""The journal: one append-only, hash-chained line per transition."""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from modeles.types import Instant


class LigneJournal(SQLModel, table=True):
    """A transition. `le` is the instant of the act in the calendar's time, `enregistre_le` the machine's own clock.

    Both are covered by the fingerprint, so that a rehearsed date shows. `details` is canonical JSON.
    """

    __tablename__ = "journal"

    numero: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    le: datetime = Field(sa_type=Instant)
    enregistre_le: datetime = Field(sa_type=Instant)
    par: str = Field(max_length=60)
    objet: str = Field(max_length=20)
    objet_id: str = Field(max_length=100)
    action: str = Field(max_length=40)
    avant: str = Field(default="", max_length=20)
    apres: str = Field(default="", max_length=20)
    motif: str = Field(default="", max_length=1000)
    details: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    precedente: str = Field(max_length=64)
    empreinte: str = Field(max_length=64)
