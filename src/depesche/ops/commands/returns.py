"""Commands about what comes back: the suppression list, reports on letters, and letters in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from depesche.alerts.returns.reconcile import reconcile as settle_by_log
from depesche.lib.clock import rfc3339
from depesche.lib.mailback import postfixlog
from depesche.lib.mailback.reports import LARGEST
from depesche.lib.mailing import mailaddress
from depesche.model.bounce import BY_HAND, MEANINGS, Suppression
from depesche.newsroom import Newsroom
from depesche.ops.commands import output

_PAGE = 1000


def list_suppressed(room: Newsroom, *, as_json: bool) -> int:
    """Print every address that is not mailed: by its hash, and by name where it is a reader's."""
    rows: list[Suppression] = []
    with room.database.reading() as tx:
        named = {room.suppressed.hash_of(one): one for one in tx.returns.suppressed_identities()}
        while page := tx.suppressions.standing(rows[-1].key if rows else 0, _PAGE):
            rows += page
    if as_json:
        for one in rows:
            output.json_line({**_shown(one), "address": named.get(one.address_hash)})
        return 0
    shown = [
        (rfc3339(one.at), one.reason, named.get(one.address_hash, one.address_hash), one.detail)
        for one in rows
    ]
    output.table(("since", "reason", "address", "detail"), shown)
    return 0


def add(room: Newsroom, address: str, reason: str) -> int:
    """Put an address on the list; returns 1 if it is none."""
    identity = _identity(address)
    if identity is None:
        return 1
    with room.database.transaction() as tx:
        is_new = room.suppressed.add(tx, identity, BY_HAND, reason, room.clock.now())
    output.console.print("Suppressed." if is_new else "It is on the list already.")
    return 0


def lift(room: Newsroom, address: str, reason: str) -> int:
    """Take an address off the list; returns 1 if it is not on it."""
    identity = _identity(address)
    if identity is None:
        return 1
    with room.database.transaction() as tx:
        was_on = room.suppressed.lift(tx, identity, reason, room.clock.now())
    if not was_on:
        output.complain(address, "is not on the list")
        return 1
    output.console.print(
        "Lifted. What the reader followed is mailed again; what a complaint ended must be asked for anew."
    )
    return 0


def show(room: Newsroom, address: str, *, as_json: bool) -> int:
    """Print what the list and the reports say of an address; returns 1 if they say nothing."""
    identity = _identity(address)
    if identity is None:
        return 1
    mark = room.suppressed.hash_of(identity)
    with room.database.reading() as tx:
        history, reports = tx.suppressions.history(mark), tx.bounces.of_address(mark)
    if not history and not reports:
        output.complain(address, "nothing came back from it, and it is not on the list")
        return 1
    lines = [(one.at, one.event, one.reason, one.detail) for one in history]
    lines += [(one.at, "report", one.meaning, one.said) for one in reports]
    for at, event, what, said in sorted(lines):
        record = {"at": at, "event": event, "what": what, "said": said}
        output.record(as_json, record, f"{rfc3339(at)}  {event}  {what}  {said}")
    return 0


def list_reports(room: Newsroom, meaning: str | None, *, as_json: bool) -> int:
    """Print the newest reports; returns 1 if there is no such meaning."""
    if meaning is not None and meaning not in MEANINGS:
        output.complain(meaning, f"is none of {', '.join(MEANINGS)}")
        return 1
    with room.database.reading() as tx:
        found = tx.bounces.newest([meaning] if meaning else [], _PAGE)
    if as_json:
        for one in found:
            output.json_line({"key": one.key, "at": one.at, "source": one.source, "meaning": one.meaning, "status": one.status, "remote": one.remote,
                              "letter": one.letter, "said": one.said})  # fmt: skip
        return 0
    columns = ("report", "at", "by", "meaning", "status", "said")
    rows = [(one.key, rfc3339(one.at), one.source, one.meaning, one.status, one.said) for one in found]
    output.table(columns, rows, right=("report",))
    return 0


def show_report(room: Newsroom, key: int) -> int:
    """Print what was kept of a report; returns 1 if nothing was."""
    with room.database.reading() as tx:
        found = tx.bounces.get(key)
    if found is None or found.raw is None:
        output.complain(f"report {key}", "nothing was kept of it" if found else "there is no such report")
        return 1
    for line in found.raw.decode("utf-8", "replace").splitlines():
        output.record(False, {}, line)
    return 0


def read(room: Newsroom, files: Sequence[Path], *, as_json: bool) -> int:
    """Take in reports from files, as by a door; returns 1 if one cannot be opened."""
    failed = False
    for file in files:
        try:
            with file.open("rb") as opened:
                raw = opened.read(LARGEST)
        except OSError as error:
            output.complain(file, error.strerror)
            failed = True
            continue
        taken = room.bounce_desk.take(raw, "file")
        record = {"file": str(file), "meaning": taken.meaning, "new": taken.new, "suppressed": taken.suppressed, "ended": taken.ended, "why": taken.why}  # fmt: skip
        notes = [
            taken.meaning,
            "" if taken.new else "known already",
            "suppressed" if taken.suppressed else "",
            taken.why,
        ]
        output.record(as_json, record, f"{file}: {', '.join(note for note in notes if note)}")
    return int(failed)


def reconcile(room: Newsroom, log: Path, *, rotated: bool, dry: bool, as_json: bool) -> int:
    """Settle letters in doubt by a Postfix log; returns 1 if it cannot be read, or some stay in doubt."""
    try:
        files = postfixlog.oldest_first(log) if rotated else [log]
        size = sum(one.stat().st_size for one in files)
        with output.progress(hide=as_json) as bar:
            task = bar.add_task(log.name, total=size)
            lines = postfixlog.lines_of(files, lambda n: bar.advance(task, n))
            done = settle_by_log(room.database, room.bounce_desk, lines, room.clock.now(), dry=dry)
    except OSError as error:
        output.complain(log, error)
        return 1
    counts = Counter(uncertain=done.uncertain, sent=done.sent, bounced=done.bounced, absent=done.absent)
    said = f"{done.uncertain} letters in doubt: {done.sent} sent, {done.bounced} came back, {done.absent} not in the log"
    output.record(as_json, counts, said + (" (nothing was changed)" if dry else ""))
    return int(done.absent > 0)


def _shown(one: Suppression) -> dict[str, object]:
    return {"hash": one.address_hash, "since": one.at, "reason": one.reason, "detail": one.detail}


def _identity(address: str) -> str | None:
    try:
        return mailaddress.normalise(address)[1]
    except ValueError as error:
        output.complain(address, error)
        return None
