"""The migrations lead to exactly the schema that the code knows."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from depesche.store import schema
from depesche.store.database import Database
from depesche.store.migrate import upgrade
from depesche.store.schema import metadata


def test_migrations_and_schema_agree(database: Database) -> None:
    with database.reading() as tx:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    with database.reading() as tx:
        assert tx.journal.last() == 0


def test_subscriptions_and_letters_become_targets_and_dispatches(database_url: str) -> None:
    """What readers followed and were told by the first schema is followed and told by the next."""
    database = Database(database_url)
    _begin_anew(database)
    try:
        with database.transaction() as tx:
            for statement in _FIRST_DATA:
                tx.connection.exec_driver_sql(statement)
    finally:
        database.migrate()
    with database.reading() as tx:
        anna, bert = (tx.subscriptions.by_identity(f"{name}@example.org") for name in ("anna", "bert"))
        assert anna is not None
        assert bert is not None
        assert (anna.channel, anna.digest_hours, anna.zone) == ("email", (7, 18), None)
        targets = {one.key: one for one in tx.targets.get([1, 2])}
        followed = tx.subscriptions.following([anna.key, bert.key], targets)
        assert {key: [one.target.name for one in found] for key, found in followed.items()} == {
            anna.key: ["Halden Werke", "Mirabel"], bert.key: ["Halden Werke"],
        }  # fmt: skip
        assert [(one.isin, one.target.name) for one in tx.subscriptions.consents(anna.key) if one.target] == [
            ("ZZ00HALDEN16", "Halden Werke")
        ]
        dispatches = select(schema.dispatches).order_by(schema.dispatches.c.id)
        found = [(r.kind, r.matched, r.targets_json) for r in tx.connection.execute(dispatches)]
        assert found == [("alert", 2, "[1, 2]"), ("correction", 1, "[1]")]
        told = {
            r.event: list(BitMap.deserialize(r.recipients))
            for r in tx.connection.execute(select(schema.told))
        }
        assert told == {"alert": [anna.key], "correction:2": [anna.key]}, "who was dropped untold may be told"
        assert tx.ledger.balance(1).is_even
        assert [(one.kind, one.story, one.withdrawn) for one in tx.journal.after(0)] == [("filed", 1, ())]
    database.close()


def _begin_anew(database: Database) -> None:
    """Put back the first schema."""
    with database.rebuilding() as tx:
        tx.connection.exec_driver_sql("DROP TABLE alembic_version")
        metadata.drop_all(tx.connection)
    upgrade(database, "0001")


_FIRST_DATA = (
    "INSERT INTO instruments (id, isin, name, name_key, kind, source, share_class, is_primary, sources_json) VALUES"
    " (11, 'ZZ00HALDEN16', 'Halden Werke', 'halden', 'share', 't', '', true, '{}'),"
    " (12, 'ZZ0MIRABEL29', 'Mirabel', 'mirabel', 'share', 't', '', true, '{}')",
    "INSERT INTO lineages (id, latest_at) VALUES (1, 5)",
    "INSERT INTO stories (id, lineage_id, provider, wire, slug, state, latest, at, sponsored, headline_key,"
    " was_public, order_number, order_at) VALUES (1, 1, 'Nordlicht', 'nordlicht', 'halden', 'public', 0, 5, false, '', true, 1, 5)",
    "INSERT INTO journal (at, kind, story_id, lineage_id, version_id, action) VALUES (5, 'filed', 1, 1, 1, 'new')",
    "INSERT INTO subscribers (id, address, identity, language, created_at) VALUES"
    " (1, 'Anna@example.org', 'anna@example.org', 'de', 1), (2, 'bert@example.org', 'bert@example.org', 'de', 1)",
    "INSERT INTO subscriptions (id, subscriber_id, kind, instrument_id, created_at, confirmed_at) VALUES"
    " (1, 1, 'instrument', 11, 1, 2), (2, 1, 'instrument', 12, 1, 2), (3, 2, 'instrument', 11, 1, 2)",
    "INSERT INTO consents (subscriber_id, subscription_id, event, at) VALUES (1, 1, 'confirmed', 2)",
    "INSERT INTO outbox (decision, kind, subscriber_id, story_id, lineage_id, version_id, reasons_json, message_id, state,"
    " tries, created_at, due_at, expires_at) VALUES"
    " ('1:1:alert', 'alert', 1, 1, 1, 1, '[\"ZZ00HALDEN16\", \"ZZ0MIRABEL29\"]', '<a@x>', 'sent', 1, 5, 5, 50),"
    " ('2:1:alert', 'alert', 2, 1, 1, 1, '[\"ZZ00HALDEN16\"]', '<b@x>', 'dropped', 0, 5, 5, 50),"
    " ('1:1:correction:2', 'correction', 1, 1, 1, 2, '[\"ZZ00HALDEN16\"]', '<c@x>', 'pending', 0, 6, 6, 50)",
    "INSERT INTO outbox (decision, kind, subscriber_id, subscription_id, reasons_json, message_id, state, tries, created_at,"
    " due_at, expires_at) VALUES ('1:confirmation:1', 'confirmation', 1, 1, '[]', '<d@x>', 'sent', 1, 1, 1, 50)",
)


def test_what_there_is_outlives_the_table_of_keys(database_url: str) -> None:
    """The step that brings keys leaves everything else as it was, and starts without any."""
    database = Database(database_url)
    with database.rebuilding() as tx:
        tx.connection.exec_driver_sql("DROP TABLE alembic_version")
        metadata.drop_all(tx.connection)
    upgrade(database, "0005")
    with database.transaction() as tx:
        tx.connection.exec_driver_sql(_FIRST_DATA[0])
    database.migrate()
    with database.reading() as tx:
        assert tx.api_keys.all() == []
        assert tx.instruments.by_isin("ZZ00HALDEN16") is not None
    database.close()


def test_searches_that_are_followed_are_numbered(database_url: str) -> None:
    """Of the searches kept before, those that somebody follows are found, and new ones come after them."""
    database = Database(database_url)
    with database.rebuilding() as tx:
        tx.connection.exec_driver_sql("DROP TABLE alembic_version")
        metadata.drop_all(tx.connection)
    upgrade(database, "0006")
    with database.transaction() as tx:
        for statement in _SEARCHES:
            tx.connection.exec_driver_sql(statement)
    database.migrate()
    with database.transaction() as tx:
        assert [(number, one.value) for number, one in tx.targets.searches(0)] == [(2, "lift"), (4, "gondel")]
        tx.targets.rouse(3)
        assert [(number, one.value) for number, one in tx.targets.searches(4)] == [(5, "seil")]
    database.close()


def test_readers_outlive_the_step_that_lets_them_have_webhooks(database_url: str) -> None:
    """Whoever follows something follows it still, owns no webhook, and can be given one."""
    database = Database(database_url)
    with database.rebuilding() as tx:
        tx.connection.exec_driver_sql("DROP TABLE alembic_version")
        metadata.drop_all(tx.connection)
    upgrade(database, "0007")
    with database.transaction() as tx:
        for statement in _SEARCHES:
            tx.connection.exec_driver_sql(statement)
    database.migrate()
    with database.transaction() as tx:
        reader = tx.subscriptions.by_identity("anna@example.org")
        assert reader is not None
        assert len(tx.subscriptions.of_subscriber(reader.key)) == 3
        tx.connection.exec_driver_sql(
            "INSERT INTO subscribers (id, address, identity, language, created_at, owner_id) VALUES"
            " (2, 'https://a.example/', 'webhook:1:https://a.example/', 'de', 3, 1)"
        )
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE subscribers SET owner_id = 99 WHERE id = 2")
    database.close()


def test_names_are_found_by_their_words_after_the_step_that_indexes_them(database_url: str) -> None:
    """Shares that were in the register before are found by each word of their names."""
    database = Database(database_url)
    with database.rebuilding() as tx:
        tx.connection.exec_driver_sql("DROP TABLE alembic_version")
        metadata.drop_all(tx.connection)
    upgrade(database, "0008")
    with database.transaction() as tx:
        for statement in _NAMES:
            tx.connection.exec_driver_sql(statement)
    database.migrate()
    with database.reading() as tx:
        for typed in ("halden", "seil und", "gondel"):
            assert [one.isin for one in tx.instruments.find(typed)] == ["ZZ00HALDEN16"], typed
        assert tx.instruments.suggest("halden") != []
        assert tx.instruments.suggest("seil") == []
    database.close()


_NAMES = (
    "INSERT INTO instruments (id, isin, name, name_key, kind, source, share_class, is_primary, sources_json) VALUES"
    " (1, 'ZZ00HALDEN16', 'Halden Seil', 'halden seil', 'share', 'test', '', true, '{}')",
    "INSERT INTO names (instrument_id, text, text_key, tier, source) VALUES (1, 'Halden', 'halden', 'strong', 'test'),"
    " (1, 'Seil und Gondel', 'seil und gondel', 'blocked', 'test'), (1, 'Seil und Tau', 'seil und tau', 'blocked', 'test')",
)
_SEARCHES = (
    "INSERT INTO targets (id, kind, value, label) VALUES (1, 'provider', 'Nordlicht', NULL), (2, 'search', 'lift', 'Lift'),"
    " (3, 'search', 'seil', 'Seil'), (4, 'search', 'gondel', 'Gondel')",
    "INSERT INTO subscribers (id, address, identity, language, created_at) VALUES"
    " (1, 'Anna@example.org', 'anna@example.org', 'de', 1)",
    "INSERT INTO subscriptions (id, subscriber_id, target_id, created_at, confirmed_at, ended_at, cadence, updates, care, channel)"
    " VALUES (1, 1, 1, 1, 2, NULL, 'instant', false, false, 'email'), (2, 1, 2, 1, 2, NULL, 'instant', false, false, 'email'),"
    " (3, 1, 3, 1, 2, 3, 'instant', false, false, 'email'), (4, 1, 4, 1, 2, NULL, 'instant', false, false, 'email')",
)
