"""A queue that forgets what was read: nothing is acknowledged there before it is safe here."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from doors import Bench
from tests.lib.servers import Answer, Asked, HttpServer

from depesche.lib.web.http import Client
from depesche.model.errors import StoreError
from depesche.store import database as module
from depesche.store.database import Database
from depesche.wires.doors.queue import QueueDoor
from fakes import NOON, FakeClock

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


class Queue:
    """A queue over HTTP that offers its oldest items again until their receipts come back."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.items: dict[str, dict[str, object]] = {}
        self.at_once = 2
        self.rest: str | None = None
        self.refuses = False
        self.early: list[str] = []  # acknowledged before the spool had them
        self.server = HttpServer({"/queue/entries.json": self._entries})

    def put(self, name: str) -> None:
        self.items[name] = {"_wireq_receipt": name, "urn": f"urn:x:{name}", "headline": f"Boje {name}"}
        self.server.routes[f"/queue/entry/{name}"] = self._delete

    def _entries(self, asked: Asked) -> Answer:
        headers = {} if self.rest is None else {"Retry-After": self.rest}
        found = list(self.items.values())[: self.at_once]
        return Answer(200, json.dumps({"entries": found}, ensure_ascii=False).encode(), headers)

    def _delete(self, asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2]
        with self.database.reading() as tx:
            if not any(f"urn:x:{name}".encode() in one.raw for one in tx.spool.waiting(1000)):
                self.early.append(name)
        if asked.method != "DELETE" or self.refuses:
            return Answer(500)
        return Answer(204 if self.items.pop(name, None) else 404)


@pytest.fixture
def bench(database: Database, clock: FakeClock) -> Bench:
    made = Bench(database, clock)
    made.kind = "queue"
    return made


@pytest.fixture
def queue(database: Database) -> Iterator[Queue]:
    made = Queue(database)
    with made.server:
        yield made


def door(bench: Bench, queue: Queue, **more: object) -> QueueDoor:
    bench.wire(
        "coast",
        f"{queue.server.url}/queue/entries.json",
        items="entries",
        acknowledge="entry/{receipt}",
        **more,
    )
    return QueueDoor(
        bench.database, bench.clock, bench.wires, bench.client, private=bench.private, rng=lambda: 0.0
    )


def test_a_queue_is_emptied_and_each_item_acknowledged_once_it_is_safe(bench: Bench, queue: Queue) -> None:
    for name in "abcde":
        queue.put(name)
    assert door(bench, queue, interval=None).run_due() == 5
    assert queue.items == {}
    assert queue.early == []
    assert [json.loads(one.raw)["urn"] for one in bench.spooled()] == [f"urn:x:{name}" for name in "abcde"]
    assert bench.poll("coast").next_at == NOON + timedelta(seconds=30)
    assert bench.poll("coast").last_item_at == NOON


def test_an_item_whose_acknowledgement_failed_comes_again_and_is_the_same(bench: Bench, queue: Queue) -> None:
    queue.put("a")
    queue.refuses = True
    asking = door(bench, queue)
    assert asking.run_due() == 1
    assert list(queue.items) == ["a"]
    assert len(queue.server.asked) == 2, "it is not asked for again at once"
    queue.refuses = False
    bench.clock.move(seconds=300)
    assert asking.run_due() == 0
    assert queue.items == {}
    assert len(bench.spooled()) == 1


def test_retry_after_is_obeyed_even_with_a_good_answer(bench: Bench, queue: Queue) -> None:
    queue.put("a")
    queue.rest = "7200"
    asking = door(bench, queue)
    assert asking.run_due() == 1
    assert bench.poll("coast").next_at == NOON + timedelta(hours=2)
    bench.clock.move(seconds=7199)
    assert asking.run_due() == 0
    assert sum(asked.method == "GET" for asked in queue.server.asked) == 1


def test_a_queue_that_sends_us_away_is_left_alone(bench: Bench, queue: Queue) -> None:
    queue.server.routes["/queue/entries.json"] = Answer(503, b"", {"Retry-After": "3600"})
    assert door(bench, queue).run_due() == 0
    poll = bench.poll("coast")
    assert (poll.next_at, poll.last_error) == (NOON + timedelta(hours=1), "status 503")


def test_nothing_is_acknowledged_that_could_not_be_kept(
    bench: Bench, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.put("a")

    def full(*_: object, **__: object) -> tuple[int, bool]:
        raise OSError("no space left on device")

    monkeypatch.setattr("depesche.store.wires.spool.Spool.add", full)
    assert door(bench, queue).run_due() == 0
    assert list(queue.items) == ["a"]
    assert "no space left" in (bench.poll("coast").last_error or "")


def test_a_queue_without_receipts_is_read_until_it_is_empty(bench: Bench, queue: Queue) -> None:
    waiting = [b"<story>1</story>", b"<story>2</story>"]

    def dequeue(asked: Asked) -> Answer:
        return Answer(200, waiting.pop(0)) if waiting else Answer(204)

    queue.server.routes["/dequeue"] = dequeue
    bench.wire("plain", f"{queue.server.url}/dequeue")
    asking = QueueDoor(bench.database, bench.clock, bench.wires, bench.client, private=bench.private)
    assert asking.run_due() == 2
    assert [one.raw for one in bench.spooled()] == [b"<story>1</story>", b"<story>2</story>"]


def test_a_queue_that_forgets_nothing_is_not_asked_for_ever(bench: Bench, queue: Queue) -> None:
    queue.server.routes["/stuck"] = Answer(200, b"<story/>")
    bench.wire("stuck", f"{queue.server.url}/stuck")
    asking = QueueDoor(bench.database, bench.clock, bench.wires, bench.client, private=bench.private)
    assert asking.run_due() == 1
    assert len(queue.server.asked) == 2


def test_keys_go_to_the_queue_and_its_acknowledgements(bench: Bench, queue: Queue) -> None:
    queue.put("a")
    door(bench, queue, headers=(("X-Key", "salt"),)).run_due()
    assert {asked.headers["x-key"] for asked in queue.server.asked} == {"salt"}


def test_a_receipt_cannot_lead_elsewhere(bench: Bench, queue: Queue) -> None:
    queue.items["x"] = {"_wireq_receipt": "../../admin?x=1", "urn": "urn:x:x"}
    door(bench, queue).run_due()
    assert len(queue.server.asked) <= 4
    assert {one.path for one in queue.server.asked if one.method == "DELETE"} == {
        "/queue/entry/..%2F..%2Fadmin%3Fx=1"
    }


def test_an_answer_that_is_no_list_is_an_error_with_its_reason(bench: Bench, queue: Queue) -> None:
    queue.server.routes["/queue/entries.json"] = Answer(200, b'{"error": "maintenance"}')
    assert door(bench, queue).run_due() == 0
    assert "no 'entries'" in (bench.poll("coast").last_error or "")


def test_queues_keep_to_the_guard(bench: Bench, queue: Queue) -> None:
    bench.wire("inside", f"{queue.server.url}/queue/entries.json", allow_private=False)
    asking = QueueDoor(
        bench.database, bench.clock, bench.wires, Client(user_agent="x"), private=bench.private
    )
    assert asking.run_due() == 0
    assert queue.server.asked == []


# -- a database that is away ---------------------------------------------------------------------------


class Forgetful:
    """A queue that forgets what it has handed out, and may lock our database in that very moment."""

    def __init__(self, path: Path) -> None:
        self.answers = [b'{"entries": [{"urn": "a"}, {"urn": "b"}]}', b'{"entries": [{"urn": "c"}]}']
        self.other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.locks = True
        self.server = HttpServer({"/queue/entries.json": self._entries})

    def _entries(self, _asked: Asked) -> Answer:
        if self.locks:
            self.other.execute("BEGIN IMMEDIATE")
        return Answer(200, self.answers.pop(0)) if self.answers else Answer(204)


@pytest.fixture
def locked(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(module, "_BUSY_MS", 50)
    shutil.copy(migrated_sqlite, tmp_path / "queue.sqlite")
    return Database(f"sqlite:///{tmp_path}/queue.sqlite")


def test_an_answer_that_cannot_be_kept_is_not_forgotten(
    locked: Database, clock: FakeClock, tmp_path: Path
) -> None:
    bench = Bench(locked, clock)
    bench.kind = "queue"
    queue = Forgetful(tmp_path / "queue.sqlite")
    with queue.server:
        bench.wire("coast", f"{queue.server.url}/queue/entries.json", items="entries")
        asking = QueueDoor(locked, clock, bench.wires, bench.client, private=bench.private, rng=lambda: 0.0)
        for _ in range(2):
            with pytest.raises(StoreError):
                asking.run_due()
        assert len(queue.server.asked) == 1, "nothing more is taken out while that waits"
        queue.locks = False
        queue.other.execute("ROLLBACK")
        assert asking.run_due() == 3
        assert [json.loads(one.raw)["urn"] for one in bench.spooled()] == ["a", "b", "c"]
        assert bench.poll("coast").failures == 0, "the wire was not to blame"
    queue.other.close()
    locked.close()


def test_what_cannot_be_parted_is_kept_whole_where_it_will_not_come_again(bench: Bench, queue: Queue) -> None:
    queue.server.routes["/queue/entries.json"] = Answer(200, b'{"entries": "Boje"}')
    bench.wire("coast", f"{queue.server.url}/queue/entries.json", items="entries")
    asking = QueueDoor(
        bench.database, bench.clock, bench.wires, bench.client, private=bench.private, rng=lambda: 0.0
    )
    assert asking.run_due() == 1
    assert [one.raw for one in bench.spooled()] == [b'{"entries": "Boje"}']
