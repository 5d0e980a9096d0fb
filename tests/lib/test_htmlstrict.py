"""Well-made markup is read without the cleaner: what comes out must be what the cleaner would have left."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

import nh3
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from depesche.lib import text
from depesche.lib.markup import html
from depesche.lib.markup.htmlblock import Body
from depesche.lib.markup.htmlflow import Flow
from depesche.lib.markup.htmlstrict import settled
from depesche.lib.markup.htmltags import cut

PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<b>", "</b>", "<strong>", "</strong>", "<i>", "</i>", "<span>", "</span>", "<br>", "<br/>", "<hr>"),
        *("<div>", "</div>", '<section class="main two">', "</section>", "<h2>", "</h2>", "<header>", "</header>"),
        *("<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>", "<table>", "</table>", "<tbody>", "</tbody>", "<tr>", "</tr>"),
        *("<td>", "</td>", '<td colspan="2" align="right">', "<th>", "</th>", "<pre>", "</pre>", "<blockquote>", "</blockquote>"),
        *('<a href="https://bote.example/a?b=1&amp;c=2">', "</a>", '<a href="javascript:alert(1)">', '<a href="/relative">'),
        *("<figure>", "</figure>", "<figcaption>", "</figcaption>", '<img src="https://bote.example/a.jpg" alt="Ein Kutter im Hafen">'),
        *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<style>", "</style>", "<svg>", "<!-- x -->", "<p class='a'>"),
        *("<title>", "</title>", "<P>", "<p/>", "<unknown>", "<", ">", "&", "&lt;", "&amp;", "&nbsp;", "&auml;", "&#8203;", "&#60;", "&#x3c;"),
        *("&quot;", "&shy;", "&notanentity;", "&copy", "Die Fähre", "legt ab", " ", "  ", "\n", "\t", "\xa0", "\xad", "\u2028", "„Wort“", "\r\n"),
    ]
)  # fmt: skip


@st.composite
def _well_formed(draw: st.DrawFn, depth: int = 4) -> str:
    """Draw markup whose tags are all closed, though not always where the standard has them."""
    if depth == 0 or draw(st.integers(0, 2)) == 0:
        return "".join(
            draw(
                st.lists(
                    st.sampled_from(["Fähre ", "legt ab.", "\n", "&amp;", "&uuml;", "\xa0", "  ", "<br>"]),
                    max_size=3,
                )
            )
        )
    name = draw(
        st.sampled_from(
            [*("p", "b", "a", "span", "em", "sub", "div", "section", "ul", "ol", "li", "table", "tbody", "thead", "tr", "td", "th"),
             *("h1", "h2", "h3", "pre", "blockquote", "figure", "figcaption", "header")]
        )
    )  # fmt: skip
    own = draw(st.sampled_from(["", "", ' class="lead"', ' style="x"', ' href="https://bote.example/?a=1&amp;b"', ' colspan="2" rowspan="3"',
                                ' class="a" class="b"', ' href="https://xn--a.example/"', ' href="http://1.2.3.999/"', ' onclick="x()"']))  # fmt: skip
    inside = "".join(draw(st.lists(_well_formed(depth - 1), max_size=3)))
    return f"<{name}{own}>{inside}</{name}>"


def _by_the_cleaner(source: str) -> Body:
    parts = cut(text.strip_dead(html._CLEANER.clean(source).replace("&nbsp;", "\xa0")))
    assert parts is not None
    return Flow().run(*parts)


def _agrees(source: str) -> bool:
    """Compare both ways of reading *source*; return whether it went without the cleaner."""
    alive = text.strip_dead(source)
    parts = settled(alive, text.rare(alive))
    if parts is None:
        return False
    mine, theirs = Flow().run(*parts), _by_the_cleaner(alive)
    assert [(one.tag, one.inner, one.hints) for one in mine.blocks] == [
        (one.tag, one.inner, one.hints) for one in theirs.blocks
    ]
    assert mine.figures == theirs.figures
    return True


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=12).map("".join))
@example("<p>a</p><table><tr><td>b</td></tr></table>")
@example("<ul>a<li>b</li></ul>")
@example("<p>a<div>b</div></p>")
@example("<b><p>a</p></b>")
@example('<a href="https://a.example/">a<b>b<a href="https://b.example/">c</a></b></a>')
@example("<pre>\n\na</pre>")
@example("<pre><b>\na</b></pre>")
@example("<h1>a<h2>b</h2></h1>")
def test_both_ways_agree_on_anything(source: str) -> None:
    _agrees(source)


@settings(max_examples=120)
@given(st.lists(_well_formed(), max_size=4).map("".join))
def test_both_ways_agree_on_closed_tags(source: str) -> None:
    _agrees(source)


ACTIVE = re.compile(
    r"<\s*/?(?:script|style|svg|iframe|object|img|math)|<[^<>]*\son\w+\s*=|javascript:", re.IGNORECASE
)


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_active_comes_out(source: str) -> None:
    shown = html.clean(source)
    assert not ACTIVE.search(re.sub(r">[^<]*", ">", shown))
    assert (
        html._CLEANER.clean(shown).replace("&nbsp;", "\xa0") == re.sub(r' rel="nofollow noopener"', "", shown)
        or "<li>" in shown
    )


@pytest.mark.parametrize(
    "source",
    [
        '<section class="main"><p>Die F&auml;hre &amp; der Kutter.</p>\n<h2>Im Hafen</h2></section>',
        "<ul><li>eins</li> <li>zwei <b>drei</b></li></ul>",
        '<table><tbody><tr><td align="right">1</td><td colspan="2">2</td></tr></tbody></table>',
        '<p>Siehe <a href="https://bote.example/?a=1&amp;b=2" target="_blank" title="x">dort</a>.<br/>Ende</p>',
        '<figure><img src="https://bote.example/a.jpg" alt="Ein Kutter"/><figcaption>Ein Kutter</figcaption></figure><p>Text</p>',
    ],
)
def test_usual_markup_needs_no_cleaner(source: str) -> None:
    assert _agrees(source)


@pytest.mark.parametrize(
    "source",
    [
        "<p>a</p",
        "<p>a</p></body>",
        "a</body>b",
        "<p>a > b</p>",
        "<p onclick=x>a</p>",
        '<p onclick="x">a</p>',
        "<p>a",
        "a</p>",
        "<table><tr><td>a</td></tr></table>",
        '<a href="//bote.example">a</a>',
        '<a href="https://bote.example/&#x27;">a</a>',
        "<p>&shy;</p>",
        "<script>a</script>",
        "<p>&copy a</p>",
        "<div>" * 150 + "</div>" * 150,
    ],
)
def test_whatever_differs_goes_to_the_cleaner(source: str) -> None:
    assert settled(source, text.rare(source)) is None


def _letters(words: str) -> Counter[str]:
    return Counter(char for char in words if not char.isspace())


@settings(max_examples=120)
@given(st.lists(PIECES.filter(lambda one: "fig" not in one and "img" not in one), max_size=14).map("".join))
def test_no_character_is_lost(source: str) -> None:
    bare = nh3.clean(source, tags=set(), clean_content_tags=html._DROPPED, attributes={})
    words = text.strip_dead(unescape(bare))
    assert _letters(html.to_text(html.blocks(source))) == _letters(words)
