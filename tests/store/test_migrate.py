"""The migrations lead to exactly the schema that the code knows."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from depesche.store.database import Database
from depesche.store.schema import metadata


def test_migrations_and_schema_agree(database: Database) -> None:
    with database.reading() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.reading() as tx:
        assert tx.journal.last() == 0
