"""The register's commands: import, find, show, alias, quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from depesche.instruments import decisions, importer, register
from depesche.instruments.importer import Row
from depesche.model.errors import NotFound, Refused, WireError
from depesche.model.register import KEPT, RENAMED_STATE, TAKEN, Conflict, Dossier, Quarantined
from depesche.newsroom import Newsroom
from depesche.ops.commands import output

_COMPLAINTS = 200  # refused rows that are named one by one
_CHUNK = 1 << 20


def import_instruments(
    room: Newsroom, source: str, file: Path | None, *, is_complete: bool = False, as_json: bool = False
) -> int:
    """Add what importer *source* reads; prints what disagrees, why rows were refused, and a summary.

    Returns 1 if anything was refused.
    """
    known = importer.importers()
    if source not in known:
        output.complain(source, f"is not one of {', '.join(known)}")
        return 1
    room.fill_register()
    with room.database.reading() as tx:
        reference = list(tx.instruments.all())
    with _progress(hide=as_json) as progress:
        rows = _counted(known[source].read(file), _lines(file), progress)
        merged = register.merge(rows, reference, binding=True)
    with room.database.transaction() as tx:
        taken = decisions.take_in(tx, merged, room.clock.now(), is_complete=is_complete)
    room.bell.ring()
    for refused in merged.refused[:_COMPLAINTS]:
        output.complain(file or source, refused)
    if len(merged.refused) > _COMPLAINTS:
        output.complain(file or source, f"{len(merged.refused) - _COMPLAINTS} more rows were refused")
    for one in merged.conflicts:
        output.complain(file or source, f"quarantined: {_both(one)}")
    summary = {
        "read": taken.read, "new": taken.new, "refused": len(merged.refused), "in_conflict": len(merged.conflicts),
        "newly_quarantined": taken.quarantined, "unmatched": merged.unmatched, "delisted": taken.delisted,
    }  # fmt: skip
    if as_json:
        output.json_line({"source": source, **summary})
    else:
        output.table(
            ("instruments", "n"), [(name.replace("_", " "), n) for name, n in summary.items()], right=("n",)
        )
        for kind, n in Counter(one.kind for one in merged.conflicts).most_common():
            output.console.print(f"{n} in quarantine over {kind}: depesche instruments quarantine")
    return int(bool(merged.refused))


def _both(one: Conflict) -> str:
    if not one.kept_source:
        return f"{one.kept}: {one.reason}: {one.other}"
    return f"{one.isin}: {one.kept} ({one.kept_source}) kept, {one.other} ({one.other_source}) set aside: {one.reason}"


def _lines(file: Path | None) -> int | None:
    """Return the number of lines of *file*, for a progress bar."""
    if file is None or not file.is_file():
        return None
    with file.open("rb") as opened:
        return sum(piece.count(b"\n") for piece in iter(lambda: opened.read(_CHUNK), b""))


def _progress(*, hide: bool) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(
        *columns, console=output.errors, transient=True, disable=hide or not output.errors.is_terminal
    )


def _counted(rows: Iterable[Row], total: int | None, progress: Progress) -> Iterator[Row]:
    bar = progress.add_task("import", total=total)
    for number, row in enumerate(rows, 1):
        if number % 1000 == 0:
            progress.update(bar, completed=number)
        yield row


def find_instruments(room: Newsroom, text: str, *, as_json: bool) -> int:
    """Print the instruments that *text* finds; returns 1 if there is none."""
    room.fill_register()
    with room.database.reading() as tx:
        found = tx.instruments.find(text)
    if as_json:
        for one in found:
            output.json_line(one)
    elif found:
        rows = [
            (one.isin, one.wkn, one.name, " ".join(f"{x.mic}:{x.ticker}" for x in one.listings))
            for one in found
        ]
        output.table(("isin", "wkn", "name", "listings"), rows)
    else:
        output.complain(text, "no instrument has this name, ISIN, WKN or ticker")
    return int(not found)


def show(room: Newsroom, code: str, *, as_json: bool) -> int:
    """Print everything the register knows of an instrument, with who asserted it; returns 1 if there is none."""
    room.fill_register()
    with room.database.reading() as tx:
        found = tx.instruments.by_code(code)
        dossier = tx.register.dossier(found.isin) if found else None
    if dossier is None:
        output.complain(code, "no instrument has this ISIN, WKN or ticker, or several have it")
        return 1
    if as_json:
        output.json_line(dossier)
    else:
        _print(dossier, ZoneInfo(room.settings.zone))
    return 0


def _print(dossier: Dossier, zone: ZoneInfo) -> None:
    one = dossier.instrument
    output.console.print(f"{one.isin}  {output.printable(one.name)}")
    fields = [
        (name, value, dossier.sources.get(name, one.source))
        for name in ("name", "wkn", "kind", "share_class", "country", "lei")
        if (value := getattr(one, name))
    ]
    if dossier.issuer:
        fields.append(("issuer", dossier.issuer.name, dossier.sources.get("issuer", one.source)))
    output.table(("field", "value", "source"), fields)
    if dossier.issuer and len(dossier.issuer.instruments) > 1:
        family = [
            (x.isin, x.name, x.share_class, "primary" if x.is_primary else "")
            for x in dossier.issuer.instruments
        ]
        output.table(("isin", "instruments of the issuer", "class", ""), family)
    output.table(
        ("market", "ticker", "currency", "source"),
        [(x.mic, x.ticker, x.currency, x.source) for x in one.listings],
    )
    output.table(("name that links", "tier", "source"), [(x.text, x.tier, x.source) for x in one.names])
    if dossier.former:
        output.table(
            ("former name or listing", "until"),
            [(text, f"{until.astimezone(zone):%d.%m.%Y}") for text, until in dossier.former],
        )
    if dossier.events:
        rows = [
            (f"{x.at.astimezone(zone):%d.%m.%Y %H:%M}", x.kind, x.field, x.before, x.after, x.source)
            for x in dossier.events
        ]
        output.table(("time", "event", "field", "before", "after", "source"), rows)
    if dossier.quarantined:
        _print_quarantined(dossier.quarantined)


def alias(room: Newsroom, isin: str, text: str, tier: str | None) -> int:
    """Admit or block a name of an instrument; the archive is linked anew by the worker. Returns 1 if that is refused."""
    room.fill_register()
    try:
        with room.database.transaction() as tx:
            name = decisions.alias(tx, isin, text, tier, room.clock.now())
    except (Refused, NotFound) as error:
        output.complain(isin, error)
        return 1
    room.bell.ring()
    output.console.print(f"{isin.upper()}: {output.printable(name.text)} is {name.tier} now")
    return 0


def quarantine(
    room: Newsroom, *, keep: int | None, take: int | None, renamed: int | None, every: bool, as_json: bool
) -> int:
    """List what sources disagree on, or settle one of it; returns 1 if that is refused."""
    room.fill_register()
    wanted = [
        (key, how) for key, how in ((keep, KEPT), (take, TAKEN), (renamed, RENAMED_STATE)) if key is not None
    ]
    for key, how in wanted:
        try:
            with room.database.transaction() as tx:
                done = decisions.settle(tx, key, how, room.clock.now())
        except (Refused, NotFound, WireError) as error:
            output.complain(f"quarantine {key}", error)
            return 1
        room.bell.ring()
        output.console.print(f"{key}: {how}: {output.printable(_both(done.conflict))}")
    if wanted:
        return 0
    with room.database.reading() as tx:
        found = tx.register.quarantined(every=every)
    if as_json:
        for one in found:
            output.json_line(one)
    elif found:
        _print_quarantined(found)
    else:
        output.console.print("Nothing is in quarantine.")
    return 0


def _print_quarantined(found: Iterable[Quarantined]) -> None:
    rows = [
        (x.key, x.conflict.isin, f"{x.conflict.kept} ({x.conflict.kept_source})" if x.conflict.kept_source else x.conflict.kept,
         f"{x.conflict.other} ({x.conflict.other_source})" if x.conflict.other_source else x.conflict.other, x.conflict.reason, x.state)
        for x in found
    ]  # fmt: skip
    output.table(("n", "isin", "kept", "set aside", "reason", "state"), rows, right=("n",))
