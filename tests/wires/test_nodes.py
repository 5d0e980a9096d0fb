"""The light tree of feeds says what the full one says, or leaves the feed to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.wires.reading import nodes, repair, xml
from depesche.wires.reading.nodes import Intricate, Node

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def told(one: xml.Element | Node) -> tuple[object, ...]:
    """Return all that is read of an element, whichever tree it stands in."""
    attributes = one.attributes if isinstance(one, Node) else dict(one.attrib)
    return (
        one.tag.lstrip("{"),
        sorted(attributes.items()),
        one.text or "",
        one.tail or "",
        xml.all_text(one),
        [told(child) for child in one],
    )


@pytest.mark.parametrize(
    "whole",
    [
        "<rss><channel><title>Kai &amp; Pier</title></channel></rss>",
        f"\ufeff{HEAD}\n<?xml-stylesheet href='x'?><!-- Kai --><rss/>\n",
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><entry><id>1</id>\r\n<link href='a&#10;b'/></entry></feed>",
        "<r xmlns:m='urn:m'><m:a m:b='1' c='2'>Küste<!-- x --> und<?p i?> <![CDATA[<b>Kai</b>]]>&#8364;</m:a>danach</r>",
        "<r>" + "<a>" * 190 + "tief" + "</a>" * 190 + "</r>",
    ],
)
def test_both_trees_say_the_same(whole: str) -> None:
    light, (full, repairs) = nodes.parse(whole.encode()), repair.parse(whole.encode())
    assert told(light) == told(full)
    assert repairs is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<rss>",
        b"<rss>\x00</rss>",
        b"<rss>\xe4</rss>",
        b"<rss>&auml;</rss>",
        b"<m:rss/>",
        b'<?xml version="1.0" encoding="iso-8859-1"?><rss>\xe4</rss>',
        b'<?xml version="1.0" standalone="yes" encoding="iso-8859-1"?><rss>\xe4</rss>',
        b' <?xml version="1.0" encoding="iso-8859-1"?><rss>\xe4</rss>',
        "<rss>Küste</rss>".encode("utf-16"),
        b"<!DOCTYPE rss><rss/>",
        b'<!DOCTYPE x [<!ENTITY a "haha">]><rss>&a;</rss>',
        b"<rss>" + b"<a>" * 201 + b"</a>" * 201 + b"</rss>",
        b"<rss><a " + b" ".join(b'a%d="1"' % n for n in range(101)) + b"/></rss>",
        b"<rss><" + b"a" * 1001 + b"/></rss>",
        b"<rss>" + b" " * nodes.MAX_BYTES + b"</rss>",
        b'<feed><content type="xhtml"><p/></content></feed>',
    ],
)
def test_what_is_not_plain_is_left_to_the_full_tree(raw: bytes) -> None:
    with pytest.raises(Intricate):
        nodes.parse(raw)


_PIECES = st.sampled_from(
    ["<a>", "</a>", "<b c='d'>", "</b>", "<b/>", "x", " ", "\n", "ä", "€", "&amp;", "&#228;", "&#0;", "&x;", "]]>", "<![CDATA[", "<!-- y -->",
     "<m:c xmlns:m='u'>", "</m:c>", "<m:c>", "<?p i?>", "<", ">", "&", "\x01", "\ufffe", "<d e='&lt;' e='f'/>", "<g xml:lang='de'/>"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=12))
def test_the_light_tree_takes_nothing_that_the_full_one_would_mend(pieces: list[str]) -> None:
    raw = f"<r>{''.join(pieces)}</r>".encode("utf-8", "surrogatepass")
    try:
        light = nodes.parse(raw)
    except Intricate:
        return
    full, repairs = repair.parse(raw)
    assert repairs is None
    assert told(light) == told(full)
