"""What each format reads out of an item, field by field, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.errors import NotAStory, WireError
from depesche.model.take import Identifier, Link, Note, PictureRef, Subject, Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

FORMATS = wire_format.load()
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'


def one(found: Iterable[Take | WireError]) -> Take:
    """Return the only take in *found*."""
    takes = list(found)
    assert len(takes) == 1
    if isinstance(takes[0], WireError):
        raise takes[0]
    return takes[0]


def ninjs(**item: Any) -> Take:
    whole = {"uri": "urn:x:1", "headline": "Kai gesperrt", "body_html": "<p>Der Kai.</p>", **item}
    return one(
        parse.takes(
            json.dumps({key: value for key, value in whole.items() if value is not None}).encode(), FORMATS
        )
    )


def g2(
    meta: str = "",
    content: str = "",
    body: str | None = None,
    item: str = 'guid="urn:x:1" version="1"',
    more: str = "",
) -> Take:
    headline = "" if "<headline" in content else "<headline>Kai gesperrt</headline>"
    inline = '<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Der Kai.</p></body></html></inlineXML>'
    raw = (
        f"<newsItem {NAR} {item}>{more}<itemMeta>{meta}</itemMeta><contentMeta>{content}{headline}</contentMeta>"
        f"<contentSet>{inline if body is None else body}</contentSet></newsItem>"
    )
    return one(parse.takes(raw.encode(), FORMATS))


def rss(item: str, channel: str = "") -> list[Take | WireError]:
    raw = (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:media="http://search.yahoo.com/mrss/" xmlns:fn="https://codes.example/"><channel><title>Blatt</title>{channel}{item}</channel></rss>'
    )
    return list(parse.takes(raw.encode(), FORMATS))


# Recognition


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b'{"uri": "urn:x:1", "headline": "Kai"}', "ninjs"),
        (b'\xef\xbb\xbf {"bodies": [], "versionCreated": "x"}', "ninjs"),
        ('{"uri": "urn:x:1"}'.encode("utf-16"), "ninjs"),
        (b'[{"uri": "urn:x:1", "headline": "Kai"}]', "ninjs"),
        (f"<!-- Kai --><newsItem {NAR}/>".encode(), "newsml_g2"),
        (b'<nar:newsMessage xmlns:nar="http://iptc.org/std/nar/2006-10-01/"/>', "newsml_g2"),
        (b"<itemMeta/>", "newsml_g2"),
        (b"<rss version='0.91'/>", "feed"),
        (b"<?xml version='1.0'?><!DOCTYPE rss SYSTEM 'x.dtd'><rss/>", "feed"),
        (b"<rdf:RDF xmlns:rdf='r'/>", "feed"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", "feed"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>".encode("utf-16"), "feed"),
        (b'{"version": "https:\\/\\/jsonfeed.org\\/version\\/1", "items": []}', "feed"),
        (b"<nitf/>", "nitf"),
        (b'<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "nitf-3-4.dtd"><nitf><body/></nitf>', "nitf"),
        (b"<NewsML/>", "newsml_1"),
        (b'{"format": "digitalwires@0.9.1", "headline": "x"}', "digitalwires"),
        (b"\x01bdt0012 3 wi 120  dpa 0034\r\n", "iptc7901"),
        (b"bdt0012 3 wi 120 dpa-AFX 0034\n\nHafen/\n", "iptc7901"),
        (
            b"\x16\x16\x01r0180\x1fh-----\r\nr f\x13\x11BC-XX--Pier 1stLd-Writethru  05-02 0120\r\n\x02",
            "iptc7901",
        ),
        (b"EQS-News: Nordwind AG / Schlagwort(e): Dividende\nNordwind AG: Dividende\n", "eqs"),
        ("^\nDGAP-Adhoc: Möwe SE: Prognose\n".encode("cp1252"), "eqs"),
        (b"pta20310502012\nBekanntgabe\n", "eqs"),
    ],
)
def test_recognition(raw: bytes, name: str) -> None:
    assert wire_format.recognise(raw, FORMATS).name == name


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  ",
        b"nur Text",
        b"<html><body>Kai</body></html>",
        b'{"a": 1}',
        b"\xff\xfe",
        b"<?a?>" * 900,
        b"<?xml?>" * 600,
    ],
)
def test_what_is_no_known_item_is_refused(raw: bytes) -> None:
    with pytest.raises(WireError, match="format"):
        wire_format.recognise(raw, FORMATS)


def test_a_named_format_must_exist() -> None:
    with pytest.raises(WireError, match="'telex' is not one of digitalwires, eqs, feed"):
        wire_format.recognise(b"{}", FORMATS, "telex")


# ninjs


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"uri": None}, "uri: missing"),
        ({"headline": None}, "headline: missing"),
        ({"headline": None, "body_html": None}, "headline, body: both are missing"),
        ({"body_html": None}, "body: empty"),
        ({"body_html": "  "}, "body: empty"),
        ({"type": "picture"}, "type: picture is no story"),
        ({"type": "event"}, "type: event is no story"),
        ({"type": "composite", "body_html": None, "associations": {"a": {"type": "picture"}}}, "body: empty"),
    ],
)
def test_ninjs_refuses_by_name(item: dict[str, Any], reason: str) -> None:
    with pytest.raises(WireError, match=reason):
        ninjs(**item)


def test_ninjs_without_a_body_shows_its_description() -> None:
    take = ninjs(body_html=None, description_text="Der Kai ist zu.")
    assert (take.body_html, take.teaser) == ("<p>Der Kai ist zu.</p>", None)


def test_a_kill_needs_neither_body_nor_headline() -> None:
    take = ninjs(headline=None, body_html=None, pubstatus="canceled")
    assert (take.status, take.headline) == ("canceled", "urn:x:1")


def test_a_flash_may_be_a_headline_only() -> None:
    assert ninjs(body_html=None, urgency=1).body_html == ""


def test_ninjs_prefers_html_and_keeps_variants_apart() -> None:
    bodies = [
        {"role": "sms", "contentType": "text/html", "value": "<p>kurz</p>"},
        {"role": "ttnitf", "contentType": "application/xml", "value": "<TTNITF>x</TTNITF>"},
        {"role": "text", "contentType": "text/plain", "value": "schlicht"},
        {"role": "html5", "contentType": "text/html", "value": "<p>voll</p>"},
    ]
    assert ninjs(body_html=None, bodies=bodies).body_html == "<p>voll</p>"
    assert ninjs(body_html=None, bodies=bodies[:1] + bodies[2:3]).body_html == "<p>kurz</p>"
    assert ninjs(body_html=None, bodies=[{"value": "a <b & c"}]).body_html == "<p>a &lt;b &amp; c</p>"


def test_ninjs_headlines_in_roles() -> None:
    take = ninjs(
        headline=None,
        headlines=[{"role": "short", "value": "Kai zu"}, {"role": "main", "value": "Kai gesperrt"}],
    )
    assert take.headline == "Kai gesperrt"
    assert take.notes == (Note("headline:short", "Kai zu", public=True),)


def test_ninjs_lists_and_packages_lose_no_story_for_a_bad_one() -> None:
    good = {"uri": "urn:x:1", "type": "text", "headline": "Kai", "body_text": "Der Kai."}
    found = list(
        parse.takes(json.dumps([good, 7, {"headline": "x", "body_text": "y"}, good]).encode(), FORMATS)
    )
    assert [str(part) if isinstance(part, WireError) else part.guid for part in found] == [
        "urn:x:1",
        "item 1: no object",
        "uri: missing",
        "urn:x:1",
    ]
    package = {
        "uri": "urn:p:1",
        "type": "composite",
        "headline": "Paket",
        "associations": {"a": good, "b": {"type": "picture"}},
    }
    assert one(parse.takes(json.dumps(package).encode(), FORMATS)).guid == "urn:x:1"


@pytest.mark.parametrize("name", ["embargoed", "embargoedUntil"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "bald",
        "2031-01-01",
        "2031-03-12T10:00:00",
        1893456000,
        [],
        {},
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
    ],
)
def test_an_unreadable_embargo_withholds(name: str, value: object) -> None:
    take = ninjs(**{name: value})
    assert (take.status, take.embargoed) == ("withheld", None)


def test_an_embargo_is_read_in_any_zone() -> None:
    assert ninjs(embargoed="2031-03-12T10:00:00+05:30").embargoed == datetime(2031, 3, 12, 4, 30, tzinfo=UTC)
    assert ninjs(embargoedUntil="2031-03-12T10:00:00-11:00").embargoed == datetime(
        2031, 3, 12, 21, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (None, "usable"),
        ("usable", "usable"),
        ("withheld", "withheld"),
        ("canceled", "canceled"),
        ("cancelled", "canceled"),
        ("STAT:Usable", "usable"),
        ("später", "withheld"),
        ("", "withheld"),
    ],
)
def test_status(told: str | None, status: str) -> None:
    assert ninjs(pubstatus=told).status == status


@pytest.mark.parametrize(
    ("value", "urgency"),
    [
        (4, 4),
        (0, 1),
        (12, 9),
        ("3", 3),
        (2.0, 2),
        ("hoch", None),
        (None, None),
        ([], None),
        (1e400, None),
        (True, None),
    ],
)
def test_urgency(value: object, urgency: int | None) -> None:
    raw = (
        json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_text": "Kai.", "urgency": value})
        .replace("Infinity", "1e400")
        .encode()
    )
    found = list(parse.takes(raw, FORMATS))
    assert all(isinstance(part, WireError) or part.urgency == urgency for part in found)


def test_ninjs_symbols_under_organisations() -> None:
    organisation = {
        "name": "Nordwind Reederei AG",
        "symbols": [
            {
                "symbolType": "https://cv.iptc.org/newscodes/financialinstrumentsymboltype/ISIN",
                "symbol": "zz0000nw0011",
            },
            {"ticker": "NWR", "exchange": "TSX VENTURE"},
            {"ticker": "NWR", "exchange": "Sandersieler Börse"},
            {"symbolType": "ISIN", "symbol": "ZZ0000NW0018"},
        ],
    }
    name = "Nordwind Reederei AG"
    assert ninjs(organisations=[organisation]).identifiers == (
        Identifier("isin", "ZZ0000NW0011", None, name),
        Identifier("ticker", "NWR", "XTSX", name),
        Identifier("ticker", "NWR", "Sandersieler Börse", name),
        Identifier("symbol", "ZZ0000NW0018", None, name),
    )


def test_ninjs_relations() -> None:
    take = ninjs(evolvedfrom="urn:x:0", associations={"previous": {"type": "text", "uri": "urn:x:00"}})
    assert take.links == (Link("evolvedFrom", guid="urn:x:0"), Link("previousVersion", guid="urn:x:00"))


def test_ninjs_pictures_stay_beside_the_item() -> None:
    def picture(*hrefs: str) -> dict[str, Any]:
        return {
            "type": "picture",
            "renditions": {
                str(place): {"href": href, "width": 900 + place} for place, href in enumerate(hrefs)
            },
        }

    take = ninjs(
        associations={
            "a": picture("a.jpg", "../b.jpg", "/etc/c.jpg", "file:///d.jpg", "javascript:e"),
            "b": picture("ftp://x.example/b.jpg"),
        }
    )
    assert take.pictures == (PictureRef("a.jpg"),)


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "uri",
                "type",
                "headline",
                "headlines",
                "bodies",
                "body_html",
                "associations",
                "organisations",
                "subject",
                "urgency",
                "versioncreated",
                "embargoed",
                "pubstatus",
                "genre",
                "ednote",
                "byline",
                "keywords",
                "infosources",
                "person",
            ]
        ),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=5)
            | st.sampled_from(["urn:x:1", "text", "<p>Kai</p>", "usable"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["value", "role", "name", "uri", "symbols", "renditions", "href", "type", "width"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
    )
)
def test_ninjs_with_the_wrong_types_never_crashes(item: dict[str, Any]) -> None:
    for found in parse.takes(json.dumps(item).encode(), FORMATS, "ninjs"):
        assert isinstance(found, Take | WireError)
        assert not isinstance(found, Take) or json.dumps(parse.as_json(found))


# NewsML-G2


@pytest.mark.parametrize(
    ("raw", "error", "reason"),
    [
        (
            f"<packageItem {NAR}><groupSet><group><itemRef/><itemRef/></group></groupSet></packageItem>",
            NotAStory,
            "a package of 2 references that tells nothing of them",
        ),
        (f"<planningItem {NAR}/>", NotAStory, "planningItem: is no story"),
        (f"<conceptItem {NAR}/>", NotAStory, "conceptItem: is no story"),
        (f"<newsMessage {NAR}><itemSet/></newsMessage>", NotAStory, "has no items"),
        (
            f"<newsMessage {NAR}><itemSet><conceptItem/></itemSet></newsMessage>",
            NotAStory,
            "conceptItem: is no story",
        ),
        (f"<newsItem {NAR}><itemMeta/></newsItem>", WireError, "guid: missing"),
        (
            f'<newsItem {NAR} guid="urn:x:1"><itemMeta><itemClass qcode="ninat:video"/></itemMeta></newsItem>',
            NotAStory,
            "itemClass: video is no story",
        ),
        (
            f'<newsItem {NAR} guid="urn:x:1"><contentMeta><headline>x</headline></contentMeta></newsItem>',
            NotAStory,
            "the body is empty",
        ),
        (f"<newsItem {NAR}><itemMeta></newsItem>", WireError, "xml: not well-formed"),
        ("<contentSet/>", WireError, "contentSet: is a part"),
    ],
)
def test_newsml_g2_refuses_by_name(raw: str, error: type[WireError], reason: str) -> None:
    found = list(parse.takes(raw.encode(), FORMATS))
    assert len(found) == 1
    assert isinstance(found[0], error)
    assert reason in str(found[0])


def _reference(guid: str, kind: str = "text", title: str = "", more: str = "") -> str:
    named = f"<title>{title}</title>" if title else ""
    return f'<itemRef residref="{guid}"><itemClass qcode="ninat:{kind}"/>{named}{more}</itemRef>'


def _package(*groups: str) -> str:
    return (
        f'<packageItem {NAR} guid="urn:x:top" version="3"><itemMeta><itemClass qcode="ninat:composite"/></itemMeta>'
        f"<contentMeta><headline>Das Wichtigste vom Hafen</headline></contentMeta><groupSet>{''.join(groups)}</groupSet></packageItem>"
    )


def test_a_package_alone_is_a_list_of_what_it_names() -> None:
    raw = _package(
        f'<group role="group:main">{_reference("urn:x:1", title="Fähre & Kutter", more="<description>Beide fahren.</description>").replace("&", "&amp;")}'
        f"{_reference('urn:x:2', 'picture', 'Ein Bild')}</group>",
        f'<group role="group:sidebar">{_reference("urn:x:3", title="Der Pegel")}{_reference("urn:x:4")}'
        f"{_reference('urn:x:5', title='Noch geheim', more='<embargoed/>')}"
        f"{_reference('urn:x:6', title='Nicht mehr wahr', more='<pubStatus qcode=&quot;stat:canceled&quot;/>'.replace('&quot;', chr(34)))}</group>",
    )
    take = one(parse.takes(raw.encode(), FORMATS))
    assert (take.guid, take.version, take.headline) == ("urn:x:top", "3", "Das Wichtigste vom Hafen")
    assert take.body_html == (
        "<ul><li><strong>Fähre &amp; Kutter</strong><br>Beide fahren.</li><li>Der Pegel</li></ul>"
    )
    assert [(link.rel, link.guid) for link in take.links] == [
        ("main", "urn:x:1"),
        ("main", "urn:x:2"),
        *(("sidebar", f"urn:x:{number}") for number in (3, 4, 5, 6)),
    ]


def test_stories_of_a_message_carry_the_links_and_pictures_of_its_package() -> None:
    def item(number: int, kind: str, content: str) -> str:
        return (
            f'<newsItem guid="urn:x:{number}"><itemMeta><itemClass qcode="ninat:{kind}"/></itemMeta>'
            f"<contentMeta><headline>Titel {number}</headline></contentMeta><contentSet>{content}</contentSet></newsItem>"
        )

    package = _package(
        f'<group role="group:main">{_reference("urn:x:1")}{_reference("urn:x:8", "picture")}</group>',
        f'<group role="group:sidebar">{_reference("urn:x:2")}{_reference("urn:x:9", "picture")}</group>',
    ).replace(f" {NAR}", "")
    picture = '<remoteContent contenttype="image/jpeg" href="https://bote.example/{}.jpg"/>'
    message = (
        f"<newsMessage {NAR}><itemSet>{package}{item(1, 'text', '<inlineData>Erster Text.</inlineData>')}"
        f"{item(2, 'text', '<inlineData>Zweiter Text.</inlineData>')}{item(3, 'text', '<inlineData>Dritter Text.</inlineData>')}"
        f"{item(8, 'picture', picture.format(8))}{item(9, 'picture', picture.format(9))}</itemSet></newsMessage>"
    )
    first, second, third = (
        found for found in parse.takes(message.encode(), FORMATS) if isinstance(found, Take)
    )
    assert [(link.rel, link.guid) for link in first.links] == [
        ("package", "urn:x:top"),
        ("main", "urn:x:8"),
        ("sidebar", "urn:x:2"),
        ("sidebar", "urn:x:9"),
    ]
    assert [shown.href for shown in first.pictures] == ["https://bote.example/8.jpg"]
    assert [shown.href for shown in second.pictures] == ["https://bote.example/9.jpg"]
    assert (third.links, third.pictures) == ((), ())


@pytest.mark.parametrize(
    "value",
    [
        "<embargoed/>",
        "<embargoed> </embargoed>",
        "<embargoed>bald</embargoed>",
        "<embargoed>2031-03</embargoed>",
    ],
)
def test_newsml_g2_embargo_without_a_readable_end_withholds(value: str) -> None:
    take = g2(meta=value)
    assert (take.status, take.embargoed) == ("withheld", None)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("", "usable"),
        ('<pubStatus qcode="stat:canceled"/>', "canceled"),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/withheld"/>', "withheld"),
        ('<pubStatus qcode="stat:later"/>', "withheld"),
        ("<pubStatus/>", "withheld"),
    ],
)
def test_newsml_g2_status(told: str, status: str) -> None:
    assert g2(meta=told).status == status


def test_newsml_g2_notes_are_private_unless_on_the_list() -> None:
    notes = "".join(
        f"<edNote{attributes}>{words}</edNote>"
        for attributes, words in [
            ("", "a"),
            (' role="r:public"', "b"),
            (' role="r:correction_consumerready"', "c"),
            (' role="r:correction_consumerready" pubconstraint="p:nonpublic"', "d"),
            (' roleuri="http://x.example/correction"', "e"),
        ]
    )
    assert [(note.text, note.public) for note in g2(meta=notes).notes] == [
        ("a", False),
        ("b", False),
        ("c", True),
        ("d", False),
        ("e", False),
    ]


def test_newsml_g2_instruments() -> None:
    content = """
      <subject qcode="org:1"><name>Nordwind AG</name><organisationDetails>
        <hasInstrument symbol="ZZ0000NW0011" type="symbtype:ISIN" market="mic:XETR"/>
        <hasInstrument symbol="NWRn.ZZ" type="symbtype:RIC" marketlabel="Sandersieler Börse"/></organisationDetails></subject>
      <keyword role="x:Ticker">TSX VENTURE:AXP</keyword>"""
    assert g2(content=content).identifiers == (
        Identifier("isin", "ZZ0000NW0011", "XETR", "Nordwind AG"),
        Identifier("ric", "NWRn.ZZ", "Sandersieler Börse", "Nordwind AG"),
        Identifier("ticker", "AXP", "XTSX"),
    )


def test_newsml_g2_vocabularies_by_alias_address_and_own_catalogue() -> None:
    take = g2(
        more='<catalog><scheme alias="meins" uri="http://cv.iptc.org/newscodes/mediatopic/"/></catalog>',
        content='<subject qcode="meins:1"/><subject uri="http://cv.iptc.org/newscodes/mediatopic/2"/><subject qcode="x:3"/><subject literal="vier"/><keyword>Kai</keyword>',
    )
    assert take.subjects == (
        Subject("medtop", "1"),
        Subject("medtop", "2"),
        Subject("x", "3"),
        Subject(None, "vier"),
        Subject("keyword", "Kai"),
    )


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (
            '<inlineXML><div xmlns="http://www.w3.org/1999/xhtml"><p>a <b>b<i>c</i></b>d<br/>e</p>f</div></inlineXML>',
            "<div><p>a <b>b<i>c</i></b>d<br>e</p>f</div>",
        ),
        (
            '<inlineXML><h:p xmlns:h="http://www.w3.org/1999/xhtml">a</h:p><h:p xmlns:h="http://www.w3.org/1999/xhtml">b</h:p></inlineXML>',
            "<p>a</p><p>b</p>",
        ),
        ('<inlineData contenttype="text/html">&lt;p&gt;a&lt;/p&gt;</inlineData>', "<p>a</p>"),
        ("<inlineData><![CDATA[<p>a</p>]]></inlineData>", "<p>a</p>"),
        ('<inlineData contenttype="text/plain">a &lt;p&gt; b</inlineData>', "<p>a &lt;p&gt; b</p>"),
        ("<inlineXML/><inlineData>a</inlineData>", "<p>a</p>"),
    ],
)
def test_newsml_g2_bodies(body: str, kept: str) -> None:
    assert g2(body=body).body_html == kept


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        (
            '<provider qcode="p:KB"><name xml:lang="en">Coast</name><name xml:lang="de">Küste</name></provider>',
            "Küste",
        ),
        ('<provider literal="Küste"/>', "Küste"),
        ('<provider qcode="p:KB"/>', "KB"),
        ('<provider uri="https://kb.example/"/>', "https://kb.example/"),
        ("", "unknown"),
    ],
)
def test_newsml_g2_provider(provider: str, name: str) -> None:
    assert g2(meta=provider, item='guid="urn:x:1" xml:lang="de"').provider == name


def test_newsml_g2_pictures_of_a_message_go_to_the_story_that_refers_to_them() -> None:
    def story(guid: str, link: str = "") -> str:
        return f'<newsItem guid="{guid}"><itemMeta>{link}</itemMeta><contentMeta><headline>Kai</headline></contentMeta><contentSet><inlineData>Kai.</inlineData></contentSet></newsItem>'

    picture = '<newsItem guid="bild"><itemMeta><itemClass qcode="ninat:picture"/></itemMeta><contentSet><remoteContent rendition="rnd:web" href="kai.jpg"/></contentSet></newsItem>'
    stories = [story("a"), story("b", "<link residref='bild'/>")]
    raw = f"<newsMessage {NAR}><itemSet>{stories[0]}{picture}{stories[1]}</itemSet></newsMessage>"
    takes = [take for take in parse.takes(raw.encode(), FORMATS) if isinstance(take, Take)]
    assert [(take.guid, take.pictures) for take in takes] == [("a", ()), ("b", (PictureRef("kai.jpg"),))]


# Feeds


def test_feed_identity_is_guid_then_link_then_fingerprint() -> None:
    takes = rss(
        "<item><title>a</title><guid>g</guid><link>https://x.example/a</link></item><item><title>b</title><link>https://x.example/b</link></item><item><title>c</title></item>"
    )
    guids = [take.guid for take in takes if isinstance(take, Take)]
    assert guids[:2] == ["g", "https://x.example/b"]
    assert guids[2].startswith("urn:sha256:")


def test_feed_with_repeated_ids_goes_by_link() -> None:
    takes = rss(
        "".join(
            f"<item><title>{place}</title><guid>immer gleich</guid><link>https://x.example/{place}</link></item>"
            for place in range(3)
        )
    )
    assert [take.guid for take in takes if isinstance(take, Take)] == [
        f"https://x.example/{place}" for place in range(3)
    ]


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("Wed, 12 Mar 2031 15:41:00 +0100", "2031-03-12T14:41:00Z"),
        ("Mi, 12 Mär 2031 15:41:00 MEZ", "2031-03-12T14:41:00Z"),
        ("12 Mar 31 15:41 EST", "2031-03-12T20:41:00Z"),
        ("2031-03-12T15:41:00+01:00", "2031-03-12T14:41:00Z"),
        ("2031-03-12 15:41:00", "2031-03-12T15:41:00Z"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Tue, 30 Jun 2015 23:59:60 GMT", "2015-06-30T23:59:59Z"),
        ("gestern", None),
        ("32 Mar 2031 99:99:99 GMT", None),
        ("", None),
    ],
)
def test_feed_dates(date: str, at: str | None) -> None:
    take = rss(f"<item><title>a</title><pubDate>{date}</pubDate></item>")[0]
    assert isinstance(take, Take)
    assert parse.as_json(take)["version_created"] == at


def test_feed_author_without_mail_address() -> None:
    takes = rss(
        "<item><title>a</title><author>ole@x.example (Ole Harms)</author></item><item><title>b</title><author>ole@x.example</author></item>"
    )
    assert [take.byline for take in takes if isinstance(take, Take)] == ["Ole Harms", None]


def test_feed_codes() -> None:
    take = rss(
        "<item><title>a</title><fn:isin>ZZ0000NW0011, ZZ0000MB0033</fn:isin><fn:isin/><category domain='x/isin'>ZZ0000HK0021</category></item>"
    )[0]
    assert isinstance(take, Take)
    assert [code.value for code in take.identifiers] == ["ZZ0000NW0011", "ZZ0000MB0033", "ZZ0000HK0021"]


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Kai &amp;amp; Pier", "Kai & Pier"),
        ("<![CDATA[Kai & <b>Pier</b>]]>", "Kai & Pier"),
        ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ("1 &lt; 2", "1 < 2"),
    ],
)
def test_feed_titles_are_text(title: str, headline: str) -> None:
    take = rss(f"<item><title>{title}</title></item>")[0]
    assert isinstance(take, Take)
    assert take.headline == headline


def test_a_feed_without_entries_yields_nothing() -> None:
    assert rss("") == []
    assert list(parse.takes(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', FORMATS)) == []


def test_json_feed_with_the_wrong_types_never_crashes() -> None:
    raw = b'{"version": "https://jsonfeed.org/version/1.1", "items": [1, {}, {"id": [], "title": {}, "authors": 3, "tags": "x", "attachments": {}}, {"title": "a"}]}'
    found = list(parse.takes(raw, FORMATS))
    assert [type(part).__name__ for part in found] == ["NotAStory", "NotAStory", "Take"]


X = 'xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<html {X}><body><p>a<br/>b</p><p/><td/>c</body></html>", "<p>a<br>b</p>\n<p>c</p>"),
        ('<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:body><h:p>a</h:p> b</h:body></h:html>', "<p>a</p>\n<p>b</p>"),
        (f"<html {X}><body><p {X}>a</p><div xmlns=''><p>b</p></div></body></html>", "<p>a</p>\n<p>b</p>"),
        (f"<html {X}><body><p>das Attribut xmlns=\"urn:x\" und a/&gt;b</p></body></html>", '<p>das Attribut xmlns="urn:x" und a/&gt;b</p>'),
        (f"<html {X}><body><p title='a&gt;b'>a<![CDATA[<b>&amp;]]></p></body></html>", "<p>a&lt;b&gt;&amp;amp;</p>"),
        (f"<html {X}><!-- x --><head><title>t</title></head><body lang='de&gt;'>Ohne <?pi x?>Absatz</body></html>", "<p>Ohne Absatz</p>"),
        (f"vorn <p {X}>a</p> hinten", "<p>vorn</p>\n<p>a</p>\n<p>hinten</p>"),
        (f"<html {X}><p>kein Rumpf</p></html>", "<p>kein Rumpf</p>"),
    ],
)  # fmt: skip
def test_newsml_g2_copy_in_any_dress(inside: str, expected: str) -> None:
    take = copydesk.edit(g2(body=f"<inlineXML>{inside}</inlineXML>"))
    assert take.body_html == expected
