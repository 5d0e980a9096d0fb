"""Who may ask the API, how often, from where; and that a key never stands in a log."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest
import structlog
from asking import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from depesche.model.errors import StoreError
from depesche.portal.api.gate import PREFIX, digest
from depesche.portal.api.limiter import WINDOW, Limiter, network_of

KEY = PREFIX + "k" * 43


def give(desk: Desk, per_minute: int = 3) -> None:
    with desk.paper.room.database.transaction() as tx:
        tx.api_keys.add("Kontor", digest(KEY), per_minute, desk.paper.clock.now())


def slow_down(desk: Desk, per_minute: int) -> list[float]:
    """Let a network ask *per_minute* times; the time is the list's only entry."""
    now = [1000.0]
    desk.app.gate._anonymous = per_minute
    desk.app.gate.limiter = Limiter(lambda: now[0])
    return now


def ask(desk: Desk, path: str = "/stories?limit=1", **headers: str) -> Any:
    return desk.browser.get(f"/api/v1{path}", **headers)


def test_without_a_key_a_network_has_a_small_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    now = slow_down(desk, 2)
    first, second, third = ask(desk), ask(desk), ask(desk)
    assert (first.status, first.headers["ratelimit"]) == (200, '"anonymous";r=1;t=60')
    assert first.headers["ratelimit-policy"] == '"anonymous";q=2;w=60'
    assert (second.status, second.headers["ratelimit"]) == (200, '"anonymous";r=0;t=60')
    assert (third.status, third.headers["content-type"]) == (429, "application/problem+json")
    assert third.headers["retry-after"] == "60"
    assert ask(desk, "/nothing").status == 429, "what is not there counts as well"
    now[0] += 12.5
    assert ask(desk).headers["retry-after"] == "48"
    monkeypatch.setattr("asking.CLIENT", ("198.51.100.9", 5000))
    assert ask(desk).status == 200, "another network"
    monkeypatch.setattr("asking.CLIENT", ("192.0.2.7", 5000))
    now[0] += 47.5
    assert ask(desk).status == 200, "another minute"


def test_what_is_kept_and_what_is_unchanged_counts_as_well(desk: Desk) -> None:
    slow_down(desk, 3)
    etag = ask(desk).headers["etag"]
    assert ask(desk, if_none_match=etag).status == 304
    assert ask(desk).status == 200
    assert ask(desk, if_none_match=etag).status == 429


@pytest.mark.parametrize("header", ["authorization", "x_api_key"])
def test_a_key_has_a_limit_of_its_own_until_it_is_revoked(desk: Desk, header: str) -> None:
    slow_down(desk, 1)
    give(desk)
    said = {header: f"Bearer {KEY}" if header == "authorization" else KEY}
    for left in (2, 1, 0):
        answer = ask(desk, **said)
        assert (answer.status, answer.headers["ratelimit"]) == (200, f'"key";r={left};t=60')
    assert ask(desk, **said).status == 429
    assert ask(desk).status == 200, "the network's own limit is untouched"
    slow_down(desk, 5)
    assert ask(desk, **said).status == 200
    with desk.paper.room.database.transaction() as tx:
        assert tx.api_keys.revoke("Kontor", desk.paper.clock.now())
    answer = ask(desk, **said)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="api"')
    assert answer.headers["content-type"] == "application/problem+json"


def test_guessing_keys_uses_up_the_network(desk: Desk) -> None:
    slow_down(desk, 2)
    wrong = ("dk_" + "x" * 43, "dk_short", "\xff", KEY, "")
    assert [ask(desk, authorization=f"Bearer {one}").status for one in wrong] == [401, 401, 429, 429, 429]


def test_another_scheme_is_a_proxys_business(desk: Desk) -> None:
    assert ask(desk, authorization="Basic dXNlcjpwYXNz").status == 200


def test_an_installation_may_answer_to_keys_only(desk: Desk) -> None:
    slow_down(desk, 0)
    give(desk)
    assert ask(desk).status == 401
    assert ask(desk, authorization=f"Bearer {KEY}").status == 200
    assert ask(desk, "/../").status == 401


def test_a_key_in_an_address_is_no_key(desk: Desk) -> None:
    slow_down(desk, 5)
    give(desk)
    assert ask(desk, f"/stories?api_key={KEY}").headers["ratelimit-policy"].startswith('"anonymous"')


def test_a_key_stands_in_no_log_and_no_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    slow_down(desk, 100)
    give(desk, 100)
    caplog.set_level(logging.DEBUG)
    structlog.reset_defaults()
    said = {"authorization": f"Bearer {KEY}"}
    with capture_logs() as logged:
        answers = [
            ask(desk, path, **said)
            for path in ("/stories", "/nothing", "/stories?limit=x", "/stories?cursor=AAAA")
        ]
        monkeypatch.setattr("depesche.store.stories.catalogue.Catalogue.stories", _away)
        away = ask(desk, "/stories?limit=7", **said)
        monkeypatch.setattr("depesche.store.stories.catalogue.Catalogue.stories", _broken)
        with pytest.raises(Exception, match="could not be made"):
            ask(desk, "/stories?limit=8", **said)
    assert (away.status, away.headers["retry-after"], away.headers["content-type"]) == (
        503,
        "10",
        "application/problem+json",
    )
    assert any(one["event"].startswith("no answer") for one in logged)
    told = str(logged) + caplog.text + "".join(one.text for one in [*answers, away])
    assert KEY not in told
    assert digest(KEY) not in told


def _away(*_: object, **__: object) -> None:
    raise StoreError("the database does not answer")


def _broken(*_: object, **__: object) -> None:
    raise RuntimeError("broken")


def test_a_failure_of_ours_is_a_problem_as_well(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("depesche.store.stories.catalogue.Catalogue.stories", _broken)
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/stories",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    with pytest.raises(Exception, match="could not be made"):
        desk.browser.loop.run_until_complete(desk.app(scope, receive, send))
    headers = dict(messages[0]["headers"])
    assert (messages[0]["status"], headers[b"content-type"]) == (500, b"application/problem+json")
    assert b"broken" not in messages[1]["body"]


def test_while_the_database_is_away_keys_are_told_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("depesche.store.readers.api_keys.ApiKeys.by_hash", _away)
    answer = ask(desk, authorization=f"Bearer {KEY}")
    assert (answer.status, answer.headers["retry-after"], answer.json()["status"]) == (503, "10", 503)


def test_other_sites_may_read_but_send_nothing_of_their_readers(desk: Desk) -> None:
    answer = ask(desk, origin="https://other.example")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-credentials" not in answer.headers
    asked = {"origin": "https://other.example", "access-control-request-method": "GET"}
    before = desk.browser.ask("OPTIONS", "/api/v1/stories", headers=asked)
    assert (before.status, before.headers["access-control-allow-methods"]) == (204, "GET, HEAD")
    assert "authorization" not in before.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-origin" not in desk.browser.get("/").headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_nothing_can_be_written(desk: Desk, method: str) -> None:
    answer = desk.browser.ask(method, "/api/v1/stories", b'{"x": 1}')
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_do_not_pay_for_the_api() -> None:
    asked = "import sys, depesche.portal.app, depesche.ops.server; print('fastapi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- the limiter -----------------------------------------------------------------------------------


@settings(max_examples=50)
@given(limit=st.integers(1, 5), gaps=st.lists(st.floats(0, 40), max_size=40))
def test_no_minute_that_begins_with_a_request_has_too_many(limit: int, gaps: list[float]) -> None:
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    began, used = 0.0, 0
    for gap in gaps:
        now[0] += gap
        if now[0] >= began + WINDOW or not used:
            began, used = now[0], 0
        turn = limiter.take("n", limit)
        assert turn.is_allowed == (used < limit)
        used += turn.is_allowed
        assert turn.left == limit - used
        assert 1 <= turn.seconds <= 60


def test_the_limiter_forgets_the_oldest() -> None:
    limiter = Limiter(lambda: 1.0)
    for n in range(30_000):
        limiter.take(str(n), 1)
    assert len(limiter._windows) == 20_000


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:0db8:0001:0002"),
        ("2001:db8:1:2:ffff::", "2001:0db8:0001:0002"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_network_is_an_address_or_a_64(address: str, network: str) -> None:
    assert network_of(address) == network
