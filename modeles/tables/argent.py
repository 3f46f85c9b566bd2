"""Rights, dues, batches. Amounts are integer cents, always positive; the nature says which way money goes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.etats import EtatLigne, EtatLot, EtatVersement, NatureVersement


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
    """A due to a structure (acompte, solde, rappel) or an indu to recover, in cents > 0.

    `droit_id` is empty for what was paid before this system; `rang` numbers those of one right. `etape` is the step of
    the calendar it is paid under. `calcul` is the trace from the right to the amount, as JSON. A trigger keeps what is
    due to a structure for an exercice, indus taken off, within the right it rests on. `contrepasse_id` is the payment
    that an indu takes back, for what the bank paid of it.
    """

    __table_args__ = (
        CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        CheckConstraint(
            "(nature = 'indu') = (etat IN ('a_recouvrer', 'recouvre')) OR etat = 'annule'", name="indu_jamais_verse"
        ),
        UniqueConstraint("droit_id", "rang"),
    )

    id: int | None = Field(default=None, primary_key=True)
    structure_id: int = Field(foreign_key="structure.id", index=True)
    prestation: str = Field(max_length=20)
    exercice: int
    nature: NatureVersement = Field(sa_type=enumeration(NatureVersement))
    montant_centimes: int = Field(sa_type=BigInteger)
    droit_id: int | None = Field(default=None, foreign_key="droit.id", index=True)
    rang: int = 1
    etape: str = Field(default="", max_length=60, index=True)
    etat: EtatVersement = Field(sa_type=enumeration(EtatVersement), index=True)
    reference: str = Field(unique=True, max_length=60)
    calcul: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    cree_le: datetime = Field(sa_type=Instant)
    contrepasse_id: int | None = Field(default=None, foreign_key="versement.id", unique=True)


class Lot(SQLModel, table=True):
    """A payment batch; `total_centimes` is what is paid, indus withheld.

    Who proposes it, who signs it (`ordonne_par`) and who gives it its visa (`decide_par`, who turned it down when it is
    refused) are three people: CHECKs, not a convention. A draft has no signature; those of a batch that comes back to
    a draft are in the journal.
    """

    __table_args__ = (
        CheckConstraint(
            "etat IN ('propose', 'refuse') OR (ordonne_par IS NOT NULL AND ordonne_le IS NOT NULL "
            "AND ordonne_par <> propose_par)",
            name="deux_personnes",
        ),
        CheckConstraint(
            "etat NOT IN ('libere', 'exporte', 'transmis', 'execute') OR (decide_par IS NOT NULL "
            "AND decide_par <> propose_par AND decide_par <> ordonne_par)",
            name="trois_personnes",
        ),
        CheckConstraint(
            "etat <> 'propose' OR (ordonne_par IS NULL AND ordonne_le IS NULL AND decide_par IS NULL "
            "AND decide_le IS NULL)",
            name="brouillon_sans_signature",
        ),
        CheckConstraint(
            "(etat IN ('transmis', 'execute')) = (transmis_par IS NOT NULL) "
            "AND (transmis_par IS NULL) = (transmis_le IS NULL)",
            name="transmis_par_quelqu_un",
        ),
        CheckConstraint("total_centimes >= 0 AND nombre > 0", name="jamais_vide"),
    )

    id: int | None = Field(default=None, primary_key=True)
    numero: str = Field(unique=True, max_length=40)
    etape: str = Field(max_length=60, index=True)
    etat: EtatLot = Field(sa_type=enumeration(EtatLot))
    propose_par: str = Field(max_length=60)
    propose_le: datetime = Field(sa_type=Instant)
    ordonne_par: str | None = Field(default=None, max_length=60)
    ordonne_le: datetime | None = Field(default=None, sa_type=Instant)
    decide_par: str | None = Field(default=None, max_length=60)
    decide_le: datetime | None = Field(default=None, sa_type=Instant)
    transmis_par: str | None = Field(default=None, max_length=60)
    transmis_le: datetime | None = Field(default=None, sa_type=Instant)
    motif: str = Field(default="", max_length=1000)
    nombre: int
    total_centimes: int = Field(sa_type=BigInteger)
    demonstration: bool


class LigneLot(SQLModel, table=True):
    """A due inside a batch: what is paid, what is withheld for older indus, and the account it goes to.

    The two add up to the due. A due stands in one active line at most: a partial unique index. A line set aside or
    rejected is no longer active; `code_rejet` is the bank's (ISO 20022, « AC04 »). `bout_en_bout` is the identifier of
    its transfer (EndToEndId), given once when its batch is exported and never given again: a unique index. None when
    nothing is transferred, and for what was exported before version 0007: its due's reference was its identifier.
    """

    __table_args__ = (
        Index(
            "uq_ligne_active",
            "versement_id",
            unique=True,
            sqlite_where=text("active"),
            postgresql_where=text("active"),
        ),
        Index("uq_ligne_bout_en_bout", "bout_en_bout", unique=True),
        UniqueConstraint("lot_id", "versement_id"),
        CheckConstraint("montant_centimes >= 0 AND retenue_centimes >= 0", name="montants_positifs"),
        CheckConstraint(
            "(etat NOT IN ('suspendue', 'rejetee') OR NOT active) AND (etat <> 'payee' OR active)",
            name="active_selon_son_etat",
        ),
        CheckConstraint("(etat = 'rejetee') = (code_rejet <> '')", name="rejet_a_son_code"),
        CheckConstraint("(etat IN ('payee', 'rejetee')) = (resultat_le IS NOT NULL)", name="resultat_date"),
    )

    id: int | None = Field(default=None, primary_key=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    versement_id: int = Field(foreign_key="versement.id")
    montant_centimes: int = Field(sa_type=BigInteger)
    retenue_centimes: int = Field(default=0, sa_type=BigInteger)
    coordonnee_id: int | None = Field(default=None, foreign_key="coordonneebancaire.id")
    active: bool = True
    etat: EtatLigne = Field(default=EtatLigne.EN_ATTENTE, sa_type=enumeration(EtatLigne))
    code_rejet: str = Field(default="", max_length=10)
    bout_en_bout: str | None = Field(default=None, max_length=35)
    resultat_le: datetime | None = Field(default=None, sa_type=Instant)


class Suspension(SQLModel, table=True):
    """A due that is not to be paid for now: the code of a motive (config/finance.yaml), and why in words.

    One open suspension a due at most: a partial unique index. Lifted, it stays, with who lifted it and why.
    """

    __table_args__ = (
        Index(
            "uq_suspension_ouverte",
            "versement_id",
            unique=True,
            sqlite_where=text("levee_le IS NULL"),
            postgresql_where=text("levee_le IS NULL"),
        ),
        CheckConstraint("motif <> '' AND texte <> '' AND par <> ''", name="qui_et_pourquoi"),
        CheckConstraint(
            "(levee_le IS NULL) = (levee_par = '') AND (levee_le IS NULL) = (levee_motif = '')",
            name="levee_par_quelqu_un",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    versement_id: int = Field(foreign_key="versement.id", index=True)
    motif: str = Field(max_length=40)
    texte: str = Field(max_length=500)
    par: str = Field(max_length=60)
    le: datetime = Field(sa_type=Instant)
    levee_par: str = Field(default="", max_length=60)
    levee_le: datetime | None = Field(default=None, sa_type=Instant)
    levee_motif: str = Field(default="", max_length=500)


class Recouvrement(SQLModel, table=True):
    """A part of an indu recovered, in cents > 0: withheld on a line of a batch, or paid back (`ligne_id` empty).

    What is withheld counts from the proposal of the batch, and no more once its line is set aside. Never more than the
    indu: a trigger.
    """

    __table_args__ = (
        CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        UniqueConstraint("ligne_id", "indu_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    indu_id: int = Field(foreign_key="versement.id", index=True)
    ligne_id: int | None = Field(default=None, foreign_key="lignelot.id", index=True)
    montant_centimes: int = Field(sa_type=BigInteger)
    le: datetime = Field(sa_type=Instant)
    par: str = Field(max_length=60)
    motif: str = Field(max_length=500)


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
