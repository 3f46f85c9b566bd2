"""Requests for a grant and what the commission decides. Amounts are integer cents."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from modeles.types import Instant, enumeration
from regles.etats import EtatDemande, SensDecision


class Demande(SQLModel, table=True):
    """A request for a grant: the project of a partner, its budget, its other funders.

    `dossier_id` is the partner's answer to the call for projects: one may hold several requests. `commission` is the
    step of the sitting it goes to, "" while none can take it. `cofinanceurs`: [{"nom", "montant_centimes"}].
    """

    __table_args__ = (
        CheckConstraint("montant_demande_centimes > 0", name="montant_strictement_positif"),
        CheckConstraint("montant_demande_centimes <= budget_centimes", name="dans_son_budget"),
        CheckConstraint(
            "etat NOT IN ('inscrite', 'accordee', 'refusee') OR commission <> ''", name="inscrite_quelque_part"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True, max_length=40)
    dossier_id: int = Field(foreign_key="dossier.id", index=True)
    structure_id: int | None = Field(default=None, foreign_key="structure.id")
    objet: str = Field(max_length=300)
    enveloppe: str = Field(max_length=40, index=True)
    exercice: int
    montant_demande_centimes: int = Field(sa_type=BigInteger)
    budget_centimes: int = Field(sa_type=BigInteger)
    cofinanceurs: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    deposee_le: datetime = Field(sa_type=Instant)
    commission: str = Field(default="", max_length=60, index=True)
    etat: EtatDemande = Field(sa_type=enumeration(EtatDemande), index=True)


class Decision(SQLModel, table=True):
    """What a sitting decided on a request, recorded by a person and never edited. Never more than was asked: a trigger.

    An accord has an amount in cents; a refusal and a postponement have a reason. `rang` starts at 1: another decision
    of the same sitting stands only once the former is annulled.
    """

    __table_args__ = (
        UniqueConstraint("demande_id", "commission", "rang"),
        CheckConstraint("rang >= 1", name="rang_a_partir_de_un"),
        CheckConstraint("(sens = 'accord') = (montant_centimes IS NOT NULL)", name="un_accord_a_son_montant"),
        CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        CheckConstraint("sens = 'accord' OR motif <> ''", name="un_refus_se_motive"),
    )

    id: int | None = Field(default=None, primary_key=True)
    demande_id: int = Field(foreign_key="demande.id", index=True)
    commission: str = Field(max_length=60)
    rang: int = 1
    sens: SensDecision = Field(sa_type=enumeration(SensDecision))
    montant_centimes: int | None = Field(default=None, sa_type=BigInteger)
    motif: str = Field(default="", max_length=1000)
    par: str = Field(max_length=60)
    le: datetime = Field(sa_type=Instant)


class Annulation(SQLModel, table=True):
    """A decision taken back because it was recorded wrongly, by whom and why; never once its convention is recorded."""

    __table_args__ = (CheckConstraint("motif <> '' AND par <> ''", name="qui_et_pourquoi"),)

    id: int | None = Field(default=None, primary_key=True)
    decision_id: int = Field(foreign_key="decision.id", unique=True)
    motif: str = Field(max_length=500)
    par: str = Field(max_length=60)
    le: datetime = Field(sa_type=Instant)
