"""Kill couriers and mail servers at random moments, and count what was lost and what was doubled.

`make crash-mail` runs it: letters on one story to N readers, handed to Postfix's `smtp-sink` over several connections while the
couriers' process is killed (SIGKILL) again and again; then once more with the mail server killed and started again, with
the mail server stalled (SIGSTOP), and with one of our own that answers 421, 452 and 550 by chance, which smtp-sink cannot.
Ends with 1 if a letter was lost, doubled more often than once a connection and kill, or doubled under another Message-ID,
or if the ledger does not add up.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crash_courier import settings

from depesche.lib.clock import epoch
from depesche.model.instrument import Evidence, Mention
from depesche.model.subscription import INSTRUMENT, Target
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools import process
from depesche.ops.bench.tools.sink import __file__ as own_sink
from depesche.stories.incoming import Receipt

CARRIER = Path(__file__).with_name("crash_courier.py")
MISSING = """smtp-sink is not here. It comes with Debian's package postfix:
  apt-get install --no-install-recommends postfix    (and let no mail server start), or, without installing anything,
  apt-get download postfix && dpkg -x postfix_*.deb DIR
and then SMTP_SINK=DIR/usr/sbin/smtp-sink LD_LIBRARY_PATH=DIR/usr/lib/postfix make crash-mail"""
GLANCE = 0.003
PATIENCE = 1800.0
TROUBLES = ("none", "killed", "stalled", "refusing")
REFUSALS = "421:0.0005,452:0.01,550:0.01"
_BEGIN = b"X-Client-Addr: "
_END = b"--=_part_=--"
_DUMPED = re.compile(
    rb"^X-Rcpt-Args: <([^>]*)>.*?^Message-ID: (\S+)", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
_LOGGED = re.compile(rb"^(\S+) (\S+) \S+ \S+\n", re.MULTILINE)
Letter = tuple[bytes, bytes]  # recipient and Message-ID


def read_dump(raw: bytes) -> tuple[list[Letter], int]:
    """Return the whole letters in a dump of smtp-sink's, and how many bytes need not be read again."""
    starts = [found.start() for found in re.finditer(rb"^" + _BEGIN, raw, re.MULTILINE)]
    letters, done = [], 0
    for start, end in zip(starts, [*starts, len(raw)][1:], strict=True):
        one = raw[start:end]
        if _END in one and (found := _DUMPED.search(one)):
            letters.append((found[1], found[2]))
            done = end
    return letters, done


def read_log(raw: bytes) -> tuple[list[Letter], int]:
    """Return the letters in a log of our own mail server's, and how many bytes need not be read again."""
    found = list(_LOGGED.finditer(raw))
    return [(one[1], one[2]) for one in found], found[-1].end() if found else 0


@dataclass
class Sink:
    """A mail server in a process of its own, and what it has taken."""

    command: list[str]
    taken_file: Path
    reader: Callable[[bytes], tuple[list[Letter], int]]
    process: subprocess.Popen[bytes] | None = None
    taken: Counter[Letter] = field(default_factory=Counter)
    _read: int = 0

    def start(self) -> None:
        """Start it; it may have run before."""
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.taken_file.parent
        )

    def signal(self, number: int) -> None:
        """Send it a signal."""
        if self.process is None:
            raise RuntimeError("the mail server does not run")
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()

    def count(self) -> int:
        """Return how many letters it has taken so far."""
        if self.taken_file.exists():
            with self.taken_file.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            letters, done = self.reader(new)
            self.taken.update(letters)
            self._read += done
        return self.taken.total()


def make_sink(trouble: str, folder: Path, port: int, seed: int) -> Sink:
    """Return the mail server for one kind of *trouble*, not yet started."""
    taken = folder / "taken"
    if trouble == "refusing":
        said = [str(port), "--log", str(taken), "--answers", REFUSALS, "--seed", str(seed)]
        return Sink([sys.executable, own_sink, *said], taken, read_log)
    user = ["-u", "root"] if os.getuid() == 0 else []
    return Sink([smtp_sink(), *user, "-D", taken.name, f"127.0.0.1:{port}", "200"], taken, read_dump)


def smtp_sink() -> str:
    """Return the path of Postfix's smtp-sink.

    Raises:
        SystemExit: it is not here; says how to get it.
    """
    found = os.environ.get("SMTP_SINK") or shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if not found or not Path(found).exists():
        raise SystemExit(MISSING)
    return found


def prepare(folder: Path, database_url: str, n: int) -> tuple[int, int]:
    """File a story that *n* readers are to hear of, and decide; returns the story and the number decided."""
    room = Newsroom(settings(folder, database_url))
    (issuer,) = generate.register(1)
    room.import_instruments([issuer])
    now = room.clock.now()
    with room.database.transaction() as tx:
        share = tx.instruments.keys([issuer.isin])[issuer.isin]
        target = tx.targets.enter(Target(INSTRUMENT, issuer.isin, instrument=share)).key
        tx.bulk.subscribers(1, n, epoch(now) - 60)
        tx.bulk.subscriptions(((reader, target) for reader in range(1, n + 1)), epoch(now) - 60)
    evidence = (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
    take = generate.take(next(generate.stories(1, [issuer], mentioning=1.0)))
    with room.database.transaction() as tx:
        filed = room.desk.file(
            take, [Mention(issuer.isin, issuer.name, 1.0, 1.0, True, evidence)], Receipt("desk", now), tx, now
        )
    with room.database.reading() as tx:
        entries = tx.journal.after(tx.cursors.read(room.matcher.name))
    room.matcher.handle(entries)
    story = filed.story or 0
    with room.database.reading() as tx:
        matched = tx.ledger.balance(story).matched
    room.close()
    return story, matched


@dataclass
class Trial:
    """One run: who is killed when, and what came of it."""

    trouble: str
    n: int
    kills: int
    connections: int
    folder: Path
    database_url: str
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    courier: subprocess.Popen[bytes] | None = None

    def run(self) -> Mapping[str, object]:
        """Let the couriers work off the letters amid kills, and return the figures."""
        story, matched = prepare(self.folder, self.database_url, self.n)
        port = process.free_port()
        sink = make_sink(self.trouble, self.folder, port, self.chance.randrange(10**6))
        self._command = [
            sys.executable, str(CARRIER), str(self.folder), self.database_url, f"smtp://127.0.0.1:{port}",
            str(self.connections),
        ]  # fmt: skip
        began = time.perf_counter()
        sink.start()
        try:
            self._torment(sink)
        finally:
            self._kill(None)
            sink.signal(signal.SIGCONT)
            sink.signal(signal.SIGKILL)
        sink.count()
        return {**self._verdict(sink, story, matched), "wall_s": round(time.perf_counter() - began, 1)}

    def _torment(self, sink: Sink) -> None:
        self._start()
        deadline = time.monotonic() + PATIENCE
        events = ["courier"] * self.kills
        if self.trouble in ("killed", "stalled"):
            events += ["sink"] * max(self.kills // 2, 1)
        self.chance.shuffle(events)
        for place, event in enumerate(events):
            self._wait(sink, len(events) - place, deadline)
            if event == "courier":
                self._kill(signal.SIGKILL)
                self._start()
            else:
                self._hurt(sink)
        while (code := self._ended()) is None and time.monotonic() < deadline:
            time.sleep(GLANCE)
        if code != 0:
            raise SystemExit(f"the couriers ended with {code}: see {self.folder}/couriers.log")

    def _wait(self, sink: Sink, events: int, deadline: float) -> None:
        """Wait for the moment of the next of so many *events*: a number of letters further on, and now and then just a while."""
        if self.chance.random() < 0.25:  # whatever the couriers do then: start, recover, claim
            time.sleep(self.chance.random() * 2)
            return
        left = self.n - sink.count()
        goal = sink.count() + self.chance.random() * 1.6 * left / (events + 1)
        while sink.count() < goal and self._ended() is None:
            if time.monotonic() > deadline:
                raise SystemExit(f"no letter leaves any more: see {self.folder}/couriers.log")
            time.sleep(GLANCE)
        time.sleep(self.chance.random() * 0.01)

    def _hurt(self, sink: Sink) -> None:
        """Kill the mail server for a moment, or hold it up; now and then the couriers die meanwhile, above all kills counted."""
        self.done["sink"] += 1
        sink.signal(signal.SIGKILL if self.trouble == "killed" else signal.SIGSTOP)
        time.sleep(self.chance.random() * 1.5)
        if self.trouble == "stalled":
            if self.chance.random() < 0.5:
                self._kill(signal.SIGKILL)
                self._start()
            sink.signal(signal.SIGCONT)
        else:
            sink.start()

    def _start(self) -> None:
        with (self.folder / "couriers.log").open("ab") as log:
            self.courier = subprocess.Popen(self._command, stdout=log, stderr=log)

    def _ended(self) -> int | None:
        return None if self.courier is None else self.courier.poll()

    def _kill(self, count: int | None) -> None:
        """Kill the couriers; it counts if they were still at work."""
        if self.courier is not None and self.courier.poll() is None:
            self.courier.kill()
            self.courier.wait()
            self.done["courier"] += count is not None

    def _verdict(self, sink: Sink, story: int, matched: int) -> Mapping[str, object]:
        room = Newsroom(settings(self.folder, self.database_url))
        names: dict[bytes, set[bytes]] = defaultdict(set)
        for address, name in sink.taken:
            names[address].add(name)
        with room.database.reading() as tx:
            balance = tx.ledger.balance(story)
            missing = [key for key in range(1, self.n + 1) if f"reader.{key}@r.example".encode() not in names]
            never = [
                key for key in missing
                if not any(one.state in ("dead", "bounced", "suppressed") for one in tx.ledger.of_subscriber(key))
            ]  # fmt: skip
        room.close()
        doubled = sink.taken.total() - len(sink.taken)
        broken = self.done["courier"] + (self.done["sink"] if self.trouble == "killed" else 0)
        other = sum(len(one) - 1 for one in names.values())
        figures = {
            "trouble": self.trouble, "letters": matched, "connections": self.connections,
            "courier_kills": self.done["courier"], "sink_troubles": self.done["sink"], "taken": len(names), "refused": len(missing) - len(never),
            "never_sent": len(never), "doubled": doubled, "doubled_per_kill": round(doubled / max(broken, 1), 2),
            "other_message_id": other, "sent": balance.sent, "dead": balance.dead, "ledger_even": balance.is_even,
            "pending": balance.pending + balance.intent + balance.uncertain,
        }  # fmt: skip
        is_right = (
            matched == self.n and not never and not other and balance.is_even and not figures["pending"]
            and doubled <= self.connections * broken and balance.sent + balance.dead >= len(names)
        )  # fmt: skip
        return {**figures, "right": is_right}


COLUMNS = {
    "trouble": "mail server", "letters": "letters", "courier_kills": "kills", "sink_troubles": "troubles",
    "taken": "taken", "refused": "refused", "never_sent": "never sent", "doubled": "doubled",
    "doubled_per_kill": "a kill", "other_message_id": "other id", "ledger_even": "ledger even", "right": "right",
}  # fmt: skip


def table(rows: list[Mapping[str, object]]) -> str:
    """Return the figures as a table."""
    lines = [list(COLUMNS.values()), *([str(row[key]) for key in COLUMNS] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )


def main() -> int:
    """Run the trials asked for and print a table, and JSON to a file if one is named."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--n", type=int, default=30_000, help="letters")
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--connections", type=int, default=10)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--trouble", choices=TROUBLES, action="append", help="only these; default: all")
    asked.add_argument("--database", default="", help="URL of an empty database; default: SQLite")
    asked.add_argument("--json", type=Path, help="file that gets the figures")
    asked.add_argument("--keep", action="store_true", help="keep the folders of the trials")
    given = asked.parse_args()
    wanted = given.trouble or TROUBLES
    if set(wanted) != {"refusing"}:
        smtp_sink()  # say at once that it is missing
    rows: list[Mapping[str, object]] = []
    for trouble in wanted:
        folder = Path(tempfile.mkdtemp(prefix=f"depesche-crash-{trouble}-"))
        chance = random.Random(f"{given.seed} {trouble}")
        trial = Trial(trouble, given.n, given.kills, given.connections, folder, given.database, chance)
        rows.append(trial.run())
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        if not given.keep:
            shutil.rmtree(folder)
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps({"n": given.n, "seed": given.seed, "trials": rows}, indent=2) + "\n")
    return 0 if all(row["right"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
