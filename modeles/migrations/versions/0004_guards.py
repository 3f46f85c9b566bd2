"""A due only goes forward, through a batch; a paid structure keeps its partner."""

from alembic import op

from modeles.migrations.gardes_0004 import GARDES

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)
