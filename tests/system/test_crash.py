"""The worker is killed while a wire delivers: no item lost, no story twice, no letter decided twice."""

from __future__ import annotations

import json
import mailbox
import random
import signal
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Installation, wait_until
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import STRONG, Instrument, Name
from depesche.store.database import Database

ITEMS = 1000
KILLS = 10
FOLLOWERS = 3
BEGUN = datetime.now(UTC) - timedelta(hours=2)
ISINS = [isin_with_check_digit(f"ZZ0000WERK{n}") for n in range(4)]

pytestmark = [pytest.mark.slow]


def item(number: int) -> dict[str, object]:
    """Return an item: every fifth continues the running story of its hundred, every second names a share."""
    topic, part = divmod(number, 5)
    created = BEGUN + timedelta(seconds=number)
    share = ISINS[topic % len(ISINS)]
    headline = (
        f"ROUNDUP {part + 1}/Thema {topic}: Stand {number}"
        if part < 2
        else f"Meldung {number} aus dem Revier"
    )
    linked = (
        f"Die Nordwerk {topic % len(ISINS)} AG (ISIN {share}) meldet Zahlen."
        if number % 2
        else "Es blieb ruhig."
    )
    return {
        "uri": f"urn:revier:{number}",
        "version": "1",
        "versioncreated": created.isoformat(),
        "type": "text",
        "pubstatus": "usable",
        "language": "de",
        "headline": headline,
        "body_html": f"<p>BOCHUM (revier) - Satz {number}. {linked}</p>",
    }


def deliver(folder: Path, stop: threading.Event) -> None:
    """Write the items as a sender does: under another name first, then renamed."""
    for number in range(ITEMS):
        if stop.is_set():
            return
        part = folder / f".{number:05}.part"
        part.write_text(json.dumps(item(number)))
        part.rename(folder / f"{number:05}.json")
        time.sleep(0.004)


def prepare(database: Database) -> None:
    """Fill the register and let readers follow its shares."""
    at = BEGUN - timedelta(days=1)
    with database.transaction() as tx:
        tx.instruments.put(
            [
                Instrument(
                    isin,
                    f"Nordwerk {n} AG",
                    issuer=f"Nordwerk {n} AG",
                    names=(Name(f"Nordwerk {n} AG", STRONG, "editor"),),
                )
                for n, isin in enumerate(ISINS)
            ]
        )
        for reader in range(FOLLOWERS):
            address = f"leserin{reader}@example.org"
            subscriber = tx.subscriptions.subscriber(address, address, "de", at)
            for instrument in tx.instruments.all():
                asked = tx.subscriptions.request(
                    subscriber.key, tx.targets.of_instrument(instrument.key).key, at
                )
                tx.subscriptions.confirm(asked.key, at)


def test_a_killed_worker_loses_and_doubles_nothing(tmp_path: Path, database_url: str) -> None:
    folder = tmp_path / "wire"
    folder.mkdir()
    installation = Installation(tmp_path, database_url)
    installation.configure(
        f'[[wires]]\nname = "revier"\nprovider = "Revier"\nkind = "folder"\npath = "{folder}"\n'
    )
    database = Database(database_url)
    prepare(database)
    dice, stop = random.Random(20260302), threading.Event()
    sender = threading.Thread(target=deliver, args=(folder, stop))
    sender.start()
    try:
        for _ in range(KILLS):
            worker = installation.start("worker")
            time.sleep(1.2 + dice.random() * 2.5)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        sender.join()
        installation.start("worker")

        def is_done() -> bool:
            with database.reading() as tx:
                cursors = tx.cursors.all()
                letters = tx.ledger.counts()
                followed = all(cursors.get(name) == tx.journal.last() for name in ("alerts", "search"))
                return tx.spool.counts() == {"filed": ITEMS} and followed and set(letters) == {"sent"}

        wait_until(is_done, 120)
    finally:
        stop.set()
        sender.join()
        installation.stop()
    check(database, tmp_path)
    database.close()


def check(database: Database, home: Path) -> None:
    """Compare what is in the store and in the mail folder with what was delivered."""
    with database.reading() as tx:
        sql = tx.connection.exec_driver_sql
        assert sql("SELECT count(*), count(DISTINCT guid) FROM takes").one() == (ITEMS, ITEMS)
        assert sql("SELECT count(*) FROM stories").scalar() == ITEMS
        assert sql("SELECT count(*), count(DISTINCT story_id) FROM versions").one() == (ITEMS, ITEMS)
        assert sql("SELECT count(*), count(DISTINCT story_id) FROM journal").one() == (ITEMS, ITEMS)
        topics = ITEMS // 5
        assert sql("SELECT count(*) FROM lineages").scalar() == ITEMS - topics, (
            "two parts of a topic are one running story"
        )
        linked = {
            row[0]
            for row in sql(
                "SELECT DISTINCT s.lineage_id FROM mentions m JOIN stories s ON s.id = m.story_id WHERE m.published"
            )
        }
        decided = [
            (reader, one.decision.lineage)
            for reader in range(1, FOLLOWERS + 1)
            for one in tx.ledger.of_subscriber(reader)
        ]
        assert tx.ledger.uneven(BEGUN) == []
    assert len(linked) > ITEMS // 4
    wanted = {(reader, lineage) for lineage in linked for reader in {row[0] for row in decided}}
    assert set(decided) == wanted
    assert len(decided) == len(wanted) == len(linked) * FOLLOWERS
    letters = Counter(
        str(letter["Message-ID"]) for letter in mailbox.Maildir(home / "var" / "mail", create=False)
    )
    assert len(letters) == len(decided), "every letter arrived, and none that was not decided"
    assert sum(letters.values()) - len(letters) <= KILLS, "at most one letter in doubt a kill"
