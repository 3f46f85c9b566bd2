"""The whole money cycle of every prestation: acomptes, rappels, indus withheld, conventions, bank accounts."""

import sqlalchemy as sa
from alembic import op

from modeles.migrations.gardes_0001 import GARDES as GARDES_0001
from modeles.migrations.gardes_0002 import GARDES as GARDES_0002
from modeles.types import Instant

revision = "0002"
down_revision = "0001"

RANGS = (
    "UPDATE versement SET rang = (SELECT COUNT(*) FROM versement a "
    "WHERE a.droit_id = versement.droit_id AND a.id <= versement.id) WHERE droit_id IS NOT NULL"
)
ETAPES = (
    "UPDATE versement SET etape = (SELECT d.etape FROM declaration d JOIN droit r ON r.declaration_id = d.id "
    "WHERE r.id = versement.droit_id) WHERE droit_id IS NOT NULL"
)
PRESTATIONS = (
    "UPDATE convention SET prestation = (SELECT s.prestation FROM structure s WHERE s.id = convention.structure_id)"
)


def upgrade() -> None:
    dialecte = op.get_bind().dialect.name
    for garde in GARDES_0001:
        for instruction in garde.retrait(dialecte):
            op.execute(instruction)
    _network()
    _money()
    for garde in GARDES_0002:
        for instruction in garde.sql(dialecte):
            op.execute(instruction)


def _network() -> None:
    with op.batch_alter_table("structure") as lot:
        lot.alter_column("places", existing_type=sa.Integer(), nullable=True)
        lot.add_column(sa.Column("type_accueil", sa.String(length=20), nullable=True))
        lot.add_column(sa.Column("ouverte_le", sa.Date(), nullable=True))
        lot.add_column(sa.Column("fermee_le", sa.Date(), nullable=True))
        lot.create_check_constraint("places_d_une_creche", "prestation <> 'EAJE' OR places IS NOT NULL")
        lot.create_check_constraint("type_d_un_alsh", "(prestation = 'ALSH') = (type_accueil IS NOT NULL)")
        lot.create_check_constraint("type_connu", "type_accueil IN ('periscolaire', 'extrascolaire', 'adolescents')")
        lot.create_check_constraint("activite_dans_l_ordre", "ouverte_le <= fermee_le")
    with op.batch_alter_table("convention") as lot:
        lot.add_column(sa.Column("prestation", sa.String(length=20), nullable=False, server_default=""))
        lot.add_column(sa.Column("conditions", sa.JSON(), nullable=False, server_default="{}"))
        lot.add_column(sa.Column("retenue_maximale", sa.String(length=10), nullable=True))
    op.execute(PRESTATIONS)
    op.create_table(
        "coordonneebancaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partenaire_id", sa.Integer(), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("titulaire", sa.String(length=140), nullable=False),
        sa.Column("du", sa.Date(), nullable=False),
        sa.Column("enregistree_par", sa.String(length=60), nullable=False),
        sa.Column("enregistree_le", Instant(), nullable=False),
        sa.Column("contre_appel", sa.String(length=500), nullable=False),
        sa.Column("confirmee_par", sa.String(length=60), nullable=True),
        sa.Column("confirmee_le", Instant(), nullable=True),
        sa.CheckConstraint(
            "confirmee_par IS NULL OR (confirmee_par <> enregistree_par AND contre_appel <> '' "
            "AND confirmee_le IS NOT NULL)",
            name="deux_personnes_et_contre_appel",
        ),
        sa.ForeignKeyConstraint(["partenaire_id"], ["partenaire.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_coordonneebancaire_partenaire_id"), "coordonneebancaire", ["partenaire_id"])


def _money() -> None:
    op.drop_index("uq_versement_par_droit", "versement")
    with op.batch_alter_table("versement") as lot:
        lot.add_column(sa.Column("rang", sa.Integer(), nullable=False, server_default="1"))
        lot.add_column(sa.Column("etape", sa.String(length=60), nullable=False, server_default=""))
        lot.add_column(sa.Column("calcul", sa.JSON(), nullable=False, server_default="{}"))
        for nom, condition in (
            ("indu_jamais_verse", "(nature = 'indu') = (etat IN ('a_recouvrer', 'recouvre')) OR etat = 'annule'"),
            ("natureversement_connu", "nature IN ('acompte', 'solde', 'rappel', 'indu')"),
            (
                "etatversement_connu",
                "etat IN ('du', 'en_lot', 'libere', 'reprise', 'a_recouvrer', 'recouvre', 'annule')",
            ),
        ):
            lot.drop_constraint(nom, type_="check")
            lot.create_check_constraint(nom, condition)
    op.execute(RANGS)
    op.execute(ETAPES)
    op.create_index(op.f("ix_versement_etape"), "versement", ["etape"])
    with op.batch_alter_table("versement") as lot:
        lot.create_unique_constraint("uq_versement_droit_id_rang", ["droit_id", "rang"])
    with op.batch_alter_table("lot") as lot:
        lot.drop_constraint("jamais_vide", type_="check")
        lot.create_check_constraint("jamais_vide", "total_centimes >= 0 AND nombre > 0")
    with op.batch_alter_table("lignelot") as lot:
        lot.add_column(sa.Column("retenue_centimes", sa.BigInteger(), nullable=False, server_default="0"))
        lot.add_column(sa.Column("coordonnee_id", sa.Integer(), nullable=True))
        lot.create_foreign_key("fk_lignelot_coordonnee", "coordonneebancaire", ["coordonnee_id"], ["id"])
        lot.drop_constraint("montant_strictement_positif", type_="check")
        lot.create_check_constraint("montants_positifs", "montant_centimes >= 0 AND retenue_centimes >= 0")
    op.create_table(
        "recouvrement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indu_id", sa.Integer(), nullable=False),
        sa.Column("ligne_id", sa.Integer(), nullable=True),
        sa.Column("montant_centimes", sa.BigInteger(), nullable=False),
        sa.Column("le", Instant(), nullable=False),
        sa.Column("par", sa.String(length=60), nullable=False),
        sa.Column("motif", sa.String(length=500), nullable=False),
        sa.CheckConstraint("montant_centimes > 0", name="montant_strictement_positif"),
        sa.ForeignKeyConstraint(["indu_id"], ["versement.id"]),
        sa.ForeignKeyConstraint(["ligne_id"], ["lignelot.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ligne_id", "indu_id"),
    )
    op.create_index(op.f("ix_recouvrement_indu_id"), "recouvrement", ["indu_id"])
    op.create_index(op.f("ix_recouvrement_ligne_id"), "recouvrement", ["ligne_id"])
