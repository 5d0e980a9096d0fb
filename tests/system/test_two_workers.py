"""Two workers on one database: one works, one waits; killed in the midst of a load, the other goes on, and nobody is left out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Installation, free_port, wait_until
from depesche.lib.clock import epoch
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import STRONG, Instrument, Name
from depesche.ops.bench.tools.process import script
from depesche.store.database import Database

READERS = 1500
STORIES = 8
CONNECTIONS = 3
A_LOAD = 500  # letters that a courier claims at a time
ISIN = isin_with_check_digit("ZZ00HALDEN1")
BEGUN = datetime.now(UTC) - timedelta(days=1)
Letter = tuple[str, str]  # recipient and Message-ID

pytestmark = [pytest.mark.slow]


def prepare(database: Database) -> None:
    """Let a crowd follow one share."""
    with database.transaction() as tx:
        names = (Name("Halden Werke", STRONG, "editor"),)
        tx.instruments.put([Instrument(ISIN, "Halden Werke", issuer="Halden Werke", names=names)])
        share = tx.targets.of_instrument(tx.instruments.keys([ISIN])[ISIN])
        tx.bulk.subscribers(1, READERS, epoch(BEGUN))
        tx.bulk.subscriptions(((reader, share.key) for reader in range(1, READERS + 1)), epoch(BEGUN))


def deliver(folder: Path) -> None:
    """Write the stories as a sender does, each about something else."""
    for number in range(STORIES):
        told = {
            "uri": f"urn:halden:{number}", "version": "1", "versioncreated": datetime.now(UTC).isoformat(), "type": "text",
            "pubstatus": "usable", "language": "de", "headline": f"Halden Werke (ISIN {ISIN}) melden Sache {number}",
            "body_html": f"<p>{' '.join(f'Wort{number}x{place}' for place in range(40))}</p>",
        }  # fmt: skip
        part = folder / f".{number}.part"
        part.write_text(json.dumps(told))
        part.rename(folder / f"{number}.json")


def letters(log: Path) -> Counter[Letter]:
    """Count the letters that the mail server has taken."""
    rows = (line.split() for line in log.read_text().splitlines()) if log.exists() else ()
    return Counter((row[0], row[1]) for row in rows)


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def test_the_one_who_waits_goes_on_where_the_other_was_killed(tmp_path: Path, database_url: str) -> None:
    """With the first one's journals nearly nothing is in doubt."""
    _kill_one_of_two(tmp_path, database_url, is_disk_shared=True)


@pytest.mark.postgres
def test_on_another_machine_no_more_than_loads_are_in_doubt(tmp_path: Path, postgres_url: str) -> None:
    """Without the journals of the one that was killed, its loads go out again once their leases have run out."""
    _kill_one_of_two(tmp_path, postgres_url, is_disk_shared=False)


def _kill_one_of_two(tmp_path: Path, database_url: str, *, is_disk_shared: bool) -> None:
    wire, log, port = tmp_path / "wire", tmp_path / "taken", free_port()
    wire.mkdir()
    database = Database(database_url)
    database.migrate()
    prepare(database)
    homes = [tmp_path / "one", tmp_path / ("one" if is_disk_shared else "two")]
    places = []
    for home in homes:
        home.mkdir(exist_ok=True)
        place = Installation(home, database_url)
        place.configure(
            f'[[wires]]\nname = "revier"\nprovider = "Revier"\nkind = "folder"\npath = "{wire}"\n'
        )
        place.environment |= {
            "DEPESCHE_SMTP_URL": f"smtp://127.0.0.1:{port}", "DEPESCHE_MAIL_CONNECTIONS": str(CONNECTIONS),
            "DEPESCHE_SECRET": "two machines have one secret, as long as it must be",
        }  # fmt: skip
        places.append(place)
    with script("sink.py", tmp_path, str(port), "--log", str(log)) as _sink:
        try:
            first = places[0].start("worker")
            wait_until(lambda: "The worker runs" in (homes[0] / "worker.log").read_text())
            refused = places[1].run("worker", check=False)
            assert refused.returncode != 0
            assert "another process is the worker" in refused.stderr
            places[1].start("worker", "--standby")
            deliver(wire)
            wait_until(lambda: log.exists() and sum(letters(log).values()) > READERS // 2)
            kill(first)
            if not is_disk_shared:
                _let_time_pass(database)
            wait_until(lambda: len(letters(log)) == READERS * STORIES and _is_settled(database), 150)
        finally:
            for place in places:
                place.stop()
    found = letters(log)
    assert len({recipient for recipient, _ in found}) == READERS
    doubled = sum(found.values()) - len(found)
    assert doubled <= CONNECTIONS * (1 if is_disk_shared else A_LOAD)
    with database.reading() as tx:
        assert tx.ledger.uneven(BEGUN) == []
        assert tx.ledger.counts() == {"sent": READERS * STORIES}
    database.close()


def _let_time_pass(database: Database) -> None:
    """Let the leases of the machine that is gone run out, a quarter of an hour later."""
    with database.transaction() as tx:
        for table in ("chunks", "outbox"):
            tx.connection.exec_driver_sql(f"UPDATE {table} SET lease_until = 1 WHERE state = 'intent'")


def _is_settled(database: Database) -> bool:
    with database.reading() as tx:
        return set(tx.ledger.counts()) == {"sent"}
