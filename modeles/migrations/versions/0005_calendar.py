"""The whole calendar: dossiers and their documents, requests and decisions, more time, tasks, roles."""

import sqlalchemy as sa
from alembic import op

from modeles.migrations.gardes_0005 import GARDES
from modeles.types import Instant

revision = "0005"
down_revision = "0004"


def _enumeration(nom: str, *valeurs: str) -> sa.Enum:
    return sa.Enum(*valeurs, name=nom, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    roles = ("administrateur", "direction", "petite_enfance", "comptabilite", "correspondant")
    with op.batch_alter_table("contact") as lot:
        lot.add_column(
            sa.Column("role", _enumeration("rolecontact_connu", *roles), nullable=False, server_default="correspondant")
        )
    op.add_column("courriel", sa.Column("porteur", sa.String(length=150), nullable=False, server_default=""))
    _dossiers()
    _demandes()
    _pieces()
    _suivi()
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)


def _index(table: str, *colonnes: str) -> None:
    for colonne in colonnes:
        op.create_index(op.f(f"ix_{table}_{colonne}"), table, [colonne])


def _dossiers() -> None:
    op.create_table(
        "adhesion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("dispositif", sa.String(length=40), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("au", sa.Date(), nullable=True),
        sa.CheckConstraint("du <= au", name="dates_dans_l_ordre"),
        sa.ForeignKeyConstraint(["partenaire_id"], ["partenaire.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("partenaire_id", "dispositif", "du"),
    )
    _index("adhesion", "partenaire_id", "dispositif")
    op.create_table(
        "dossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column(
            "etat", _enumeration("etatdossier_connu", "attendu", "en_cours", "complet", "sans_suite"), nullable=False
        ),
        sa.Column("cree_le", Instant(), nullable=False),
        sa.Column("complet_le", Instant(), nullable=True),
        sa.CheckConstraint("(etat = 'complet') = (complet_le IS NOT NULL)", name="complet_est_date"),
        sa.ForeignKeyConstraint(["partenaire_id"], ["partenaire.id"]),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("dossier", "etape", "etat", "partenaire_id", "structure_id")
    for nom, colonne, condition in (
        ("uq_dossier_structure", "structure_id", "structure_id IS NOT NULL"),
        ("uq_dossier_partenaire", "partenaire_id", "structure_id IS NULL"),
    ):
        ou = sa.text(condition)
        op.create_index(nom, "dossier", ["etape", colonne], unique=True, sqlite_where=ou, postgresql_where=ou)


def _demandes() -> None:
    op.create_table(
        "demande",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("objet", sa.String(length=300), nullable=False),
        sa.Column("enveloppe", sa.String(length=40), nullable=False),
        sa.Column("exercice", sa.Integer(), nullable=False),
        sa.Column("montant_demande_centimes", sa.BigInteger(), nullable=False),
        sa.Column("budget_centimes", sa.BigInteger(), nullable=False),
        sa.Column("cofinanceurs", sa.JSON(), nullable=False),
        sa.Column("deposee_le", Instant(), nullable=False),
        sa.Column("commission", sa.String(length=60), nullable=False),
        sa.Column(
            "etat",
            _enumeration("etatdemande_connu", "deposee", "inscrite", "accordee", "refusee", "retiree"),
            nullable=False,
        ),
        sa.CheckConstraint("montant_demande_centimes > 0", name="montant_strictement_positif"),
        sa.CheckConstraint("montant_demande_centimes <= budget_centimes", name="dans_son_budget"),
        sa.CheckConstraint(
            "etat NOT IN ('inscrite', 'accordee', 'refusee') OR commission <> ''", name="inscrite_quelque_part"
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"]),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference"),
    )
    _index("demande", "commission", "dossier_id", "enveloppe", "etat")
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("demande_id", sa.Integer(), nullable=False),
        sa.Column("commission", sa.String(length=60), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("sens", _enumeration("sensdecision_connu", "accord", "refus", "ajournement"), nullable=False),
        sa.Column("montant_centimes", sa.BigInteger(), nullable=True),
        sa.Column("motif", sa.String(length=1000), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("le", Instant(), nullable=False),
        sa.CheckConstraint("(sens = 'accord') = (montant_centimes IS NOT NULL)", name="un_accord_a_son_montant"),
        sa.CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        sa.CheckConstraint("sens = 'accord' OR motif <> ''", name="un_refus_se_motive"),
        sa.ForeignKeyConstraint(["demande_id"], ["demande.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("rang >= 1", name="rang_a_partir_de_un"),
        sa.UniqueConstraint("demande_id", "commission", "rang"),
    )
    _index("decision", "demande_id")
    op.create_table(
        "annulation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("le", Instant(), nullable=False),
        sa.CheckConstraint("motif <> '' AND par <> ''", name="qui_et_pourquoi"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("decision_id"),
    )


def _pieces() -> None:
    op.create_table(
        "piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("demande_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("etat", _enumeration("etatpiece_connu", "recue", "refusee", "remplacee"), nullable=False),
        sa.Column("origine", _enumeration("originepiece_connu", "fichier", "constat"), nullable=False),
        sa.Column("nom_fichier", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=True),
        sa.Column("recue_le", Instant(), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(origine = 'fichier') = (octets IS NOT NULL)", name="fichier_a_ses_octets"),
        sa.CheckConstraint("origine = 'fichier' OR motif <> ''", name="constat_motive"),
        sa.ForeignKeyConstraint(["demande_id"], ["demande.id"]),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("piece", "demande_id", "dossier_id")


def _suivi() -> None:
    op.create_table(
        "prolongation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("structure_id", sa.Integer(), nullable=True),
        sa.Column("limite", sa.Date(), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("le", Instant(), nullable=False),
        sa.CheckConstraint("motif <> '' AND par <> ''", name="qui_et_pourquoi"),
        sa.ForeignKeyConstraint(["partenaire_id"], ["partenaire.id"]),
        sa.ForeignKeyConstraint(["structure_id"], ["structure.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _index("prolongation", "etape", "partenaire_id")
    with op.batch_alter_table("actionjouee") as lot:
        lot.add_column(sa.Column("prolongation_id", sa.Integer(), nullable=True))
        lot.create_foreign_key("fk_actionjouee_prolongation", "prolongation", ["prolongation_id"], ["id"])
    op.create_table(
        "tache",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cle", sa.String(length=150), nullable=False),
        sa.Column("genre", _enumeration("genretache_connu", "appeler", "adresse"), nullable=False),
        sa.Column("etape", sa.String(length=60), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("structures", sa.JSON(), nullable=False),
        sa.Column("confiee_a", sa.String(length=120), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("etat", _enumeration("etattache_connu", "ouverte", "faite", "sans_objet"), nullable=False),
        sa.Column("creee_le", Instant(), nullable=False),
        sa.Column("echeance", sa.Date(), nullable=False),
        sa.Column("close_le", Instant(), nullable=True),
        sa.Column("close_par", sa.String(length=60), nullable=False),
        sa.Column("suite", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(etat = 'ouverte') = (close_le IS NULL)", name="close_est_datee"),
        sa.CheckConstraint("etat <> 'faite' OR (close_par <> '' AND suite <> '')", name="faite_par_quelqu_un"),
        sa.ForeignKeyConstraint(["partenaire_id"], ["partenaire.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cle"),
    )
    _index("tache", "etape", "etat", "partenaire_id")
