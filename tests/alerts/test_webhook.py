"""Webhooks: asked by a challenge, signed, and tried again at receivers that fail in every way."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from newsdesk import HALDEN, MIRABEL, Newsroom, token_of
from post_office import PostOffice
from servers import Answer, Asked, HttpServer

from depesche.alerts.following.hookdesk import Hook, HookDesk
from depesche.alerts.sending.digester import Digester
from depesche.model.errors import NotFound, Refused
from depesche.model.subscription import DIGEST, PROVIDER, Target
from depesche.model.wire import TEASER, Rights

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "webhook.schema.json").read_text())


_TYPES = {"string": str, "integer": int, "object": dict, "array": list, "null": type(None)}


def fits(value: Any, schema: dict[str, Any]) -> None:
    """Hold *value* against a schema; knows the words that ours uses, and no others."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    known = {
        "type",
        "enum",
        "items",
        "properties",
        "required",
        "additionalProperties",
        "description",
        "title",
        "$schema",
        "$defs",
    }
    assert set(schema) <= known
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(_TYPES[one] for one in allowed)), (value, schema)
    assert "enum" not in schema or value in schema["enum"]
    if isinstance(value, dict):
        assert set(schema["required"]) <= set(value) <= set(schema["properties"]), value
        for name, one in value.items():
            fits(one, schema["properties"][name])
    for one in value if isinstance(value, list) else ():
        fits(one, schema["items"])


class Receiver:
    """A program at `url` that echoes challenges and keeps events; `misbehave` may answer events otherwise."""

    def __init__(self) -> None:
        self.server = HttpServer({"/hook": self._answer})
        self.events: list[Asked] = []
        self.misbehave: Callable[[Asked], Answer | None] = lambda _asked: None

    @property
    def url(self) -> str:
        return f"{self.server.url}/hook"

    def _answer(self, asked: Asked) -> Answer:
        told = json.loads(asked.body)
        if told["event"] == "challenge":
            return Answer(200, json.dumps({"challenge": told["challenge"]}).encode())
        self.events.append(asked)
        return self.misbehave(asked) or Answer(204)

    def told(self) -> list[dict[str, Any]]:
        """Return the events, each as its schema has it."""
        found = [json.loads(one.body) for one in self.events]
        for one in found:
            fits(one, SCHEMA)
        return found


@pytest.fixture
def office(newsroom: Newsroom, tmp_path: Path) -> PostOffice:
    return PostOffice(newsroom, tmp_path)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    with made.server:
        yield made


def follow(office: PostOffice, receiver: Receiver, *targets: Target, updates: bool = False) -> Hook:
    hook = office.hooks.add(receiver.url, targets or [Target.share(HALDEN)], "de", updates=updates)
    office.newsroom.clock.move(seconds=1)
    return hook


def is_signed(asked: Asked, secret: str) -> bool:
    """Check a signature as the documentation tells receivers to."""
    text = f"{asked.headers['depesche-id']}.{asked.headers['depesche-timestamp']}.".encode() + asked.body
    wanted = "v1=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, asked.headers["depesche-signature"])


def test_a_program_is_told_all_it_needs_and_can_check_it(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver
) -> None:
    hook = follow(office, receiver)
    (challenge,) = receiver.server.asked
    assert is_signed(challenge, hook.secret)
    newsroom.file(shares=(HALDEN, MIRABEL))
    newsroom.follow_journal()
    with office.courier("webhook") as courier:
        assert courier.run_once().sent == 1
    (asked,), (told,) = receiver.events, receiver.told()
    assert is_signed(asked, hook.secret)
    assert not is_signed(Asked("POST", "/", asked.headers, asked.body + b" "), hook.secret)
    assert int(asked.headers["depesche-timestamp"]) == int(newsroom.clock.now().timestamp())
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["depesche-id"] == told["id"]
    assert told["event"] == "alert"
    story = told["story"]
    assert (story["id"], story["lineage"], story["version"]) == (1, 1, 1)
    assert story["headline"] == "Halden Werke liefern erste Seilbahn aus"
    assert story["teaser"] == "Die erste Kabine fährt im Herbst."
    assert story["provider"] == "Nordlicht"
    assert story["url"] == "https://news.example/news/halden-werke-liefern-erste-seilbahn-aus-1"
    assert {(one["isin"], one["name"]) for one in story["shares"]} == {
        (HALDEN, "Halden Werke"), (MIRABEL, "Mirabel & Söhne"),
    }  # fmt: skip
    assert story["reasons"] == [{"kind": "instrument", "value": HALDEN, "name": "Halden Werke"}]
    assert newsroom.links.read_owner(token_of(str(told["manage"]))) == (hook.subscriber.key, None)


def test_nothing_is_sent_before_the_challenge_is_answered(newsroom: Newsroom, office: PostOffice) -> None:
    answers = [
        Answer(200, b"ok"), Answer(200, b'{"challenge": "guess"}'), Answer(200, b"[]"), Answer(200), Answer(404),
        Answer(302, headers={"Location": "/echo"}), Answer(200, b"x" * 100_000), Answer(200, b"\xff\xfe"),
    ]  # fmt: skip
    with HttpServer({"/echo": Answer(200)}) as server:
        for number, answer in enumerate(answers):
            server.routes[f"/{number}"] = answer
            with pytest.raises(Refused, match="challenge"):
                office.hooks.add(f"{server.url}/{number}", [Target.share(HALDEN)], "de")
        newsroom.clock.move(seconds=1)
        newsroom.file()
        newsroom.follow_journal()
        with office.courier("webhook") as courier:
            assert courier.run_once().sent == 0
        assert len(server.asked) == len(answers), "a challenge each, and no redirect followed"
    newsroom.clock.move(hours=49)
    assert newsroom.optin.expire() == len(answers)


def test_the_challenge_may_be_echoed_as_bare_text(office: PostOffice) -> None:
    with HttpServer() as server:
        server.routes["/"] = lambda asked: Answer(200, json.loads(asked.body)["challenge"].encode() + b"\n")
        hook = office.hooks.add(f"{server.url}/", [Target.share(HALDEN)], "de")
    assert [one.is_active for one in hook.followed] == [True]


def test_consent_is_logged_and_withdrawn(newsroom: Newsroom, office: PostOffice, receiver: Receiver) -> None:
    follow(office, receiver, Target.share(HALDEN), Target.share(MIRABEL))
    assert [one.isin for one in office.hooks.remove(receiver.url, Target.share(HALDEN))] == [HALDEN]
    assert [one.isin for one in office.hooks.remove(receiver.url)] == [MIRABEL]
    log = office.consents(f"webhook:{receiver.url}")
    assert [(one.event, one.source) for one in log] == [
        ("requested", "operator"), ("requested", "operator"), ("confirmed", "challenge"), ("confirmed", "challenge"),
        ("left", "operator"), ("left", "operator"),
    ]  # fmt: skip
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webhook") as courier:
        assert courier.run_once().sent == 0


def test_updates_corrections_and_kills_are_events_of_their_own(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver
) -> None:
    follow(office, receiver, updates=True)
    with office.courier("webhook") as courier:
        newsroom.file()
        newsroom.follow_journal()
        courier.run_once()
        newsroom.file(version="2", headline="Halden Werke liefern zwei Seilbahnen aus")
        newsroom.follow_journal()
        courier.run_once()
        newsroom.correct(version="3")
        newsroom.follow_journal()
        courier.run_once()
        newsroom.kill()
        newsroom.follow_journal()
        courier.run_once()
    told = receiver.told()
    assert [one["event"] for one in told] == ["alert", "update", "correction", "kill"]
    assert len({one["id"] for one in told}) == 4
    kill = told[-1]["story"]
    assert set(kill) == {"id", "lineage", "url", "provider", "updated_at", "notice", "reasons"}, (
        "nothing of the copy"
    )
    assert b"Kabine" not in receiver.events[-1].body


def test_a_digest_is_one_event(newsroom: Newsroom, office: PostOffice, receiver: Receiver) -> None:
    newsroom.file("first")
    newsroom.clock.move(seconds=1)
    hook = follow(office, receiver, Target(PROVIDER, "Nordlicht"))
    with newsroom.database.transaction() as tx:
        tx.subscriptions.set_manner(hook.followed[0].key, cadence=DIGEST, updates=False)
    newsroom.file("halden-2", headline="Halden Werke bauen weiter")
    newsroom.file("mirabel-1", shares=(MIRABEL,), headline="Mirabel backt größere Brötchen")
    newsroom.follow_journal()
    newsroom.clock.move(hours=6)
    Digester(newsroom.database, newsroom.clock, newsroom.composer.ids).run_once()
    with office.courier("webhook") as courier:
        courier.run_once()
    (told,) = receiver.told()
    assert told["event"] == "digest"
    stories = told["stories"]
    assert [one["headline"] for one in stories] == [
        "Halden Werke bauen weiter",
        "Mirabel backt größere Brötchen",
    ]


def test_display_rights_hold(newsroom: Newsroom, office: PostOffice, receiver: Receiver) -> None:
    newsroom.rights["nordlicht"] = Rights(display=TEASER, teaser_length=12, notice="Ohne Gewähr.")
    follow(office, receiver)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webhook") as courier:
        courier.run_once()
    (told,) = receiver.told()
    story = told["story"]
    assert (story["teaser"], story["notice"]) == ("Die erste…", "Ohne Gewähr.")


def hang(receiver: Receiver) -> Answer:
    receiver.server.closing.wait(3)
    return Answer(200)


def cut(_receiver: Receiver) -> Answer:
    raise ConnectionAbortedError  # the connection ends without a word


def drip(write: Callable[[bytes], object], closing: threading.Event) -> None:
    while not closing.wait(0.05):
        try:
            write(b"x")
        except OSError:
            return


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda _: Answer(500), id="500"),
        pytest.param(lambda _: Answer(503, b"x" * 1_000_000), id="503 and much to say"),
        pytest.param(lambda _: Answer(404), id="404"),
        pytest.param(lambda _: Answer(401), id="401"),
        pytest.param(lambda _: Answer(429, headers={"Retry-After": "7"}), id="429"),
        pytest.param(lambda _: Answer(302, headers={"Location": "/elsewhere"}), id="redirect"),
        pytest.param(lambda _: Answer(200, stream=drip, headers={"Content-Length": "9999"}), id="drip"),
        pytest.param(hang, id="hang"),
        pytest.param(cut, id="hang-up"),
    ],
)
def test_a_receiver_that_fails_is_tried_again_with_the_same_id(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver, fail: Callable[[Receiver], Answer]
) -> None:
    hook = follow(office, receiver)
    newsroom.file()
    newsroom.follow_journal()
    receiver.misbehave = lambda _asked: fail(receiver)
    with office.courier("webhook", timeout="0.4") as courier:
        done = courier.run_once()
        assert (done.sent, done.postponed, done.trouble) == (0, 1, None)
        receiver.misbehave = lambda _asked: None
        newsroom.clock.move(minutes=2)
        assert courier.run_once().sent == 1
    assert len({one.headers["depesche-id"] for one in receiver.events}) == 1
    assert len({one.headers["depesche-timestamp"] for one in receiver.events}) == 2
    assert all(is_signed(one, hook.secret) for one in receiver.events)
    assert newsroom.balance().is_even
    assert "/elsewhere" not in [one.path for one in receiver.server.asked]


def test_one_that_never_recovers_is_tried_until_the_alert_expires(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver
) -> None:
    follow(office, receiver)
    newsroom.file()
    newsroom.follow_journal()
    receiver.misbehave = lambda _asked: Answer(500)
    with office.courier("webhook") as courier:
        for _ in range(40):
            courier.run_once()
            newsroom.clock.move(minutes=10)
    assert 6 <= len(receiver.events) <= 20
    assert newsroom.balance().expired == 1


def test_the_first_try_that_succeeds_is_the_last(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver
) -> None:
    follow(office, receiver)
    newsroom.file()
    newsroom.follow_journal()
    receiver.misbehave = lambda _asked: Answer(500)
    with office.courier("webhook") as courier:
        assert courier.run_once().postponed == 1
        assert courier.run_once().postponed == 0, "not before its time"
        receiver.misbehave = lambda _asked: None
        newsroom.clock.move(minutes=2)
        assert courier.run_once().sent == 1
        newsroom.clock.move(minutes=120)
        assert courier.run_once().sent == 0
    assert [one["id"] for one in receiver.told()] == [receiver.told()[0]["id"]] * 2


def test_410_ends_it(newsroom: Newsroom, office: PostOffice, receiver: Receiver) -> None:
    follow(office, receiver, Target.share(HALDEN), Target.share(MIRABEL))
    newsroom.file()
    newsroom.follow_journal()
    receiver.misbehave = lambda _asked: Answer(410, b"gone for good")
    with office.courier("webhook") as courier:
        assert courier.run_once().dead == 1
        newsroom.file("halden-2", headline="Halden Werke bauen weiter")
        newsroom.follow_journal()
        courier.run_once()
    assert len(receiver.events) == 1
    assert office.consents(f"webhook:{receiver.url}")[-1].source == "webhook: 410 gone for good"
    assert [one.followed for one in office.hooks.every()] == [()]


def test_a_slow_one_holds_up_nobody(newsroom: Newsroom, office: PostOffice, receiver: Receiver) -> None:
    slow = Receiver()
    slow.misbehave = lambda _asked: hang(slow)
    with slow.server:
        follow(office, slow)
        follow(office, receiver)
        newsroom.file()
        newsroom.follow_journal()
        with office.courier("webhook", timeout="0.4") as courier:
            done = courier.run_once()
    assert (done.sent, done.postponed) == (1, 1)


@pytest.mark.parametrize(
    "url",
    ["http://program.example/", "https://10.1.2.3/", "https://127.0.0.1/x", "https://localhost/", "https://a:b@program.example/", "ftp://program.example/",
     "https://169.254.169.254/latest/", "https://program.example/" + "x" * 1024, "program.example", ""],
)  # fmt: skip
def test_addresses_that_are_refused(newsroom: Newsroom, office: PostOffice, url: str) -> None:
    desk = HookDesk(newsroom.database, newsroom.clock, office.challenger({}), "1")
    with pytest.raises(Refused):
        desk.add(url, [Target.share(HALDEN)], "de")


def test_an_address_that_moved_inside_is_dead(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver
) -> None:
    follow(office, receiver)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webhook", private="") as courier:
        assert courier.run_once().dead == 1
    assert receiver.events == []


def test_the_operator_tries_one_out(office: PostOffice, receiver: Receiver) -> None:
    hook = follow(office, receiver)
    assert office.hooks.test(receiver.url).status == 204
    (asked,) = receiver.events
    assert is_signed(asked, hook.secret)
    assert [one["event"] for one in receiver.told()] == ["test"]
    assert [(one.subscriber.address, one.secret) for one in office.hooks.every()] == [
        (receiver.url, hook.secret)
    ]
    with pytest.raises(NotFound):
        office.hooks.test("https://nobody.example/")
    with pytest.raises(NotFound):
        office.hooks.remove("https://nobody.example/")
    with pytest.raises(NotFound):
        office.hooks.add(receiver.url, [Target.share("ZZ0000000000")], "de")


def test_a_courier_killed_before_the_answer_posts_again_with_the_same_id(
    newsroom: Newsroom, office: PostOffice, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(office, receiver)
    newsroom.file()
    newsroom.follow_journal()

    class Killed(Exception):
        """The end of the process."""

    def kill() -> None:
        raise Killed

    def answer(_asked: Asked) -> Answer:
        monkeypatch.setattr(newsroom.clock, "now", kill)
        return Answer(204)

    receiver.misbehave = answer
    with office.courier("webhook") as courier, pytest.raises(Killed):
        courier.run_once()
    monkeypatch.undo()
    receiver.misbehave = lambda _asked: None
    assert newsroom.balance().intent == 1
    with office.courier("webhook") as courier:
        assert newsroom.balance().uncertain == 1
        assert courier.run_once().sent == 1
    first, second = (one.headers["depesche-id"] for one in receiver.events)
    assert first == second
    assert newsroom.balance().is_even
