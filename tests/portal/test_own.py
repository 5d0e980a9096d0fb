"""A reader's own page: opened by a signed link alone, changed by forms of ours alone, and every change is logged."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from asking import Answer, Desk
from lxml import html
from paper import BAHN, PROVIDERS, TEASER

from depesche.model.subscription import Consent, Subscriber, Subscription

IDA = "ida.brook@example.org"
TARGETS = (f"instrument:{BAHN}", f"provider:{PROVIDERS[TEASER]}", "search:Fähre streik")


def follow(desk: Desk, target: str, email: str = IDA, **more: str) -> None:
    """Fill in the box and confirm, as the owner of the address."""
    assert desk.browser.post("/follow", {"target": target, "email": email, "from": "/", **more}).status == 200
    with desk.paper.room.database.reading() as tx:
        reader = tx.subscriptions.by_identity(email)
        assert reader is not None
        newest = tx.subscriptions.of_subscriber(reader.key)[-1]
    token = _token(desk.paper.room.opt_in._links.confirm(newest.key))
    assert desk.browser.post("/follow/confirm", {"token": token}).status == 200


def _token(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def manage_token(desk: Desk, email: str = IDA) -> str:
    return _token(desk.paper.room.opt_in.manage_link(reader_of(desk, email).key))


def reader_of(desk: Desk, email: str = IDA) -> Subscriber:
    with desk.paper.room.database.reading() as tx:
        found = tx.subscriptions.by_identity(email)
    assert found is not None
    return found


def followed(desk: Desk) -> list[Subscription]:
    with desk.paper.room.database.reading() as tx:
        return tx.subscriptions.of_subscriber(reader_of(desk).key)


def log(desk: Desk) -> list[Consent]:
    with desk.paper.room.database.reading() as tx:
        return tx.subscriptions.consents(reader_of(desk).key)


def act(desk: Desk, what: str, **fields: str) -> Answer:
    return desk.browser.post("/follow/manage", {"token": manage_token(desk), "act": what, **fields})


@pytest.fixture
def ida(desk: Desk) -> Desk:
    """A portal with a reader who follows a share, a provider, a search and a story."""
    for target in TARGETS:
        follow(desk, target)
    with desk.paper.room.database.reading() as tx:
        version = tx.newsstand.version(desk.keys["old"])
    assert version is not None
    follow(desk, f"lineage:{version.lineage}", cadence="digest")
    return desk


def test_the_page_shows_everything_and_looking_changes_nothing(ida: Desk) -> None:
    before = log(ida)
    link = f"/follow/manage?token={manage_token(ida)}"
    page = ida.browser.get(link)
    for said in (
        IDA,
        "Küstenbahn SE",
        PROVIDERS[TEASER],
        "Fähre streik",
        "Küstenbahn nimmt zweites Gleis",
        "sofort",
        "gesammelt",
    ):
        assert said in page.text
    assert f'href="/shares/{BAHN}"' in page.text
    assert 'href="/search?q=F%C3%A4hre+streik&amp;sort=new"' in page.text
    assert ida.path("old") in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.cookies == []
    for path in (link, f"/follow/erase?token={manage_token(ida)}"):
        assert ida.browser.ask("HEAD", path).status == 200
        assert ida.browser.get(path, sec_purpose="prefetch;prerender").status == 200
    assert ida.browser.get(f"/follow/export?token={manage_token(ida)}").status == 405
    assert log(ida) == before
    assert len(followed(ida)) == 4


def test_cadence_and_updates_are_set_for_each(ida: Desk) -> None:
    share, _, _, story = followed(ida)
    done = act(ida, "manner", subscription=str(share.key), cadence="digest", updates="1")
    assert done.status == 303
    assert "Gespeichert." in ida.browser.get(done.headers["location"]).text
    act(ida, "manner", subscription=str(story.key))
    now = {one.key: (one.cadence, one.updates) for one in followed(ida)}
    assert now[share.key] == ("digest", True)
    assert now[story.key] == ("instant", True), "one follows a story to hear how it goes on"
    assert [(one.event, one.form_text) for one in log(ida)[-2:]] == [
        ("changed", "gesammelte Briefe; auch zu jeder Aktualisierung"),
        ("changed", "Briefe sofort; auch zu jeder Aktualisierung"),
    ]
    assert log(ida)[-2].isin == BAHN


def test_hours_quiet_hours_and_zone(ida: Desk) -> None:
    answer = act(
        ida, "hours", hour6="1", hour22="1", quiet_from="22:30", quiet_to="06:00", zone="America/New_York"
    )
    assert answer.status == 303
    reader = reader_of(ida)
    assert (reader.digest_hours, reader.quiet_from, reader.quiet_to, reader.zone) == (
        (6, 22), 1350, 360, "America/New_York",
    )  # fmt: skip
    assert log(ida)[-1].form_text == (
        "Sammelbriefe um 6, 22 Uhr; keine Briefe von 22:30 bis 06:00 Uhr; Zeitzone America/New_York"
    )
    page = ida.browser.get(f"/follow/manage?token={manage_token(ida)}").text
    assert 'name="quiet_from" value="22:30"' in page
    act(ida, "hours", hour7="1", zone="Europe/Berlin")
    reader = reader_of(ida)
    assert (reader.digest_hours, reader.quiet_from, reader.quiet_to, reader.zone) == ((7,), None, None, None)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"zone": "Europe/Berlin"}, "mindestens eine Stunde"),
        ({"hour7": "1", "zone": "Europe/Nowhere"}, "Zeitzone kennen wir nicht"),
        ({"hour7": "1", "zone": "../../etc/passwd"}, "Zeitzone kennen wir nicht"),
        ({"hour7": "1", "zone": "UTC", "quiet_from": "22:00"}, "Anfang und Ende"),
        ({"hour7": "1", "zone": "UTC", "quiet_from": "22:00", "quiet_to": "22:00"}, "Anfang und Ende"),
    ],
)
def test_hours_that_cannot_be_are_refused(ida: Desk, fields: dict[str, str], said: str) -> None:
    before = (reader_of(ida), log(ida))
    answer = act(ida, "hours", **fields)
    assert answer.status == 400
    assert said in answer.text
    assert "Es wurde nichts geändert." in answer.text
    assert (reader_of(ida), log(ida)) == before


def test_a_pause_ends_where_the_reader_lives(ida: Desk) -> None:
    now = ida.paper.clock.now()
    day = (now + timedelta(days=3)).date()
    assert act(ida, "pause", until=day.isoformat()).status == 303
    until = reader_of(ida).paused_until
    assert until is not None
    assert until.astimezone(UTC) == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1)
    page = ida.browser.get(f"/follow/manage?token={manage_token(ida)}").text
    assert f"Pause bis {day:%d.%m.%Y}" in page
    assert act(ida, "resume").status == 303
    assert reader_of(ida).paused_until is None
    assert [one.event for one in log(ida)[-2:]] == ["changed", "changed"]
    for wrong in (
        "",
        "yesterday",
        now.date().isoformat(),
        (now + timedelta(days=400)).date().isoformat(),
        "9999-12-31",
        "0001-01-01",
    ):
        assert act(ida, "pause", until=wrong).status == 400, wrong
    assert reader_of(ida).paused_until is None


def test_letters_change_their_language(ida: Desk) -> None:
    act(ida, "speak", tongue="en")
    assert reader_of(ida).language == "en"
    assert log(ida)[-1].form_text == "letters in English"
    act(ida, "speak", tongue="xx")
    assert reader_of(ida).language == "de"


def test_ones_data_is_handed_out_as_a_file(ida: Desk) -> None:
    ida.browser.post("/follow/leave", {"token": manage_token(ida), "subscription": str(followed(ida)[0].key)})
    answer = ida.browser.post("/follow/export", {"token": manage_token(ida)})
    assert answer.headers["content-disposition"] == 'attachment; filename="depesche.json"'
    data = answer.json()
    assert data["subscriber"]["address"] == IDA
    assert [one["target"]["kind"] for one in data["subscriptions"]] == [
        "instrument",
        "provider",
        "search",
        "lineage",
    ]
    assert data["subscriptions"][0]["ended_at"]
    assert [one["event"] for one in data["consents"]] == [*["requested", "confirmed"] * 4, "left", "exported"]
    assert {one["decision"]["kind"] for one in data["letters"]} == {"confirmation"}
    assert json.dumps(data).count(IDA) > 1


def test_erasing_asks_twice_and_leaves_nothing(ida: Desk) -> None:
    token = manage_token(ida)
    page = ida.browser.get(f"/follow/manage?token={token}").text
    link = re.search(r'href="(/follow/erase\?token=[^"]+)"', page)
    assert link is not None
    assert "Alles über Sie löschen?" in ida.browser.get(link[1]).text
    assert len(followed(ida)) == 4
    assert "Gelöscht." in ida.browser.post("/follow/erase", {"token": token}).text
    with ida.paper.room.database.reading() as tx:
        assert tx.subscriptions.by_identity(IDA) is None
        assert tx.subscriptions.counts() == (0, 0)
    for path in ("manage", "erase"):
        assert ida.browser.get(f"/follow/{path}?token={token}").status == 400
    follow(ida, TARGETS[0], "heir@example.org")
    assert ida.browser.get(f"/follow/manage?token={token}").status == 400, "the link opens nobody else's page"


def test_a_leave_link_opens_no_more_than_leaving(ida: Desk) -> None:
    links, one = ida.paper.room.opt_in._links, followed(ida)[0]
    token = _token(links.leave(one.subscriber, [one.key]))
    confirm = _token(links.confirm(one.key))
    for wrong in (token, confirm, manage_token(ida)[:-1] + "x", "", "x" * 4000):
        assert ida.browser.get(f"/follow/manage?token={wrong}").status == 400
        for path in ("manage", "export", "erase"):
            answer = ida.browser.post(f"/follow/{path}", {"token": wrong, "act": "speak", "tongue": "en"})
            assert answer.status == 400
    assert reader_of(ida).language == "de"
    assert len(followed(ida)) == 4


def test_nobody_changes_what_belongs_to_another(ida: Desk) -> None:
    follow(ida, TARGETS[0], "bert@example.org")
    answer = ida.browser.post(
        "/follow/manage",
        {
            "token": manage_token(ida, "bert@example.org"),
            "act": "manner",
            "subscription": str(followed(ida)[0].key),
            "cadence": "digest",
        },
    )
    assert answer.status == 400
    assert "gehört nicht zu dem Link" in answer.text
    assert followed(ida)[0].cadence == "instant"
    assert act(ida, "manner", subscription="x").status == 400
    assert act(ida, "nonsense").status == 400


@pytest.mark.parametrize("path", ["manage", "export", "erase", "confirm"])
@pytest.mark.parametrize(
    "headers", [{"sec_fetch_site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}]
)
def test_forms_from_another_site_are_refused(ida: Desk, path: str, headers: dict[str, str]) -> None:
    form = {"token": manage_token(ida), "act": "speak", "tongue": "en"}
    assert ida.browser.post(f"/follow/{path}", form, site=None, **headers).status == 403
    assert reader_of(ida).language == "de"


def test_the_page_speaks_english(ida: Desk) -> None:
    text = ida.browser.get(f"/en/follow/manage?token={manage_token(ida)}").text
    for said in (
        "What you follow",
        "When letters come",
        "Running story",
        "Log of consents",
        "Erase everything about me",
    ):
        assert said in text
    answer = ida.browser.post("/en/follow/manage", {"token": manage_token(ida), "act": "resume"})
    assert answer.headers["location"].startswith("/en/follow/manage?token=")


def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(ida: Desk) -> None:
    at_zone = act(ida, "hours", hour3="1", quiet_from="22:00", quiet_to="06:00", zone="Mond/Krater")
    assert at_zone.status == 400
    tree = html.fromstring(at_zone.text)
    (zone,) = tree.xpath("//input[@name='zone']")
    assert (zone.get("value"), zone.get("aria-invalid")) == ("Mond/Krater", "true")
    assert tree.get_element_by_id(zone.get("aria-describedby")).text_content()
    assert tree.xpath("//form[.//@name='zone']//input[@checked]/@name") == ["hour3"]
    assert tree.xpath("//input[@name='quiet_from']/@value") == ["22:00"]
    past = html.fromstring(act(ida, "pause", until="2020-01-01").text)
    assert past.xpath("//input[@name='until']/@value") == ["2020-01-01"]
    assert past.xpath("//input[@name='until']/@aria-describedby") == ["why"]
    assert html.fromstring(act(ida, "manner", subscription="x").text).xpath("//*[@role='alert']/text()")
