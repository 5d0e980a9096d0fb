"""What a reported view costs the web server: reports of many readers over kept connections."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec

from depesche.audience.generate import visits
from depesche.model.errors import SettingsError
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import archive, generate
from depesche.ops.bench.tools.process import Program, free_port, script
from depesche.ops.bench.tools.trial import Bench, Figures, folder, median, plain_settings, rate, shown
from depesche.settings import PREFIX

_STORIES = 200
_ROUNDS = 5
_CONNECTIONS = 32
_SERVER_CORE, _CLIENT_CORE = 0, 1


def measure(n: int) -> Figures:
    """Report *n* views to `depesche web`, some rounds of them; every report is that of another reader or of one who reloads."""
    with folder() as home:
        port = free_port()
        room = Newsroom(plain_settings(home, port=port))
        try:
            archive.fill(room, _STORIES, generate.register(10), mentioning=0.3)
            first = _total(room)
            cpu, pace = _reported(home, port, n)
            counted = _total(room) - first
        finally:
            room.close()
    return {
        "reports": n,
        "rounds": len(cpu),
        "counted": counted,
        "requests_per_s": median(pace),
        "cpu_us": median(cpu),
        "requests_per_cpu_s": rate(1, median(cpu) / 1e6),
        "budget": {"requests_per_cpu_s": 8_000},
    }


def _total(room: Newsroom) -> int:
    with room.database.reading() as tx:
        return tx.views.sum(0)


def _reported(home: Path, port: int, n: int) -> tuple[list[float], list[float]]:
    """Return the server's CPU microseconds for a report and its reports a second, in each round."""
    asked = visits(generate.SEED, n * (_ROUNDS + 1), _STORIES)
    # A proxy on this machine is believed: so the reports come from as many networks as the trial has.
    lines = (f"/view\tstory={story}\t{visit.address}\t{visit.agent}" for _, story, visit in asked)
    (home / "reports").write_text("\n".join(lines) + "\n")
    environment = {
        f"{PREFIX}DATA_DIR": str(home), f"{PREFIX}PORT": str(port), f"{PREFIX}RATE_LIMIT": str(10**9),
    }  # fmt: skip
    said = [sys.executable, "-c", "from depesche.cli import main; main()", "web"]
    cpu, pace = [], []
    with Program(said, home, environment, _SERVER_CORE) as server:
        server.wait_for(f"http://127.0.0.1:{port}/imprint")
        for turn in shown(range(_ROUNDS + 1), "rounds of reports"):
            used, seconds = _round(home, server, port, n, turn * n)
            if turn:  # the first round warms up
                cpu.append(used / n * 1e6)
                pace.append(rate(n, seconds) or 0.0)
    return cpu, pace


def _round(home: Path, server: Program, port: int, n: int, first: int) -> tuple[float, float]:
    """Return the CPU seconds of the server and the wall seconds that *n* reports took, the writing of the counts among them.

    Raises:
        SettingsError: more reports were refused than name no story.
    """
    before = server.cpu()
    asked = (str(port), str(home / "reports"), str(n), str(first), str(_CONNECTIONS))
    with script("client.py", home, *asked, core=_CLIENT_CORE) as client:
        came = msgspec.json.decode(client.finish())
    if came["refused"] > n // 10 + 5:
        raise SettingsError(f"bench: {came['refused']} of {n} reports were refused")
    time.sleep(1.1)
    return server.cpu() - before, came["seconds"]


BENCH = Bench("beacon", "views reported to the web server over HTTP", measure, 10_000)
