"""Tables, named queries, migrations and sessions. SQLite by default, PostgreSQL by URL."""

from sqlmodel import SQLModel

# Named constraints, set before any table exists: migrations and error messages name them.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
