"""Shares are found by any word of the names they have now, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import BLOCKED, Instrument, Listing, Name
from depesche.store.database import Database
from fakes import NOON


def share(number: int, name: str, *others: str, tier: str = "strong") -> Instrument:
    names = tuple(Name(one, tier, "test") for one in (name, *others))
    return Instrument(
        isin_with_check_digit(f"ZZ{number:09d}"), name, names=names, source="test",
        listings=(Listing("XETR", f"TK{number}"),),
    )  # fmt: skip


HALDEN = share(1, "Haldener Seilbahn AG", "Haldener Bergseil")
GRUND = share(2, "Grund & Seil 100% SE")
SEILEREI = share(3, "Seilerei am Grund")
MARKT = share(4, "Seilmarkt", tier=BLOCKED)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    with opened.transaction() as tx:
        tx.instruments.put([HALDEN, GRUND, SEILEREI, MARKT])
    yield opened
    opened.close()


def found(database: Database, text: str) -> list[str]:
    with database.reading() as tx:
        return [one.name for one in tx.instruments.find(text)]


def suggested(database: Database, text: str) -> list[str]:
    with database.reading() as tx:
        return [one.name for one in tx.instruments.suggest(text)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("haldener", [HALDEN.name]),
        ("SEILBAHN ag", [HALDEN.name]),
        ("seil", [MARKT.name, SEILEREI.name, GRUND.name, HALDEN.name]),
        ("seil 100%", [GRUND.name]),
        ("bergseil", [HALDEN.name]),
        ("tk3", [SEILEREI.name]),
        ("eilbahn", []),
        ("100%%", []),
        ("", []),
        ("  ", []),
    ],
)
def test_a_share_is_found_by_the_beginning_of_any_word(
    database: Database, typed: str, names: list[str]
) -> None:
    assert found(database, typed) == names


def test_while_typing_names_that_never_link_are_not_suggested(database: Database) -> None:
    assert suggested(database, "seil") == [SEILEREI.name, GRUND.name, HALDEN.name]
    assert suggested(database, "bergs") == [HALDEN.name]
    assert suggested(database, "TK4") == [MARKT.name]


def test_names_are_found_as_the_register_changes(database: Database) -> None:
    with database.transaction() as tx:
        key = tx.instruments.keys([HALDEN.isin])[HALDEN.isin]
        tx.register.name(key, "Gondel Halden", "strong", "editor", NOON)
        tx.instruments.put([share(3, "Seilerei am Grund", "Taumacher")])
    assert found(database, "halden") == [HALDEN.name]
    assert found(database, "gondel") == [HALDEN.name]
    assert suggested(database, "tau") == [SEILEREI.name]
    with database.transaction() as tx:
        tx.register.name(key, "Gondel Halden", BLOCKED, "editor", NOON)
    assert (found(database, "gondel"), suggested(database, "gondel")) == ([HALDEN.name], [])
    with database.transaction() as tx:
        tx.register.rename(key, share(1, "Talfahrt AG"), NOON, was_right=True, source="editor")
    assert found(database, "talfahrt") == found(database, "seilbahn") == ["Talfahrt AG"]
    with database.transaction() as tx:
        tx.register.rename(key, share(1, "Bergfahrt AG"), NOON, was_right=False, source="editor")
    assert found(database, "bergfahrt") == ["Bergfahrt AG"]
    assert (found(database, "talfahrt"), found(database, "seilbahn")) == ([], [])


def test_a_word_of_very_many_names_is_answered_with_the_first(database: Database) -> None:
    with database.transaction() as tx:
        tx.instruments.put([share(100 + n, f"Firma {n:04d} Holding") for n in range(600)])
    names = found(database, "holding")
    assert len(names) == 10
    assert suggested(database, "firma 0599") == ["Firma 0599 Holding"]
