"""The benches: each measures one part on generated, seeded input and prints one JSON line of figures."""

from __future__ import annotations

import os
import platform

from depesche.lib import plugins
from depesche.model.errors import SettingsError
from depesche.ops.bench.tools.trial import Bench
from depesche.ops.commands import output


def load() -> dict[str, Bench]:
    """Return every bench, by name."""
    return plugins.load("depesche.ops.bench", "BENCH", Bench)


def run(name: str, n: int | None) -> int:
    """Run the bench called *name* at the size *n*, or at its own; print its figures.

    Raises:
        SettingsError: there is no such bench.
    """
    benches = load()
    if name not in benches:
        raise SettingsError(f"bench: {name!r} is not one of {', '.join(benches)}")
    chosen = benches[name]
    size = n or chosen.n
    about = {"bench": name, "n": size, "cores": os.cpu_count(), "python": platform.python_version()}
    output.json_line(about | dict(chosen.measure(size)))
    return 0
