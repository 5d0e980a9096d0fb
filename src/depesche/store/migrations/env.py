"""Alembic's entry: runs migrations on the connection the program hands in, or on the URL of a new one."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import create_engine

from depesche.store.schema import metadata

_options: dict[str, Any] = {"target_metadata": metadata, "render_as_batch": True, "compare_type": True}


def _run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(connection=given, **_options)
        context.run_migrations()
        return
    with create_engine(context.config.attributes["url"]).connect() as connection:
        context.configure(connection=connection, **_options)
        with context.begin_transaction():
            context.run_migrations()


_run()
