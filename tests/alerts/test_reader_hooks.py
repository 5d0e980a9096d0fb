"""Webhooks that readers enter on their own page: proved by a challenge, useless for probing, stopped when nobody answers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from newsdesk import ADDRESS, HALDEN, MIRABEL, SECRET, Newsroom, mails, part, token_of
from post_office import OPEN, PostOffice
from tests.lib.servers import Answer, Asked, HttpServer

from depesche.alerts.following.dossier import dossier, erase
from depesche.alerts.following.readerhooks import Limits, ReaderHooks
from depesche.alerts.links import Links
from depesche.alerts.returns.suppression import SuppressionList
from depesche.model.errors import Refused, TooMany
from depesche.model.subscription import HOOK_LETTER, Consent, Subscriber, Target

IDA, TOM = "ida@readers.example", "tom@readers.example"
IP = "192.0.2.9"
WORDS = "By adding it you agree."
NEAR = {"private": "", "networks": "127.0.0.0/8 ::1/128"}  # this machine as if it were a public one
LIMITS = Limits(2, per_hour=1000, seconds=0.4, ports=None)


class Program:
    """A reader's program: echoes challenges unless told otherwise, and keeps what it was posted."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, str]], Answer] = lambda _told: Answer(204)
        self.echo: Callable[[str], Answer] = lambda challenge: Answer(200, challenge.encode())
        self.told: list[dict[str, str]] = []
        self.server = HttpServer({"/news": self._answer, "/other": self._answer})

    @property
    def url(self) -> str:
        return f"{self.server.url}/news"

    def _answer(self, asked: Asked) -> Answer:
        told = json.loads(asked.body)
        self.told.append(told)
        return self.echo(told["challenge"]) if told["event"] == "challenge" else self.answer(told)


@pytest.fixture
def office(newsroom: Newsroom, tmp_path: Path) -> PostOffice:
    return PostOffice(newsroom, tmp_path)


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program()
    with made.server:
        yield made


@pytest.fixture
def hooks(newsroom: Newsroom, office: PostOffice) -> ReaderHooks:
    newsroom.follow(IDA)
    newsroom.follow(IDA, MIRABEL)
    return desk(newsroom, office)


def desk(newsroom: Newsroom, office: PostOffice, limits: Limits = LIMITS, **options: str) -> ReaderHooks:
    given = office.challenger({**OPEN, "timeout": str(limits.seconds), **options})
    return ReaderHooks(newsroom.database, newsroom.clock, Links(SECRET, ADDRESS), given, limits, "2026-01")


def reader(newsroom: Newsroom, address: str = IDA) -> Subscriber:
    with newsroom.database.reading() as tx:
        found = tx.subscriptions.by_identity(address)
    assert found is not None
    return found


def token(newsroom: Newsroom, address: str = IDA) -> str:
    return newsroom.links.manage_token(reader(newsroom, address).key)


def add(hooks: ReaderHooks, newsroom: Newsroom, url: str, only: int | None = None) -> str:
    _, secret = hooks.add(token(newsroom), IP, "en", url, only, WORDS)
    newsroom.clock.move(seconds=1)
    return secret


def log(newsroom: Newsroom, key: int) -> list[Consent]:
    with newsroom.database.reading() as tx:
        return tx.subscriptions.consents(key)


def test_a_program_is_told_what_its_reader_follows_once_it_has_echoed(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program
) -> None:
    assert add(hooks, newsroom, program.url)
    [hook] = hooks.of(reader(newsroom))
    assert [one.isin for one in hook.followed] == [HALDEN, MIRABEL]
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webhook", **NEAR) as courier:
        assert courier.run_once().sent == 1
    assert [one["event"] for one in program.told] == ["challenge", "alert"]
    kept = log(newsroom, hook.subscriber.key)
    assert sorted(one.event for one in kept) == ["confirmed"] * 2 + ["requested"] * 2
    assert {(one.ip, one.form_text) for one in kept if one.event == "requested"} == {(IP, WORDS)}
    assert log(newsroom, reader(newsroom).key)[-1].form_text == f"webhook added: {program.url}"


def test_the_secret_is_given_once_and_more_can_be_followed_without_it(
    newsroom: Newsroom, hooks: ReaderHooks, program: Program
) -> None:
    only = newsroom.subscription(IDA, MIRABEL).key
    assert add(hooks, newsroom, program.url, only)
    assert add(hooks, newsroom, program.url) == ""
    [hook] = hooks.of(reader(newsroom))
    assert {one.isin for one in hook.followed} == {HALDEN, MIRABEL}
    assert len(program.told) == 1, "one challenge proves the address"


def test_a_webhook_for_everything_is_told_of_what_is_followed_later_and_no_more_of_what_is_left(
    newsroom: Newsroom, office: PostOffice, program: Program
) -> None:
    newsroom.follow(IDA)
    hooks = desk(newsroom, office)
    add(hooks, newsroom, program.url)
    newsroom.follow(IDA, MIRABEL)
    [hook] = hooks.of(reader(newsroom))
    assert {one.isin for one in hook.followed if one.is_active} == {HALDEN, MIRABEL}
    joined = [one for one in log(newsroom, hook.subscriber.key) if one.source == "reader"]
    assert [(one.event, one.isin, one.form_text) for one in joined] == [
        ("requested", MIRABEL, WORDS), ("confirmed", MIRABEL, None),
    ]  # fmt: skip
    newsroom.optin.leave(token(newsroom), IP, newsroom.subscription(IDA, HALDEN).key)
    assert [one.isin for one in hooks.of(reader(newsroom))[0].followed] == [MIRABEL]
    newsroom.optin.leave(token(newsroom), IP)
    assert hooks.of(reader(newsroom)) == []
    newsroom.follow(IDA)
    assert hooks.of(reader(newsroom)) == [], "one that followed nothing is gone"


def test_a_webhook_for_one_thing_stays_with_it_until_it_is_added_for_everything(
    newsroom: Newsroom, office: PostOffice, program: Program
) -> None:
    newsroom.follow(IDA)
    hooks = desk(newsroom, office)
    add(hooks, newsroom, program.url, newsroom.subscription(IDA, HALDEN).key)
    newsroom.follow(IDA, MIRABEL)
    assert [one.isin for one in hooks.of(reader(newsroom))[0].followed] == [HALDEN]
    newsroom.optin.leave(token(newsroom), IP, newsroom.subscription(IDA, MIRABEL).key)
    assert add(hooks, newsroom, program.url) == ""
    newsroom.follow(IDA, MIRABEL)
    assert [one.isin for one in hooks.of(reader(newsroom))[0].followed] == [HALDEN, MIRABEL]


def test_readers_with_the_same_address_have_secrets_of_their_own(
    newsroom: Newsroom, hooks: ReaderHooks, program: Program
) -> None:
    newsroom.follow(TOM)
    first = add(hooks, newsroom, program.url)
    _, second = hooks.add(token(newsroom, TOM), IP, "en", program.url, None, WORDS)
    assert first
    assert second not in ("", first)
    [of_tom] = hooks.of(reader(newsroom, TOM))
    with pytest.raises(Refused):
        hooks.remove(token(newsroom), IP, "en", of_tom.subscriber.key)
    assert hooks.of(reader(newsroom, TOM)) == [of_tom]


def _closed() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}/news"


def test_whatever_is_there_the_answer_is_the_same_and_as_late(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program
) -> None:
    """Closed, silent, no mail of ours, a redirect, another page: nobody can tell these apart, nor a network of ours."""
    strict = desk(newsroom, office, private="", networks="")
    ways: list[tuple[ReaderHooks, str, Answer | None]] = [
        (hooks, _closed(), None),
        (hooks, "http://localhost:1/", None),
        (hooks, program.url, Answer(200, b"welcome")),
        (hooks, program.url, Answer(500)),
        (hooks, program.url, Answer(302, b"", {"Location": program.url})),
        (hooks, program.url, Answer(200, b"x" * 100_000)),
        (strict, "https://localhost/", None),
    ]
    said, took = set(), []
    for one, url, answer in ways:
        if answer is not None:
            program.echo = lambda _challenge, answer=answer: answer  # type: ignore[misc]
        began = time.monotonic()
        with pytest.raises(Refused) as error:
            one.add(token(newsroom), IP, "en", url, None, WORDS)
        took.append(time.monotonic() - began)
        said.add(str(error.value))
    assert len(said) == 1
    assert min(took) >= LIMITS.seconds
    assert hooks.of(reader(newsroom)) == []
    noted = [one.form_text for one in log(newsroom, reader(newsroom).key) if one.event == "changed"]
    assert len(noted) == len(ways)


def test_a_program_that_never_answers_is_not_waited_for(
    newsroom: Newsroom, hooks: ReaderHooks, program: Program
) -> None:
    release = threading.Event()

    def sleep(challenge: str) -> Answer:
        release.wait(20)
        return Answer(200, challenge.encode())

    program.echo = sleep
    with pytest.raises(Refused):
        add(hooks, newsroom, program.url)
    release.set()
    assert hooks.of(reader(newsroom)) == []


@pytest.mark.parametrize(
    "url",
    ["http://program.example/", "https://10.1.2.3/", "https://[::1]/", "https://a:b@program.example/", "https://program.example:22/",
     "https://program.example:8443/", "ftp://program.example/", "https://program.example/" + "x" * 1024, "https://2130706433/",
     "https://program.example/\r\nX: y", "javascript:alert(1)", ""],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused_without_a_post(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, url: str
) -> None:
    strict = desk(newsroom, office, Limits(2, 1000, 30.0), private="", networks="")
    with pytest.raises(Refused, match="https address"):
        strict.add(token(newsroom), IP, "en", url, None, WORDS)


def test_only_who_has_confirmed_something_may_name_an_address(
    newsroom: Newsroom, hooks: ReaderHooks, program: Program
) -> None:
    newsroom.ask(TOM)
    with pytest.raises(Refused, match="follow something first"):
        hooks.add(token(newsroom, TOM), IP, "en", program.url, None, WORDS)
    leave = newsroom.links.leave_token(reader(newsroom).key, [1])
    for bad in ("", "x", leave):
        with pytest.raises(Refused):
            hooks.add(bad, IP, "en", program.url, None, WORDS)
    assert program.told == []


def test_limits(newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program) -> None:
    """So many webhooks a reader, so many challenges an hour; an operator may allow none."""
    for path in ("/news", "/other"):
        add(hooks, newsroom, program.server.url + path)
    with pytest.raises(TooMany, match="no more than 2"):
        add(hooks, newsroom, program.server.url + "/news?third")
    off = desk(newsroom, office, Limits(0, 1000, 0.1, None))
    assert not off.is_offered
    with pytest.raises(Refused):
        add(off, newsroom, program.url)
    quick = desk(newsroom, office, Limits(20, 1000, 0.01, None))
    program.echo = lambda _challenge: Answer(500)
    said = []
    for number in range(12):
        with pytest.raises(Refused) as error:
            quick.add(token(newsroom), IP, "en", f"{program.url}?{number}", None, WORDS)
        said.append(type(error.value))
    assert said == [Refused] * 10 + [TooMany] * 2
    newsroom.clock.move(hours=1)
    with pytest.raises(Refused, match="repeat"):
        quick.add(token(newsroom), IP, "en", program.url + "?again", None, WORDS)


def test_a_webhook_is_removed_and_added_anew_with_another_secret(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program
) -> None:
    first = add(hooks, newsroom, program.url)
    [hook] = hooks.of(reader(newsroom))
    hooks.remove(token(newsroom), IP, "en", hook.subscriber.key)
    assert hooks.of(reader(newsroom)) == []
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webhook", **NEAR) as courier:
        assert courier.run_once().sent == 0
    second = add(hooks, newsroom, program.url)
    assert second
    assert second != first
    assert len(program.told) == 2


def _stories(newsroom: Newsroom, office: PostOffice, n: int, hours: float) -> None:
    for number in range(n):
        newsroom.file(
            f"halden-{number}", headline=f"Halden Werke, Meldung {number}", body_text=f"Kabine {number} " * 40
        )
        newsroom.follow_journal()
        with office.courier("webhook", **NEAR) as courier:
            courier.run_once()
        newsroom.clock.move(hours=hours)


def test_what_fails_for_a_day_is_stopped_and_its_reader_told(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program, tmp_path: Path
) -> None:
    add(hooks, newsroom, program.url)
    program.answer = lambda _told: Answer(500)
    _stories(newsroom, office, 12, 3)
    [hook] = hooks.of(reader(newsroom))
    assert hook.subscriber.paused_until is not None
    assert hook.subscriber.paused_until > newsroom.clock.now() + timedelta(days=365)
    before = len(program.told)
    _stories(newsroom, office, 1, 1)
    assert len(program.told) == before, "nothing is posted to a webhook that was stopped"
    courier = newsroom.courier(tmp_path)
    courier.run_once()
    courier.close()
    told = [one for one in mails(tmp_path) if one["Subject"] == "Ihr Webhook wurde angehalten"]
    assert len(told) == 1
    assert program.url in part(told[0], "plain")
    assert token_of(part(told[0], "plain"))
    # It answers again: a challenge, and the next story comes.
    program.answer = lambda _told: Answer(204)
    hooks.resume(token(newsroom), IP, "en", hook.subscriber.key)
    newsroom.clock.move(seconds=1)
    newsroom.file("halden-new", headline="Halden Werke fahren wieder")
    newsroom.follow_journal()
    with office.courier("webhook", **NEAR) as post:
        post.run_once()
    assert program.told[-1]["event"] == "alert"


def test_one_answer_makes_good_what_failed_before(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program
) -> None:
    add(hooks, newsroom, program.url)
    program.answer = lambda _told: Answer(503)
    _stories(newsroom, office, 6, 3)
    [hook] = hooks.of(reader(newsroom))
    assert hook.subscriber.failures >= 6
    program.answer = lambda _told: Answer(200)
    _stories(newsroom, office, 1, 1)
    [hook] = hooks.of(reader(newsroom))
    assert (hook.subscriber.failures, hook.subscriber.failing_since) == (0, None)
    assert newsroom.letters(HOOK_LETTER) == []


def test_a_readers_webhook_is_never_posted_to_inside_even_where_the_operators_are(
    newsroom: Newsroom, office: PostOffice, hooks: ReaderHooks, program: Program
) -> None:
    """The name a reader gave may lead into our network by now; the operator's own webhook there goes on."""
    add(hooks, newsroom, program.url)
    office.hooks.add(program.server.url + "/other", [Target.share(HALDEN)], "de")
    newsroom.clock.move(seconds=1)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webhook", private="yes") as courier:
        done = courier.run_once()
    assert (done.sent, done.dead) == (1, 1)


def test_erasing_a_reader_erases_the_webhooks_too(
    newsroom: Newsroom, hooks: ReaderHooks, program: Program
) -> None:
    add(hooks, newsroom, program.url)
    ida, suppressed = reader(newsroom), SuppressionList(SECRET)
    [hook] = hooks.of(ida)
    with newsroom.database.transaction() as tx:
        kept = dossier(tx, ida, suppressed)
        assert [one.url for one in kept.webhooks] == [program.url]
        assert hook.secret not in repr(kept)
        erase(tx, ida, suppressed, newsroom.clock.now())
    with newsroom.database.reading() as tx:
        assert tx.readers.on_channel("webhook") == []
        assert tx.subscriptions.by_identity(IDA) is None
