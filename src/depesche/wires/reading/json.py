"""JSON from strangers: any Unicode encoding, bounded, and getters that survive the wrong type."""

from __future__ import annotations

from typing import Any

import msgspec

from depesche.lib import text
from depesche.model.errors import WireError
from depesche.wires.reading import encoding

MAX_BYTES = 20_000_000


def parse(raw: bytes) -> Any:
    """Return the value in *raw*.

    Raises:
        WireError: it is no JSON, too large or nested too deep.
    """
    if len(raw) > MAX_BYTES:
        raise WireError(f"json: {len(raw)} bytes are more than {MAX_BYTES}")
    wide = encoding.wide(raw)
    try:
        return msgspec.json.decode(raw.decode(wide) if wide else raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(f"json: {text.line(str(error))}") from error
    except RecursionError as error:
        raise WireError("json: nested too deep") from error


def string(item: dict[str, Any], *names: str) -> str | None:
    """Return the first of *names* that holds words or a number, as one line; None when none does."""
    for name in names:
        value = item.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            if found := value.strip() if value.isprintable() and "  " not in value else text.line(value):
                return found
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return None


def lines(item: dict[str, Any], names: frozenset[str]) -> dict[str, str]:
    """Return those of *names* that hold words or a number, each as one line: what `string` says of them, in one pass."""
    found: dict[str, str] = {}
    for name in names.intersection(item):
        value = item[name]
        if isinstance(value, str):
            if told := value.strip() if value.isprintable() and "  " not in value else text.line(value):
                found[name] = told
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = str(value)
    return found


def objects(item: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    """Return the objects in the first of *names* that is a list, or an object of objects; their key becomes `name`."""
    for name in names:
        value = item.get(name)
        if value is None:
            continue
        if isinstance(value, list):
            return [one for one in value if isinstance(one, dict)]
        if isinstance(value, dict):
            named = ((key, one) for key, one in value.items() if isinstance(one, dict))
            return [one if one.get("name") else {**one, "name": key} for key, one in named]
    return []
