"""Bring a database to the newest schema with Alembic, from inside the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from depesche.store.database import Database

_MIGRATION_LOCK = 0x0DE9E5C6


def config(url: str) -> Config:
    """Return Alembic's configuration for the migrations that ship with the package."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["url"] = url
    return made


def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade *database* to *revision*; processes that start together take turns."""
    with database.rebuilding() as tx:
        if not database.is_sqlite:
            tx.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        made = config(database.url)
        made.attributes["connection"] = tx.connection
        command.upgrade(made, revision)
