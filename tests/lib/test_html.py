"""HTML of any quality becomes safe, flat blocks, and loses no words."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from depesche.lib.markup import html
from depesche.lib.markup.htmlflow import Flow
from depesche.lib.markup.htmltags import Tag, cut

_TAG = re.compile(r"</?([a-z0-9]+)((?: [a-z]+=\"[^\"]*\")*)>")
_ALLOWED = {
    *(
        "p",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
    ),
    *("strong", "em", "b", "i", "a", "sub", "sup", "br", "blockquote", "pre"),
}


def assert_safe(clean: str) -> None:
    """Only known tags, only known attributes, and no bracket that is not part of one."""
    rest = _TAG.sub("", clean)
    assert "<" not in rest
    for name, attributes in _TAG.findall(clean):
        assert name in _ALLOWED
        for attribute, value in re.findall(r' ([a-z]+)="([^"]*)"', attributes):
            assert attribute in {"href", "rel", "colspan", "rowspan", "scope", "start"}
            if attribute == "href":
                assert value.lower().startswith(("http://", "https://", "mailto:"))


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("<p>Eins</p><p>Zwei</p>", "<p>Eins</p>\n<p>Zwei</p>"),
        ("nur Text", "<p>nur Text</p>"),
        ("<h1>Groß</h1><h5>klein</h5>", "<h2>Groß</h2>\n<h4>klein</h4>"),
        ("a<br><br/>b<br>c", "<p>a</p>\n<p>b<br>c</p>"),
        ("<div>a<div>b</div>c</div>", "<p>a</p>\n<p>b</p>\n<p>c</p>"),
        ("<b>a<p>b</p></b>", "<p><b>a</b></p>\n<p><b>b</b></p>"),
        ("<p> </p><p>&nbsp;</p><p><b></b>x</p>", "<p>x</p>"),
        ("<ul><li>a<div>b</div></li></ul>", "<ul><li>a<br>b</li></ul>"),
        (
            "<table><tr><td colspan=2 onclick=x>1</td></tr></table>",
            '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
        ),
        ("<pre> a  b\n  c</pre>", "<pre> a  b\n  c</pre>"),
        ("&lt;b&gt;tot&lt;/b&gt; &amp;amp;", "<p>&lt;b&gt;tot&lt;/b&gt; &amp;amp;</p>"),
        ("<p>1 < 2 & 3 > 2</p>", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ("<a href='javascript:x()'>a</a> <a href='/b'>b</a>", "<p>a b</p>"),
        (
            "<a href='https://x.example/?a=1&b=2' target=_blank>a</a>",
            '<p><a href="https://x.example/?a=1&amp;b=2" rel="nofollow noopener">a</a></p>',
        ),
        ("<p>a</p><script>alert(1)</script><style>p{}</style><!-- geheim -->", "<p>a</p>"),
        ("<dl><dt>Kran</dt><dd>hebt</dd></dl><hr>Ende", "<p>Kran</p>\n<p>hebt</p>\n<p>Ende</p>"),
        ("<p>H<sub>2</sub>O <u>nass</u></p>", "<p>H<sub>2</sub>O nass</p>"),
    ],
)
def test_cleaning(source: str, clean: str) -> None:
    assert html.clean(source) == clean
    assert_safe(clean)
    assert html.clean(clean) == clean


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<a href='java\nscript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<p style='background:url(javascript:alert(1))' onmouseover=alert(1)>x",
        '<a href="https://x.example/"onclick="alert(1)">x</a>',
        "<<script>script>alert(1)<</script>/script>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=https://x.example><input name=a><button>los</button></form>",
        "<td colspan='\"><script>alert(1)</script>'>x",
        "<p>\x00<scr\x00ipt>alert(1)</scr\x00ipt></p>",
    ],
)
def test_attacks_come_out_dead(attack: str) -> None:
    clean = html.clean(attack)
    assert_safe(clean)
    assert "script:" not in clean.lower()


@settings(max_examples=200)
@example("; <a> ;")
@given(st.text(alphabet=st.sampled_from("<>/=\"'&;! abpßä\n\xa0\x00\u202e-"), max_size=60))
def test_whatever_comes_in_what_comes_out_is_safe(source: str) -> None:
    clean = html.clean(source)
    assert_safe(clean)
    assert html.clean(clean) == clean


@settings(max_examples=150)
@given(st.lists(st.text(alphabet=st.sampled_from("abcäß <>&\"'/."), max_size=20), max_size=5))
def test_no_character_of_escaped_text_is_lost(words: list[str]) -> None:
    import html as escaping

    source = "".join(f"<p>{escaping.escape(one)}</p>" for one in words)
    mixed = source.replace("</p>", "</p><div></div>")
    told = "".join("".join(words).split())
    assert "".join(html.to_text(html.blocks(source)).split()) == told
    assert "".join(html.to_text(html.blocks(mixed)).split()) == told


def test_text_parts_cells_rows_and_blocks() -> None:
    source = "<h2>Fang</h2><table><tr><th>Fisch</th><th>Kilo</th></tr><tr><td>Dorsch</td><td>3&nbsp;000</td></tr></table><ul><li>a<li>b</ul>"
    assert html.to_text(html.blocks(source)) == "Fang\n\nFisch\tKilo\nDorsch\t3 000\n\na\nb"


def test_pictures_leave_the_copy_with_caption_and_credit() -> None:
    body = html.parse(
        "<p>vor</p><figure><img src='https://x.example/a.jpg'><div class='byline'>Jorid Plog</div><figcaption>Ein Kran</figcaption></figure>"
        "<p>nach <img src='b.png' alt='Zwei Kräne am Kai'></p><img src='https://x.example/p.gif' width=1 height=1>"
        "<figure><table><tr><td>bleibt</td></tr></table></figure>"
    )
    assert html.to_text(body.blocks) == "vor\n\nnach\n\nbleibt"
    assert body.figures == [
        html.Figure("https://x.example/a.jpg", "Ein Kran", "Jorid Plog"),
        html.Figure("b.png", "Zwei Kräne am Kai", None),
    ]


@pytest.mark.parametrize("count", range(14))
def test_cutting_keeps_tags_balanced_and_words_whole(count: int) -> None:
    inner = 'ab<b>c&amp;<i>d</i></b><br>e<a href="https://x.example">f &lt;g</a>'
    flat = html.flat_text(inner)
    head, tail = html.keep_start(inner, count), html.drop_start(inner, count)
    assert html.flat_text(head).strip() == flat[:count].strip()
    assert html.flat_text(tail).strip() == flat[count:].strip()
    for part in (head, tail):
        assert html.clean(f"<p>{part}</p>") in {
            f"<p>{part}</p>".replace('example">', 'example" rel="nofollow noopener">'),
            "",
        }


def test_plain_text_becomes_paragraphs() -> None:
    wrapped = "Die Nordwind Reederei will in diesem Jahr nur noch vierzig\nSchiffe abfertigen, sagte sie.\n\n- eins\n- zwei"
    assert html.paragraphs(wrapped) == (
        "<p>Die Nordwind Reederei will in diesem Jahr nur noch vierzig Schiffe abfertigen, sagte sie.</p>\n<p>- eins<br>- zwei</p>"
    )
    long = "Ein Absatz, der länger ist als jede Zeile, die ein Sender der Breite wegen umbrochen hätte, steht für sich."
    assert html.paragraphs(f"{long}\n{long}") == f"<p>{long}</p>\n<p>{long}</p>"
    assert html.paragraphs("<b>&</b>\x00") == "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>"


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 50_000 + "Wort",
        "<b><i>" * 20_000 + "Wort",
        "&amp;" * 200_000 + "Wort",
        "\xa0" * 200_000 + "Wort",
        "<br>" * 50_000 + "Wort",
    ],
    ids=["deep", "inline", "references", "spaces", "breaks"],
)
def test_bombs_are_read_in_time_and_keep_their_words(source: str) -> None:
    clean = html.clean(source)
    assert_safe(clean)
    assert "Wort" in clean


_WORDS = st.text(alphabet=st.sampled_from("ab ä  \n\xa0\t&;<>\u00ad.«am"), max_size=20).map(
    lambda one: one.replace("<", "&lt;").replace(">", "&gt;")
)
_SIMPLE = st.lists(
    st.tuples(st.sampled_from(["p", "p", "h1", "h2", "h3", "h6"]), _WORDS, st.sampled_from(["", "\n", "  "])),
    max_size=6,
)


@settings(max_examples=200)
@given(
    _SIMPLE, st.sampled_from(["", "section", "div"]), st.sampled_from(["", ' class="main box"', ' class=""'])
)
def test_simple_copy_read_the_short_way_is_the_same_as_the_long_way(
    parts: list[tuple[str, str, str]], outer: str, attributes: str
) -> None:
    source = "".join(f"<{tag}>{words}</{tag}>{after}" for tag, words, after in parts)
    if outer:
        source = f"<{outer}{attributes}>{source}</{outer}>"
    # A comment means nothing, but keeps copy off the short way.
    short, long = html.parse(source), html.parse(f"{source}<!-- -->")
    assert [(one.tag, one.inner, one.text) for one in short.blocks] == [
        (one.tag, one.inner, one.text) for one in long.blocks
    ]
    assert [one.hints for one in short.blocks] == [one.hints for one in long.blocks]


class _Slow(Flow):
    """Reads every line tag by tag."""

    def line(self, tags: list[tuple[Tag, str]], place: int) -> int:
        return 0


_LINE_PARTS = re.findall(
    r"<[^>]*>|[^<|]+",
    "<strong></strong><em></em><span></span><br><a href='https://bote.example/'></a><a href='#oben'><p class='lead'><p></p>"
    "<h3></h3><blockquote></blockquote><ul><li></ul>Die Kräne|.| |  |\n|\xa0|&amp;",
)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(_LINE_PARTS), max_size=14).map(lambda parts: f"<p>{''.join(parts)}</p>"))
@example("<p>Die <strong>Kräne</strong> stehen.</p>\n<p><em> Ende</em> </p>")
@example('<p>a <a href="https://bote.example/x">b</a></p><p><strong></strong></p>')
def test_lines_read_the_short_way_are_the_same_as_tag_by_tag(source: str) -> None:
    parts = cut(html._CLEANER.clean(source).replace("&nbsp;", "\xa0"))
    assert parts is not None
    short, slow = Flow().run(*parts).blocks, _Slow().run(*parts).blocks
    assert [(one.tag, one.inner, one.hints) for one in short] == [
        (one.tag, one.inner, one.hints) for one in slow
    ]
    assert html.to_text(short) == html.to_text(slow)
    assert html.to_html_and_text(short) == (html.to_html(slow), html.to_text(slow))
