"""One reader's data: proof of consent, export and erasure."""

from __future__ import annotations

from depesche.lib import mailaddress
from depesche.lib.clock import rfc3339
from depesche.model.bounce import BY_HAND
from depesche.model.subscription import Subscriber
from depesche.newsroom import Newsroom
from depesche.ops import output


def consent(room: Newsroom, address: str, *, as_json: bool) -> int:
    """Print every act of consent and withdrawal of one reader; returns 1 if there is none."""
    reader = find_reader(room, address)
    if reader is None:
        return 1
    with room.database.reading() as tx:
        acts = tx.subscriptions.consents(reader.key)
    if as_json:
        for one in acts:
            output.json_line(one)
        return 0
    for one in acts:
        output.console.rule(f"{one.event} {rfc3339(one.at)}", align="left")
        rows = [("address", one.address), ("share", one.isin), ("network address", one.ip), ("page", one.source),
                ("privacy text", one.privacy_version), ("words", one.form_text)]  # fmt: skip
        output.table(("", ""), [row for row in rows if row[1]])
    return 0


def export(room: Newsroom, address: str) -> int:
    """Print everything stored about one reader; returns 1 if there is nothing."""
    reader = find_reader(room, address)
    if reader is None:
        return 1
    mark = room.suppressed.hash_of(reader.identity)
    with room.database.reading() as tx:
        value = {
            "subscriber": reader,
            "subscriptions": tx.subscriptions.of_subscriber(reader.key),
            "consents": tx.subscriptions.consents(reader.key),
            "letters": tx.ledger.of_subscriber(reader.key),
            "reports": tx.bounces.of_address(mark),
            "suppressions": tx.suppressions.history(mark),
        }
    output.json_line(value)
    return 0


def erase(room: Newsroom, address: str) -> int:
    """Erase one reader; returns 1 if there is nothing to erase."""
    reader = find_reader(room, address)
    if reader is None:
        return 1
    with room.database.transaction() as tx:
        if reader.suppressed:  # since before there was a list: the promise not to write outlives the address
            room.suppressed.add(
                tx, reader.identity, BY_HAND, "suppressed before it was erased", room.clock.now()
            )
        tx.bounces.forget_address(room.suppressed.hash_of(reader.identity))
        tx.subscriptions.erase(reader.key)
    output.console.print("Erased: address, subscriptions, consents, letters and reports on them.")
    return 0


def find_reader(room: Newsroom, address: str) -> Subscriber | None:
    """Return the reader with *address*; complains where there is none."""
    try:
        identity = mailaddress.normalise(address)[1]
    except ValueError as error:
        output.complain(address, error)
        return None
    with room.database.reading() as tx:
        reader = tx.subscriptions.by_identity(identity)
    if reader is None:
        output.complain(address, "nothing is stored about this address")
    return reader
