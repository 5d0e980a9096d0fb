"""The command that takes files in: spooled, read and filed, and what became of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from depesche.newsroom import Delivery, Filed, Newsroom
from depesche.ops.commands import output

_BATCH = 50
_BATCH_BYTES = 16_000_000


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
