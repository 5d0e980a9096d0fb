"""What is public: the conditions under which readers may see a story and a version, for every query of the newsstand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, literal_column

from depesche.model.story import PUBLIC
from depesche.model.take import USABLE, Series
from depesche.store import schema

STORIES = schema.stories
VERSIONS = schema.versions
FIRST = STORIES.alias("first")

# Written out: a constant that is bound costs a little at every execution.
ON_SHOW: ColumnElement[str] = literal_column(f"'{PUBLIC}'")
_USABLE: ColumnElement[str] = literal_column(f"'{USABLE}'")
_NOTHING: ColumnElement[str] = literal_column("''")


def is_public(stories: FromClause) -> ColumnElement[bool]:
    """Return the condition that a story is public, where keys lead to few.

    Concatenated, the state keeps the planner off its index: without statistics it takes ten keys to be
    dearer than everything public.
    """
    return stories.c.state.concat(_NOTHING) == ON_SHOW


def is_released(versions: FromClause) -> ColumnElement[bool]:
    """Return the condition that a version is out and not withdrawn.

    `IS NOT false` keeps the planner from walking all that was ever released: nearly every version is.
    """
    return and_(versions.c.released.is_not(False), versions.c.status == _USABLE)


VISIBLE = and_(is_public(STORIES), is_released(VERSIONS))
LISTED = and_(STORIES.c.state == ON_SHOW, is_released(VERSIONS))
# A duplicate stands under the first story that brought its text, as long as readers can see that.
IS_FIRST = ~exists().where(FIRST.c.id == STORIES.c.duplicate_of, FIRST.c.state == ON_SHOW)


def series_of(row: Any) -> Series | None:
    """Return the series that a row's columns `series_kind`, `series_number` and `series_topic` name."""
    return Series(row.series_kind, row.series_number, row.series_topic) if row.series_kind else None
