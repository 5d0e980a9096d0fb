"""Run another program beside the bench, on a core of its own, and read its CPU time and memory from /proc."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from depesche.model.errors import SettingsError
from depesche.ops.bench.tools.trial import resident_of
from depesche.settings import PREFIX

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 60.0
_GLANCE = 0.005


class Program:
    """A running program; what it says goes to a file in *home*, and it is stopped by its process id."""

    def __init__(
        self,
        arguments: Sequence[str],
        home: Path,
        environment: Mapping[str, str] | None = None,
        core: int | None = None,
    ) -> None:
        # Settings of the installation in which the bench runs must not reach it.
        plain = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self._log = home / f"said-{time.monotonic_ns()}.txt"
        self.began = time.perf_counter()
        self.is_ours = arguments[0] == sys.executable
        with self._log.open("wb") as log, _on_core(core):
            self._process = subprocess.Popen(
                arguments, cwd=home, env=plain | dict(environment or {}), stdout=log, stderr=log
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def is_running(self) -> bool:
        """Tell whether it has not ended yet."""
        return self._process.poll() is None

    def cpu(self) -> float:
        """Return the CPU seconds it and its threads have used, to a hundredth."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident(self) -> float:
        """Return its resident memory in MB."""
        return resident_of(self.pid)

    def private(self) -> float:
        """Return its memory in MB without the files that it maps, which the machine may take back at any time."""
        return resident_of(self.pid, "RssAnon")

    def wait_for(self, url: str) -> float:
        """Wait until *url* answers 200; returns the seconds since the start.

        Raises:
            SettingsError: it has ended, or has not answered within a minute.
        """
        while time.perf_counter() - self.began < _PATIENCE:
            if self._process.poll() is not None:
                raise SettingsError(f"a program of the bench ended: {self.said()}")
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own, on this machine
                    if answer.status == 200:
                        return time.perf_counter() - self.began
            except OSError:  # it does not listen yet
                time.sleep(_GLANCE)
        raise SettingsError(f"a program of the bench does not answer: {self.said()}")

    def listens_on(self, port: int) -> Self:
        """Wait until it takes connections on *port* of this machine.

        Raises:
            SettingsError: it has ended, or has not listened within a minute.
        """
        while time.perf_counter() - self.began < _PATIENCE and self.is_running():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    return self
            except OSError:
                time.sleep(_GLANCE)
        raise SettingsError(f"a program of the bench does not listen: {self.said()}")

    def said(self) -> str:
        """Return the end of what it has said."""
        with self._log.open("rb") as log:
            log.seek(max(self._log.stat().st_size - 2_000, 0))
            return log.read().decode(errors="replace")

    def finish(self) -> str:
        """Wait for its end and return what it has said.

        Raises:
            SettingsError: it failed.
        """
        self.wait()
        return self._log.read_text()

    def wait(self) -> None:
        """Wait for its end.

        Raises:
            SettingsError: it failed.
        """
        if self._process.wait():
            raise SettingsError(f"a program of the bench failed: {self.said()}")

    def stop(self) -> None:
        """End it: politely, then not."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def _on_core(core: int | None) -> Iterator[None]:
    """Let what is started inside run on one core, where there are several."""
    cores = os.sched_getaffinity(0)
    if core is None or len(cores) < 2:
        yield
        return
    os.sched_setaffinity(0, {sorted(cores)[core % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def free_port() -> int:
    """Return a port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def depesche(
    command: str,
    data_dir: Path,
    port: int,
    *more: str,
    core: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> Program:
    """Start a command of Depesche on *data_dir* and *port*, with the default settings otherwise, save *settings* by their names."""
    environment = {f"{PREFIX}DATA_DIR": str(data_dir), f"{PREFIX}PORT": str(port)}
    environment |= {f"{PREFIX}{name}": value for name, value in (settings or {}).items()}
    said = [sys.executable, "-c", "from depesche.cli import main; main()", command, *more]
    return Program(said, data_dir, environment, core)


def mail_server(home: Path, port: int, core: int | None = None) -> Program:
    """Start Postfix's `smtp-sink` where it is installed or named by the variable SMTP_SINK, else our own `sink.py`."""
    postfix = os.environ.get("SMTP_SINK") or shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if not postfix:
        return script("sink.py", home, str(port), core=core).listens_on(port)
    user = ["-u", "root"] if os.getuid() == 0 else []
    return Program([postfix, *user, f"127.0.0.1:{port}", "200"], home, core=core).listens_on(port)


def script(file: str, home: Path, *arguments: str, core: int | None = None) -> Program:
    """Start one of this package's *file*s by its path, so that it imports nothing of ours and is up at once."""
    return Program([sys.executable, str(Path(__file__).parent / file), *arguments], home, core=core)
