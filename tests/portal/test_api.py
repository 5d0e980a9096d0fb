"""Counts and lists as JSON, and figures for Prometheus."""

from __future__ import annotations

from typing import Any

import pytest
from asking import AGENT, Desk
from paper import WERFT
from prometheus_client.parser import text_string_to_metric_families
from pyroaring import BitMap

from depesche.model.audience import Visit
from depesche.model.subscription import Dispatch, Target


def _json(desk: Desk, path: str) -> Any:
    answer = desk.browser.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), path
    return answer.json()


def test_views_of_a_story_in_all_and_by_the_day(desk: Desk) -> None:
    key = desk.keys["main"]
    hour = int(desk.paper.clock.now().timestamp() // 3600)
    with desk.paper.room.database.transaction() as tx:
        tx.views.add({(key, hour - 1): 6, (key, hour - 24): 10})
    found = _json(desk, f"/api/v1/stories/{key}/views")
    assert found == {
        "story": key, "url": f"http://portal.example{desk.path('main')}", "views": 1300,
        "series": [{"day": "2026-03-01", "views": 10}, {"day": "2026-03-02", "views": 1290}],
    }  # fmt: skip
    by_hour = _json(desk, f"/api/v1/stories/{key}/views?by=hour&from=2026-03-02&to=2026-03-02")
    assert by_hour["series"] == [
        {"hour": "2026-03-02T11:00:00Z", "views": 6}, {"hour": "2026-03-02T12:00:00Z", "views": 1284},
    ]  # fmt: skip
    assert _json(desk, f"/api/v1/stories/{key}/views?to=2026-03-01")["series"] == [
        {"day": "2026-03-01", "views": 10}
    ]


def test_the_most_read_with_all_wishes(shown: Desk) -> None:
    found = _json(shown, "/api/v1/most-read?period=week&limit=2")
    assert found["period"] == "week"
    assert [(one["story"], one["views"]) for one in found["entries"]] == [
        (shown.keys["main"], 1284),
        (shown.keys["adhoc"], 611),
    ]
    first = found["entries"][0]
    assert first["url"] == f"http://portal.example{shown.path('main')}"
    assert first["at"] == "2026-03-02T11:48:00Z"
    assert WERFT in first["shares"]
    assert [one["story"] for one in _json(shown, "/api/v1/most-read?lang=en")["entries"]] == [
        shown.keys["english"]
    ]
    assert all(WERFT in one["shares"] for one in _json(shown, f"/api/v1/most-read?share={WERFT}")["entries"])


def test_also_read_says_why_and_how_many(desk: Desk) -> None:
    room, keys = desk.paper.room, desk.keys
    for n in range(3):
        reader = Visit(f"198.51.{n}.1", AGENT)
        room.counter.count(keys["old"], reader)
        room.counter.count(keys["corrected"], reader)
    room.flush_views()
    found = _json(desk, f"/api/v1/stories/{keys['old']}/also-read?limit=3")
    assert found["story"] == keys["old"]
    first = found["entries"][0]
    assert (first["story"], first["kind"], first["readers"]) == (keys["corrected"], "read", 3)
    assert first["weight"] == pytest.approx(3.0)
    assert {one["kind"] for one in found["entries"][1:]} <= {"popular", "share", "newest"}
    assert len(found["entries"]) == 3


def test_answers_have_an_etag_and_are_kept(shown: Desk) -> None:
    path = f"/api/v1/stories/{shown.keys['main']}/also-read"
    answer = shown.browser.get(path)
    assert answer.headers["cache-control"] == "public, no-cache"
    assert shown.browser.get(path, if_none_match=answer.headers["etag"]).status == 304


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/stories/999999/views", 404, "not public"),
        ("/api/v1/stories/99999999999999999999/views", 404, "not public"),
        ("/api/v1/stories/999999/also-read", 404, "not public"),
        ("/api/v1/most-read?share=ZZ", 404, "not public"),
        ("/api/v1/most-read?period=year", 400, "period is one of day, hour, week"),
        ("/api/v1/most-read?lang=xx", 400, "lang is one of de, en"),
        ("/api/v1/most-read?limit=101", 400, "limit is a number from 0 to 100"),
        ("/api/v1/most-read?limit=²", 400, "limit is a number"),
        ("/api/v1/stories/1/views?by=year", 400, "by is one of day, hour"),
        ("/api/v1/stories/1/views?from=yesterday", 400, "from is a day"),
        ("/api/v1/stories/1/views?from=0001-01-01", 200, ""),
        ("/api/v1/nothing", 404, "documentation"),
        ("/api/v1/stories/x/views", 404, "documentation"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(shown: Desk, path: str, status: int, said: str) -> None:
    answer = shown.browser.get(path)
    assert answer.status == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert said in answer.json()["detail"]
        assert answer.json()["status"] == status


def test_only_reading_is_allowed(shown: Desk) -> None:
    answer = shown.browser.post("/api/v1/most-read")
    assert (answer.status, answer.json()["title"]) == (405, "Method Not Allowed")


def test_a_killed_story_leaves_the_answers_at_once(desk: Desk) -> None:
    key = desk.keys["main"]
    assert _json(desk, "/api/v1/most-read")["entries"][0]["story"] == key
    assert _json(desk, f"/api/v1/stories/{key}/views")["views"] == 1284
    desk.paper.clock.move(minutes=1)
    desk.paper.kill("r2")
    assert all(one["story"] != key for one in _json(desk, "/api/v1/most-read")["entries"])
    assert desk.browser.get(f"/api/v1/stories/{key}/views").status == 404
    assert desk.browser.get(f"/api/v1/stories/{key}/also-read").status == 404


# -- metrics -------------------------------------------------------------------------------------


def _metrics(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _from(
    desk: Desk, ip: str, monkeypatch: pytest.MonkeyPatch, path: str = "/metrics", **headers: str
) -> Any:
    monkeypatch.setattr("asking.CLIENT", (ip, 5000))
    return desk.browser.get(path, **headers)


def test_metrics_are_for_this_machine_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _from(desk, "192.0.2.7", monkeypatch).status == 404
    assert _from(desk, "", monkeypatch).status == 404
    assert _from(desk, "127.0.0.1", monkeypatch, x_forwarded_for="192.0.2.7").status == 404
    assert _from(desk, "127.0.0.1", monkeypatch, via="1.1 proxy").status == 404
    assert _from(desk, "127.0.0.1", monkeypatch).status == 200
    assert _from(desk, "::1", monkeypatch).headers["cache-control"] == "no-store"


def test_the_ledger_is_for_this_machine_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    room = desk.paper.room
    with room.database.transaction() as tx:
        target = tx.targets.find([Target.share(WERFT)]) or [
            tx.targets.of_instrument(tx.instruments.by_isin(WERFT).key)  # type: ignore[union-attr]
        ]
        now = room.clock.now()
        people = {"email": BitMap([1, 2, 3])}
        told = Dispatch(0, "alert", desk.keys["main"], 1, 1, (target[0].key,), 4, now, now, now)
        tx.dispatches.decide(told, people)
    for path in ("/metrics/ledger", f"/metrics/ledger/{desk.keys['main']}"):
        assert _from(desk, "192.0.2.7", monkeypatch, path).status == 404
        assert _from(desk, "127.0.0.1", monkeypatch, path, x_forwarded_for="192.0.2.7").status == 404
        answer = _from(desk, "127.0.0.1", monkeypatch, path)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert "access-control-allow-origin" not in answer.headers
        found = answer.json()
        assert not found["even"], "of four matched, one is not accounted for"
    assert found["dispatches"] == [
        {"dispatch": 1, "kind": "alert", "version": 1, "decided_at": "2026-03-02T12:00:00Z", "even": False, "matched": 4,
         "pending": 3, "intent": 0, "uncertain": 0, "sent": 0, "dead": 0, "suppressed": 0, "bounced": 0, "expired": 0,
         "dropped": 0}
    ]  # fmt: skip
    for path in ("/metrics/ledger/99", f"/metrics/ledger/{2**64}"):
        assert _from(desk, "127.0.0.1", monkeypatch, path).status == 404


def test_metrics_count_visits_writings_lag_letters_and_spool(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = desk.keys["main"]
    desk.browser.post("/view", {"story": str(key)})
    desk.browser.post("/view", {"story": str(key)})
    desk.browser.post("/view", {"story": str(key)}, user_agent="curl/8")
    desk.paper.room.flush_views()
    desk.paper.room.spool(b"?", wire="nordlicht", name="x")
    desk.index()
    desk.paper.file("more", "Mehr", "Text")
    found = _metrics(_from(desk, "127.0.0.1", monkeypatch).text)
    assert found["depesche_views_total", ("counted",)] == 1
    assert found["depesche_views_total", ("repeat",)] == 1
    assert found["depesche_views_total", ("robot",)] == 1
    assert found["depesche_views_total", ("prefetch",)] == 0
    assert found["depesche_views_write_seconds_count", ()] == 1
    assert found["depesche_views_write_seconds_bucket", ("+Inf",)] == 1
    assert found["depesche_journal_lag_entries", ("search",)] == 1
    assert found["depesche_spool_items", ("waiting",)] == 1


def test_metrics_count_what_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    room = desk.paper.room
    room.bounce_desk.take(b"From: x\n\nwhat is this?", "maildir")
    with room.database.transaction() as tx:
        room.suppressed.add(tx, "never@seen.example", "by hand", "", room.clock.now())
    found = _metrics(_from(desk, "127.0.0.1", monkeypatch).text)
    assert found["depesche_bounces_day", ("unread",)] == 1
    assert found["depesche_suppressed_addresses", ("by hand",)] == 1


def test_with_a_token_metrics_are_for_who_has_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import SecretStr

    settings = desk.paper.room.settings.model_copy(update={"metrics_token": SecretStr("geheim")})
    monkeypatch.setattr(desk.app._press._site, "settings", settings)
    assert _from(desk, "192.0.2.7", monkeypatch, authorization="Bearer geheim").status == 200
    assert _from(desk, "192.0.2.7", monkeypatch, authorization="Bearer wrong").status == 404
    assert _from(desk, "127.0.0.1", monkeypatch).status == 404
