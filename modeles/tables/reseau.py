"""The network: who is paid (partenaire), for what (structure), whom to write to (contact), under which convention."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.adresse_postale import AdressePostale


class NaturePartenaire(StrEnum):
    """Legal kind of a partner."""

    COMMUNE = "commune"
    EPCI = "epci"
    ASSOCIATION = "association"


class StatutGestionnaire(StrEnum):
    """Public or private manager (bonus attractivité has one amount for each)."""

    PUBLIC = "public"
    PRIVE = "prive"


class RoleContact(StrEnum):
    """What a person is for the Caf at a partner's: some mails go to some roles first."""

    ADMINISTRATEUR = "administrateur"
    DIRECTION = "direction"
    PETITE_ENFANCE = "petite_enfance"
    COMPTABILITE = "comptabilite"
    CORRESPONDANT = "correspondant"


class Partenaire(SQLModel, table=True):
    """A gestionnaire: commune, EPCI or association. May run several structures.

    Its postal address, for the transfers: whole or not recorded, a CHECK. `numero_voie` is that of the building when it
    is not written in `rue`; `pays` is an ISO 3166 code.
    """

    __table_args__ = (
        CheckConstraint(
            "(rue IS NULL) = (code_postal IS NULL) AND (rue IS NULL) = (ville IS NULL) "
            "AND (rue IS NULL) = (pays IS NULL) AND (numero_voie IS NULL OR rue IS NOT NULL)",
            name="adresse_entiere",
        ),
        CheckConstraint(
            "rue <> '' AND numero_voie <> '' AND code_postal <> '' AND ville <> '' AND length(pays) = 2",
            name="adresse_ecrite",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=20)
    nom: str = Field(max_length=200)
    nature: NaturePartenaire = Field(sa_type=enumeration(NaturePartenaire))
    siren: str = Field(max_length=9)
    numero_voie: str | None = Field(default=None, max_length=16)
    rue: str | None = Field(default=None, max_length=70)
    code_postal: str | None = Field(default=None, max_length=16)
    ville: str | None = Field(default=None, max_length=35)
    pays: str | None = Field(default=None, max_length=2)

    @property
    def adresse(self) -> AdressePostale | None:
        """The postal address, None when it is not recorded."""
        if not (self.rue and self.code_postal and self.ville and self.pays):
            return None
        return AdressePostale(self.rue, self.code_postal, self.ville, self.pays, self.numero_voie or "")


class Contact(SQLModel, table=True):
    """A person to write to for a partner; `actif` false when the address bounced or the person left.

    At most two active administrators of the partner's account: a trigger.
    """

    __table_args__ = (UniqueConstraint("partenaire_id", "courriel"),)

    id: int | None = Field(default=None, primary_key=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    nom: str = Field(max_length=200)
    courriel: str = Field(max_length=254)
    actif: bool = True
    role: RoleContact = Field(default=RoleContact.CORRESPONDANT, sa_type=enumeration(RoleContact))


class Structure(SQLModel, table=True):
    """An equipment that receives one prestation. `taux_regime_general` is a decimal text between 0 and 1.

    `places`: those of a crèche's licence, none elsewhere. `type_accueil`: the kind of an ALSH. `ouverte_le` and
    `fermee_le` bound its activity when it starts or ends within the years followed here. `dossier_afc` and `idequ` name
    a crèche in its Filoué file; empty when not recorded.
    """

    __table_args__ = (
        CheckConstraint("places > 0", name="places_positives"),
        CheckConstraint("prestation <> 'EAJE' OR places IS NOT NULL", name="places_d_une_creche"),
        CheckConstraint("(prestation = 'ALSH') = (type_accueil IS NOT NULL)", name="type_d_un_alsh"),
        CheckConstraint("type_accueil IN ('periscolaire', 'extrascolaire', 'adolescents')", name="type_connu"),
        CheckConstraint("ouverte_le <= fermee_le", name="activite_dans_l_ordre"),
    )

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
    places: int | None = None
    type_accueil: str | None = Field(default=None, max_length=20)
    ouverte_le: date | None = None
    fermee_le: date | None = None
    statut_gestionnaire: StatutGestionnaire = Field(sa_type=enumeration(StatutGestionnaire))
    taux_regime_general: str = Field(max_length=20)
    dossier_afc: str | None = Field(default=None, max_length=40)
    idequ: str | None = Field(default=None, max_length=40)


class Convention(SQLModel, table=True):
    """The convention of a structure for its prestation: its dates and the local conditions of its bonuses.

    `forfait_territoire_centimes` is per place and year. `conditions` holds what else it brings to a right, by key of
    the formulas (`mission_renforcee`, `etp_finances`): booleans and decimal texts. `retenue_maximale` is the share of a
    payment that may be withheld for an indu (decimal text between 0 and 1); None when the convention does not say.
    """

    __table_args__ = (
        UniqueConstraint("structure_id", "du"),
        CheckConstraint("du <= au", name="dates_dans_l_ordre"),
        CheckConstraint("forfait_territoire_centimes >= 0", name="forfait_positif"),
    )

    id: int | None = Field(default=None, primary_key=True)
    structure_id: int = Field(foreign_key="structure.id", index=True)
    prestation: str = Field(max_length=20)
    numero: str = Field(max_length=40)
    du: date
    au: date
    forfait_territoire_centimes: int = Field(default=0, sa_type=BigInteger)
    attractivite: bool = False
    hausse_places: str = Field(default="0", max_length=10)
    conditions: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    retenue_maximale: str | None = Field(default=None, max_length=10)


class CoordonneeBancaire(SQLModel, table=True):
    """A bank account of a partner, from a day on; never edited, a change is a new record.

    One person records it, another one confirms it after calling the partner back (`contre_appel` says whom and how):
    until then nothing is paid to it. Two people: a CHECK, not a convention.
    """

    __table_args__ = (
        CheckConstraint(
            "confirmee_par IS NULL OR (confirmee_par <> enregistree_par AND contre_appel <> '' "
            "AND confirmee_le IS NOT NULL)",
            name="deux_personnes_et_contre_appel",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    partenaire_id: int = Field(foreign_key="partenaire.id", index=True)
    iban: str = Field(max_length=34)
    titulaire: str = Field(max_length=140)
    du: date
    enregistree_par: str = Field(max_length=60)
    enregistree_le: datetime = Field(sa_type=Instant)
    contre_appel: str = Field(default="", max_length=500)
    confirmee_par: str | None = Field(default=None, max_length=60)
    confirmee_le: datetime | None = Field(default=None, sa_type=Instant)
