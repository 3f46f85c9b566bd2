"""The personal codes of the team: what signs with them is in the journal, what they are is nowhere."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from modeles.types import Instant


class CodePersonnel(SQLModel, table=True):
    """The code of a person, as scrypt leaves it: `sel` and `empreinte` in hexadecimal.

    `essais` counts the wrong ones since the last right one; too many block it until `bloque_jusqu_au`.
    """

    identifiant: str = Field(primary_key=True, max_length=60)
    sel: str = Field(max_length=64)
    empreinte: str = Field(max_length=128)
    essais: int = 0
    bloque_jusqu_au: datetime | None = Field(default=None, sa_type=Instant)
    pose_le: datetime = Field(sa_type=Instant)
    pose_par: str = Field(max_length=60)
