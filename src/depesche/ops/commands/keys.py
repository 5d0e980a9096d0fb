"""Keys of partners who use the API: made here, shown once, and kept only as a hash."""

from __future__ import annotations

import secrets

from depesche.lib.clock import rfc3339
from depesche.model.errors import StoreError
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.portal.api.gate import PREFIX, digest

_BYTES = 32
_LONGEST = 100


def add(room: Newsroom, name: str, per_minute: int, *, as_json: bool) -> int:
    """Make a key for *name* and print it, this once; returns 1 if the name was used before."""
    called = " ".join(name.split())
    if not 0 < len(called) <= _LONGEST or not called.isprintable():
        output.complain("keys add", f"a name has 1 to {_LONGEST} characters that can be read")
        return 1
    key = PREFIX + secrets.token_urlsafe(_BYTES)
    try:
        with room.database.transaction() as tx:
            tx.api_keys.add(called, digest(key), per_minute, room.clock.now())
    except StoreError as error:
        output.complain("keys add", error)
        return 1
    output.record(as_json, {"name": called, "per_minute": per_minute, "key": key}, key)
    if not as_json:
        output.errors.print(
            "This is the key; it is shown this once. It goes into the header Authorization: Bearer."
        )
    return 0


def list_keys(room: Newsroom, *, as_json: bool) -> int:
    """Print every key that there is or was, without the keys themselves."""
    with room.database.reading() as tx:
        found = tx.api_keys.all()
    if as_json:
        for one in found:
            revoked = None if one.revoked_at is None else rfc3339(one.revoked_at)
            output.json_line(
                {
                    "name": one.name, "per_minute": one.per_minute, "made_at": rfc3339(one.made_at), "revoked_at": revoked,
                }
            )  # fmt: skip
        return 0
    if not found:
        output.console.print("There are no keys.")
        return 0
    rows = [
        (one.name, one.per_minute, rfc3339(one.made_at)[:19], one.revoked_at and rfc3339(one.revoked_at)[:19])
        for one in found
    ]
    output.table(("name", "per minute", "made", "revoked"), rows, right=("per minute",))
    return 0


def revoke(room: Newsroom, name: str) -> int:
    """End a key at once; returns 1 if there is none of that name in force."""
    with room.database.transaction() as tx:
        done = tx.api_keys.revoke(" ".join(name.split()), room.clock.now())
    if not done:
        output.complain("keys revoke", f"there is no key called {name} in force")
    return int(not done)
