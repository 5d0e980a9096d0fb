"""Commands that only read, without settings or database: takes in files, and mentions in stories."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import msgspec

from depesche.instruments import register
from depesche.instruments.linking import linker, linkfile
from depesche.model.errors import WireError
from depesche.model.take import Take
from depesche.ops.commands import output
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse as parsing


def parse(files: Sequence[Path], format_name: str | None, provider: str, *, as_json: bool) -> int:
    """Print the takes in *files*; returns 1 if something could not be read."""
    formats = wire_format.load()
    failed = False
    for path in files:
        try:
            for one in parsing.takes(path.read_bytes(), formats, format_name, provider):
                if isinstance(one, WireError):
                    failed = True
                    output.complain(path, one)
                elif as_json:
                    output.json_line(parsing.as_json(copydesk.edit(one)))
                else:
                    _print_take(path, copydesk.edit(one))
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


def link(csv: Path, file: Path | None, *, as_json: bool) -> int:
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
