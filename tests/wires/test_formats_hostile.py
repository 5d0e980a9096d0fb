"""Items that want to harm: bombs, foreign entities, depth, wrong encodings, scripts everywhere. None crashes, none gets out alive."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import time
import tracemalloc
import zlib
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.errors import WireError
from depesche.model.take import PictureRef, Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse
from depesche.wires.reading import charset, repair, xml

FORMATS = wire_format.load()
SAMPLES = Path(__file__).parents[1] / "samples"
NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'


def newsml(body: str = "Kai.", headline: str = "Kai", prolog: str = "") -> str:
    return (
        f'{prolog}<newsItem {NAR} guid="urn:x:1"><contentMeta><headline>{headline}</headline></contentMeta>'
        f"<contentSet><inlineData>{body}</inlineData></contentSet></newsItem>"
    )


def rss(title: str = "Kai", prolog: str = "", body: str = "") -> str:
    return f"{prolog}<rss><channel><title>Blatt</title><item><title>{title}</title><description>{body}</description></item></channel></rss>"


def read(raw: bytes, name: str | None = None) -> list[Take | WireError]:
    return [copydesk.edit(one) if isinstance(one, Take) else one for one in parse.takes(raw, FORMATS, name)]


def reason(raw: bytes, name: str | None = None) -> str:
    """Return why *raw* is refused as a whole."""
    found = read(raw, name)
    assert len(found) == 1
    assert isinstance(found[0], WireError)
    return str(found[0])


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(12))
    + "]>"
)
FOREIGN = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % f SYSTEM "http://127.0.0.1:1/x.dtd">%f;]>'


@pytest.mark.parametrize(
    "bomb", [LAUGHS, FOREIGN, PARAMETER, "<!-- x -->" + LAUGHS, "<?xml version='1.0'?>\n<?x y?>" + FOREIGN]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_ones_own_are_refused_by_name(bomb: str, encoding: str) -> None:
    for whole, name in (
        (newsml("&f;&m;", prolog=bomb), "newsml_g2"),
        (rss("&f;&m;", prolog=bomb), "feed"),
        (f"{bomb}<nitf><body><body.content>&f;&m;</body.content></body></nitf>", "nitf"),
        (f"{bomb}<NewsML><NewsItem>&f;&m;</NewsItem></NewsML>", "newsml_1"),
    ):
        assert "bomb" in reason(whole.encode(encoding), name)


def test_quadratic_blow_up_is_refused_by_name() -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY a "{"x" * 50_000}">]>'
    for whole, name in (
        (newsml("&a;" * 5_000, prolog=bomb), "newsml_g2"),
        (f"{bomb}<nitf>{'&a;' * 5_000}</nitf>", "nitf"),
        (f"{bomb}<NewsML>{'&a;' * 5_000}</NewsML>", "newsml_1"),
    ):
        assert "bomb" in reason(whole.encode(), name)


def sample_of(name: str) -> Path:
    """Return an item of the format called *name*, the same on every machine."""
    offered = [path for path in sorted((SAMPLES / name).iterdir()) if not path.name.endswith(".takes.json")]
    return next((path for path in offered if path.stem == "ferries"), offered[0])


@pytest.mark.parametrize("name", [None, *sorted(FORMATS)])
def test_compressed_bytes_are_refused_and_never_unpacked(name: str | None) -> None:
    packed = (gzip.compress(b"0" * 5_000_000), zlib.compress(b"0" * 5_000_000), b"PK\x03\x04" + b"\x00" * 500)
    for raw in packed:
        assert len(raw) < 20_000
        assert ": " in reason(raw, name)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (gzip.compress(b"0" * 5_000, mtime=0), "format: compressed with gzip"),
        (b"PK\x03\x04" + b"\x00" * 500, "format: compressed with zip"),
        (b'<!DOCTYPE x [<!ENTITY a "haha">]><newsItem>&a;</newsItem>', "xml: declares entities of its own"),
        (b"<!doctype html><html><body>Kai</body></html>", "format: a page of HTML"),
        (b"Kai", "format: recognised by none of "),
    ],
)
def test_what_is_no_item_is_told_what_it_is(raw: bytes, why: str) -> None:
    assert reason(raw).startswith(why)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_names_its_bound(name: str) -> None:
    raw = sample_of(name).read_bytes()
    assert "bytes are more than" in reason(raw + b" " * xml.MAX_BYTES, name)


@pytest.mark.parametrize("name", ["nitf", "newsml_1"])
@pytest.mark.parametrize("depth", [250, 10_000])
def test_deep_xml_is_refused_by_name(name: str, depth: int) -> None:
    root = {"nitf": "nitf", "newsml_1": "NewsML"}[name]
    assert "xml: " in reason(f"<{root}>{'<b>' * depth}{'</b>' * depth}</{root}>".encode(), name)


def test_deep_json_is_refused_by_name() -> None:
    deep = b'{"format": "digitalwires@0.9.1", "urn": "u", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    assert "json: nested too deep" in reason(deep, "digitalwires")


@pytest.mark.parametrize(
    "words",
    ["(", "((", "Wort (", "- ", "=\r\n", "# Notizblock\r\n", "\x02", "\x03", "nicht zur Veröffentlichung ", "a b  c\r\n", "Sprache: ", "ISIN: ",
     "-----\r\n", "Kiel (dpa) - ", "](https://x.example", "„"],
)  # fmt: skip
def test_plain_text_that_repeats_a_mark_without_end_is_read_in_time(words: str) -> None:
    frames = {
        "iptc7901": "\x01bdt0012 3 wi 120  dpa 0034\r\n\r\nKai/\r\n\x02Kai =\r\n\r\n%s\r\n\x03021112 Mai 31\r\n\x04",
        "eqs": "EQS-News: Kai AG: Kai\r\n\r\n%s\r\n\r\nISIN: ZZ0000NW0011\r\nEQS News ID: 1234567\r\n",
    }
    for name, frame in frames.items():
        started = time.process_time()
        assert read((frame % (words * 20_000)).encode("cp1252"), name)
        assert time.process_time() - started < 10  # a hang, not a pace


@pytest.mark.parametrize("name", ["iptc7901", "eqs"])
def test_text_in_any_width_and_with_nul(name: str) -> None:
    raw = (SAMPLES / name / {"iptc7901": "ferries.iptc", "eqs": "buyback.txt"}[name]).read_bytes()
    assert isinstance(read(raw.replace(b"\r\n", b"\r\n\x00"), name)[0], Take)
    assert read(charset.decode(raw).encode("utf-16"), name)


def lengthened(name: str, count: int) -> bytes:
    """Return an item of the format called *name* with about *count* characters more in its copy."""
    raw = sample_of(name).read_bytes()
    long = b" Kai und M" + (b"e" * 60 + b" ") * (count // 61)
    # Where words follow each other longest, that is copy; the frame of a release has longer ones.
    copy = b"Die Nordwind AG " if name == "eqs" else max(re.findall(rb"[A-Za-z]+(?: [a-z]+)+ ", raw), key=len)
    return raw.replace(copy, copy + long, 1)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_stories_without_end_are_refused_by_name(name: str) -> None:
    told = [str(one) for one in parse.takes(lengthened(name, parse.MAX_BODY), FORMATS, name)]
    assert any(re.match(rf"body: \d+ characters are more than {parse.MAX_BODY}", one) for one in told), told


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_longest_stories_stay_in_bounds(name: str, tmp_path: Path) -> None:
    """Run in a process of its own, whose memory is its own; how long it takes is not asked."""
    item = tmp_path / "long"
    item.write_bytes(lengthened(name, parse.MAX_BODY - 100_000))
    program = (
        "import re, sys\n"
        "from depesche.stories.copyediting import copydesk\nfrom depesche.wires import format as f, parse\n"
        "raw = open(sys.argv[1], 'rb').read()\n"
        "for one in parse.takes(raw, f.load(), sys.argv[2]):\n"
        "    print(type(one).__name__, one if not hasattr(one, 'guid') else len(copydesk.edit(one).body_text))\n"
        # What getrusage tells would include the peak of the process that started this one.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(item), name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    *told, megabytes = done.stdout.splitlines()
    assert any(int(one.removeprefix("Take ")) > 3_800_000 for one in told if one.startswith("Take ")), told
    assert int(megabytes) < 300, done.stdout


def test_a_bomb_behind_junk_is_refused_on_every_rung() -> None:
    with pytest.raises(WireError, match="bomb"):
        repair.parse(("kaputt & " + rss("&m;", prolog=LAUGHS)).encode())


def test_a_document_type_alone_is_harmless_and_fetches_nothing() -> None:
    found = read(
        rss("M&auml;rkte", prolog='<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss-0.91.dtd">').encode()
    )
    assert [one.headline for one in found if isinstance(one, Take)] == ["Märkte"]


@pytest.mark.parametrize("depth", [250, 5_000, 100_000])
def test_deep_nesting_is_refused_or_flattened(depth: int) -> None:
    nested = "<b>" * depth + "Tiefe" + "</b>" * depth
    assert "xml: elements nest deeper than 200" in reason(newsml(nested).encode(), "newsml_g2")
    assert (
        "json: nested too deep"
        in reason(b'{"uri":"x","body_html":' + b"[" * depth + b"]" * depth + b"}", "ninjs")
        or depth < 1_000
    )
    take = read(
        json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_html": nested.replace("b>", "div>")}).encode()
    )[0]
    assert isinstance(take, Take)
    assert take.body_text == "Tiefe"


def test_too_many_attributes_are_refused() -> None:
    attributes = " ".join(f'a{n}="1"' for n in range(500))
    assert "attributes" in reason(newsml(f"<x {attributes}/>").encode())


def tongues(count: int) -> str:
    """Return an item of NewsML 1 that tells its story in *count* languages."""
    story = "<NewsLines><HeadLine>Kai</HeadLine></NewsLines><ContentItem><DataContent>Kai.</DataContent></ContentItem>"
    told = "".join(f'<NewsComponent xml:lang="x-{n}">{story}</NewsComponent>' for n in range(count))
    named = "<Identification><NewsIdentifier><NewsItemId>1</NewsItemId></NewsIdentifier></Identification>"
    return f"<NewsML><NewsItem>{named}<NewsComponent>{told}</NewsComponent></NewsItem></NewsML>"


def test_of_properties_without_end_the_first_are_read() -> None:
    """Each symbol looks for its market beside it, so that their cost grows with the square of their number."""
    symbols = "".join(f'<Property FormalName="Ticker" Value="T{n}"/>' for n in range(2_000))
    raw = tongues(1).replace("<NewsLines>", f"<Metadata>{symbols}</Metadata><NewsLines>")
    (take,) = read(raw.encode(), "newsml_1")
    assert isinstance(take, Take)
    assert [one.value for one in take.identifiers] == [f"T{n}" for n in range(1_000)]


def test_media_and_nested_names_in_nitf_are_read_once() -> None:
    """The text behind each medium is moved, not joined anew; of organisations in each other only the last has a name."""
    chain = '<org value="K" idsrc="ticker">' * 50 + "Kai" + "</org>" * 50
    content = f"<p>{chain}</p>{'<media/>und ' * 50_000}"
    raw = f'<nitf><head><docdata><doc-id id-string="1"/></docdata></head><body><body.head><hedline><hl1>Ruhe</hl1></hedline></body.head><body.content>{content}</body.content></body></nitf>'
    (take,) = read(raw.encode(), "nitf")
    assert isinstance(take, Take)
    assert take.body_text == f"Kai\n\n{'und ' * 50_000}".strip()
    assert [one.name for one in take.identifiers] == [None, "Kai"]


def test_of_codes_and_keywords_without_end_the_first_are_read() -> None:
    """Each code looks for a name above it, where as many others may stand."""
    codes = "".join(f'<sameAs qcode="ISIN:{n}"/>' for n in range(2_000))
    subject = f"<subject qcode='x:y'><name>Kai</name>{codes}</subject>"
    raw = newsml().replace("</headline>", f"</headline>{subject}")
    (take,) = read(raw.encode(), "newsml_g2")
    assert isinstance(take, Take)
    assert [(one.value, one.name) for one in take.identifiers] == [(str(n), "Kai") for n in range(1_000)]
    words = "/".join(f"w{n}" for n in range(2_000))
    raw = f'<nitf><head><docdata><doc-id id-string="1"/><key-list><keyword key="{words}"/></key-list></docdata></head><body><body.head><hedline><hl1>Ruhe</hl1></hedline></body.head><body.content><p>Kai.</p></body.content></body></nitf>'
    (take,) = read(raw.encode(), "nitf")
    assert isinstance(take, Take)
    assert [one.code for one in take.subjects] == [f"w{n}" for n in range(1_000)]


def test_a_feed_makes_no_more_of_its_bytes_than_a_story_may_hold() -> None:
    """Whatever stands once and counts for many: a base for addresses, a caption for pictures, a list of codes or tags."""
    media = "xmlns:m='http://search.yahoo.com/mrss/'"
    pictures = "".join(f"<m:content url='http://x.example/{n}.jpg'/>" for n in range(500))
    codes = " ".join(map(str, range(2_000)))
    entry = f"<item><guid>1</guid><title>Kai</title><m:description>Steg</m:description>{pictures}<isin>{codes}</isin></item>"
    (take,) = read(f"<rss {media}><channel><title>Blatt</title>{entry}</channel></rss>".encode(), "feed")
    assert isinstance(take, Take)
    assert (len(take.pictures), {one.caption for one in take.pictures}) == (200, {"Steg"})
    assert len(take.identifiers) <= 1_000
    base = f"http://x.example/{'a/' * 5_000}"
    entry = f"<item><guid>1</guid><title>Kai</title><description>{escape('<a href=b>Steg</a> ' * 1_000)}</description></item>"
    (take,) = read(f"<rss><channel><title>Blatt</title><link>{base}</link>{entry}</channel></rss>".encode())
    assert isinstance(take, Take)
    assert take.body_text.count("Steg") == 1_000
    assert len(take.body_html) < 100_000
    gone = "".join(f"<deleted-entry ref='{n}' when='x'/>" for n in range(10_001))
    raw = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Blatt</title>{gone}</feed>"
    assert reason(raw.encode(), "feed") == "entries: 10001 are more than 10000"


def test_a_list_of_keywords_and_a_package_in_ninjs_have_an_end() -> None:
    item = {"uri": "urn:x:1", "headline": "Kai", "body_html": "<p>Steg</p>"}
    (take,) = read(json.dumps({**item, "keywords": [f"w{n}" for n in range(2_000)]}).encode())
    assert isinstance(take, Take)
    assert len(take.subjects) == 1_000
    parts = {str(n): {**item, "type": "text"} for n in range(10_001)}
    package = {"uri": "urn:x:2", "type": "composite", "headline": "Kai", "associations": parts}
    assert reason(json.dumps(package).encode(), "ninjs") == "associations: 10001 are more than 10000"


def test_packages_that_name_everything_beside_everything_are_refused() -> None:
    """A story has a link to whatever its packages name, so that their cost is the product of both."""
    items = "".join(newsml().replace('guid="urn:x:1"', f'guid="s{n}"') for n in range(20))
    assert 'guid="s19"' in items
    refs = "".join(f'<itemRef residref="s{n}"/>' for n in range(20))
    package = (
        f'<packageItem guid="p"><groupSet root="g"><group id="g">{refs}</group></groupSet></packageItem>'
    )

    def message(packages: int) -> bytes:
        whole = f'<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>{package * packages}{items}</itemSet></newsMessage>'
        return whole.encode()

    assert [len(take.links) for take in read(message(2)) if isinstance(take, Take)] == [20] * 20
    assert "references beside stories are more than" in reason(message(501))


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    assert "bytes are more than" in reason(newsml().encode() + b" " * xml.MAX_BYTES)
    assert "bytes are more than" in reason(b'{"uri": "x"}' + b" " * xml.MAX_BYTES)
    assert "bytes are more than" in reason(rss().encode() + b" " * xml.MAX_BYTES)


@pytest.mark.parametrize(
    ("raw", "name", "why"),
    [
        (newsml("Kai.").replace("</contentMeta>", "<by/>" * 250_000 + "</contentMeta>"), None, "xml: more than 250000 elements"),
        ("<rss><channel>" + "<item/>" * 20_001 + "</channel></rss>", None, "entries: 20001 are more"),
        (json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{}] * 20_001}), None, "items: 20001 are more"),
        (f"<newsMessage {NAR}><itemSet>" + "<newsItem/>" * 20_001 + "</itemSet></newsMessage>", None, "itemSet: 20001 are more"),
        ("<NewsML>" + "<NewsItem/>" * 20_001 + "</NewsML>", None, "NewsItem: 20001 are more"),
        (tongues(800), "newsml_1", "800 languages of 4005 elements are too many"),
        ("\x01Kai" * 20_001, "iptc7901", "messages: 20001 are more"),
        ("Kai\n\n" + "Kai\n" * 200_002, "eqs", "lines are more than 200000"),
        (rss("Kai & " * 500_001), None, "500001 ampersands are too many to be mended"),
        ("[" + "1," * 20_000 + "1]", "ninjs", "items: 20001 are more"),
        ("[" + "1," * 20_000 + "1]", "digitalwires", "entries: 20001 are more"),
    ],
)  # fmt: skip
def test_floods_are_refused_by_name(raw: str, name: str | None, why: str) -> None:
    assert why in reason(raw.encode(), name)


@pytest.mark.parametrize("mark", ["  ", "&lt;", "ISIN ", "&auml;", "Notizblock\n", "\u202e"])
def test_long_copy_of_nothing_but_marks_takes_little_memory(mark: str) -> None:
    """A list of all places of a mark would take a hundred bytes for each."""
    words = f"<p>Kai. {mark * (4_000_000 // len(mark))}</p>"
    take = Take("ninjs", "Bote", "urn:x:1", "Kai", "Kai", body_html=words)
    tracemalloc.start()
    try:
        edited = copydesk.edit(take)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert edited.body_text.startswith("Kai.")
    assert most < 25 * len(words)


@pytest.mark.parametrize(
    "attributes",
    [
        " ".join(f"a{n}=1" for n in range(200_000)),
        "/".join(f"a{n}" for n in range(200_000)),
        "".join(f"a{n}='<>'" for n in range(200_000)),
        f'class="{"a " * 1_000_000}"',
        f'class="{"a" * 1_000_000}',
    ],
)
def test_tags_with_attributes_without_end_are_read_in_time(attributes: str) -> None:
    body = f"<p>Der Kai.</p><p {attributes}>Das Tor.</p>"
    take = read(json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_html": body}).encode())[0]
    assert isinstance(take, Take)
    assert take.body_text.startswith("Der Kai.")


def test_a_flood_of_references_keeps_its_words() -> None:
    words = "&lt;Kai&gt; &amp; Kran &auml;" * 60_000
    body = read(
        json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_html": f"<div>{words}</div>"}).encode()
    )[0]
    assert isinstance(body, Take)
    assert body.body_text == ("<Kai> & Kran &auml;" * 60_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "<p>" + "Wort " * 500 + "</p>",
        "Wort " * 500,
        "&amp;" * 200 + "Wort" * 500,
        "<b>Wort</b>" * 20 + "<p>(" + "Wort" * 550,
    ],
    ids=["paragraphs", "text", "references", "tags"],
)
def test_the_longest_stories_are_read_whole(words: str) -> None:
    words *= parse.MAX_BODY // len(words)
    take = read(json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_html": words}).encode())[0]
    assert isinstance(take, Take)
    assert len(re.sub(r"\s", "", take.body_text)) == len(
        re.sub(r"</?[pb]>|\s", "", words.replace("&amp;", "&"))
    )


@pytest.mark.parametrize(
    "words",
    [
        "(neu: x) ",
        "(",
        "Von Ada ",
        "/ab",
        "&lt;ZZ0000NW0011&gt; ",
        "AB (",
        "Die folgenden ",
        "Sperrfrist ",
        "not for publication ",
        "nicht zur Veröffentlichung ",
        "(achtung) zieht ",
        "ISIN ",
    ],
)
def test_copy_that_repeats_a_mark_without_end_is_read_in_time(words: str) -> None:
    for body in (f"<p>{words * 20_000}</p>", f"<p>{words}</p>" * 5_000):
        take = read(json.dumps({"uri": "urn:x:1", "headline": words * 5_000, "body_html": body}).encode())[0]
        assert isinstance(take, Take)


def test_a_text_node_beyond_the_parsers_bound_is_refused() -> None:
    assert "xml: " in reason(newsml("x" * 11_000_000).encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_unicode_in_any_width(encoding: str) -> None:
    for whole in (
        newsml("Küste €."),
        rss("Küste €"),
        json.dumps({"uri": "urn:x:1", "headline": "Küste €", "body_text": "Küste €."}, ensure_ascii=False),
    ):
        take = read(whole.encode(encoding))[0]
        assert isinstance(take, Take)
        assert "Küste €" in f"{take.headline} {take.body_text}"


@pytest.mark.parametrize(
    ("raw", "headline"),
    [
        (
            rss("Küste €", prolog='<?xml version="1.0" encoding="iso-8859-1"?>').encode("windows-1252"),
            "Küste €",
        ),
        (rss("Küste €", prolog='<?xml version="1.0" encoding="iso-8859-1"?>').encode("utf-8"), "Küste €"),
        (rss("Küste", prolog='<?xml version="1.0" encoding="utf-8"?>').encode("latin-1"), "Küste"),
        (rss("Küste").encode("latin-1"), "Küste"),
        (rss("Küste", prolog='<?xml version="1.0" encoding="quatsch"?>').encode(), "Küste"),
        (rss("K\x00ü\x08ste").encode(), "Küste"),
        (rss("K&#0;&#x8;üste&#99999999999;").encode(), "Küste\ufffd"),
    ],
)
def test_feeds_in_the_wrong_encoding_are_mended_never_garbled(raw: bytes, headline: str) -> None:
    take = read(raw)[0]
    assert isinstance(take, Take)
    assert take.headline == headline
    assert take.notes[0].role == "repair"
    assert not take.notes[0].public


@pytest.mark.parametrize(
    "raw",
    [
        rss("Kai", body="x").replace("<item>", "<item><link>http://[bote/kai</link>").encode(),
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><title>Kai</title><content><at:kai:x xmlns:at='y'/>x &k</content></entry></feed>",
    ],
    ids=["half an address", "a name nobody may write"],
)
def test_what_the_fuzzer_found_stays_found(raw: bytes) -> None:
    (one,) = read(raw, "feed")
    assert isinstance(one, Take)
    assert one.canonical_url is None


def test_licensed_wires_in_the_wrong_encoding_are_refused() -> None:
    assert "xml: not well-formed" in reason(newsml("Küste").encode("latin-1"))
    assert "json: " in reason('{"uri": "x", "headline": "Küste"}'.encode("latin-1"))


def test_nul_and_overrides_do_not_get_through() -> None:
    bad = "K\x00ai \u202egesperrt\u2066\ufeff"
    take = read(
        json.dumps(
            {
                "uri": "urn:x:1\x00",
                "headline": bad,
                "byline": bad,
                "body_html": f"<p>{bad}</p>",
                "ednote": bad,
            }
        ).encode()
    )[0]
    assert isinstance(take, Take)
    assert (take.guid, take.headline, take.byline, take.body_text, take.notes[0].text) == (
        "urn:x:1",
        *["Kai gesperrt"] * 4,
    )


SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_scripts_in_every_field_of_ninjs_come_out_as_text_or_not_at_all() -> None:
    item = {
        **dict.fromkeys(
            (
                "headline",
                "byline",
                "description_html",
                "copyrightnotice",
                "usageterms",
                "language",
                "version",
                "creditline",
            ),
            SCRIPT,
        ),
        "uri": SCRIPT,
        "body_html": f"<p>{SCRIPT} Kai</p>",
        "subject": [{"name": SCRIPT, "code": SCRIPT, "scheme": SCRIPT}],
        "organisation": [{"name": SCRIPT, "symbols": [{"ticker": "X", "exchange": SCRIPT}]}],
        "associations": {
            "a": {
                "type": "picture",
                "description_text": SCRIPT,
                "renditions": {"x": {"href": "javascript:alert(1)"}},
            }
        },
    }
    take = read(json.dumps(item).encode())[0]
    assert isinstance(take, Take)
    assert take.body_html == "<p>Kai</p>"
    assert take.pictures == (PictureRef("x"),)
    assert take.teaser is None


def test_scripts_in_every_field_of_newsml_come_out_as_text_or_not_at_all() -> None:
    escaped = SCRIPT.replace("<", "&lt;")
    take = read(
        newsml(f'{escaped}<x xmlns="y"/>', escaped)
        .replace("<inlineData>", '<inlineData contenttype="text/html">')
        .encode()
    )[0]
    assert isinstance(take, Take)
    assert (take.headline, take.body_html) == (SCRIPT, "")
    live = '<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p onclick="x()">Kai<script>alert(1)</script></p></body></html></inlineXML>'
    take = read(re.sub("<inlineData>.*</inlineData>", live, newsml()).encode())[0]
    assert isinstance(take, Take)
    assert take.body_html == "<p>Kai</p>"


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from([None, *sorted(FORMATS)]))
def test_no_bytes_crash_a_format(raw: bytes, name: str | None) -> None:
    for one in read(raw, name):
        assert isinstance(one, WireError | Take)


@settings(max_examples=150)
@given(st.data())
def test_broken_items_are_read_or_refused(data: st.DataObject) -> None:
    """Cut, doubled and flipped bytes of good items never crash a format."""
    whole = data.draw(
        st.sampled_from(
            [
                newsml("<x>Kai</x> &lt;b>"),
                rss("Kai", body="&lt;p>Pier"),
                json.dumps({"uri": "urn:x:1", "headline": "Kai", "body_html": "<p>x</p>"}),
            ]
        )
    ).encode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    broken = whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:]
    for name in (None, "feed"):
        for one in read(broken, name):
            assert isinstance(one, WireError | Take)


ITEMS = [
    (path.parent.name, path.read_bytes())
    for path in sorted(SAMPLES.rglob("*.*"))
    if path.is_file() and not path.name.endswith(".takes.json")
]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_broken_samples_of_every_format_are_read_or_refused(data: st.DataObject) -> None:
    """Cut, doubled and flipped bytes of whole items never crash a format."""
    name, whole = data.draw(st.sampled_from(ITEMS))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 200, len(whole))))
    filling = data.draw(
        st.one_of(
            st.binary(max_size=6),
            st.just(whole[start:end] * 3),
            st.sampled_from([b"<", b"&", b"\x00", b"]]>", b"\x03", b"="]),
        )
    )
    for one in read(whole[:start] + filling + whole[end:], name):
        assert isinstance(one, WireError | Take)
