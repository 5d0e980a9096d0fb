"""What leaves as ninjs or NewsML-G2 comes back through our own parsers as what it was."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from typing import Any

import pytest
from asking import Desk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from paper import BAHN, WERFT

from depesche.model.take import Subject, Take
from depesche.portal.out import newsml_g2 as out_g2
from depesche.portal.out import ninjs as out_ninjs
from depesche.portal.out.item import items
from depesche.stories.copyediting import copydesk
from depesche.wires.formats import newsml_g2, ninjs

NAR = "{http://iptc.org/std/nar/2006-10-01/}"
READ = {"ninjs": ninjs.read, "ninjs2": ninjs.read, "newsml-g2": newsml_g2.read}
# ninjs 3.0, the parts that we write: the names that an object of the kind may have.
TEXT = {"role", "contentType", "value"}
NAMES = {
    "": {"uri", "standard", "type", "version", "firstCreated", "versionCreated", "pubStatus", "urgency", "language", "headlines", "by",
         "located", "descriptions", "bodies", "copyrightNotice", "usageTerms", "edNote", "infoSources", "subjects", "genres",
         "organisations", "associations", "altIds", "renditions", "name"},
    "standard": {"name", "version", "schema"},
    "headlines": TEXT, "descriptions": TEXT, "bodies": TEXT | {"charCount", "wordCount"},
    "infoSources": {"name", "role", "uri", "literal"}, "genres": {"name", "uri", "literal"},
    "subjects": {"name", "rel", "uri", "literal"}, "organisations": {"name", "rel", "uri", "literal", "symbols"},
    "symbols": {"ticker", "exchange", "symbolType", "symbol"}, "altIds": {"role", "value"},
    "renditions": {"name", "href", "contentType", "width", "height"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _unlimited(request: pytest.FixtureRequest) -> None:
    for name in ("shown", "desk"):
        if name in request.fixturenames:
            request.getfixturevalue(name).app.gate._anonymous = 1_000_000


def back(raw: bytes, form: str) -> list[Take]:
    """Read what was exported as the newsroom reads a wire."""
    found = list(READ[form](raw, ""))
    assert all(isinstance(one, Take) for one in found), found
    return [copydesk.edit(one) for one in found if isinstance(one, Take)]


def exported(desk: Desk, path: str, form: str) -> list[Take]:
    answer = desk.browser.get(f"/api/v1{path}{'&' if '?' in path else '?'}format={form}")
    assert answer.status == 200, answer.text
    return back(answer.text.encode(), form)


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("name", ["main", "corrected", "english", "old", "advert"])
def test_a_story_comes_back_as_it_was(shown: Desk, form: str, name: str) -> None:
    key = shown.keys[name]
    [take] = exported(shown, f"/stories/{key}", form)
    with shown.paper.room.database.reading() as tx:
        version = tx.newsstand.version(key)
        assert version is not None
        mentions = tx.mentions.of_version(version.key)
    assert (take.guid, take.version) == (f"http://portal.example/news/{key}", str(version.number))
    assert take.headline == version.headline
    told, was = take.series, version.series
    assert (told and (told.kind, told.number, told.topic)) == (
        was and (was.kind.upper(), was.number, was.topic)
    )
    assert (take.body_text, take.body_html) == (version.body_text, version.body_html)
    assert (take.provider, take.language, take.byline) == (version.provider, version.language, version.byline)
    assert (take.version_created, take.first_created) == (version.at, version.first_created)
    assert (take.urgency, take.copyright, take.status) == (version.urgency, version.copyright, "usable")
    codes = {(one.kind, one.value, one.mic) for one in take.identifiers}
    assert codes == {("isin", one.isin, None) for one in mentions} | {
        ("ticker", one.ticker, one.mic) for one in mentions if one.ticker
    }


RICH = """<p>Umsatz &amp; Gewinn: <b>5 &lt; 6</b> Millionen<br>Euro, siehe <a href="https://x.example/?a=1&amp;b=2">Bericht</a>.</p>
<h2>Zahlen</h2><ul><li>eins</li><li>zwei</li></ul>
<table><tr><th>Jahr</th><td>2026</td></tr></table><p>„Schluss“ – sagte sie…</p>"""


@pytest.mark.parametrize("form", READ)
def test_a_story_from_a_wire_comes_back_as_it_was(desk: Desk, form: str) -> None:
    wired = {
        "uri": "urn:rich", "version": "7", "versioncreated": "2026-03-02T10:00:00Z", "type": "text", "language": "de", "urgency": 3,
        "headline": "ROUNDUP 3/Zahlen: Falkenwerft (ISIN " + WERFT + ") wächst", "body_html": RICH, "byline": "Von Ada Brandt",
        "genre": [{"name": "Hintergrund"}], "usageterms": "Nur mit Quelle.", "copyrightnotice": "© Küste",
    }  # fmt: skip
    [read] = ninjs.read(json.dumps(wired).encode(), "Nordlicht Nachrichten")
    assert isinstance(read, Take)
    was = copydesk.edit(read)
    key = desk.paper.take(was, "nordlicht", desk.paper.clock.now())
    [take] = exported(desk, f"/stories/{key}", form)
    for name in (
        "headline",
        "series",
        "body_text",
        "body_html",
        "byline",
        "urgency",
        "genre",
        "usage_terms",
        "copyright",
        "language",
    ):
        assert getattr(take, name) == getattr(was, name), name
    assert ("isin", WERFT) in {(one.kind, one.value) for one in take.identifiers}


@pytest.mark.parametrize("form", READ)
def test_a_list_comes_back_in_order_without_what_may_not_leave(shown: Desk, form: str) -> None:
    raw = shown.browser.get(f"/api/v1/stories?limit=100&format={form}")
    found = [one for one in READ[form](raw.text.encode(), "") if isinstance(one, Take)]
    guids = [int(one.guid.rpartition("/")[2]) for one in found]
    listed = [one["story"] for one in shown.browser.get("/api/v1/stories?limit=100").json()["stories"]]
    left_out = {shown.keys["headline"]} | ({shown.keys["teaser"]} if form == "newsml-g2" else set())
    assert guids == [one for one in listed if one not in left_out], "a teaser alone is no story in NewsML-G2"
    assert f'/news/{shown.keys["headline"]}"' not in raw.text
    first = shown.browser.get(f"/api/v1/stories?limit=2&format={form}")
    assert first.headers["link"].endswith('rel="next"')
    assert f"format={form}" in first.headers["link"]


def test_a_correction_says_what_was_wrong(shown: Desk) -> None:
    [take] = exported(shown, f"/stories/{shown.keys['corrected']}", "newsml-g2")
    assert [one.text[:20] for one in take.notes if one.public] == ["Die Zahl der Fahrgäs"]
    assert (
        "Correction: Die Zahl"
        in shown.browser.get(f"/api/v1/stories/{shown.keys['corrected']}?format=ninjs").text
    )


def test_topics_and_pictures_go_along(desk: Desk) -> None:
    topics = (Subject("medtop", "20000170", "Schiffbau"), Subject("keyword", "Dock", "Dock"))
    key = desk.paper.file("t", "Werft baut", "Text.", subjects=topics)
    for form in READ:
        [take] = exported(desk, f"/stories/{key}", form)
        assert Subject("medtop", "20000170", "Schiffbau") in take.subjects
    [take] = exported(desk, f"/stories/{desk.keys['main']}", "ninjs")
    assert [(one.credit, one.caption is not None) for one in take.pictures] == [
        ("Zeichnung: Nordlicht", True)
    ]


def check(value: Any, kind: str = "") -> None:
    """Hold an object to the names and types of ninjs 3."""
    assert set(value) <= NAMES[kind], (kind, set(value) - NAMES[kind])
    for name, one in value.items():
        if name == "associations":
            for each in one:
                assert {"name", "uri"} <= set(each)
                check(each)
        elif isinstance(one, list):
            for each in one:
                check(each, name)
        elif isinstance(one, dict):
            check(one, name)
        else:
            wanted = int if name in {"urgency", "width", "height", "charCount", "wordCount"} else str
            assert type(one) is wanted, name
        if name in {"headlines", "descriptions", "bodies"}:
            assert all("value" in each for each in one)


def test_ninjs_has_the_names_and_types_of_its_schema(shown: Desk) -> None:
    for one in shown.browser.get("/api/v1/stories?limit=100&format=ninjs").json():
        check(one)
        assert one["standard"]["version"] == "3.0"
    older = shown.browser.get("/api/v1/stories?limit=100&format=ninjs2").json()
    assert all(name == name.lower() for one in older for name in one)
    assert {one["standard"]["version"] for one in older} == {"2.0"}


def test_newsml_g2_has_its_parts_in_their_order(shown: Desk) -> None:
    root = etree.fromstring(
        shown.browser.get(f"/api/v1/stories/{shown.keys['main']}?format=newsml-g2").text.encode()
    )
    names = [one.tag.removeprefix(NAR) for one in root]
    assert names == ["catalogRef", "rightsInfo", "itemMeta", "contentMeta", "assert", "contentSet"] or names == [
        "catalogRef", "rightsInfo", "itemMeta", "contentMeta", "assert", "assert", "contentSet",
    ]  # fmt: skip
    assert {one.get("symbol") for one in root.iter(f"{NAR}hasInstrument")} >= {WERFT}
    assert {WERFT, BAHN} >= {
        one.get("symbol") for one in root.iter(f"{NAR}hasInstrument") if one.get("type") == "symbolType:ISIN"
    }
    assert root.get("guid") == f"http://portal.example/news/{shown.keys['main']}"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    words=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), min_size=1, max_size=4
    )
)
def test_any_text_makes_a_document_that_can_be_read(shown: Desk, words: list[str]) -> None:
    with shown.paper.room.database.reading() as tx:
        item = items(shown.app._site, tx, [shown.keys["main"]])[0]
    body = "".join(
        f'<p>{escape(one)} <br> &amp; <a href="https://x.example/?a=1&amp;b=2">{escape(one)}</a></p>'
        for one in words
    )
    odd = replace(item, headline=words[0], shown=replace(item.shown, body_html=body, body_text=" ".join(words)),
                  version=replace(item.version, byline=words[-1], copyright=words[0]))  # fmt: skip
    etree.fromstring(out_g2.write(odd))
    etree.fromstring(out_g2.write_message([odd, item], words[0]))
    assert json.loads(out_ninjs.write(odd))["bodies"][0]["value"] == body
