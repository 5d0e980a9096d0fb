"""JSON lists are parted without changing a byte of an item."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depesche.model.errors import WireError
from depesche.wires.doors.listing import field, pieces

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=5), st.integers(0, 3))
def test_every_item_comes_out_as_it_was_written(items: list[dict[str, object]], indent: int) -> None:
    written = json.dumps({"data": {"items": items}}, ensure_ascii=False, indent=indent).encode()
    found = pieces(written, "data.items")
    assert [json.loads(one) for one in found] == items
    assert all(one in written for one in found)


def test_without_a_path_the_answer_is_the_item() -> None:
    assert pieces(b'[{"a": 1}]', None) == [b'[{"a": 1}]']
    assert pieces(b"<rss/>", None) == [b"<rss/>"]
    assert pieces(b" \n", None) == pieces(b"", ".") == []
    assert pieces(b'[{"a": 1}, null, {"b": 2}]', ".") == [b'{"a": 1}', b'{"b": 2}']
    assert pieces(b'{"entries": null}', "entries") == []


@pytest.mark.parametrize(
    "raw", [b"<html>", b'{"entries": {}}', b'{"other": []}', b"[" * 100_000, b'{"entries": [}', b"\xff\xfe"]
)
def test_what_holds_no_list_is_refused_with_the_reason(raw: bytes) -> None:
    with pytest.raises(WireError, match="entries"):
        pieces(raw, "entries")


def test_a_flood_of_items_is_refused() -> None:
    with pytest.raises(WireError, match="10000 are allowed"):
        pieces(b"[" + b"1," * 10_001 + b"1]", ".")


def test_a_field_is_read_from_objects_only() -> None:
    assert field(b'{"r": "x", "n": 7, "o": {}}', "r") == "x"
    assert field(b'{"r": "x", "n": 7, "o": {}}', "n") == "7"
    assert field(b'{"r": "x", "n": 7, "o": {}}', "o") is None
    assert field(b"[1]", "r") is None
    assert field(b"<x/>", "r") is None
