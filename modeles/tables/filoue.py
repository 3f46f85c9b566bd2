"""Filoué files: a file of the children received, for statistics only, without any child's identity once read.

What identifies (`octets_chiffres`) is encrypted, and erased after the retention of config/filoue.yaml.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.anomalies import Severite
from regles.etats import EtatDepot
from regles.filoue import VersionFiloue


class FichierFiloue(SQLModel, table=True):
    """A Filoué file of a structure for an exercice; the accepted one is unique, a corrected one replaces it.

    The name it came under is not kept. The same bytes are one file, unless they were refused. `structure_id` is empty
    when nobody knows whose it is. `empreinte_cle` tells the key of encryption and pseudonyms. `donnees` is the
    pseudonymised table, `sommes` its sums as decimal texts. `oppositions`: families who objected, as the partner gives
    it.
    """

    __table_args__ = (
        CheckConstraint("(octets_chiffres IS NULL) = (efface_le IS NOT NULL)", name="efface_ou_chiffre"),
        CheckConstraint(
            "etat NOT IN ('accepte', 'remplace') OR "
            "(structure_id IS NOT NULL AND donnees IS NOT NULL AND version IS NOT NULL)",
            name="accepte_est_complet",
        ),
        CheckConstraint("lignes >= 0 AND alertes >= 0 AND oppositions >= 0", name="nombres_positifs"),
        Index(
            "uq_filoue_accepte",
            "structure_id",
            "exercice",
            unique=True,
            sqlite_where=text("etat = 'accepte'"),
            postgresql_where=text("etat = 'accepte'"),
        ),
        Index(
            "uq_filoue_octets",
            "sha256",
            unique=True,
            sqlite_where=text("etat <> 'refuse'"),
            postgresql_where=text("etat <> 'refuse'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    structure_id: int | None = Field(default=None, foreign_key="structure.id", index=True)
    etape: str = Field(max_length=60, index=True)
    exercice: int
    etat: EtatDepot = Field(sa_type=enumeration(EtatDepot), index=True)
    origine: str = Field(max_length=40)
    recu_le: datetime = Field(sa_type=Instant)
    sha256: str = Field(max_length=64)
    taille: int
    empreinte_cle: str = Field(max_length=16)
    octets_chiffres: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    efface_le: datetime | None = Field(default=None, sa_type=Instant)
    version: VersionFiloue | None = Field(default=None, sa_type=enumeration(VersionFiloue))
    donnees: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    sommes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    lignes: int = 0
    alertes: int = 0
    oppositions: int | None = None
    motif: str = Field(default="", max_length=1000)


class AnomalieFiloueLue(SQLModel, table=True):
    """One anomaly of a Filoué file: its line and column, never a value."""

    __table_args__ = (UniqueConstraint("fichier_id", "rang"),)

    id: int | None = Field(default=None, primary_key=True)
    fichier_id: int = Field(foreign_key="fichierfiloue.id", index=True)
    rang: int
    code: str = Field(max_length=60)
    severite: Severite = Field(sa_type=enumeration(Severite))
    message: str = Field(max_length=1000)
    ligne: int = 0
    colonne: str = Field(default="", max_length=60)
