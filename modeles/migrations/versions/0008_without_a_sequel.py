"""A dossier left without a sequel has no request that the commission would go on with.

Those that were closed before with a request still open stay as they are: a person withdraws it, or opens them again.
"""

from alembic import op

from modeles.migrations.gardes_0008 import GARDES

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Triggers only: no table changes."""
    for garde in GARDES:
        for instruction in garde.sql(op.get_bind().dialect.name):
            op.execute(instruction)
