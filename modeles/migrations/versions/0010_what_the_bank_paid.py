"""A payment is taken back for what the bank paid of it, indus withheld left out.

Those taken back before keep their amount, that of the due.
"""

from alembic import op

from modeles.migrations.gardes_0010 import GARDES

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Triggers only: no table changes."""
    dialecte = op.get_bind().dialect.name
    for garde in GARDES:
        for instruction in (*garde.retrait(dialecte), *garde.sql(dialecte)):
            op.execute(instruction)
