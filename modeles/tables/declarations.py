"""Deposits (bytes kept), their anomalies, and the declarations read from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.anomalies import Severite
from regles.etats import EtatDeclaration, EtatDepot


class Depot(SQLModel, table=True):
    """A file as it arrived. The same bytes are one deposit for ever (`sha256` unique)."""

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True, max_length=64)
    nom_fichier: str = Field(max_length=255)
    taille: int
    octets: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    origine: str = Field(max_length=40)
    recu_le: datetime = Field(sa_type=Instant)
    etat: EtatDepot = Field(sa_type=enumeration(EtatDepot), index=True)
    structure_id: int | None = Field(default=None, foreign_key="structure.id", index=True)
    motif: str = Field(default="", max_length=1000)


class AnomalieDepot(SQLModel, table=True):
    """One anomaly of a deposit, in French, located."""

    id: int | None = Field(default=None, primary_key=True)
    depot_id: int = Field(foreign_key="depot.id", index=True)
    rang: int
    code: str = Field(max_length=60)
    severite: Severite = Field(sa_type=enumeration(Severite))
    message: str = Field(max_length=1000)
    feuille: str = Field(default="", max_length=31)
    cellule: str = Field(default="", max_length=10)
    champ: str = Field(default="", max_length=60)
    lu: str = Field(default="", max_length=200)
    attendu: str = Field(default="", max_length=300)

    __table_args__ = (UniqueConstraint("depot_id", "rang"),)


class Declaration(SQLModel, table=True):
    """What a structure declares for a nature and an exercice. One is current; a correction is a new row.

    `donnees` maps field keys to integers, booleans, or decimal texts; never a float. `depot_id` is empty for the
    references taken over from before this system (`origine` « reprise »).
    """

    __table_args__ = (
        Index(
            "uq_declaration_courante",
            "structure_id",
            "nature",
            "exercice",
            "etape",
            unique=True,
            sqlite_where=text("etat <> 'remplacee'"),
            postgresql_where=text("etat <> 'remplacee'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    structure_id: int = Field(foreign_key="structure.id", index=True)
    prestation: str = Field(max_length=20)
    nature: str = Field(max_length=20)
    exercice: int
    etape: str = Field(max_length=60, index=True)
    depot_id: int | None = Field(default=None, foreign_key="depot.id", unique=True)
    origine: str = Field(max_length=20)
    donnees: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    recue_le: datetime = Field(sa_type=Instant)
    alertes: int = 0
    etat: EtatDeclaration = Field(sa_type=enumeration(EtatDeclaration))
