"""Alembic environment: the engine comes from `modeles.schema`, which calls it with a connection."""

from alembic import context
from sqlmodel import SQLModel

import modeles.tables  # noqa: F401

context.configure(
    connection=context.config.attributes["connexion"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
