"""Times of teletype wires, their identities, and messages that come as several or without their marks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from depesche.lib.zones import assuming
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, WITHHELD, Series, Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

FORMATS = wire_format.load()
RECEIVED = datetime(2031, 1, 2, 8, 0, tzinfo=UTC)


def message(
    copy: str = "Der Kai ist zu.",
    head: str = "Kai gesperrt =",
    number: str = "0012",
    footer: str = "021112 Mai 31",
) -> bytes:
    return (
        f"\x01bdt{number} 3 wi 120  dpa 0034\r\n\r\nHafen/Kai/\r\n\x02{head}\r\n\r\n{copy}\r\n\r\ndpa kh yyki z2 lu\r\n\r\n\x03{footer}\r\n\x7f\x04"
    ).encode()


def read(raw: bytes, received_at: datetime | None = None) -> list[Take | WireError]:
    found = parse.takes(raw, FORMATS, "iptc7901", "", received_at)
    return [copydesk.edit(one) if isinstance(one, Take) else one for one in found]


def take(raw: bytes, received_at: datetime | None = None) -> Take:
    (one,) = read(raw, received_at)
    assert isinstance(one, Take)
    return one


@pytest.mark.parametrize(
    ("footer", "received_at", "at"),
    [
        ("021112 Mai 31", None, "2031-05-02T09:12"),
        ("021112 Dez 30", None, "2030-12-02T10:12"),
        ("021112 GMT May 31", None, "2031-05-02T11:12"),
        ("311112 Dec", RECEIVED, "2030-12-31T10:12"),
        ("020905 Jan", RECEIVED, "2031-01-02T08:05"),
        ("290905 Feb", RECEIVED, "2028-02-29T08:05"),
        ("021112 Mai", None, None),
        ("321112 Mai 31", None, None),
        ("021112 Xxx 31", None, None),
    ],
)
def test_the_footer_is_the_time(footer: str, received_at: datetime | None, at: str | None) -> None:
    one = take(message(footer=footer), received_at)
    assert one.version_created == (datetime.fromisoformat(f"{at}:00+00:00") if at else None)
    assert one.first_created is None


def test_a_wires_own_zone_goes_before_the_usual_one() -> None:
    with assuming("America/New_York"):
        assert take(message()).version_created == datetime(2031, 5, 2, 15, 12, tzinfo=UTC)


def test_the_same_message_is_the_same_take_and_another_number_another() -> None:
    one = take(message())
    assert one == take(message()) == take(message().replace(b"\r\n", b"\n"))
    assert one.guid == "urn:iptc7901:dpa:20310502:bdt0012"
    assert take(message(number="0013")).guid != one.guid


def test_a_number_of_noughts_names_nothing() -> None:
    first, second = (
        take(message(copy, number="0000")).guid for copy in ("Der Kai ist zu.", "Die Werft ist auf.")
    )
    assert first != second
    assert first == take(message("Der Kai ist zu.", number="0000")).guid


def test_several_messages_are_several_takes_and_an_empty_one_is_named() -> None:
    empty = b"\x01bdt0013 3 wi 1  dpa 0034\r\n\x02\r\n\x03021112 Mai 31\x04"
    found = read(message() + empty + message(number="0014"))
    assert [type(one) for one in found] == [Take, NotAStory, Take]


def test_without_its_control_characters_it_is_read_as_well() -> None:
    bare = message().translate(None, b"\x01\x02\x03\x04\x7f")
    one, whole = take(bare), take(message())
    assert (one.headline, one.body_text, one.sign_off, one.version_created) == (
        whole.headline,
        whole.body_text,
        whole.sign_off,
        whole.version_created,
    )
    assert [subject.code for subject in one.subjects] == ["wi", "Hafen", "Kai"]


def test_bells_ring_nowhere() -> None:
    one = take(message(head="(Eil \x07\x07\x07)\r\nKai \x07gesperrt ="))
    assert one.headline == "Kai gesperrt"
    assert one.notes[0].text == "Eil"


def test_lines_are_joined_where_the_width_broke_them_and_nowhere_else() -> None:
    copy = (
        "Die Reederei Nordwind stellt ihre Fähren auf Strombetrieb um, und die\r\n- so sagt der Vorstand - Kosten trägt der Hafen. Partner ist die Möwe-\r\n"
        "Logistik, die schon lange mit der Ein- und Ausfuhr von Batterien zu\r\ntun hat.\r\n\r\n1. Nordwind\r\n2. Möwe\r\n\r\n"
        "Schiff          Baujahr     Plätze\r\nMöwe               2020        120\r\nSturm              2021         90"
    )
    assert take(message(copy)).body_html == (
        "<p>Die Reederei Nordwind stellt ihre Fähren auf Strombetrieb um, und die - so sagt der Vorstand - Kosten trägt der Hafen. "
        "Partner ist die Möwe-Logistik, die schon lange mit der Ein- und Ausfuhr von Batterien zu tun hat.</p>\n"
        "<p>1. Nordwind<br>2. Möwe</p>\n<pre>Schiff          Baujahr     Plätze\nMöwe               2020        120\nSturm              2021         90</pre>"
    )


@pytest.mark.parametrize(
    "heading",
    ["# Notizblock", "# Notebook", "Die folgenden Informationen sind nicht zur Veröffentlichung bestimmt"],
)
def test_the_notepad_stays_inside(heading: str) -> None:
    one = take(message(f"Der Kai ist zu.\r\n\r\n{heading}\r\n\r\n- Ada Lund, 0555 0100, lund@bote.example"))
    assert one.body_text == "Der Kai ist zu."
    assert one.sign_off == "dpa kh yyki z2 lu"
    (note,) = one.notes
    assert "lund@bote.example" in note.text
    assert not note.public


def test_orders_in_the_head_are_obeyed() -> None:
    assert (
        take(message(head="(Achtung: Die Meldung wird zurückgezogen)\r\nKai gesperrt =")).status == CANCELED
    )
    withdrawn = message("Die Meldung vom 2. Mai wird zurückgezogen.", head="(Achtung)\r\nKai gesperrt =")
    assert take(withdrawn).status == CANCELED
    assert take(message(head="(Achtung)\r\nKai gesperrt =")).status == "usable"
    held = take(message(head="(Sperrfrist 3. Mai 19.00 Uhr)\r\nKai gesperrt ="))
    assert held.embargoed == datetime(2031, 5, 3, 17, 0, tzinfo=UTC)
    assert take(message(head="(Sperrfrist: bis auf Weiteres)\r\nKai gesperrt =")).status == WITHHELD


ANPA = (
    "\x16\x16\x01r0180\x1fh-----\r\nu f\x13\x11BC-XX--Quay 1stLd-Writethru  05-02 0120\r\n\x02"
    "^BC-XX--Quay, 1st Ld-Writethru,120<\r\n^Quay shut after crane fails<\r\n^AP Photo XX101<\r\n^Eds: Updates. With AP Photos.<\r\n"
    "^By ADA FERRIS=\r\n^Shipping Writer=\r\n\t   PORT ELLERY (AP) _ The quay is shut. \r\n\t   ``It is,'' said Cy Moss. \r\n"
    "\x03\r\n\t   AP-WF-05-02-31 1412GMT<\r\n\x04"
)


def test_anpa_is_read() -> None:
    one = take(ANPA.encode())
    assert one.headline == "Quay shut after crane fails"
    assert one.series == Series("BC-XX", 1, "Quay")
    assert one.byline == "By ADA FERRIS, Shipping Writer"
    assert one.dateline is not None
    assert one.dateline.agency == "AP"
    assert one.body_text == "The quay is shut.\n\n“It is,” said Cy Moss."
    assert one.version_created == datetime(2031, 5, 2, 14, 12, tzinfo=UTC)
    assert one.urgency == 3
    assert one.guid == "urn:anpa1312:ap:20310502:r0180"
    assert [note.public for note in one.notes] == [False, False]
