"""The portal is killed while readers report views: at most the last second of counts is lost, and none is doubled."""

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
from depesche.store.database import Database

pytestmark = [pytest.mark.slow]

KILLS = 3
LOST = 1.5  # seconds: one between two writings, and what a writing takes on a busy machine
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


def test_killed_under_load_counts_lose_a_second_at_most(tmp_path: Path, database_url: str) -> None:
    installation = Installation(tmp_path, database_url)
    installation.environment["DEPESCHE_RATE_LIMIT"] = "1000000"
    (tmp_path / "item.json").write_text(json.dumps(ITEM))
    story = json.loads(installation.run("ingest", "--json", tmp_path / "item.json").stdout)["story"]
    readers = answered = least = 0
    try:
        for life in range(KILLS + 1):
            address = urlsplit(installation.serve("web"))
            (tmp_path / "web.log").write_text("")
            connection = http.client.HTTPConnection(address.hostname or "", address.port or 0, timeout=10)
            told: list[float] = []
            end = time.monotonic() + 3.3 + life / 3
            while time.monotonic() < end:
                readers += 1
                assert _report(connection, story, readers)
                told.append(time.monotonic())
            process = installation._running[-1]
            killed = time.monotonic()
            if life < KILLS:
                process.send_signal(signal.SIGKILL)
                process.wait()
                least += sum(at < killed - LOST for at in told)
            else:
                installation.stop()
                least += len(told)
            answered += len(told)
            connection.close()
    finally:
        installation.stop()
    database = Database(database_url)
    with database.reading() as tx:
        total = tx.views.total(story)
        assert sum(n for _, n in tx.views.series(story, 0)) == total
    database.close()
    assert answered > 500
    assert least <= total <= answered
