"""The desk's commands: parse, ingest, link."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import msgspec

from depesche.instruments import linker, linkfile, register
from depesche.model.errors import WireError
from depesche.model.take import Take
from depesche.newsroom import Delivery, Filed, Newsroom
from depesche.ops import output
from depesche.wires import parse as parsing

_BATCH = 50
_BATCH_BYTES = 16_000_000


def parse(
    room: Newsroom, files: Sequence[Path], format_name: str | None, provider: str, *, as_json: bool
) -> int:
    """Print the takes in *files*; returns 1 if something could not be read."""
    failed = False
    for path in files:
        try:
            for one in room.read(path.read_bytes(), format_name, provider):
                if isinstance(one, WireError):
                    failed = True
                    output.complain(path, one)
                elif as_json:
                    output.json_line(parsing.as_json(one))
                else:
                    _print_take(path, one)
        except OSError as error:
            failed = True
            output.complain(path, error.strerror)
    return int(failed)


def _print_take(path: Path, take: Take) -> None:
    shown = [
        (name, _brief(value)) for name, value in parsing.as_json(take).items() if value not in (None, [], "")
    ]
    output.console.rule(output.printable(str(path)), align="left")
    output.table(("field", "value"), shown)


def _brief(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 600 else f"{text[:600]} … ({len(text)} characters)"


def ingest(
    room: Newsroom, files: Sequence[Path], wire: str, format_name: str | None, provider: str, *, as_json: bool
) -> int:
    """Spool and file *files*, folders in the order of their names; returns 1 if something was refused."""
    room.fill_register()
    failed, total = False, 0
    counts: dict[str, int] = {}
    with output.progress(hide=as_json) as progress:
        bar = progress.add_task("ingest", total=0)

        def more(n: int) -> None:
            progress.update(bar, total=(progress.tasks[0].total or 0) + n)

        for batch in _batches(_walk(files, more)):
            total += len(batch)
            read = {path: raw for path in batch if (raw := _read(path)) is not None}
            failed |= len(read) < len(batch)
            deliveries = [Delivery(raw, str(path), str(path.resolve().parent)) for path, raw in read.items()]
            kept = room.spool_all(deliveries, wire=wire, format_name=format_name, provider=provider)
            paths: dict[int, Path] = {}
            for (key, _), path in zip(kept, read, strict=True):
                paths.setdefault(key, path)
            with room.database.reading() as tx:
                items = [item for item in tx.spool.some(list(paths)) if item.state == "waiting"]
            for done in room.file_items(items):
                failed |= _print_filed(done, paths[done.spool], counts, as_json=as_json)
            waited = {item.id for item in items}
            for (key, is_new), path in zip(kept, read, strict=True):
                if not is_new and (paths[key] != path or key not in waited):
                    _again(room, key, path, counts, as_json=as_json)
            progress.advance(bar, len(batch))
    if not as_json:
        said = ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "nothing"
        output.console.print(f"{total} files: {said}")
    return int(failed)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        output.complain(path, error.strerror)
        return None


def _batches(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Part *paths* so that a batch is neither many files nor, if they are large, much memory."""
    batch: list[Path] = []
    size = 0
    for path in paths:
        batch.append(path)
        size += path.stat().st_size if path.is_file() else 0
        if len(batch) >= _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _again(room: Newsroom, key: int, path: Path, counts: dict[str, int], *, as_json: bool) -> None:
    """Say of bytes that were here before what became of them then."""
    with room.database.reading() as tx:
        item = tx.spool.get(key)
    if item is None or item.state == "waiting":
        return
    counts["ignored"] = counts.get("ignored", 0) + 1
    value = {
        "file": str(path),
        "story": None,
        "version": None,
        "action": "ignored",
        "headline": None,
        "reason": "these bytes are here already",
    }
    if item.reason:
        value["reason"] = f"these bytes are here already, {item.state}: {item.reason}"
    output.record(as_json, value, f"{'ignored':<10} {path}: {value['reason']}")


def _print_filed(done: Filed, path: Path, counts: dict[str, int], *, as_json: bool) -> bool:
    for one in done.filings:
        counts[one.action] = counts.get(one.action, 0) + 1
        value = {
            "file": str(path), "story": one.story, "version": one.version, "action": one.action, "state": one.state or None,
            "headline": one.headline, "reason": one.reason,
        }  # fmt: skip
        place = f"{one.story or '-':>8} v{one.version}" if one.version else f"{one.story or '-':>8}   "
        output.record(
            as_json,
            value,
            f"{one.action:<10} {place}  {one.headline}{f'  ({one.reason})' if one.reason else ''}",
        )
    for reason in done.refusals:
        counts["refused"] = counts.get("refused", 0) + 1
        output.complain(path, reason)
    return bool(done.refusals)


def _walk(files: Iterable[Path], found: Callable[[int], object]) -> Iterator[Path]:
    """Yield *files*, and what lies in folders folder by folder; *found* is told of each number of files that come next.

    Only the names of one folder are held at a time, however many files there are in all.
    """
    for path in files:
        if not path.is_dir():
            found(1)
            yield path
            continue
        names: list[str] = []
        folders: set[str] = set()  # links to folders are not followed: they may lead in a circle
        with os.scandir(path) as entries:
            for one in entries:
                is_folder = one.is_dir(follow_symlinks=False)
                if not one.name.startswith(".") and (is_folder or one.is_file()):
                    names.append(one.name)
                    folders.update((one.name,) if is_folder else ())
        found(len(names) - len(folders))
        for name in sorted(names):
            if name in folders:
                yield from _walk([path / name], found)
            else:
                yield path / name


def link(_room: Newsroom, csv: Path, file: Path | None, *, as_json: bool) -> int:
    """Print the mentions in stories, one JSON object a line; returns 1 if a line could not be read."""
    made = linker.Linker(register.read_register(csv))
    failed = False
    with ExitStack() as stack:
        lines: IO[bytes] = (
            sys.stdin.buffer if file in {None, Path("-")} else stack.enter_context(Path(str(file)).open("rb"))
        )
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                key, take = linkfile.read_story(msgspec.json.decode(line, type=dict))
            except (msgspec.MsgspecError, WireError) as error:
                failed = True
                output.complain(f"{file or 'standard input'}: line {number}", error)
                continue
            value = linkfile.as_json(key, made.link(take))
            if as_json:
                output.json_line(value)
            else:
                _print_mentions(value)
    return int(failed)


def _print_mentions(value: dict[str, Any]) -> None:
    rows = [
        (m["isin"], m["name"], f"{m['identity']:.2f}", f"{m['relevance']:.2f}", "yes" if m["published"] else "queue",
         "; ".join(f"{e['kind']} {e['text']!r}" for e in m["evidence"]))
        for m in value["mentions"]
    ]  # fmt: skip
    output.console.print(f"{output.printable(str(value['id']))}: {len(rows)} mentions")
    if rows:
        output.table(
            ("isin", "name", "identity", "relevance", "published", "evidence"),
            rows,
            right=("identity", "relevance"),
        )
