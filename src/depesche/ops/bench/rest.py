"""How long a start takes and what an installation that nobody visits holds in memory, empty and with the demo's data."""

from __future__ import annotations

import time
from pathlib import Path

from depesche.ops.bench.tools.process import depesche, free_port
from depesche.ops.bench.tools.trial import Bench, Figures, folder, median, ratio, rounded, shown

_SETTLE = 3.0
_PLAYED = 12.0
_SPEED = "20"


def measure(n: int) -> Figures:
    """Start an empty installation *n* times and start it again; then play the demo and start on its data."""
    first: list[dict[str, float]] = []
    again: list[dict[str, float]] = []
    for _ in shown(range(n), "starts"):
        with folder() as data_dir:
            first.append(_start(data_dir))
            again.append(_start(data_dir))
    return {
        "settled_s": _SETTLE,
        "first": _middle(first),
        "again": _middle(again),
        "demo": _demo(),
        "budget": {"first.start_cpu_s": 1.0, "first.resident_mb": 80, "demo.at_rest.resident_mb": 150},
    }


def _start(data_dir: Path) -> dict[str, float]:
    """Run `depesche serve` until it answers and has settled."""
    port = free_port()
    with depesche("serve", data_dir, port) as server:
        wall = server.wait_for(f"http://127.0.0.1:{port}/healthz")
        cpu = server.cpu()
        time.sleep(_SETTLE)
        idle, began = server.cpu(), time.perf_counter()
        time.sleep(_SETTLE)
        used = server.cpu() - idle
        return {
            "start_wall_s": rounded(wall),
            "start_cpu_s": rounded(cpu),
            "resident_mb": server.resident(),
            "idle_cpu_percent": rounded(100 * used / (time.perf_counter() - began)),
        }


def _middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: median([one[name] for one in runs]) for name in runs[0]}


def _demo() -> Figures:
    """Let the demo play for a while, then start an installation on what it has filed."""
    with folder() as data_dir:
        port = free_port()
        with depesche("demo", data_dir, port, "--speed", _SPEED) as played:
            wall = played.wait_for(f"http://127.0.0.1:{port}/healthz")
            cpu = played.cpu()
            time.sleep(_PLAYED)
            playing = {
                "start_wall_s": rounded(wall),
                "start_cpu_s": rounded(cpu),
                "resident_mb": played.resident(),
                "cores_used": ratio(played.cpu() - cpu, _PLAYED),
            }
        return {"playing": playing, "at_rest": _start(data_dir / "demo")}


BENCH = Bench("rest", "start-up time and memory at rest, empty and with demo data", measure, 3)
