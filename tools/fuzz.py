"""Fuzz the wire formats with atheris: hostile bytes must be read or refused by name, in time and in bounds.

`tools/fuzz.py [--seconds 600] [--jobs 1] [FORMAT...]` runs each format (all without a name) that long, from the
samples in `tests/samples`. A crash, more than 2 seconds of CPU time or more than 500 MB ends the run of that format
with exit status 1; the input is left in `--out` and is worth a test. Needs the dependency group `fuzz`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "samples"
LONGEST_SECONDS = 2  # of CPU time: a busy machine is no fault of an input
HANGS_AFTER = 60  # seconds on the clock
MOST_MEGABYTES = 500
MAX_LENGTH = 65_536
DESK = "copydesk"  # the copydesk alone, given any HTML


def main() -> int:
    """Run the formats that the command line names, one process each; return the exit status."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("formats", nargs="*", help="formats to fuzz; all without a name, and the copydesk")
    given.add_argument("--seconds", type=int, default=600, help="seconds for each format")
    given.add_argument("--jobs", type=int, default=1, help="formats at a time")
    given.add_argument(
        "--out",
        type=Path,
        default=Path(tempfile.gettempdir()) / "depesche-fuzz",
        help="folder for corpora and faults",
    )
    given.add_argument("--only", help=argparse.SUPPRESS)
    args, rest = given.parse_known_args()
    if args.only:
        return fuzz(args.only, [sys.argv[0], *rest, *args.formats])
    names = args.formats or [
        *sorted(path.stem for path in (ROOT / "src/depesche/wires/formats").glob("[a-z]*.py")),
        DESK,
    ]
    failed: list[str] = []
    waiting, running = list(names), dict[str, subprocess.Popen[bytes]]()
    while waiting or running:
        while waiting and len(running) < args.jobs:
            name = waiting.pop(0)
            running[name] = start(name, args.seconds, args.out)
        name, process = next(iter(running.items()))
        if process.wait() != 0:
            failed.append(name)
            sys.stderr.write(f"{name}: failed, see {args.out / name}\n")
        del running[name]
    sys.stdout.write(
        f"fuzzed {', '.join(names)} for {args.seconds} s each; failed: {', '.join(failed) or 'none'}\n"
    )
    return 1 if failed else 0


def start(name: str, seconds: int, out: Path) -> subprocess.Popen[bytes]:
    """Start a process that fuzzes the format called *name*."""
    corpus = out / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = SAMPLES.glob("*/*") if name == DESK else (SAMPLES / name).glob("*")
    for sample in seeds:
        if not sample.name.endswith(".takes.json"):
            shutil.copy(sample, corpus / f"{sample.parent.name}-{sample.name}")
    dictionary = out / name / "words.dict"
    dictionary.write_text("".join(f'"{word}"\n' for word in words_of(name)))
    options = [
        f"-dict={dictionary}",
        f"-max_total_time={seconds}", f"-timeout={HANGS_AFTER}", f"-rss_limit_mb={MOST_MEGABYTES}",
        f"-max_len={MAX_LENGTH}", f"-artifact_prefix={out / name}/", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    return subprocess.Popen(
        [sys.executable, __file__, "--only", name, *options, str(corpus)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )


def words_of(name: str) -> list[str]:
    """Return the names that the code of the format called *name* knows, for the fuzzer to put together."""
    folder = ROOT / "src" / "depesche"
    files = [folder / "wires" / "formats" / f"{name}.py", *(folder / "wires").glob("*.py")]
    if name == DESK:
        files = list((folder / "stories").glob("*.py"))
    found = (
        re.findall(r'"([A-Za-z][\w.:-]{2,40})"', file.read_text(), re.ASCII)
        for file in files
        if file.exists()
    )
    return sorted({word for words in found for word in words})


def fuzz(name: str, arguments: list[str]) -> int:
    """Fuzz one format in this process; atheris ends it."""
    import atheris  # only this process needs it

    with atheris.instrument_imports(include=["depesche"]):
        from depesche.model.errors import WireError
        from depesche.model.take import Take
        from depesche.stories.copyediting import copydesk
        from depesche.wires import format as wire_format
        from depesche.wires import parse
    formats = wire_format.load()

    def read(raw: bytes) -> None:
        for one in parse.takes(raw, formats, name):
            if isinstance(one, Take):
                parse.as_json(copydesk.edit(one))
            elif not isinstance(one, WireError):
                raise TypeError(f"{name} yields {one!r}")

    def edit(raw: bytes) -> None:
        words = raw.decode("utf-8", "replace")
        head, _, body = words.partition("\n")
        edited = copydesk.edit(
            Take("fuzz", "Bote", "urn:x:1", head[:500] or "x", head[:500] or "x", body_html=body)
        )
        again = copydesk.edit(edited)
        if "<script" in again.body_html.lower():
            raise ValueError("a script got through")

    atheris.Setup(arguments, timed(edit if name == DESK else read))
    atheris.Fuzz()
    return 0


def timed(one: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return *one*, which then complains of inputs that take it too long."""

    def run(raw: bytes) -> None:
        start = time.process_time()
        one(raw)
        if (spent := time.process_time() - start) > LONGEST_SECONDS:
            raise TimeoutError(f"{spent:.1f} seconds of CPU time for {len(raw)} bytes")

    return run


if __name__ == "__main__":
    sys.exit(main())
