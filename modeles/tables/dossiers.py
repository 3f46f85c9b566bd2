"""What a step expects besides workbooks: files of documents, and who has more time or is to be phoned."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.etats import EtatDossier, EtatPiece, EtatTache


class OriginePiece(StrEnum):
    """How a document is known to have come: its bytes are here, or a person has seen it elsewhere."""

    FICHIER = "fichier"
    CONSTAT = "constat"


class GenreTache(StrEnum):
    """What the team has to do by hand."""

    APPELER = "appeler"
    ADRESSE = "adresse"


class Adhesion(SQLModel, table=True):
    """A partner's part in a local scheme (« promeneurs_du_net »…), from a day, until one when it ended."""

    __table_args__ = (
        UniqueConstraint("partenaire_id", "dispositif", "du"),
        CheckConstraint("du <= au", name="dates_dans_l_ordre"),
    )

    id: int | None = Field(default=None, primary_key=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    dispositif: str = Field(max_length=40, index=True)
    du: date
    au: date | None = None


class Dossier(SQLModel, table=True):
    """What one partner, or one of its structures, is expected to send for a step that is not a workbook.

    Written when the step opens. `complet_le`: when its last mandatory document came; the lateness is read from it.
    """

    __table_args__ = (
        Index(
            "uq_dossier_structure",
            "etape",
            "structure_id",
            unique=True,
            sqlite_where=text("structure_id IS NOT NULL"),
            postgresql_where=text("structure_id IS NOT NULL"),
        ),
        Index(
            "uq_dossier_partenaire",
            "etape",
            "partenaire_id",
            unique=True,
            sqlite_where=text("structure_id IS NULL"),
            postgresql_where=text("structure_id IS NULL"),
        ),
        CheckConstraint("(etat = 'complet') = (complet_le IS NOT NULL)", name="complet_est_date"),
    )

    id: int | None = Field(default=None, primary_key=True)
    etape: str = Field(max_length=60, index=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    structure_id: int | None = Field(default=None, foreign_key="structure.id", index=True)
    etat: EtatDossier = Field(sa_type=enumeration(EtatDossier), index=True)
    cree_le: datetime = Field(sa_type=Instant)
    complet_le: datetime | None = Field(default=None, sa_type=Instant)


class Piece(SQLModel, table=True):
    """A document received for a dossier, never edited: a better one replaces it.

    `octets` only when its file is here; otherwise `motif` says where a person has seen it. `demande_id`: the request
    for a grant it belongs to, when it is not the whole dossier's.
    """

    __table_args__ = (
        CheckConstraint("(origine = 'fichier') = (octets IS NOT NULL)", name="fichier_a_ses_octets"),
        CheckConstraint("origine = 'fichier' OR motif <> ''", name="constat_motive"),
    )

    id: int | None = Field(default=None, primary_key=True)
    dossier_id: int = Field(foreign_key="dossier.id", index=True)
    demande_id: int | None = Field(default=None, foreign_key="demande.id", index=True)
    code: str = Field(max_length=40)
    etat: EtatPiece = Field(sa_type=enumeration(EtatPiece))
    origine: OriginePiece = Field(sa_type=enumeration(OriginePiece))
    nom_fichier: str = Field(default="", max_length=200)
    sha256: str = Field(default="", max_length=64)
    octets: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    recue_le: datetime = Field(sa_type=Instant)
    par: str = Field(max_length=60)
    motif: str = Field(default="", max_length=500)


class Prolongation(SQLModel, table=True):
    """More time given to one partner (or one structure) for a step: its own limit, that day included. Never edited.

    The last one given counts. The step's own date stays as published.
    """

    __table_args__ = (CheckConstraint("motif <> '' AND par <> ''", name="qui_et_pourquoi"),)

    id: int | None = Field(default=None, primary_key=True)
    etape: str = Field(max_length=60, index=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    structure_id: int | None = Field(default=None, foreign_key="structure.id")
    limite: date
    motif: str = Field(max_length=500)
    par: str = Field(max_length=60)
    le: datetime = Field(sa_type=Instant)


class Tache(SQLModel, table=True):
    """Something for a person of the Caf: a partner to phone after the last reminder, an address to find.

    `cle` makes a second one impossible. `structures` are the codes it speaks of; `confiee_a` the territory of the
    development officer, as written in config/territoires.yaml.
    """

    __table_args__ = (
        CheckConstraint("(etat = 'ouverte') = (close_le IS NULL)", name="close_est_datee"),
        CheckConstraint("etat <> 'faite' OR (close_par <> '' AND suite <> '')", name="faite_par_quelqu_un"),
    )

    id: int | None = Field(default=None, primary_key=True)
    cle: str = Field(unique=True, max_length=150)
    genre: GenreTache = Field(sa_type=enumeration(GenreTache))
    etape: str = Field(default="", max_length=60, index=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    structures: list[str] = Field(sa_column=Column(JSON, nullable=False))
    confiee_a: str = Field(max_length=120)
    telephone: str = Field(default="", max_length=20)
    detail: str = Field(default="", max_length=500)
    etat: EtatTache = Field(sa_type=enumeration(EtatTache), index=True)
    creee_le: datetime = Field(sa_type=Instant)
    echeance: date
    close_le: datetime | None = Field(default=None, sa_type=Instant)
    close_par: str = Field(default="", max_length=60)
    suite: str = Field(default="", max_length=500)
