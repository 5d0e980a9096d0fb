"""Part a JSON answer into its items, each with exactly the bytes that the sender wrote."""

from __future__ import annotations

import msgspec

from depesche.model.errors import WireError

ALL = "."  # the answer itself is the list
_MOST = 10_000


def pieces(raw: bytes, path: str | None) -> list[bytes]:
    """Return the items of *raw*: those listed at *path*, keys joined by dots; without a path *raw* is the one item.

    Raises:
        WireError: there is no list at *path*.
    """
    if path is None:
        return [raw] if raw.strip() else []
    if not raw.strip():
        return []
    found = msgspec.Raw(raw)
    keys = [] if path == ALL else path.split(".")
    try:
        for key in keys:
            fields = msgspec.json.decode(found, type=dict[str, msgspec.Raw])
            if key not in fields:
                raise WireError(f"the answer has no {key!r} where {path!r} should be")
            found = fields[key]
        items = msgspec.json.decode(found, type=list[msgspec.Raw] | None) or []
    except (msgspec.MsgspecError, RecursionError) as error:
        raise WireError(f"the answer holds no list at {path!r}: {error}") from error
    if len(items) > _MOST:
        raise WireError(f"the answer lists {len(items)} items; {_MOST} are allowed")
    return [bytes(one) for one in items if bytes(one).strip() != b"null"]


def field(raw: bytes, name: str) -> str | None:
    """Return the text or number called *name* of a JSON object, None where there is none."""
    try:
        value = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get(name)
        return None if value is None else str(msgspec.json.decode(value, type=str | int))
    except (msgspec.MsgspecError, RecursionError):
        return None
