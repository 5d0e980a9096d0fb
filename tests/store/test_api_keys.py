"""Keys are found by their hash while they are in force."""

from __future__ import annotations

import pytest

from depesche.model.errors import StoreError
from depesche.store.database import Database
from fakes import NOON


def test_a_key_is_found_by_its_hash_until_it_is_revoked(database: Database) -> None:
    with database.transaction() as tx:
        key = tx.api_keys.add("Kontor", "a" * 64, 600, NOON)
    with database.reading() as tx:
        found = tx.api_keys.by_hash("a" * 64)
        assert found is not None
        assert (found.id, found.name, found.per_minute, found.made_at) == (key, "Kontor", 600, NOON)
        assert tx.api_keys.by_hash("b" * 64) is None
    with database.transaction() as tx:
        assert tx.api_keys.revoke("Kontor", NOON)
        assert not tx.api_keys.revoke("Kontor", NOON)
        assert not tx.api_keys.revoke("Nobody", NOON)
        assert tx.api_keys.by_hash("a" * 64) is None
        assert [(one.name, one.revoked_at) for one in tx.api_keys.all()] == [("Kontor", NOON)]


def test_a_name_is_used_once(database: Database) -> None:
    with database.transaction() as tx:
        tx.api_keys.add("Kontor", "a" * 64, 600, NOON)
        tx.api_keys.revoke("Kontor", NOON)
    with pytest.raises(StoreError, match="used once"), database.transaction() as tx:
        tx.api_keys.add("Kontor", "b" * 64, 600, NOON)
