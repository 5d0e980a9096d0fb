"""Processes of Depesche, started and ended as an operator would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

# Real items are at hand only where a folder of them lies beside the project.
collect_ignore = [] if (Path(__file__).parents[3] / "shared" / "samples").is_dir() else ["test_samples.py"]
# Varnish is tried where it is installed (Debian: varnish); it brings a compiler along.
if not any(shutil.which("varnishd", path=path) for path in (None, "/usr/sbin")):
    collect_ignore.append("test_varnish.py")
DEPESCHE = Path(sys.executable).parent / "depesche"


class Installation:
    """One installation in a folder of its own: settings file, commands, servers."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        self.folder = folder
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("DEPESCHE_", "PYTHONDONT"))
            },
            "DEPESCHE_DATA_DIR": str(folder / "var"),
            "DEPESCHE_LANGUAGES": '["de", "en"]',
        }
        if database_url:
            self.environment["DEPESCHE_DATABASE_URL"] = database_url
        self._running: list[subprocess.Popen[bytes]] = []

    def configure(self, toml: str) -> None:
        """Write depesche.toml."""
        (self.folder / "depesche.toml").write_text(toml)

    def run(self, *words: object, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        done = subprocess.run(
            [DEPESCHE, *map(str, words)],
            cwd=self.folder,
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def start(self, *words: object, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command that runs on; its output goes to a log in the folder."""
        log = (self.folder / f"{words[0]}.log").open("ab")
        process = subprocess.Popen(
            [DEPESCHE, *map(str, words)],
            cwd=self.folder,
            env=self.environment | dict(environment or {}),
            stdout=log,
            stderr=log,
        )
        log.close()
        self._running.append(process)
        return process

    def running(self) -> list[subprocess.Popen[bytes]]:
        """Return every process that was started."""
        return list(self._running)

    def serve(self, *words: object) -> str:
        """Start `depesche serve` (or *words*) on a free port and return its address."""
        port = free_port()
        process = self.start(*(words or ("serve",)), "--port", port)
        address = f"http://127.0.0.1:{port}"
        log = self.folder / f"{(words or ('serve',))[0]}.log"
        wait_until(lambda: process.poll() is not None or f":{port}/" in log.read_text(errors="replace"))
        assert process.poll() is None, log.read_text(errors="replace")
        return address

    def stop(self) -> None:
        """End whatever still runs."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(claim: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until *claim* is true, and fail if it does not become so."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    made.stop()
