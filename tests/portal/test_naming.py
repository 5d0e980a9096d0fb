"""Names of shares in the text lead to the shares; the text itself stays as it is, whatever stands in it."""

from __future__ import annotations

import re
from html import unescape

from asking import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from paper import WERFT

from depesche.lib.markup.html import clean, words
from depesche.model.instrument import Evidence
from depesche.portal.pages.naming import Named, link_names


def found(text: str, *names: str) -> list[Named]:
    """Return a share for each of *names*, at all its places in *text*."""
    return [
        Named(f"/shares/{n}", [Evidence("name", "body_text", at.start(), at.end(), at[0]) for at in re.finditer(re.escape(name), text)])
        for n, name in enumerate(names)
    ]  # fmt: skip


def linked(source: str, *names: str) -> str:
    html = clean(source)
    text = words(html)
    return link_names(html, text, found(text, *names))


def test_the_first_place_of_each_name_becomes_a_link() -> None:
    html = linked(
        "<p>Die Werft baut. Die Werft ruht.</p>\n<p>Die Bahn &amp; Söhne zahlt.</p>", "Werft", "Bahn & Söhne"
    )
    assert html.count("<a ") == 2
    assert 'Die <a class="named" href="/shares/0">Werft</a> baut. Die Werft ruht.' in html
    assert '<a class="named" href="/shares/1">Bahn &amp; Söhne</a> zahlt' in html


def test_links_headings_and_tables_are_left_alone() -> None:
    html = linked(
        '<h2>Werft</h2><table><tr><td>Werft</td></tr></table><p><a href="https://x.example/">Werft</a> und <b>Werft</b></p>',
        "Werft",
    )
    assert html.count("named") == 1
    assert '<b><a class="named" href="/shares/0">Werft</a></b>' in html


def test_a_name_over_two_elements_gives_its_place_to_the_next_whole_one() -> None:
    html = linked("<p>Die Nord<b>werft</b> schweigt, die Nordwerft nicht.</p>", "Nordwerft")
    assert html.index("named") > html.index("schweigt")


def test_two_shares_of_one_name_do_not_fight_over_it() -> None:
    html = linked("<p>Die Werft baut.</p><p>Die Werft ruht.</p>", "Werft", "Werft")
    assert html.count("named") == 1


def test_places_of_another_text_set_no_link() -> None:
    html = clean("<p>Ganz andere Wörter stehen hier heute.</p>")
    assert link_names(html, "Die Werft baut.", found("Die Werft baut.", "Werft")) == html


@settings(max_examples=120)
@given(
    st.lists(
        st.sampled_from(
            [
                "Werft",
                "Bahn",
                " ",
                "\n",
                "&amp;",
                "&lt;b&gt;",
                "<b>",
                "</b>",
                "<p>",
                "</p>",
                "<h2>",
                "</h2>",
                "<li>",
                "ä",
                "\xa0",
                "<br>",
                '<a href="https://x.example/?a=%22>Werft">',
                "</a>",
                '<abbr title="x > Werft">',
                "</abbr>",
                "Werft & Bahn",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_not_a_letter_changes(source: str) -> None:
    html = clean(source)
    text = words(html)
    made = link_names(html, text, found(text, "Werft", "Bahn", "Werft & Bahn"))
    assert words(made) == text
    pulled = re.sub(r'<a class="named" href="/shares/\d">((?:(?!</a>).)*)</a>', r"\1", made, flags=re.DOTALL)
    assert pulled == html
    for name in re.findall(r'<a class="named" href="/shares/\d">(.*?)</a>', made, re.DOTALL):
        assert " ".join(unescape(name).split()) in {"Werft", "Bahn", "Werft & Bahn"}


def test_a_story_links_its_shares_in_the_language_of_the_page(shown: Desk) -> None:
    for prefix in ("", "/en"):
        text = shown.browser.get(prefix + shown.path("main")).text
        copy = text[text.index('<div class="copy"') : text.index("</article>")]
        assert f'<a class="named" href="{prefix}/shares/{WERFT}">Falkenwerft</a>' in copy
        assert copy.count('class="named"') == 1, "a share that the story is not about stays words"
        assert "Mit der Küstenbahn SE ist" in copy


def test_a_text_that_is_cut_has_no_links(shown: Desk) -> None:
    for name in ("teaser", "headline"):
        assert 'class="named"' not in shown.browser.get(shown.path(name)).text
