"""An identifier for each transfer, never given twice; the postal addresses of the partners.

What was exported before keeps none: its file carries the reference of its due, and its results are matched on it.
"""

import sqlalchemy as sa
from alembic import op

from modeles.migrations.gardes_0007 import GARDES

revision = "0007"
down_revision = "0006"

ADRESSE = (("numero_voie", 16), ("rue", 70), ("code_postal", 16), ("ville", 35), ("pays", 2))
ENTIERE = (
    "(rue IS NULL) = (code_postal IS NULL) AND (rue IS NULL) = (ville IS NULL) AND (rue IS NULL) = (pays IS NULL) "
    "AND (numero_voie IS NULL OR rue IS NOT NULL)"
)
ECRITE = "rue <> '' AND numero_voie <> '' AND code_postal <> '' AND ville <> '' AND length(pays) = 2"


def upgrade() -> None:
    """A column is added to the lines without copying them: their guards stay."""
    op.add_column("lignelot", sa.Column("bout_en_bout", sa.String(length=35), nullable=True))
    op.create_index("uq_ligne_bout_en_bout", "lignelot", ["bout_en_bout"], unique=True)
    with op.batch_alter_table("partenaire") as partenaire:
        for nom, longueur in ADRESSE:
            partenaire.add_column(sa.Column(nom, sa.String(length=longueur), nullable=True))
        partenaire.create_check_constraint("adresse_entiere", ENTIERE)
        partenaire.create_check_constraint("adresse_ecrite", ECRITE)
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)
