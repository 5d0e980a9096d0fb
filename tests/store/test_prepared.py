"""Statements handed to the driver itself: the same rows, keys, defaults and errors as by the usual way."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import bindparam, select, update

from depesche.model.errors import StoreError
from depesche.store import schema
from depesche.store.database import Database
from depesche.store.prepared import Prepared, new_rows
from depesche.store.sql import among, to_json

_t = schema.spool
ROW = {
    "wire": "w", "provider": "P", "name": "100 % <sicher>", "sha256": "a" * 64, "raw": b"\x00\xff", "received_at": 1.5, "state": "waiting",
}  # fmt: skip


def test_a_row_has_the_names_of_its_columns_and_what_python_knows_by_default(database: Database) -> None:
    new, by_id = Prepared(_t.insert()), Prepared(select(_t).where(_t.c.id == bindparam("id")))
    with database.transaction() as tx:
        key = new.insert(tx.connection, ROW)
        row = by_id.first(tx.connection, {"id": key})
        usual = tx.connection.execute(select(_t).where(_t.c.id == key)).one()
        assert row is not None
        assert row._asdict() == dict(usual._mapping)
        assert (row.name, bytes(row.raw), row.tries) == ("100 % <sicher>", b"\x00\xff", 0)
        assert by_id.first(tx.connection, {"id": key + 1}) is None
        assert by_id.scalar(tx.connection, {"id": key + 1}) is None


def test_what_is_there_is_left_alone(database: Database) -> None:
    new = new_rows(_t, _t.c.id)
    with database.transaction() as tx:
        assert new.scalar(tx.connection, ROW) is not None
        assert new.scalar(tx.connection, ROW | {"name": "again"}) is None
        assert Prepared(select(_t.c.name)).all(tx.connection) == [("100 % <sicher>",)]


def test_lists_go_in_as_one_parameter_and_come_out_in_parts(database: Database) -> None:
    some = Prepared(select(_t.c.id).where(among(_t.c.id, bindparam("keys"))).order_by(_t.c.id))
    with database.transaction() as tx:
        Prepared(_t.insert()).run_all(tx.connection, [ROW | {"sha256": f"{n:064}"} for n in range(7)])
        Prepared(_t.insert()).run_all(tx.connection, [])
        keys = [int(r.id) for r in Prepared(select(_t.c.id).order_by(_t.c.id)).all(tx.connection)]
        parts = list(some.parts(tx.connection, {"keys": to_json(keys[1:6])}, 2))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert [key for part in parts for (key,) in part] == keys[1:6]


def test_it_tells_how_many_rows_it_changed_and_is_undone_with_its_transaction(database: Database) -> None:
    rename = Prepared(update(_t).where(_t.c.wire == bindparam("on")).values(name=bindparam("to")))
    with database.transaction() as tx:
        Prepared(_t.insert()).insert(tx.connection, ROW)
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        assert rename.run(tx.connection, {"on": "w", "to": "other"}) / 0
    with database.reading() as tx:
        assert rename.run(tx.connection, {"on": "nowhere", "to": "other"}) == 0
        assert Prepared(select(_t.c.name)).scalar(tx.connection) == "100 % <sicher>"


def test_a_driver_that_finds_the_database_away_is_understood(database: Database) -> None:
    with pytest.raises(StoreError, match="does not answer"), database.reading():
        raise _away(database)


def _away(database: Database) -> Exception:
    """Return the error of a database that is locked or gone."""
    driver = database.engine.dialect.dbapi
    assert driver is not None
    error: Exception = driver.OperationalError("gone")
    if isinstance(error, sqlite3.Error):
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def test_a_wrong_statement_is_no_trouble_of_the_database(database: Database) -> None:
    driver = database.engine.dialect.dbapi
    assert driver is not None
    with pytest.raises(driver.Error), database.transaction() as tx:
        Prepared(_t.insert()).insert(tx.connection, ROW | {"wire": None})
