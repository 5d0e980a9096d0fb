"""What the tables are made of: their common metadata, and the columns that many of them have."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, MetaData, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows up by itself only in a column declared INTEGER.
KEY: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")

# Text in the order of its characters' numbers on both databases, so that what begins alike lies in one span.
ORDERED_TEXT: TypeEngine[str] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def key() -> Column[int]:
    """The number of a row, counted up by the database."""
    return Column("id", KEY, primary_key=True, autoincrement=True)


def to(
    target: str, name: str, *, null: bool = False, index: bool = False, primary_key: bool = False
) -> Column[int]:
    """The number of a row of another table; `target` is that table and its column."""
    return Column(name, KEY, ForeignKey(target), nullable=null, index=index, primary_key=primary_key)


def at(name: str, *, null: bool = False) -> Column[float]:
    """A moment: seconds since 1970."""
    return Column(name, Double, nullable=null)
