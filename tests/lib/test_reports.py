"""Reports of mail servers and mailbox providers are read as written, and never believed further than that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bounce_letters as letters
from depesche.lib.mailback import reports
from depesche.lib.mailback.reports import Ignored, Recipient, Report, Unreadable


def read(raw: bytes) -> Report:
    found = reports.read(raw)
    assert isinstance(found, Report)
    return found


def test_a_delivery_status_notification() -> None:
    found = read(letters.dsn())
    assert found.kind == reports.DELIVERY
    assert found.recipients == (
        Recipient(letters.READER, "failed", "5.1.1", "550 5.1.1 <ida.lund@post.example>: no such user here", None, "mx.post.example"),
    )  # fmt: skip
    assert found.message_ids == (letters.MESSAGE_ID,)
    assert letters.BOUNCE in found.addressed


def test_several_recipients_each_with_a_fate_of_its_own() -> None:
    second = letters.group("2.0.0", "", action="relayed", final="rfc822;knut@post.example")
    third = letters.group(
        "4.4.7", "smtp;421 busy", action="Delayed (will be tried)", final="rfc822; <ole@post.example>",
        more=["Original-Recipient: rfc822;ole+2Btag@post.example", "X-Actual-Recipient: rfc822; o@inside.example"],
    )  # fmt: skip
    found = read(letters.dsn(letters.group(), second, third))
    assert [(one.address, one.action, one.status) for one in found.recipients] == [
        (letters.READER, "failed", "5.1.1"), ("knut@post.example", "relayed", "2.0.0"), ("ole@post.example", "delayed", "4.4.7"),
    ]  # fmt: skip
    assert found.recipients[2].original == "ole+tag@post.example"


@pytest.mark.parametrize(
    ("status", "said", "action", "expected"),
    [
        ("5.0.0", "smtp; 550 5.2.2 over quota", "failed", ("failed", "5.2.2")),
        (None, "smtp; 550-5.1.1 gone", "failed", ("failed", "5.1.1")),
        (None, "smtp; 550 gone", "failed", ("failed", None)),
        ("5.1.1 (no such user)", "", None, ("failed", "5.1.1")),
        ("4.4.1", "", None, ("delayed", "4.4.1")),
        ("2.1.5", "", None, ("delivered", "2.1.5")),
        ("5.7.1", "x-notes; rejected", "FAILED", ("failed", "5.7.1")),
        ("nonsense", "", "nonsense", ("failed", None)),
    ],
)
def test_status_and_action_as_servers_write_them(
    status: str | None, said: str, action: str | None, expected: tuple[str, str | None]
) -> None:
    (only,) = read(letters.dsn(letters.group(status, said, action=action))).recipients
    assert (only.action, only.status) == expected


def test_international_addresses() -> None:
    (only,) = read(letters.dsn(letters.group(final=r"utf-8; gr\x{FC}n\x{110000}@post.example"))).recipients
    assert only.address == "grün\ufffd@post.example"


def test_a_notification_in_a_plain_multipart_with_headers_alone() -> None:
    raw = letters.dsn(returned_kind="text/rfc822-headers").replace(
        b"multipart/report; report-type=delivery-status;", b"multipart/mixed;"
    )
    found = read(raw)
    assert found.kind == reports.DELIVERY
    assert found.message_ids == (letters.MESSAGE_ID,)


def test_recipient_fields_glued_to_those_of_the_letter() -> None:
    glued = f"Reporting-MTA: dns; x\nFinal-Recipient: rfc822; {letters.READER}\nAction: failed\nStatus: 5.1.1"
    (only,) = read(letters.dsn("", about=glued)).recipients
    assert only.status == "5.1.1"


def test_a_notification_that_names_nobody_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no recipient"):
        reports.read(letters.dsn("Action: failed"))


def test_a_complaint() -> None:
    found = read(letters.complaint())
    assert (found.kind, found.feedback) == (reports.COMPLAINT, "abuse")
    assert found.recipients[0].address == letters.READER
    assert found.message_ids == (letters.MESSAGE_ID,)
    assert letters.BOUNCE in found.addressed


def test_a_complaint_without_a_kind_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="what kind"):
        reports.read(letters.complaint(feedback=""))


@pytest.mark.parametrize(
    ("text", "action", "status", "said"),
    [
        (letters.QMAIL, "failed", "5.1.1", "no mailbox here"),
        (letters.EXIM, "failed", "5.2.2", "over its quota"),
        (letters.EXCHANGE, "failed", "5.1.10", "RecipientNotFound"),
        (letters.NUMBERS, "failed", None, "account has been disabled"),
        (letters.WAITING, "delayed", "4.2.2", "mailbox full"),
    ],
)
def test_bounces_in_prose(text: str, action: str, status: str | None, said: str) -> None:
    found = read(letters.prose(text))
    (only,) = found.recipients
    assert found.kind == reports.PROSE
    assert (only.action, only.status) == (action, status)
    assert said in only.said
    if "Message-ID" in text:
        assert found.message_ids == (letters.MESSAGE_ID,)
        assert only.address == letters.READER


def test_prose_as_html_and_by_the_header_of_exim() -> None:
    html = "<html><body><p>Could not deliver to</p><b>ida.lund@post.example</b><p>550 5.1.1 unknown</p></body></html>"
    (only,) = read(letters.prose(html, kind="text/html; charset=iso-8859-1")).recipients
    assert (only.address, only.status) == (letters.READER, "5.1.1")
    named = letters.prose(
        "550 no", sender="mail@post.example", head=f"X-Failed-Recipients: {letters.READER}\n"
    )
    (only,) = read(named).recipients
    assert only.address == letters.READER


def test_a_copy_of_the_letter_in_a_bounce_is_not_taken_for_the_reason() -> None:
    text = "I am afraid I gave up.\n\n--- Below this line is a copy of the message.\n\nSubject: 550 5.1.1 no such user\n"
    (only,) = read(letters.prose(text)).recipients
    assert only.status is None
    assert "no such user" not in only.said


@pytest.mark.parametrize(
    "name", ["Auto-Submitted: auto-generated", "X-Autoreply: yes", "Precedence: auto_reply"]
)
def test_automatic_replies_are_passed_over(name: str) -> None:
    assert isinstance(reports.read(letters.auto_reply()), Ignored)
    raw = f"From: x@post.example\n{name}\n\n550 5.1.1 no such user\n".encode()
    assert isinstance(reports.read(raw), Ignored)


def test_a_receipt_is_passed_over() -> None:
    raw = letters.dsn().replace(b"message/delivery-status", b"message/disposition-notification")
    assert isinstance(reports.read(raw), Ignored)


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"From: a reader <x@post.example>\n\nPlease stop.\n", b"\xff" * 100]
)
def test_other_letters_are_refused_by_name(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="neither a report nor an automatic reply"):
        reports.read(raw)


@pytest.mark.parametrize(
    ("text", "status"),
    [("550 5.1.1 no", "5.1.1"), ("(#5.7.1)", "5.7.1"), ("Status: 4.4.7", "4.4.7"), ("version 4.96.2", None), ("host 5.1.2.3 said", None),
     ("550-5.1.1 a", "5.1.1"), ("5.2.2 mailbox", "5.2.2"), ("550 550 5.1.1 no", "5.1.1"), ("1.5.1.1", None), ("on 24.5.1999", None)],
)  # fmt: skip
def test_a_status_in_prose_keeps_its_usual_company(text: str, status: str | None) -> None:
    assert reports.find_status(text) == status


@pytest.mark.parametrize(
    ("text", "code"),
    [("550 no", 550), ("said: 421-busy", 421), ("in 550", 0), ("10.0.0.450 x", 0), ("5500 x", 0)],
)
def test_a_code_in_prose(text: str, code: int) -> None:
    assert reports.find_code(text) == code


_PIECES = st.sampled_from([
    letters.dsn(), letters.complaint(), letters.prose(letters.QMAIL), letters.prose(letters.EXIM), letters.auto_reply(),
    letters.dsn(letters.group(None, "", action=None)),
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    _PIECES,
    st.lists(st.tuples(st.integers(0, 2500), st.binary(max_size=12)), max_size=6),
    st.integers(0, 3000),
)
def test_damaged_reports_are_read_or_refused_by_name(
    raw: bytes, blows: list[tuple[int, bytes]], end: int
) -> None:
    for at, what in blows:
        raw = raw[:at] + what + raw[at + len(what) :]
    try:
        found = reports.read(raw[:end] if end > 200 else raw)
    except Unreadable:
        return
    if isinstance(found, Report):
        for one in found.recipients:
            assert one.said.isprintable()
            assert len(one.said) <= 500
            assert (
                one.status is None
                or reports.find_status(f"({one.status})")
                or len(one.status.split(".")) == 3
            )


@pytest.mark.parametrize(
    "unit", ["\n", " ", "550 ", "status   ", "<a@", "a@", "(", "#5.1.", "550 5.1.1.", "> ", "\t\n"]
)
def test_a_huge_bounce_of_one_sort_is_read_in_the_end(unit: str) -> None:
    raw = letters.prose(unit * (3_000_000 // len(unit)))
    found = reports.read(raw)
    assert isinstance(found, Report)
