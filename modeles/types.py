"""Column types shared by the tables."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC on both databases (SQLite keeps no offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime, convert the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("un instant porte toujours son fuseau")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enumeration(classe: type[StrEnum]) -> Enum:
    """A text column limited by a CHECK to the values of a StrEnum."""

    def valeurs(membres: Any) -> list[str]:
        return [membre.value for membre in membres]

    return Enum(
        classe,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=f"{classe.__name__.lower()}_connu",
        values_callable=valeurs,
    )
