"""The JSON of `depesche parse` keeps the promise of its schema."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from depesche.model.errors import WireError
from depesche.model.take import Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/parse.schema.json").read_text())
SAMPLES = sorted(
    path for path in (ROOT / "tests/samples").rglob("*.*") if not path.name.endswith(".takes.json")
)
FORMATS = wire_format.load()

_TYPES = {"string": str, "integer": int, "object": dict, "array": list, "boolean": bool, "null": type(None)}


def faults(value: Any, schema: dict[str, Any], at: str = "take") -> list[str]:
    """Return what of *value* breaks *schema*; knows the words that our schema uses, and no others."""
    known = {
        "type",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "minLength",
        "items",
        "properties",
        "required",
        "additionalProperties",
    }
    assert set(schema) <= known | {"description", "title", "$schema"}
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not allowed")
    allowed = schema.get("type", [])
    allowed = [allowed] if isinstance(allowed, str) else allowed
    if allowed and not any(type(value) is _TYPES[name] for name in allowed):
        return [*found, f"{at}: {value!r} is no {allowed}"]
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: {value!r} has the wrong shape")
        if len(value) < schema.get("minLength", 0):
            found.append(f"{at}: empty")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{at}: {value} is out of bounds")
    if isinstance(value, list):
        found += [fault for one in value for fault in faults(one, schema["items"], f"{at}[]")]
    if isinstance(value, dict):
        found += [f"{at}.{name}: missing" for name in schema["required"] if name not in value]
        found += [f"{at}.{name}: unexpected" for name in value if name not in schema["properties"]]
        found += [
            fault
            for name, one in value.items()
            for fault in faults(one, schema["properties"].get(name, {}), f"{at}.{name}")
        ]
    return found


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_printed_obeys_the_schema(path: Path) -> None:
    takes = [one for one in parse.takes(path.read_bytes(), FORMATS) if isinstance(one, Take)]
    assert takes
    for take in takes:
        for one in (take, copydesk.edit(take)):
            printed = json.loads(json.dumps(parse.as_json(one)))
            assert faults(printed, SCHEMA) == []


def test_the_schema_sees_faults() -> None:
    good = parse.as_json(Take("f", "p", "g", "h", "h"))
    assert faults(good, SCHEMA) == []
    for name, bad in {
        "urgency": 12,
        "status": "later",
        "headline": "",
        "version_created": "gestern",
        "notes": [{}],
        "guid": None,
    }.items():
        assert faults({**good, name: bad}, SCHEMA)
    assert faults({**good, "more": 1}, SCHEMA)
    assert faults({name: value for name, value in good.items() if name != "links"}, SCHEMA)


def test_every_field_of_a_take_is_printed_in_the_documented_order() -> None:
    assert set(parse.FIELDS) == {field.name for field in fields(Take)}
    assert list(SCHEMA["properties"]) == list(parse.FIELDS) == SCHEMA["required"]


def test_an_unreadable_item_is_an_error_and_no_crash() -> None:
    found = list(parse.takes(b"\x00\x01", FORMATS))
    assert len(found) == 1
    assert isinstance(found[0], WireError)
    assert "recognised by none" in str(found[0])
