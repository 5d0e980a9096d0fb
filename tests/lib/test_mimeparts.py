"""Foreign letters are taken apart within bounds, whatever they hold."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib.mailback import mimeparts


def test_a_letter_of_the_standard_library_comes_apart_into_its_parts() -> None:
    letter = EmailMessage()
    letter["Subject"] = "Seilbahn"
    letter.set_content("Grüße aus dem Tal\n", cte="quoted-printable")
    letter.add_alternative("<p>Grüße</p>", subtype="html", cte="base64")
    letter.add_attachment(b"\x00\x01\xff", maintype="application", subtype="octet-stream")
    found = list(mimeparts.parts(letter.as_bytes()))
    assert [one.kind for one in found] == ["text/plain", "text/html", "application/octet-stream"]
    assert found[0].text == "Grüße aus dem Tal\n"
    assert found[1].text.strip() == "<p>Grüße</p>"
    assert found[2].body == b"\x00\x01\xff"


def test_fields_are_unfolded_and_found_whatever_their_case() -> None:
    head, body = mimeparts.split(
        b"From x@y Mon\nSUBJECT: a\n\tb\nTo: x\nto: y\nno field\n\nthe body\n\nof it"
    )
    assert head.first("subject") == "a\tb"
    assert head.all("To") == ["x", "y"]
    assert head.first("cc") == ""
    assert body == b"the body\n\nof it"


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        ("windows-1252", b"\x80", "€"),
        ("utf-8", b"Gr\xc3\xbc\xff", "Grü\ufffd"),
        ("idna", b"xn--mnchen-3ya", "xn--mnchen-3ya"),
        ("zlib", b"abc", "abc"),
        ("no-such-thing", b"abc", "abc"),
        ("../../etc/passwd", b"abc", "abc"),
        ("iso-8859-99", b"abc", "abc"),
    ],
)
def test_a_wrong_charset_costs_no_more_than_letters(charset: str, raw: bytes, text: str) -> None:
    (only,) = mimeparts.parts(b'Content-Type: text/plain; charset="' + charset.encode() + b'"\n\n' + raw)
    assert only.text == text


@pytest.mark.parametrize("digits", [b"YWJj", b"YWJ", b"YWI", b"Y", b"", b"Y W\nJj!!", b"YW=Jj", b"===="])
def test_broken_base64_yields_what_can_be_read(digits: bytes) -> None:
    (only,) = mimeparts.parts(b"Content-Transfer-Encoding: BASE64\n\n" + digits)
    assert b"abc".startswith(only.body)
    clean = b"".join(one for one in [digits[i : i + 1] for i in range(len(digits))] if one.isalnum())
    if len(clean) % 4 == 0:
        assert only.body == base64.b64decode(clean)


def nested(depth: int) -> bytes:
    """Return a letter in *depth* wrappers."""
    heads = [b"Content-Type: multipart/mixed; boundary=cut%d\n\n--cut%d\n" % (n, n) for n in range(depth)]
    ends = [b"\n--cut%d--\n" % n for n in reversed(range(depth))]
    return b"".join([*heads, b"Content-Type: text/plain\n\nthe core", *ends])


@pytest.mark.parametrize("depth", [0, 1, 8, 9, 20_000])
def test_nesting_ends_at_a_depth(depth: int) -> None:
    (only,) = mimeparts.parts(nested(depth)[:2_000_000])
    assert (only.kind == "text/plain") == (depth <= 8)


def test_parts_beyond_the_bound_are_not_read() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=c\n\n" + b"--c\n\nx\n" * 100_000
    assert len(list(mimeparts.parts(raw))) == 64


def test_a_multipart_without_its_boundary_is_one_part() -> None:
    for kind in (b"multipart/mixed", b"multipart/mixed; boundary=", b'multipart/mixed; boundary="never"'):
        (only,) = mimeparts.parts(b"Content-Type: " + kind + b"\n\n--x\n\nbody\n--x--")
        assert only.kind == "multipart/mixed"


def test_a_letter_cut_off_keeps_its_last_part() -> None:
    found = list(mimeparts.parts(b"Content-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--c\n\ntw"))
    assert [one.body for one in found] == [b"one", b"tw"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_break_it(raw: bytes) -> None:
    for one in mimeparts.parts(raw):
        assert isinstance(one.text, str)


_LINES = st.sampled_from(
    [b"Content-Type: multipart/mixed; boundary=c", b"Content-Type: multipart/report; boundary=\"c d\"", b"--c", b"--c--", b"--c d", b"", b" ",
     b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"=3", b"text", b"\xff: \xff", b"Content-Type:;;boundary"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES, max_size=60), st.sampled_from([b"\n", b"\r\n"]))
def test_no_arrangement_of_lines_breaks_it(lines: list[bytes], end: bytes) -> None:
    found = list(mimeparts.parts(end.join(lines)))
    assert 1 <= len(found) <= 64
    assert sum(len(one.body) for one in found) <= len(end.join(lines))


def test_long_lines_of_one_sort_take_linear_time() -> None:
    for unit in (b"\n", b" \n", b"(", b";", b"a:\n ", b"--c\n", b"=", b"\r"):
        raw = b"Content-Type: multipart/mixed; boundary=c" + unit * (400_000 // len(unit))
        began = time.process_time()
        list(mimeparts.parts(raw))
        assert time.process_time() - began < 5.0  # a quadratic reader takes minutes
