"""No character of body text is lost in any format: what is not in the copy any more stands in a field."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from depesche.model.take import Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse
from depesche.wires.reading import charset, repair

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "samples"
FORMATS = wire_format.load()
NAR = "http://iptc.org/std/nar/2006-10-01/"


def read(raw: bytes, name: str | None = None) -> Take | None:
    (one,) = parse.takes(raw, FORMATS, name)
    return copydesk.edit(one) if isinstance(one, Take) else None


def strings(value: Any) -> Iterable[str]:
    """Yield every string in *value*."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def lost(source: str, take: Take) -> Counter[str]:
    """Return the characters of *source* that stand nowhere in *take*, white space apart; a dateline's brackets and dash are set anew."""
    kept = parse.as_json(take)
    kept.pop("body_html")
    dateline = take.dateline
    whole = "".join(strings(kept)) + ("()-—–:," if dateline else "")
    series = take.series
    return (
        Counter(re.sub(r"\s", "", source))
        - Counter(re.sub(r"\s", "", whole))
        - Counter(":/" if series else "")
    )


WORDS = st.text(alphabet=st.sampled_from("abcdefghäöüß ABCDÄ.,-0123&<>«»éß"), min_size=1, max_size=40).map(
    lambda one: f"w{one.strip()}w"
)
INLINE = st.one_of(
    WORDS.map(escape),
    st.tuples(st.sampled_from(["b", "i", "em", "strong", "span", "sup", "u"]), WORDS).map(
        lambda one: f"<{one[0]}>{escape(one[1])}</{one[0]}>"
    ),
    WORDS.map(lambda one: f'<a href="https://bote.example/">{escape(one)}</a>'),
)
FLOW = st.lists(INLINE, min_size=1, max_size=4).map(" ".join)
BLOCK = st.one_of(
    FLOW.map(lambda one: f"<p>{one}</p>"),
    FLOW.map(lambda one: f"<h2>{one}</h2>"),
    FLOW.map(lambda one: f"<blockquote><p>{one}</p></blockquote>"),
    st.lists(FLOW, min_size=1, max_size=3).map(
        lambda all_: "<ul>" + "".join(f"<li>{one}</li>" for one in all_) + "</ul>"
    ),
    st.lists(FLOW, min_size=1, max_size=3).map(
        lambda all_: "<table><tr>" + "".join(f"<td>{one}</td>" for one in all_) + "</tr></table>"
    ),
    st.tuples(FLOW, FLOW).map(lambda two: f"<div>{two[0]}<br/>{two[1]}</div>"),
)
BODY = st.lists(BLOCK, min_size=1, max_size=5).map("\n".join)


def words_of(markup: str) -> str:
    return "".join(etree.fromstring(f"<x>{markup}</x>").itertext())


WRITERS = {
    "ninjs": lambda body: json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_html": body}),
    "digitalwires": lambda body: json.dumps(
        {
            "format": "digitalwires@0.9.1",
            "urn": "urn:x:1",
            "headline": "Kai",
            "article_html": f'<section class="main">{body}</section>',
        }
    ),
    "newsml_g2": lambda body: (
        f'<newsItem xmlns="{NAR}" guid="urn:x:1"><contentMeta><headline>Kai</headline></contentMeta><contentSet><inlineXML>'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html></inlineXML></contentSet></newsItem>'
    ),
    "nitf": lambda body: (
        '<nitf><head><docdata><doc-id id-string="urn:x:1"/></docdata></head><body><body.head><hedline><hl1>Kai</hl1></hedline></body.head>'
        f"<body.content>{body}</body.content></body></nitf>"
    ),
    "newsml_1": lambda body: (
        "<NewsML><NewsItem><Identification><NewsIdentifier><NewsItemId>1</NewsItemId></NewsIdentifier></Identification><NewsComponent>"
        f"<NewsLines><HeadLine>Kai</HeadLine></NewsLines><ContentItem><DataContent>{body}</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"
    ),
    "feed": lambda body: (
        f"<rss><channel><title>B</title><item><guid>1</guid><title>Kai</title><description>{escape(body)}</description></item></channel></rss>"
    ),
}


@pytest.mark.parametrize("name", list(WRITERS))
@settings(max_examples=40, deadline=None)
@given(body=BODY)
def test_no_character_of_marked_up_copy_is_lost(name: str, body: str) -> None:
    take = read(WRITERS[name](body).encode(), name)
    assert take is not None
    assert lost(words_of(body), take) == Counter()


PARAGRAPH = st.lists(
    st.text(alphabet=st.sampled_from("abcdefghäöüßABC.,0123«»-("), min_size=1, max_size=14).map(
        lambda one: f"w{one}"
    ),
    min_size=2,
    max_size=40,
)


def wrapped(paragraphs: list[list[str]]) -> str:
    lines = []
    for words in paragraphs:
        line = ""
        for word in words:
            if len(line) + len(word) > 68:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines += [line, ""]
    return "\r\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARAGRAPH, min_size=1, max_size=4), st.sampled_from(["utf-8", "cp1252"]))
def test_no_character_of_a_teletype_message_is_lost(paragraphs: list[list[str]], encoding: str) -> None:
    copy = wrapped(paragraphs)
    raw = f"\x01bdt0012 3 wi 120  dpa 0034\r\n\r\nKai/\r\n\x02Kai =\r\n\r\n{copy}\r\n\x03021112 Mai 31\r\n\x04".encode(
        encoding
    )
    take = read(raw, "iptc7901")
    assert take is not None
    assert lost(copy, take) == Counter()


@settings(max_examples=40, deadline=None)
@given(st.lists(PARAGRAPH, min_size=1, max_size=4))
def test_no_character_of_a_release_is_lost(paragraphs: list[list[str]]) -> None:
    copy = wrapped(paragraphs)
    frame = (ROOT / "tests/samples/eqs/buyback.txt").read_text().split("Kiel, 2. Mai")
    block = frame[1][frame[1].index("-----") :]
    take = read(f"{frame[0]}{copy}\n{block}".encode(), "eqs")
    assert take is not None
    assert lost(f"{copy}{block}", take) == Counter()


def source_of(path: Path) -> str:
    """Return all text nodes of the body in the item at *path*, found without the formats' help."""
    raw = path.read_bytes()
    if path.suffix == ".iptc":
        words = charset.decode(raw)
        copy = words[re.search(r"=\r?\n", words).end() : words.index("\x03")]
        return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", copy)
    if path.suffix == ".json":
        item = json.loads(raw)
        html = item.get("article_html") or next(
            (
                one["value"]
                for one in item.get("bodies", [])
                if "html" in one.get("contentType", one.get("contenttype", ""))
            ),
            "",
        )
        html = (
            html
            or next((item[name] for name in item if name.startswith("body_") and name != "body_text"), "")
            or item.get("body_text", "")
        )
        return "".join(lxml_html.fragment_fromstring(html, create_parent="div").itertext())
    root = repair.parse(raw)[0]
    if root.tag.endswith("}packageItem"):
        refs = [
            one for one in root.iter("{*}itemRef") if "picture" not in one.find("{*}itemClass").get("qcode")
        ]
        return "".join(
            words
            for ref in refs
            for one in ref.iter("{*}title", "{*}description")
            for words in one.itertext()
        )
    places = [*root.iter("{*}inlineXML"), *root.iter("{*}body.content")]
    places += [
        one
        for one in root.iter("{*}DataContent")
        if one.getparent().getparent().find("{*}Role").get("FormalName") == "Body"
    ]
    inside = [one for place in places[:1] for one in place.iter("{*}body")] or places[:1]
    for one in list(inside[0].iter("{*}media", "{*}header")) if inside else []:
        one.clear(keep_tail=True)
    return "".join("".join(place.itertext()) for place in inside)


if REAL.is_dir():  # not everyone has agencies' own items
    ITEMS = sorted(path for path in REAL.rglob("*.*") if path.suffix != ".md")

    @pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.name)
    def test_no_character_of_an_agencys_item_is_lost(path: Path) -> None:
        take = read(path.read_bytes())
        if take is None:
            return  # a picture, a package, a part: another test names the reason
        source = source_of(path)
        assert len(source) > 100
        assert lost(source.replace("\u200b", "").replace("\ufeff", ""), take) == Counter()
