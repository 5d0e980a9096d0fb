"""What benches have in common: their shape, meters of CPU and wall time, and a newsroom in a temporary folder."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from pydantic import SecretStr
from rich.progress import track

from depesche.lib.clock import Clock
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.settings import Settings

Figures = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bench:
    """A measurement: `measure` is given a size and returns what is printed; `n` is the size unless one is asked for."""

    name: str
    help: str
    measure: Callable[[int], Figures]
    n: int


class Meter:
    """Adds up the CPU and wall seconds of the blocks it is put around; CPU of all threads of this process."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.wall = 0.0

    def __enter__(self) -> Self:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu += time.process_time() - self._cpu
        self.wall += time.perf_counter() - self._wall

    def cpu_us(self, n: int) -> float:
        """Return the CPU microseconds of each of *n* things."""
        return rounded(self.cpu / max(n, 1) * 1e6)

    def cpu_ms(self, n: int) -> float:
        """Return the CPU milliseconds of each of *n* things."""
        return rounded(self.cpu / max(n, 1) * 1e3)


class Watch:
    """Keeps the CPU and wall milliseconds of each block it is put around."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []

    def __enter__(self) -> Self:
        self._cpu, self._wall = time.process_time(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu.append((time.process_time() - self._cpu) * 1e3)
        self.wall.append((time.perf_counter() - self._wall) * 1e3)

    def figures(self, *shares: int) -> dict[str, float]:
        """Return percentiles, named `p99_wall_ms` and `p99_cpu_ms`."""
        return {
            f"p{share}_{kind}_ms": percentile(values, share)
            for kind, values in (("wall", self.wall), ("cpu", self.cpu))
            for share in shares
        }


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that *share* of 100 of *values* do not exceed; 0 of none."""
    ordered = sorted(values)
    return rounded(ordered[min(len(ordered) * share // 100, len(ordered) - 1)]) if ordered else 0.0


def median(values: Sequence[float]) -> float:
    """Return the middle of *values*."""
    return rounded(statistics.median(values))


def ratio(one: float, other: float) -> float | None:
    """Return how many times *other* goes into *one*; None where *other* is too small to be measured."""
    return rounded(one / other) if other > 0 else None


def rate(n: int, seconds: float) -> float | None:
    """Return *n* a second; None where the time is too short to be measured."""
    return ratio(n, seconds)


def rounded(value: float) -> float:
    """Return *value* with four significant digits: more is noise."""
    return float(f"{value:.4g}")


def shown(values: Sequence[T], title: str) -> Iterator[T]:
    """Yield *values* with a progress bar on a terminal's standard error."""
    yield from track(
        values, title, console=output.errors, disable=not output.errors.is_terminal, transient=True
    )


def resident_mb() -> float:
    """Return the resident memory of this process in MB, after what nobody holds is given back."""
    gc.collect()
    return resident_of("self")


def resident_of(pid: int | str, kind: str = "VmRSS") -> float:
    """Return the resident memory of a process in MB (10^6 bytes), or only a *kind* of it, as in /proc."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return rounded(int(line.split()[1]) * 1024 / 1e6)
    return 0.0


@contextmanager
def folder() -> Iterator[Path]:
    """Make a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="depesche-bench-") as made:
        yield Path(made)


def plain_settings(data_dir: Path, *, port: int = 8000, database_url: str = "") -> Settings:
    """Return the default settings; neither environment nor files of the installation can change a bench."""
    return Settings.model_construct(data_dir=data_dir, port=port, database_url=SecretStr(database_url))


class PlayedClock:
    """A clock that shows whatever time it was last set to."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.time


@contextmanager
def newsroom(clock: Clock | None = None, database_url: str = "") -> Iterator[Newsroom]:
    """Open an empty newsroom in a temporary folder."""
    with folder() as data_dir:
        room = Newsroom(plain_settings(data_dir, database_url=database_url), clock)
        try:
            yield room
        finally:
            room.close()
