"""One reader's data: proof of consent, export and erasure."""

from __future__ import annotations

import sys

from depesche.alerts.following import dossier
from depesche.lib.mailing import mailaddress
from depesche.model.subscription import WEBHOOK, WEBPUSH, Subscriber
from depesche.newsroom import Newsroom
from depesche.ops.commands import output, proof


def consent(room: Newsroom, address: str, *, as_json: bool, as_html: bool) -> int:
    """Print every act of consent and withdrawal of one reader, as proof; returns 1 if there is none."""
    reader = find_reader(room, address)
    if reader is None:
        return 1
    with room.database.reading() as tx:
        acts = tx.subscriptions.consents(reader.key)
    made = proof.of(room, reader, acts)
    if as_html:
        sys.stdout.write(proof.as_html(made))
    elif as_json:
        for one in made.acts:
            output.json_line(one)
    else:
        output.table(("", ""), made.heading)
        for one in made.acts:
            output.console.rule(f"{one.event} {one.utc}", align="left")
            output.table(("", ""), one.rows())
    return 0


def export(room: Newsroom, address: str) -> int:
    """Print everything stored about one reader; returns 1 if there is nothing."""
    reader = find_reader(room, address)
    if reader is None:
        return 1
    with room.database.reading() as tx:
        output.json_line(dossier.dossier(tx, reader, room.suppressed))
    return 0


def erase(room: Newsroom, address: str) -> int:
    """Erase one reader; returns 1 if there is nothing to erase."""
    reader = find_reader(room, address)
    if reader is None:
        return 1
    with room.database.transaction() as tx:
        dossier.erase(tx, reader, room.suppressed, room.clock.now())
    output.console.print("Erased: address, subscriptions, consents, letters and reports on them.")
    return 0


def find_reader(room: Newsroom, address: str) -> Subscriber | None:
    """Return the reader with *address*, of mail, a webhook or a browser's endpoint; complains where there is none."""
    if "://" in address:
        identities = [f"{channel}:{address}" for channel in (WEBHOOK, WEBPUSH)]
    else:
        try:
            identities = [mailaddress.normalise(address)[1]]
        except ValueError as error:
            output.complain(address, error)
            return None
    with room.database.reading() as tx:
        found = (tx.subscriptions.by_identity(one) for one in identities)
        reader = next((one for one in found if one is not None), None)
    if reader is None:
        output.complain(address, "nothing is stored about this address")
    return reader
