"""The portal is killed while readers report views: what was written, once a second, stays, and none is doubled."""

from __future__ import annotations

import http.client
import json
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Installation
from depesche.ops import server
from depesche.store.database import Database

pytestmark = [pytest.mark.slow]

KILLS = 3
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"
ITEM = {
    "uri": "urn:hafen:1", "version": "1", "versioncreated": "2026-03-02T10:00:00Z", "type": "text", "pubstatus": "usable",
    "language": "de", "headline": "Hafen wächst", "body_html": "<p>MUSTERHAVEN (hafen) - Der Hafen wächst.</p>",
}  # fmt: skip


def _report(connection: http.client.HTTPConnection, story: int, reader: int) -> bool:
    """Report the view of a reader who was never here before; tells whether the answer came."""
    headers = {"User-Agent": f"{AGENT} r{reader}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/view", f"story={story}", headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    return True


def test_killed_under_load_keeps_what_was_written_and_doubles_nothing(
    tmp_path: Path, database_url: str
) -> None:
    installation = Installation(tmp_path, database_url)
    installation.environment["DEPESCHE_RATE_LIMIT"] = "1000000"
    (tmp_path / "item.json").write_text(json.dumps(ITEM))
    story = json.loads(installation.run("ingest", "--json", tmp_path / "item.json").stdout)["story"]
    database = Database(database_url)

    def written() -> int:
        with database.reading() as tx:
            return tx.views.total(story)

    readers = least = 0
    try:
        for life in range(KILLS + 1):
            address = urlsplit(installation.serve("web"))
            (tmp_path / "web.log").write_text("")
            connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=10)
            before, told = written(), 0
            assert before >= least, "what was written outlives a kill"
            end = time.monotonic() + 2.3 + life / 3
            while time.monotonic() < end or written() == before:
                for _ in range(20):
                    readers += 1
                    told += _report(connection, story, readers)
            connection.close()
            if life < KILLS:
                least = written()
                process = installation._running[-1]
                process.send_signal(signal.SIGKILL)
                process.wait()
            else:
                installation.stop()
                least = before + told
                assert written() == least, "an orderly end loses nothing"
    finally:
        installation.stop()
    with database.reading() as tx:
        assert sum(n for _, n in tx.views.series(story, 0)) == tx.views.total(story)
    assert least <= written() <= readers
    assert readers > 500
    database.close()


def test_counts_are_written_once_a_second() -> None:
    assert server.FLUSH_SECONDS == 1.0
