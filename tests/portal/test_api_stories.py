"""Stories, instruments, mentions and searches as JSON: what is there, in order, and no more than may leave."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asking import Desk
from paper import ADVERT, BAHN, FULL, HEADLINE, NOTICE, SECRET, TEASER, WERFT

from depesche.model.take import Subject
from depesche.portal.api import cursors
from depesche.portal.api.problems import Unfit


@pytest.fixture(autouse=True)
def _unlimited(request: pytest.FixtureRequest) -> None:
    for name in ("shown", "desk"):
        if name in request.fixturenames:
            request.getfixturevalue(name).app.gate._anonymous = 1_000_000


def ask(desk: Desk, path: str, **headers: str) -> Any:
    answer = desk.browser.get(f"/api/v1{path}", **headers)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), (path, answer.text)
    return answer.json()


def told(desk: Desk, path: str) -> list[int]:
    return [one["story"] for one in ask(desk, path)["stories"]]


def paged(desk: Desk, path: str) -> list[int]:
    """Follow `next` to the end."""
    found: list[int] = []
    here: str | None = path
    while here:
        answer = ask(desk, here)
        found += [one["story"] for one in answer["stories"]]
        here = answer["next"] and answer["next"].removeprefix("http://portal.example/api/v1")
    return found


# -- lists ---------------------------------------------------------------------------------------


def test_the_list_holds_every_public_story_newest_first(shown: Desk) -> None:
    keys = shown.keys
    found = ask(shown, "/stories?limit=100")
    listed = [one["story"] for one in found["stories"]]
    assert set(listed) == set(keys.values()) - {keys["killed"]} | {keys["main"]}
    assert listed[:3] == [keys["newest"], keys["main"], keys["adhoc"]]
    assert found["next"] is None
    main = found["stories"][1]
    assert (main["label"], main["provider"], main["language"]) == (
        "ROUNDUP 2 · Fähren",
        "Nordlicht Nachrichten",
        "de",
    )
    assert main["at"] == "2026-03-02T11:48:00Z"
    assert main["url"] == f"http://portal.example{shown.path('main')}"
    assert main["href"] == f"http://portal.example/api/v1/stories/{keys['main']}"
    assert {one["isin"] for one in main["shares"]} == {WERFT}
    assert main["views"] == 1284
    assert next(one for one in found["stories"] if one["story"] == keys["advert"])["sponsored"] is True


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (f"isin={BAHN}", {"old", "teaser", "corrected", "adhoc"}),
        ("isin=ZZB001&provider=hansekontor", {"teaser"}),
        ("isin=KBN&language=de", {"old", "teaser", "corrected", "adhoc"}),
        ("provider=Tickerline", {"headline"}),
        ("language=en", {"headline", "english"}),
        ("since=2026-03-02T11:48:00Z", {"newest", "main"}),
        ("since=2026-03-02T12:48:00%2B01:00&until=2026-03-02T11:50:00Z", {"main"}),
        ("until=2026-03-02", {"old"}),
        ("topic=20000170", set()),
    ],
)
def test_the_list_is_narrowed(shown: Desk, query: str, names: set[str]) -> None:
    assert set(told(shown, f"/stories?limit=100&{query}")) == {shown.keys[one] for one in names}


def test_a_list_by_topic(desk: Desk) -> None:
    key = desk.paper.file(
        "t", "Werften bestellen Stahl", "Text.", subjects=(Subject("medtop", "20000170", "Schiffbau"),)
    )
    assert told(desk, "/stories?topic=20000170") == [key]


def test_pages_hold_still_while_stories_arrive_change_and_go(desk: Desk) -> None:
    whole = told(desk, "/stories?limit=100")
    first = ask(desk, "/stories?limit=4")
    desk.paper.clock.move(minutes=1)
    desk.paper.file("late", "Spät eingetroffen", "Text.")
    desk.paper.kill("r2")
    desk.paper.clock.move(minutes=1)
    desk.paper.file("old", "Küstenbahn nimmt zweites Gleis in Betrieb", "Neu gefasst.", version="2")
    rest = paged(desk, first["next"].removeprefix("http://portal.example/api/v1"))
    seen = [one["story"] for one in first["stories"]] + rest
    assert seen == [one for one in whole if one != desk.keys["old"]], (
        "what moved to the front was not to come again"
    )
    assert len(paged(desk, "/stories?limit=3")) == len(whole)


def test_stories_of_one_moment_are_parted_between_pages(desk: Desk) -> None:
    made = [desk.paper.file(f"m{n}", f"Meldung {n}", "Text.") for n in range(7)]
    assert paged(desk, "/stories?limit=3&since=2026-03-02T12:00:00Z") == made[::-1]


# -- one -----------------------------------------------------------------------------------------


def test_a_story_with_everything(shown: Desk) -> None:
    key = shown.keys["main"]
    found = ask(shown, f"/stories/{key}")
    assert found["headline"] == "Falkenwerft gewinnt größten Auftrag ihrer Geschichte"
    assert found["series"] == {"kind": "ROUNDUP", "number": 2, "topic": "Fähren"}
    assert found["dateline"]["places"] == ["MUSTERHAVEN"]
    assert found["byline"] == "Jonna Kolk"
    assert found["is_whole"] is True
    assert found["body_html"].count("<p>") == 4
    assert found["body_text"].startswith("Der Schiffbauer Falkenwerft")
    assert found["copyright"] == "© Nordlicht Nachrichten 2026"
    picture = found["pictures"][0]
    assert (picture["width"], picture["height"], picture["credit"]) == (1200, 800, "Zeichnung: Nordlicht")
    assert shown.browser.get(picture["href"].removeprefix("http://portal.example")).status == 200


def test_no_more_of_a_story_leaves_than_its_licence_lets(shown: Desk) -> None:
    teaser, headline = (ask(shown, f"/stories/{shown.keys[name]}") for name in ("teaser", "headline"))
    assert teaser["is_whole"] is False
    assert (teaser["body_html"], len(teaser["teaser"]) <= 120) == ("", True)
    assert teaser["body_text"] == teaser["teaser"]
    assert (teaser["notice"], teaser["canonical_url"]) == (NOTICE, "https://hansekontor.example/artikel/17")
    assert (headline["body_html"], headline["body_text"], headline["teaser"]) == ("", "", None)
    for path in ("/stories?limit=100", "/search?q=Falkenwerft", "/search?q=paid+bezahlten", "/stories?limit=100&format=ninjs",
                 "/stories?limit=100&format=newsml-g2", f"/stories/{shown.keys['headline']}/mentions"):  # fmt: skip
        assert SECRET not in shown.browser.get(f"/api/v1{path}").text, path


def test_a_text_that_must_not_be_syndicated_stays_on_the_page(desk: Desk) -> None:
    room, key = desk.paper.room, desk.keys["main"]
    wire = room.wires[FULL]
    room.wires[FULL] = replace(wire, rights=replace(wire.rights, syndication=False))
    found = ask(desk, f"/stories/{key}")
    assert (
        found["is_whole"],
        found["body_html"],
        found["body_text"],
        found["teaser"],
        found["pictures"],
    ) == (False, "", "", None, [])
    hit = ask(desk, "/search?q=Brennstoffzellen")["found"]
    assert [one["snippet"] for one in hit if one["story"]["story"] == key] == [[]]
    assert ask(desk, f"/stories/{desk.keys['corrected']}/versions/2/differences")["paragraphs"] == []
    for one in ask(desk, f"/stories/{key}/mentions")["mentions"]:
        assert all(why["text"] is None for why in one["evidence"] if why["field"] == "body_text")
    refused = desk.browser.get(f"/api/v1/stories/{key}?format=ninjs")
    assert (refused.status, refused.headers["content-type"]) == (403, "application/problem+json")
    assert "Brennstoffzellen" in desk.browser.get(desk.path("main")).text


def test_versions_and_what_changed(shown: Desk) -> None:
    key = shown.keys["corrected"]
    listed = ask(shown, f"/stories/{key}/versions")["versions"]
    assert [(one["version"], one["action"], one["is_current"]) for one in listed] == [
        (2, "correction", True),
        (1, "new", False),
    ]
    old, new = (ask(shown, f"/stories/{key}/versions/{number}") for number in (1, 2))
    assert (old["is_current"], "12 Millionen" in old["body_text"]) == (False, True)
    assert new["correction"].startswith("Die Zahl der Fahrgäste")
    assert shown.browser.get(old["url"].removeprefix("http://portal.example")).status == 200
    changed = ask(shown, f"/stories/{key}/versions/2/differences")
    assert changed["against"] == 1
    assert [one["text"] for one in changed["headline"] if one["kind"] != "same"] == ["12", "21"]
    same = ask(shown, f"/stories/{key}/versions/2/differences?against=2")
    assert {piece["kind"] for one in same["paragraphs"] for piece in one} == {"same"}
    assert shown.browser.get(f"/api/v1/stories/{key}/versions/1/differences").status == 404, (
        "nothing came before"
    )
    assert shown.browser.get(f"/api/v1/stories/{key}/versions/3").status == 404


def test_mentions_carry_their_evidence(shown: Desk) -> None:
    found = ask(shown, f"/stories/{shown.keys['main']}/mentions")
    one = found["mentions"][0]
    assert (one["isin"], one["ticker"], one["mic"]) == (WERFT, "FKW", "XETR")
    why = next(each for each in one["evidence"] if each["field"] == "headline")
    headline = ask(shown, f"/stories/{shown.keys['main']}")["headline"]
    assert headline[why["start"] : why["end"]] == why["text"] == "Falkenwerft"


def test_a_withdrawn_story_is_gone_with_its_reason(desk: Desk) -> None:
    key = desk.keys["main"]
    assert ask(desk, f"/stories/{key}")["story"] == key
    desk.paper.clock.move(minutes=1)
    desk.paper.kill("r2", reason="Eine Verwechslung.")
    for path in ("", "/versions", "/versions/1", "/mentions"):
        answer = desk.browser.get(f"/api/v1/stories/{key}{path}")
        assert (answer.status, answer.headers["content-type"]) == (410, "application/problem+json"), path
        assert "Eine Verwechslung." in answer.json()["detail"]
        assert "Falkenwerft" not in answer.text
    assert key not in told(desk, "/stories?limit=100")


def test_what_readers_never_saw_does_not_exist(desk: Desk) -> None:
    held = desk.paper.file(
        "e", "Geheim bis morgen", "Text.", embargoed=desk.paper.clock.now() + timedelta(hours=9)
    )
    withheld = desk.paper.file("w", "Zurückgehalten", "Text.", status="withheld")
    for key in (held, withheld, 10**6, 2**63, 10**30):
        for path in ("", "/versions", "/versions/1", "/versions/1/differences", "/mentions", "?format=ninjs"):
            assert desk.browser.get(f"/api/v1/stories/{key}{path}").status == 404, (key, path)
    assert not {held, withheld} & set(told(desk, "/stories?limit=100"))


# -- instruments and searches ----------------------------------------------------------------------


def test_instruments_by_code_and_by_name(shown: Desk) -> None:
    for code in (WERFT, "ZZW001", "FKW", "fkw"):
        assert ask(shown, f"/instruments/{code}")["isin"] == WERFT
    assert [one["isin"] for one in ask(shown, "/instruments?q=falken")["instruments"]] == [WERFT]
    one = ask(shown, f"/instruments/{WERFT}")
    assert one["listings"] == [{"mic": "XETR", "market": "Xetra", "ticker": "FKW", "currency": "EUR"}]
    assert shown.keys["main"] in told(shown, one["stories"].removeprefix("http://portal.example/api/v1"))
    assert shown.browser.get("/api/v1/instruments/NOSUCH").status == 404


def test_searches_page_and_count(shown: Desk) -> None:
    found = ask(shown, "/search?q=Falkenwerft&limit=2")
    assert found["total"] == 4
    assert [one["isin"] for one in found["shares"]] == [WERFT]
    assert {one["name"]: one["stories"] for one in found["facets"]["shares"]}["Falkenwerft AG"] == 4
    assert any(piece["is_hit"] for piece in found["found"][0]["headline"])
    more = ask(shown, found["next"].removeprefix("http://portal.example/api/v1"))
    keys = [one["story"]["story"] for part in (found, more) for one in part["found"]]
    assert len(keys) == len(set(keys)) == 4
    assert more["next"] is None
    newest = ask(shown, "/search?q=Falkenwerft&sort=newest")["found"]
    assert [one["story"]["at"] for one in newest] == sorted(
        (one["story"]["at"] for one in newest), reverse=True
    )
    assert ask(shown, "/search?q=-")["found"] == []


# -- how it is said --------------------------------------------------------------------------------


def test_an_answer_is_asked_for_again_only_when_it_changed(desk: Desk) -> None:
    for path in (
        "/stories",
        f"/stories/{desk.keys['main']}",
        "/changes?after=0",
        "/search?q=Werft",
        "/openapi.json",
    ):
        answer = desk.browser.get(f"/api/v1{path}")
        again = desk.browser.get(f"/api/v1{path}", if_none_match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b""), path
        assert again.headers["access-control-allow-origin"] == "*"
        assert "ratelimit" in again.headers
    etag = desk.browser.get("/api/v1/stories").headers["etag"]
    desk.paper.file("n", "Neu", "Text.")
    assert desk.browser.get("/api/v1/stories", if_none_match=etag).status == 200


def test_head_says_what_get_would(shown: Desk) -> None:
    get, head = (shown.browser.ask(method, "/api/v1/stories") for method in ("GET", "HEAD"))
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(get.body)))


@pytest.mark.parametrize(
    ("accept", "said"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("application/vnd.iptc.ninjs+json", "application/vnd.iptc.ninjs+json"),
        (
            "application/json;q=0.2, application/vnd.iptc.g2.newsitem+xml",
            "application/vnd.iptc.g2.newsitem+xml",
        ),
        ("application/vnd.iptc.ninjs+json;q=x, application/json", "application/json"),
    ],
)
def test_the_header_accept_chooses_a_format(shown: Desk, accept: str, said: str) -> None:
    answer = shown.browser.get(f"/api/v1/stories/{shown.keys['main']}", accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, said)
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


def test_what_is_kept_under_a_long_header_is_what_it_asks_for(shown: Desk) -> None:
    path, long = f"/api/v1/stories/{shown.keys['main']}", "text/x-nothing, " * 20
    kinds = {
        shown.browser.get(path, accept=f"{long}{one}").headers["content-type"]
        for one in ("application/json", "application/vnd.iptc.ninjs+json")
    }
    assert kinds == {"application/problem+json"}


def test_formats_that_nobody_has(shown: Desk) -> None:
    answer = shown.browser.get("/api/v1/stories", accept="image/png")
    assert (answer.status, answer.headers["content-type"]) == (406, "application/problem+json")
    assert shown.browser.get("/api/v1/stories?format=rss").status == 422


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/stories?limit=0", 422, "limit"),
        ("/stories?limit=" + "9" * 400, 422, "limit"),
        ("/stories?since=yesterday", 422, "since"),
        ("/stories?since=2026-13-01", 400, "since is a time"),
        ("/stories?since=0001-01-01T00:00:00%2B14:00", 400, "since is a time"),
        ("/stories?until=9999-12-31T23:59:59-14:00", 400, "until is a time"),
        ("/stories?cursor=webp", 400, "cursor is not one"),
        ("/stories?cursor=bmFuXzE", 400, "cursor is not one"),  # nan_1
        ("/stories?cursor=MWUzMDBfMQ", 400, "cursor is not one"),  # 1e300_1
        ("/stories?cursor=" + "A" * 500, 422, "cursor"),
        ("/stories?provider=nobody", 404, "not public"),
        ("/stories?isin=NOSUCH", 404, "not public"),
        ("/stories?provider=%00", 400, "characters"),
        ("/search?q=a%0Ab", 400, "characters"),
        ("/search", 422, "q"),
        ("/search?q=x&cursor=MTc3MjQ1MjA4MC4wXzEx", 400, "cursor is not one"),
        ("/search?q=%E2%80%AEkcart", 200, ""),
        ("/search?q=%FF%FE", 200, ""),
        ("/instruments?q=%F0%9F%9A%A2", 200, ""),
        ("/instruments/%00", 404, "documentation"),
        ("/stories?x=" + "y" * 9000, 414, "longer"),
        ("/changes?after=-1", 422, "after"),
        ("/changes?after=99999999999999999999", 422, "after"),
        ("/changes?after=0&kinds=born", 400, "kinds holds born"),
        ("/stories/" + "9" * 5000, 404, "documentation"),
        ("/", 301, ""),
    ],
)
def test_whatever_makes_no_sense_is_a_problem(shown: Desk, path: str, status: int, said: str) -> None:
    answer = shown.browser.get(f"/api/v1{path.replace('%00', chr(0)) if '?' not in path else path}")
    assert answer.status == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert said in answer.json()["detail"]
        assert answer.json()["status"] == status


def test_a_cursor_is_read_as_it_was_written() -> None:
    for place in ((1772452080.0, 11), (-5.25, 1), (0.1 + 0.2, 2**62)):
        assert cursors.place(cursors.of_place(place)) == place
    assert cursors.offset(cursors.of_offset(40), 100) == 40
    assert cursors.offset(cursors.of_offset(400), 100) == 100
    with pytest.raises(Unfit):
        cursors.offset(cursors.of_place((1.0, 1)), 100)


def test_the_description_names_every_shape_that_is_sent(shown: Desk) -> None:
    said = ask(shown, "/openapi.json")
    assert said["servers"] == [{"url": "http://portal.example/api/v1"}]
    text = json.dumps(said)
    for name in said["components"]["schemas"]:
        assert f"#/components/schemas/{name}" in text, name
    for item in said["paths"].values():
        assert item["get"]["summary"]
        assert item["get"]["responses"]["200"]["content"]["application/json"]["example"]


def test_the_page_for_people_lists_the_addresses(shown: Desk) -> None:
    page = shown.browser.get("/en/api")
    assert page.status == 200
    assert "GET /api/v1/stories/{story}/mentions" in page.text
    assert "/api/v1/openapi.json" in page.text


def test_an_advertisement_says_so_in_every_format(shown: Desk) -> None:
    key = shown.keys["advert"]
    assert ask(shown, f"/stories/{key}")["sponsored"] is True
    assert '"Advertisement"' in shown.browser.get(f"/api/v1/stories/{key}?format=ninjs").text
    assert "<name>Advertisement</name>" in shown.browser.get(f"/api/v1/stories/{key}?format=newsml-g2").text
    assert {ADVERT, TEASER, HEADLINE} <= set(shown.paper.room.wires)
