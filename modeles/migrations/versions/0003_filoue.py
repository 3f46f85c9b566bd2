"""Filoué: the files of the children received, and how a structure is named in them."""

import sqlalchemy as sa
from alembic import op

from modeles.migrations.gardes_0003 import GARDES
from modeles.types import Instant

revision = "0003"
down_revision = "0002"


def _enumeration(nom: str, *valeurs: str) -> sa.Enum:
    return sa.Enum(*valeurs, name=nom, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.add_column("structure", sa.Column("dossier_afc", sa.String(length=40), nullable=True))
    op.add_column("structure", sa.Column("idequ", sa.String(length=40), nullable=True))
    _fichiers()
    op.create_table(
        "anomaliefilouelue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fichier_id", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("severite", _enumeration("severite_connu", "bloquante", "alerte", "information"), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("ligne", sa.Integer(), nullable=False),
        sa.Column("colonne", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["fichier_id"], ["fichierfiloue.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fichier_id", "rang"),
    )
    op.create_index(op.f("ix_anomaliefilouelue_fichier_id"), "anomaliefilouelue", ["fichier_id"])
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)


def _fichiers() -> None:
    op.create_table(
        "fichierfiloue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("exercice", sa.Integer(), nullable=False),
        sa.Column("etat", _enumeration("etatdepot_connu", "recu", "refuse", "accepte", "remplace"), nullable=False),
        sa.Column("origine", sa.String(length=40), nullable=False),
        sa.Column("recu_le", Instant(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("taille", sa.Integer(), nullable=False),
        sa.Column("empreinte_cle", sa.String(length=16), nullable=False),
        sa.Column("octets_chiffres", sa.LargeBinary(), nullable=True),
        sa.Column("efface_le", Instant(), nullable=True),
        sa.Column("version", _enumeration("versionfiloue_connu", "V1", "V2", "V3"), nullable=True),
        sa.Column("donnees", sa.LargeBinary(), nullable=True),
        sa.Column("sommes", sa.JSON(), nullable=False),
        sa.Column("lignes", sa.Integer(), nullable=False),
        sa.Column("alertes", sa.Integer(), nullable=False),
        sa.Column("oppositions", sa.Integer(), nullable=True),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("(octets_chiffres IS NULL) = (efface_le IS NOT NULL)", name="efface_ou_chiffre"),
        sa.CheckConstraint(
            "etat NOT IN ('accepte', 'remplace') OR "
            "(structure_id IS NOT NULL AND donnees IS NOT NULL AND version IS NOT NULL)",
            name="accepte_est_complet",
        ),
        sa.CheckConstraint("lignes >= 0 AND alertes >= 0 AND oppositions >= 0", name="nombres_positifs"),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for colonne in ("etape", "etat", "structure_id"):
        op.create_index(op.f(f"ix_fichierfiloue_{colonne}"), "fichierfiloue", [colonne])
    for nom, colonnes, condition in (
        ("uq_filoue_accepte", ["structure_id", "exercice"], "etat = 'accepte'"),
        ("uq_filoue_octets", ["sha256"], "etat <> 'refuse'"),
    ):
        op.create_index(
            nom,
            "fichierfiloue",
            colonnes,
            unique=True,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
