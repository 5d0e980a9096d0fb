"""Columns of numbers are aligned as numbers, whatever a provider's table looks like."""

from __future__ import annotations

import re

import pytest
from asking import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from paper import FULL, PROVIDERS

from depesche.lib.markup.html import clean
from depesche.model.take import Take
from depesche.portal.pages.tables import set_tables
from fakes import NOON


def aligned(source: str) -> list[list[str]]:
    """Return the texts of the cells that are set as numbers, row by row."""
    tree = html.fragment_fromstring(set_tables(clean(source), "Zahlen"), create_parent="div")
    return [[cell.text_content() for cell in row.xpath("*[@class='n']")] for row in tree.iter("tr")]


def rows(*lines: str) -> str:
    cells = ("".join(f"<td>{one}</td>" for one in line.split("|")) for line in lines)
    return f"<table>{''.join(f'<tr>{one}</tr>' for one in cells)}</table>"


@pytest.mark.parametrize(
    "number",
    ["812", "1.234,5", "-3", "\N{MINUS SIGN}3,5 %", "+0.4%", "(12)", "EUR 4.10", "4,10 Euro", "1,2 Mrd. EUR", "$12", "1 234", "12'500", "3\N{NO-BREAK SPACE}%"],
)  # fmt: skip
def test_a_column_of_numbers_and_its_head_are_aligned(number: str) -> None:
    assert aligned(rows("Posten|Quartal", f"Umsatz|{number}", "Ergebnis|k.A.", "Rest|")) == [
        ["Quartal"], [number], ["k.A."], [""],
    ]  # fmt: skip


def test_words_and_the_first_column_stay_left() -> None:
    assert aligned(rows("Jahr|Ort|Schiffe", "2024|Musterhaven|3", "2025|Nordersand|12")) == [
        ["Schiffe"], ["3"], ["12"],
    ]  # fmt: skip
    assert aligned(rows("A|B", "x|12", "y|zwölf")) == [[], [], []]


def test_a_cell_over_two_columns_is_in_neither() -> None:
    head = "<tr><td></td><td colspan=2>Quartal</td><td>Ort</td></tr>"
    body = "<tr><td>Umsatz</td><td>1</td><td>2</td><td>Kai</td></tr>"
    assert aligned(f"<table>{head}{body}</table>") == [[], ["1", "2"]]
    assert aligned(f"<table>{head}<tr><td rowspan=2>U</td><td>1</td></tr></table>") == [[], []]


def test_a_wide_table_scrolls_by_itself_and_has_a_name() -> None:
    wide = rows("A|B|C|D", "x|1|2|3")
    assert 'aria-label="Zahlen"' in set_tables(clean(wide), "Zahlen")
    named = wide.replace("<table>", '<table><caption>In "Mio" &amp; mehr</caption>')
    assert 'aria-label="In &quot;Mio&quot; &amp; mehr"' in set_tables(clean(named), "Zahlen")
    assert "aria-label" not in set_tables(clean(rows("A|B|C", "x|1|2")), "Zahlen")


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.sampled_from(["1", "-2,5 %", "Wort", "", "<b>3</b>", "&lt;4", "<p>5</p>"]), max_size=5), max_size=5
    )
)  # fmt: skip
def test_nothing_but_marks_is_added(cells: list[list[str]]) -> None:
    before = clean(rows(*("|".join(row) for row in cells)))
    after = set_tables(before, "x")
    assert re.sub(r'<div class="wide-table"[^>]*>|</div>| class="n"', "", after) == before


def test_a_story_and_its_older_version_show_it(desk: Desk) -> None:
    table = clean(rows("Posten|Quartal", "Umsatz|812"))
    for version in ("1", "2"):
        take = Take(
            "test", PROVIDERS[FULL], "table", "Küstenbahn legt Zahlen vor", "", version=version, version_created=NOON,
            body_text=f"Umsatz\t812 {version}", body_html=f"<p>Fassung {version}</p>{table}", language="de",
        )  # fmt: skip
        key = desk.paper.take(take, FULL, NOON)
    path = desk.paper.path(key)
    assert '<td class="n">812</td>' in desk.browser.get(path).text
    assert '<td class="n">812</td>' in desk.browser.get(f"{path}/versions/1").text


def test_long_typed_lines_can_be_scrolled_by_keys_and_short_ones_need_not() -> None:
    long = "HOCH  12,80   TIEF 11,90   VOLUMEN 1.200.300"
    assert set_tables(f"<pre>kurz\n{long}</pre>", 'Kurse "heute"') == (
        f'<pre role="group" tabindex="0" aria-label="Kurse &#34;heute&#34;">kurz\n{long}</pre>'
    )
    assert set_tables("<pre>kurz\n<b>fett</b></pre>", "Kurse") == "<pre>kurz\n<b>fett</b></pre>"
