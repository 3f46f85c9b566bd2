"""No line of the journal stands before the first."""

from alembic import op

from modeles.migrations.gardes_0009 import GARDES

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Triggers only: no table changes."""
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)
