"""Rights, dues, batches. Amounts are integer cents, always positive; the nature says which way money goes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.etats import EtatLot, EtatVersement, NatureVersement


class Droit(SQLModel, table=True):
    """A right computed once from a declaration and what was known on `connu_le`; never rewritten.

    `rang` numbers the rights of a declaration: the last one counts. `empreinte` is the sha256 of inputs and cited
    parameters: computing the same again adds nothing.
    `montant_centimes` is empty when a parameter is unknown. `explication` is the trace, as JSON.
    """

    __table_args__ = (
        UniqueConstraint("declaration_id", "rang"),
        CheckConstraint("montant_centimes >= 0", name="montant_positif"),
        CheckConstraint("NOT payable OR montant_centimes IS NOT NULL", name="payable_a_un_montant"),
    )

    id: int | None = Field(default=None, primary_key=True)
    declaration_id: int = Field(foreign_key="declaration.id", index=True)
    rang: int = 1
    connu_le: date
    calcule_le: datetime = Field(sa_type=Instant)
    montant_centimes: int | None = Field(default=None, sa_type=BigInteger)
    payable: bool
    demonstration: bool
    empreinte: str = Field(max_length=64)
    explication: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Versement(SQLModel, table=True):
    """A due to a structure (acompte, solde) or an indu to recover, in cents > 0. One per right at most."""

    __table_args__ = (
        CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        CheckConstraint("(nature = 'indu') = (etat = 'a_recouvrer') OR etat = 'annule'", name="indu_jamais_verse"),
        Index(
            "uq_versement_par_droit",
            "droit_id",
            unique=True,
            sqlite_where=text("etat <> 'annule'"),
            postgresql_where=text("etat <> 'annule'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    structure_id: int = Field(foreign_key="structure.id", index=True)
    prestation: str = Field(max_length=20)
    exercice: int
    nature: NatureVersement = Field(sa_type=enumeration(NatureVersement))
    montant_centimes: int = Field(sa_type=BigInteger)
    droit_id: int | None = Field(default=None, foreign_key="droit.id", index=True)
    etat: EtatVersement = Field(sa_type=enumeration(EtatVersement), index=True)
    reference: str = Field(unique=True, max_length=60)
    cree_le: datetime = Field(sa_type=Instant)


class Lot(SQLModel, table=True):
    """A payment batch. The person who releases it is never the one who proposed it: a CHECK, not a convention."""

    __table_args__ = (
        CheckConstraint(
            "etat NOT IN ('libere', 'exporte') OR (decide_par IS NOT NULL AND decide_par <> propose_par)",
            name="deux_personnes",
        ),
        CheckConstraint("total_centimes > 0 AND nombre > 0", name="jamais_vide"),
    )

    id: int | None = Field(default=None, primary_key=True)
    numero: str = Field(unique=True, max_length=40)
    etape: str = Field(max_length=60, index=True)
    etat: EtatLot = Field(sa_type=enumeration(EtatLot))
    propose_par: str = Field(max_length=60)
    propose_le: datetime = Field(sa_type=Instant)
    decide_par: str | None = Field(default=None, max_length=60)
    decide_le: datetime | None = Field(default=None, sa_type=Instant)
    motif: str = Field(default="", max_length=1000)
    nombre: int
    total_centimes: int = Field(sa_type=BigInteger)
    demonstration: bool


class LigneLot(SQLModel, table=True):
    """A due inside a batch. A due stands in one active line at most: a partial unique index."""

    __table_args__ = (
        Index(
            "uq_ligne_active",
            "versement_id",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
        UniqueConstraint("lot_id", "versement_id"),
        CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    versement_id: int = Field(foreign_key="versement.id")
    montant_centimes: int = Field(sa_type=BigInteger)
    active: bool = True


class ExportLot(SQLModel, table=True):
    """A file exported for a released batch, frozen: asked again, the same bytes come back."""

    __table_args__ = (UniqueConstraint("lot_id", "format"),)

    id: int | None = Field(default=None, primary_key=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    format: str = Field(max_length=10)
    nom_fichier: str = Field(max_length=120)
    sha256: str = Field(max_length=64)
    octets: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    exporte_le: datetime = Field(sa_type=Instant)
