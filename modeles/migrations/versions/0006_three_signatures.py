"""Three people for a batch, lines suspended, rejected or paid, payments taken back, personal codes.

A batch decided before has two signatures: `ordonne_par` says so in words, so that the CHECK holds for all.
"""

import sqlalchemy as sa
from alembic import op

from modeles.migrations.gardes_0002 import GARDES as GARDES_0002
from modeles.migrations.gardes_0004 import GARDES as GARDES_0004
from modeles.migrations.gardes_0006 import ANCIENNE_SIGNATURE, GARDES
from modeles.types import Instant

revision = "0006"
down_revision = "0005"

TOUCHEES = ("versement", "lot", "lignelot", "recouvrement", "structure")
ANCIENS = sa.text(
    "UPDATE lot SET ordonne_par = :signature, ordonne_le = decide_le WHERE etat IN ('libere', 'exporte')"
).bindparams(signature=ANCIENNE_SIGNATURE)
DEUX_PERSONNES = (
    "etat IN ('propose', 'refuse') OR (ordonne_par IS NOT NULL AND ordonne_le IS NOT NULL "
    "AND ordonne_par <> propose_par)"
)
TROIS_PERSONNES = (
    "etat NOT IN ('libere', 'exporte', 'transmis', 'execute') OR (decide_par IS NOT NULL "
    "AND decide_par <> propose_par AND decide_par <> ordonne_par)"
)
BROUILLON = (
    "etat <> 'propose' OR (ordonne_par IS NULL AND ordonne_le IS NULL AND decide_par IS NULL AND decide_le IS NULL)"
)
TRANSMIS = (
    "(etat IN ('transmis', 'execute')) = (transmis_par IS NOT NULL) AND (transmis_par IS NULL) = (transmis_le IS NULL)"
)


def upgrade() -> None:
    """The guards of these tables are put aside while the tables change, then set again, or replaced."""
    dialecte = op.get_bind().dialect.name
    anciennes = [garde for garde in (*GARDES_0002, *GARDES_0004) if garde.table in TOUCHEES]
    remplacees = {garde.nom for garde in GARDES}
    for garde in anciennes:
        for instruction in garde.retrait(dialecte):
            op.execute(instruction)
    _lots()
    _lignes()
    _versements()
    _suspensions()
    _codes()
    for garde in (*(g for g in anciennes if g.nom not in remplacees), *GARDES):
        for instruction in garde.sql(dialecte):
            op.execute(instruction)


def _lots() -> None:
    with op.batch_alter_table("lot") as lot:
        lot.drop_constraint("deux_personnes", type_="check")
        lot.drop_constraint("etatlot_connu", type_="check")
        for nom in ("ordonne", "transmis"):
            lot.add_column(sa.Column(f"{nom}_par", sa.String(length=60), nullable=True))
            lot.add_column(sa.Column(f"{nom}_le", Instant(), nullable=True))
    op.execute(ANCIENS)
    with op.batch_alter_table("lot") as lot:
        lot.create_check_constraint(
            "etatlot_connu",
            "etat IN ('propose', 'ordonnance', 'refuse', 'libere', 'exporte', 'transmis', 'execute')",
        )
        lot.create_check_constraint("deux_personnes", DEUX_PERSONNES)
        lot.create_check_constraint("trois_personnes", TROIS_PERSONNES)
        lot.create_check_constraint("brouillon_sans_signature", BROUILLON)
        lot.create_check_constraint("transmis_par_quelqu_un", TRANSMIS)


def _lignes() -> None:
    with op.batch_alter_table("lignelot") as lot:
        lot.add_column(sa.Column("etat", sa.String(length=20), nullable=False, server_default="en_attente"))
        lot.add_column(sa.Column("code_rejet", sa.String(length=10), nullable=False, server_default=""))
        lot.add_column(sa.Column("resultat_le", Instant(), nullable=True))
        lot.create_check_constraint("etatligne_connu", "etat IN ('en_attente', 'suspendue', 'payee', 'rejetee')")
        lot.create_check_constraint(
            "active_selon_son_etat",
            "(etat NOT IN ('suspendue', 'rejetee') OR NOT active) AND (etat <> 'payee' OR active)",
        )
        lot.create_check_constraint("rejet_a_son_code", "(etat = 'rejetee') = (code_rejet <> '')")
        lot.create_check_constraint("resultat_date", "(etat IN ('payee', 'rejetee')) = (resultat_le IS NOT NULL)")


def _versements() -> None:
    with op.batch_alter_table("versement") as lot:
        lot.add_column(sa.Column("contrepasse_id", sa.Integer(), nullable=True))
        lot.create_foreign_key("fk_versement_contrepasse", "versement", ["contrepasse_id"], ["id"])
        lot.create_unique_constraint("uq_versement_contrepasse_id", ["contrepasse_id"])


def _suspensions() -> None:
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("versement_id", sa.Integer(), nullable=False),
        sa.Column("motif", sa.String(length=40), nullable=False),
        sa.Column("texte", sa.String(length=500), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("le", Instant(), nullable=False),
        sa.Column("levee_par", sa.String(length=60), nullable=False),
        sa.Column("levee_le", Instant(), nullable=True),
        sa.Column("levee_motif", sa.String(length=500), nullable=False),
        sa.CheckConstraint("motif <> '' AND texte <> '' AND par <> ''", name="qui_et_pourquoi"),
        sa.CheckConstraint(
            "(levee_le IS NULL) = (levee_par = '') AND (levee_le IS NULL) = (levee_motif = '')",
            name="levee_par_quelqu_un",
        ),
        sa.ForeignKeyConstraint(["versement_id"], ["versement.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_suspension_versement_id"), "suspension", ["versement_id"])
    ouverte = sa.text("levee_le IS NULL")
    op.create_index(
        "uq_suspension_ouverte",
        "suspension",
        ["versement_id"],
        unique=True,
        sqlite_where=ouverte,
        postgresql_where=ouverte,
    )


def _codes() -> None:
    op.create_table(
        "codepersonnel",
        sa.Column("identifiant", sa.String(length=60), nullable=False),
        sa.Column("sel", sa.String(length=64), nullable=False),
        sa.Column("empreinte", sa.String(length=128), nullable=False),
        sa.Column("essais", sa.Integer(), nullable=False),
        sa.Column("bloque_jusqu_au", Instant(), nullable=True),
        sa.Column("pose_le", Instant(), nullable=False),
        sa.Column("pose_par", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("identifiant"),
    )
