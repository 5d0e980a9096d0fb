"""Notices to browsers, all the way to a push service and out of the envelope again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from newsdesk import HALDEN, MIRABEL, TORVIK, Newsroom, token_of
from post_office import PAGE, WORDS, PostOffice, browser, stamp
from servers import Answer, Asked

from depesche.alerts.channel import Letter, make_channel
from depesche.alerts.following.pushdesk import Browser
from depesche.alerts.sending.digester import Digester
from depesche.lib.web.webpush import encode
from depesche.model.errors import NotFound, Refused, SettingsError, TooMany
from depesche.model.subscription import DIGEST, Target
from depesche.model.wire import HEADLINE, Rights
from push_service import PushService

PUBLIC = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@pytest.fixture
def office(newsroom: Newsroom, tmp_path: Path) -> PostOffice:
    return PostOffice(newsroom, tmp_path)


@pytest.fixture
def service(newsroom: Newsroom) -> Iterator[PushService]:
    with PushService(stamp(newsroom.clock.now)) as made:
        yield made
    assert made.wrong == []


def test_a_story_reaches_the_browser_and_says_why(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    reader = office.follow(agent)
    assert service.server.asked == [], "nothing is sent before there is news"
    filing = newsroom.file(shares=(HALDEN, MIRABEL))
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        assert courier.run_once().sent == 1
        assert courier.run_once().sent == 0
    (asked,) = service.server.asked
    assert (asked.headers["topic"], asked.headers["urgency"], asked.headers["ttl"]) == (
        "story-1", "normal", str(6 * 3600),
    )  # fmt: skip
    assert b"Seilbahn" not in asked.body
    (notice,) = agent.fetch()
    assert notice["title"] == "Halden Werke liefern erste Seilbahn aus"
    assert (
        notice["body"] == "Nordlicht: Die erste Kabine fährt im Herbst.\nSie folgen der Aktie Halden Werke."
    )
    assert (
        notice["url"] == f"https://news.example/news/halden-werke-liefern-erste-seilbahn-aus-{filing.story}"
    )
    assert (notice["tag"], notice["lang"], notice["again"]) == ("story-1", "de", False)
    assert notice["words"]["leave"] == "Abbestellen"
    assert newsroom.links.read_owner(token_of(notice["manage"])) == (reader.key, None)
    assert newsroom.balance(filing.story or 0).sent == 1


def test_one_click_stops_it(newsroom: Newsroom, office: PostOffice, service: PushService) -> None:
    agent = service.browser()
    office.follow(agent)
    office.follow(agent, MIRABEL)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        courier.run_once()
        (notice,) = agent.fetch()
        ended = newsroom.optin.leave(token_of(notice["leave"]), "192.0.2.7")
        assert [one.isin for one in ended] == [HALDEN]
        newsroom.file("halden-2", headline="Halden Werke bauen weiter")
        newsroom.file("mirabel-1", shares=(MIRABEL,), headline="Mirabel backt größere Brötchen")
        newsroom.follow_journal()
        courier.run_once()
    assert [one["title"] for one in agent.fetch()] == ["Mirabel backt größere Brötchen"]


def test_consent_is_proved_as_for_letters(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    office.follow(agent)
    office.follow(agent)
    log = office.consents(browser(agent).identity)
    assert [(one.event, one.isin, one.ip, one.form_text, one.privacy_version, one.source) for one in log] == [
        ("requested", HALDEN, "192.0.2.7", WORDS, "2026-01", PAGE),
        ("confirmed", HALDEN, "192.0.2.7", None, "2026-01", "browser"),
    ]


def test_a_kill_takes_the_place_of_the_notice(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    office.follow(agent)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        courier.run_once()
        newsroom.kill()
        newsroom.follow_journal()
        assert courier.run_once().sent == 1
    assert len(agent.waiting) == 1, "the push service keeps only the newer of one topic"
    assert agent.waiting[0].headers["urgency"] == "high"
    (notice,) = agent.fetch()
    assert notice["title"] == "Zurückgezogen: eine Meldung von Nordlicht"
    assert notice["again"]
    assert "Kabine" not in notice["body"]
    assert "liefern" not in notice["title"] + notice["body"]


def test_a_story_killed_before_it_left_is_never_told(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    office.follow(service.browser())
    newsroom.file()
    newsroom.follow_journal()
    newsroom.kill()
    with office.courier("webpush") as courier:
        courier.run_once()
        newsroom.follow_journal()
        courier.run_once()
    assert service.server.asked == []


def test_an_embargo_is_kept(newsroom: Newsroom, office: PostOffice, service: PushService) -> None:
    agent = service.browser()
    office.follow(agent)
    newsroom.file(embargoed=newsroom.clock.now() + timedelta(hours=1))
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        assert courier.run_once().sent == 0
        newsroom.clock.move(hours=2)
        newsroom.release()
        newsroom.follow_journal()
        assert courier.run_once().sent == 1
    assert [one["title"] for one in agent.fetch()] == ["Halden Werke liefern erste Seilbahn aus"]


def test_a_correction_comes_loudly_in_its_place(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    office.follow(agent, language="en")
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        courier.run_once()
        newsroom.correct()
        newsroom.follow_journal()
        courier.run_once()
    (notice,) = agent.fetch()
    assert notice["title"].startswith("Correction: ")
    assert notice["again"]
    assert notice["url"].startswith("https://news.example/en/news/")


def test_a_wire_that_shows_headlines_alone(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    newsroom.rights["nordlicht"] = Rights(display=HEADLINE)
    office.follow(agent)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        courier.run_once()
    (notice,) = agent.fetch()
    assert notice["body"] == "Nordlicht\nSie folgen der Aktie Halden Werke."


def test_the_longest_story_still_fits(newsroom: Newsroom, office: PostOffice, service: PushService) -> None:
    agent = service.browser()
    for isin in (HALDEN, MIRABEL, TORVIK):
        office.follow(agent, isin)
    newsroom.file(
        headline="Überraschung " * 200, teaser="Größenwahn " * 900, shares=(HALDEN, MIRABEL, TORVIK)
    )
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        assert courier.run_once().sent == 1
    (notice,) = agent.fetch()
    assert notice["title"].endswith("…")
    assert "Mirabel & Söhne" in notice["body"]


def test_collected_notices(newsroom: Newsroom, office: PostOffice, service: PushService) -> None:
    agent = service.browser()
    reader = office.follow(agent)
    with newsroom.database.transaction() as tx:
        (one,) = tx.subscriptions.of_subscriber(reader.key)
        tx.subscriptions.set_manner(one.key, cadence=DIGEST, updates=False)
    newsroom.file()
    newsroom.file("halden-2", headline="Halden Werke bauen weiter")
    newsroom.follow_journal()
    newsroom.clock.move(hours=6)  # 18:00 has come, in UTC
    Digester(newsroom.database, newsroom.clock, newsroom.composer.ids).run_once()
    with office.courier("webpush") as courier:
        courier.run_once()
    assert [one.headers["urgency"] for one in agent.waiting] == ["low"]
    (notice,) = agent.fetch()
    assert notice["title"] == "2 Meldungen für Sie"
    assert notice["body"].split("\n")[:2] == [
        "Halden Werke liefern erste Seilbahn aus",
        "Halden Werke bauen weiter",
    ]
    assert notice["url"] == "https://news.example/"


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_told_nothing_more(
    newsroom: Newsroom, office: PostOffice, service: PushService, status: int
) -> None:
    gone, there = service.browser(), service.browser()
    office.follow(gone)
    office.follow(gone, MIRABEL)
    office.follow(there)
    service.answer = lambda asked: Answer(status) if asked.path == "/push/1" else None
    filing = newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        done = courier.run_once()
        assert (done.sent, done.dead) == (1, 1)
        newsroom.file("halden-2", headline="Halden Werke bauen weiter")
        newsroom.follow_journal()
        assert courier.run_once().sent == 1
    assert [one.path for one in service.server.asked].count("/push/1") == 1
    log = office.consents(browser(gone).identity)
    assert [(one.event, one.source) for one in log[-2:]] == [("left", f"webpush: {status}")] * 2
    assert newsroom.balance(filing.story or 0).is_even
    office.follow(gone)
    assert office.consents(browser(gone).identity)[-1].event == "confirmed", "and may come back"


def test_a_busy_push_service_is_asked_again_when_it_says(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    office.follow(agent)
    newsroom.file()
    newsroom.follow_journal()
    service.answer = lambda _asked: Answer(429, headers={"Retry-After": "90"})
    with office.courier("webpush") as courier:
        assert courier.run_once().postponed == 1
        service.answer = lambda _asked: Answer(
            503,
            headers={
                "Retry-After": format_datetime(newsroom.clock.now() + timedelta(minutes=10), usegmt=True)
            },
        )
        newsroom.clock.move(seconds=89)
        assert courier.run_once().postponed == 0
        newsroom.clock.move(seconds=2)
        assert courier.run_once().postponed == 1
        service.answer = lambda _asked: None
        newsroom.clock.move(minutes=8)
        assert courier.run_once().sent == 0
        newsroom.clock.move(minutes=2)
        assert courier.run_once().sent == 1
    assert len(agent.fetch()) == 1


def test_one_that_fails_is_tried_until_the_alert_expires(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    broken, well = service.browser(), service.browser()
    office.follow(broken)
    office.follow(well)
    filing = newsroom.file()
    newsroom.follow_journal()
    service.answer = lambda asked: Answer(500, b"out of\norder") if asked.path == "/push/1" else None
    with office.courier("webpush") as courier:
        assert courier.run_once().sent == 1
        for _ in range(40):
            newsroom.clock.move(minutes=10)
            courier.run_once()
    tries = [one for one in service.server.asked if one.path == "/push/1"]
    assert 6 <= len(tries) <= 20
    balance = newsroom.balance(filing.story or 0)
    assert (balance.sent, balance.expired) == (1, 1)
    assert balance.is_even


def test_a_push_service_that_hangs_holds_up_nobody(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    def answer(asked: Asked) -> Answer | None:
        if asked.path == "/push/1":
            service.server.closing.wait(5)
        return None

    service.answer = answer
    agents = [service.browser() for _ in range(20)]
    for agent in agents:
        office.follow(agent)
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush", timeout="0.5") as courier:
        done = courier.run_once()
    assert (done.sent, done.postponed) == (19, 1)


def test_keys_that_are_broken_are_dead_and_hold_up_nobody(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent = service.browser()
    bad = office.follow(service.browser())
    office.follow(agent)
    with newsroom.database.transaction() as tx:
        tx.readers.move(bad.key, bad.address, bad.identity, {"p256dh": "x", "auth": "y"})
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        done = courier.run_once()
    assert (done.sent, done.dead) == (1, 1)


def test_an_endpoint_inside_is_never_posted_to(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    office.follow(service.browser())
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush", private="") as courier:
        assert courier.run_once().dead == 1
    assert service.server.asked == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "", "http://updates.push.services.mozilla.com/a", "https://127.0.0.1/a", "https://localhost/a", "https://10.0.0.1/", "https://[::1]/a",
        "https://evil.example/a", "https://push.services.mozilla.com.evil.example/a", "https://evilpush.services.mozilla.com@evil.example/",
        "https://notpush.services.mozilla.com/a", "javascript:alert(1)", PUBLIC + "x" * 1024, PUBLIC + "\r\nX: y", "https://169.254.169.254/",
    ],
)  # fmt: skip
def test_endpoints_that_no_browser_sends(office: PostOffice, service: PushService, endpoint: str) -> None:
    keys = service.browser().keys
    desk = office.push_desk({}, ("push.services.mozilla.com",))
    with pytest.raises(Refused):
        desk.follow(Browser(endpoint, **keys), Target.share(HALDEN), "de", "192.0.2.7", WORDS, PAGE)
    with pytest.raises(Refused):
        desk.follow(
            Browser(PUBLIC, keys["p256dh"], encode(b"short")),
            Target.share(HALDEN),
            "de",
            "192.0.2.7",
            WORDS,
            PAGE,
        )
    assert (
        desk.follow(Browser(PUBLIC, **keys), Target.share(HALDEN), "de", "192.0.2.7", WORDS, PAGE).channel
        == "webpush"
    )


def test_an_endpoint_alone_opens_nothing(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    agent, thief = service.browser(), service.browser()
    office.follow(agent)
    stolen = Browser(agent.endpoint, thief.keys["p256dh"], thief.keys["auth"])
    assert office.pushes.look(stolen, "de", "192.0.2.9") is None
    office.pushes.stop(stolen, Target.share(HALDEN), "de", "192.0.2.9")
    assert not office.pushes.move(stolen, browser(thief), "de", "192.0.2.9")
    with pytest.raises(Refused):
        office.pushes.follow(stolen, Target.share(MIRABEL), "de", "192.0.2.9", WORDS, PAGE)
    found = office.pushes.look(browser(agent), "de", "192.0.2.7")
    assert found is not None
    assert [one.isin for one in found[1]] == [HALDEN]


def test_a_browser_stops_what_it_follows(office: PostOffice, service: PushService) -> None:
    agent = service.browser()
    office.follow(agent)
    office.follow(agent, MIRABEL)
    office.pushes.stop(browser(agent), Target.share(HALDEN), "de", "192.0.2.7")
    office.pushes.stop(browser(agent), Target.share(HALDEN), "de", "192.0.2.7")
    found = office.pushes.look(browser(agent), "de", "192.0.2.7")
    assert found is not None
    assert [one.isin for one in found[1]] == [MIRABEL]
    assert [one.event for one in office.consents(browser(agent).identity)].count("left") == 1


def test_a_subscription_that_changed_goes_on(
    newsroom: Newsroom, office: PostOffice, service: PushService
) -> None:
    former, fresh, other = service.browser(), service.browser(), service.browser()
    office.follow(former)
    office.follow(other)
    assert office.pushes.move(browser(former), browser(fresh), "de", "192.0.2.7")
    assert not office.pushes.move(browser(former), browser(fresh), "de", "192.0.2.7"), (
        "there is nobody any more"
    )
    assert office.pushes.move(browser(fresh), browser(fresh), "de", "192.0.2.7")
    with pytest.raises(Refused):
        office.pushes.move(browser(fresh), browser(other), "de", "192.0.2.7")
    newsroom.file()
    newsroom.follow_journal()
    with office.courier("webpush") as courier:
        courier.run_once()
    assert [len(one.fetch()) for one in (former, fresh, other)] == [0, 1, 1]
    assert office.consents(browser(fresh).identity)[-1].event == "changed"


def test_nothing_that_is_not_there_is_followed(office: PostOffice, service: PushService) -> None:
    with pytest.raises(NotFound):
        office.follow(service.browser(), "ZZ0000000000")


def test_a_network_that_asks_too_often_is_told_to_wait(office: PostOffice, service: PushService) -> None:
    desk = office.push_desk({"private": "yes"}, per_hour=3)
    for _ in range(3):
        desk.follow(browser(service.browser()), Target.share(HALDEN), "de", "192.0.2.7", WORDS, PAGE)
    with pytest.raises(TooMany):
        desk.follow(browser(service.browser()), Target.share(HALDEN), "de", "192.0.2.99", WORDS, PAGE)
    desk.follow(browser(service.browser()), Target.share(HALDEN), "de", "198.51.100.7", WORDS, PAGE)


def test_without_a_key_there_is_no_channel(newsroom: Newsroom, tmp_path: Path) -> None:
    for content in (None, b"no key"):
        if content is not None:
            (tmp_path / "key").write_bytes(content)
        with pytest.raises(SettingsError, match="push_key"):
            make_channel("webpush", {"vapid_key": str(tmp_path / "key")}, newsroom.clock)


def test_a_letter_without_its_order_is_dead(newsroom: Newsroom, office: PostOffice) -> None:
    channel = make_channel("webpush", {"vapid_key": str(office.key)}, newsroom.clock)
    channel.open()
    answers = list(
        channel.send([Letter(7, PUBLIC, json.dumps({}).encode())], on_intent=print, on_accepted=print)
    )
    channel.close()
    assert [(one.key, one.state) for one in answers] == [(7, "dead")]
