"""The network: who is paid (partenaire), for what (structure), whom to write to (contact), under which convention."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from modeles.types import enumeration


class NaturePartenaire(StrEnum):
    """Legal kind of a partner."""

    COMMUNE = "commune"
    EPCI = "epci"
    ASSOCIATION = "association"


class StatutGestionnaire(StrEnum):
    """Public or private manager (bonus attractivité has one amount for each)."""

    PUBLIC = "public"
    PRIVE = "prive"


class Partenaire(SQLModel, table=True):
    """A gestionnaire: commune, EPCI or association. May run several structures."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=20)
    nom: str = Field(max_length=200)
    nature: NaturePartenaire = Field(sa_type=enumeration(NaturePartenaire))
    siren: str = Field(max_length=9)


class Contact(SQLModel, table=True):
    """A person to write to for a partner; `actif` false when the address bounced or the person left."""

    __table_args__ = (UniqueConstraint("partenaire_id", "courriel"),)

    id: int | None = Field(default=None, primary_key=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    nom: str = Field(max_length=200)
    courriel: str = Field(max_length=254)
    actif: bool = True


class Structure(SQLModel, table=True):
    """An equipment that receives one prestation. `taux_regime_general` is a decimal text between 0 and 1."""

    __table_args__ = (CheckConstraint("places > 0", name="places_positives"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=20)
    nom: str = Field(max_length=200)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    prestation: str = Field(max_length=20, index=True)
    siret: str = Field(max_length=14)
    commune_insee: str = Field(max_length=5)
    commune: str = Field(max_length=100)
    epci_siren: str = Field(max_length=9)
    epci: str = Field(max_length=100)
    places: int
    statut_gestionnaire: StatutGestionnaire = Field(sa_type=enumeration(StatutGestionnaire))
    taux_regime_general: str = Field(max_length=20)


class Convention(SQLModel, table=True):
    """The convention of a structure: its dates and the local conditions of its bonuses (cents per place and year)."""

    __table_args__ = (
        UniqueConstraint("structure_id", "du"),
        CheckConstraint("du <= au", name="dates_dans_l_ordre"),
        CheckConstraint("forfait_territoire_centimes >= 0", name="forfait_positif"),
    )

    id: int | None = Field(default=None, primary_key=True)
    structure_id: int = Field(foreign_key="structure.id", index=True)
    numero: str = Field(max_length=40)
    du: date
    au: date
    forfait_territoire_centimes: int = Field(default=0, sa_type=BigInteger)
    attractivite: bool = False
    hausse_places: str = Field(default="0", max_length=10)
