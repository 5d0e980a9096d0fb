"""Letters and addresses, as a mail program and a suspicious reader would look at them."""

from __future__ import annotations

import email
import email.policy
import mailbox as stdlib_mailbox
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from depesche.lib.mailing import mail

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=60)


def headers(**changes):
    values = {
        "sender": mail.mailbox("Börsenbrief, Süd", "brief@verlag.example"),
        "to": mail.slot("to"),
        "date": NOON,
        "message_id": mail.slot("message_id"),
        "list_id": "alerts.verlag.example",
        "unsubscribe": f"https://verlag.example/leave/{mail.slot('token')}",
        "feedback_id": "1:alert:verlag",
    }
    return mail.standard_headers(**(values | changes))


def template(subject="Quartalszahlen", text="Guten Tag.\n", html=None, **changes):
    return mail.Template(subject, text, html, headers(**changes))


def values(**changes):
    return {"to": "anna@leser.example", "message_id": "<1@verlag.example>", "token": "T0k-en_"} | changes


def read(raw: bytes) -> EmailMessage:
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in letter.walk() if part.defects] == []
    return letter


def body(letter: EmailMessage, subtype: str) -> str:
    return letter.get_body((subtype,)).get_content().replace("\r\n", "\n")


def test_a_letter_carries_what_bulk_senders_owe():
    letter = read(template().freeze().join(values()))
    assert letter["Subject"] == "Quartalszahlen"
    assert letter["From"] == '"Börsenbrief, Süd" <brief@verlag.example>'
    assert letter["To"] == "anna@leser.example"
    assert letter["Message-ID"] == "<1@verlag.example>"
    assert letter["Date"].datetime == NOON
    assert letter["List-Id"] == "<alerts.verlag.example>"
    assert letter["List-Unsubscribe"] == "<https://verlag.example/leave/T0k-en_>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Feedback-ID"] == "1:alert:verlag"
    assert body(letter, "plain") == "Guten Tag.\n"


def test_both_parts_arrive_and_values_fit_their_place():
    frozen = template(
        text=f"Grüße an {mail.slot('reason')}.\nLeave: https://verlag.example/l/{mail.slot('token')} now\n",
        html=f"<p>Grüße an {mail.slot('reason')}.</p>\n",
    ).freeze()
    letter = read(frozen.join(values(reason="<Möller & Söhne>", token="x" * 200)))
    assert body(letter, "plain") == (
        f"Grüße an <Möller & Söhne>.\nLeave: https://verlag.example/l/{'x' * 200} now\n"
    )
    assert body(letter, "html") == "<p>Grüße an &lt;Möller &amp; Söhne&gt;.</p>\n"


def test_a_frozen_letter_knows_its_slots_and_asks_for_all_of_them():
    frozen = template().freeze()
    assert frozen.slots == {"to", "message_id", "token"}
    with pytest.raises(KeyError):
        frozen.join({"to": "anna@leser.example", "token": "t"})


def test_one_recipient_leaves_no_trace_in_the_letter_of_the_next():
    frozen = template(text=f"Für {mail.slot('to')}\n").freeze()
    first = frozen.join(values(to="ärger@leser.example"))
    second = frozen.join(values(to="bert@leser.example"))
    assert body(read(first), "plain") == "Für ärger@leser.example\n"
    assert b"leser" in second
    assert "ärger".encode() not in second
    assert frozen.join(values(to="bert@leser.example")) == second


@settings(max_examples=60)
@given(subject=PRINTABLE, text=PRINTABLE, value=PRINTABLE)
@example(subject="=?utf-8?q?decoded=3F?=", text=" ", value=" ")
@example(subject="a" * 70 + " b", text="=" * 60, value="." * 10)
def test_what_was_written_is_what_is_read(subject, text, value):
    written = f"{text}\n{text}{mail.slot('v')}{text}\n.{text}\n"
    letter = read(template(subject, written, f"<pre>{mail.slot('v')}</pre>\n").freeze().join(values(v=value)))
    assert str(letter["Subject"]).split() == subject.split()
    assert body(letter, "plain") == f"{text}\n{text}{value}{text}\n.{text}\n"
    escaped = body(letter, "html")
    assert "<" not in escaped.removeprefix("<pre>").removesuffix("</pre>\n")


@settings(max_examples=40)
@given(text=st.text(max_size=300), value=st.text(max_size=200))
@example(text=".", value=".a")
@example(text=".\n." + "x" * 73 + "..", value=".\n." + "y" * 73 + "..")
def test_every_line_is_one_that_old_servers_accept(text, value):
    raw = template("Ü" * 80, text + mail.slot("v") + text, text).freeze().join(values(v=value))
    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or line.startswith(b".") for line in lines)
    head, _, bodies = raw.partition(b"\r\n\r\n")
    assert max(map(len, bodies.split(b"\r\n"))) <= 76
    assert max(map(len, head.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\x00b", "a\x85b", "a\u2028b"])
def test_no_line_can_be_smuggled_into_the_head(evil):
    with pytest.raises(ValueError, match="line break"):
        template(subject=evil).freeze()
    with pytest.raises(ValueError, match="line break"):
        mail.Template("s", "t", None, headers() | {"X-Reason": evil}).freeze()
    with pytest.raises(ValueError, match="line break"):
        template().freeze().join(values(to=evil))
    with pytest.raises(ValueError):
        mail.mailbox(evil, "brief@verlag.example")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Subject": "again"}, "not a header"),
        ({"Content-Type": "text/html"}, "not a header"),
        ({"X Reason": "blank"}, "not a header"),
        ({"from": "b@verlag.example"}, "twice"),
        ({"X-Long": "x" * 1000}, "longer"),
        ({"X-Mixed": f"ä{mail.slot('to')}"}, "ASCII"),
    ],
)
def test_headers_that_would_break_a_letter_are_refused(changes, reason):
    with pytest.raises(ValueError, match=reason):
        mail.Template("s", "t", None, headers() | changes).freeze()


def test_a_letter_needs_sender_and_date():
    with pytest.raises(ValueError, match="From, Date"):
        mail.Template("s", "t", None, {"To": "a@b.example"}).freeze()
    with pytest.raises(ValueError, match="time zone"):
        headers(date=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="web address"):
        headers(unsubscribe="javascript:alert(1)")


def test_foreign_text_cannot_name_a_slot():
    forged = mail.slot("token").replace(mail.slot("token")[1:17], "0" * 16)
    raw = template(text=f"see {forged}\n").freeze().join(values(token="secret"))
    assert "secret" not in read(raw).get_content()


@pytest.mark.parametrize(
    ("address", "given", "identity"),
    [
        ("Anna.Berg@Leser.Example", "Anna.Berg@Leser.Example", "anna.berg@leser.example"),
        ("  anna@leser.example \n", "anna@leser.example", "anna@leser.example"),
        ("anna+boerse@leser.example", "anna+boerse@leser.example", "anna+boerse@leser.example"),
        ('"anna"@leser.example', '"anna"@leser.example', "anna@leser.example"),
        ('"Anna Berg"@leser.example', '"Anna Berg"@leser.example', '"anna berg"@leser.example'),
        (r'"a\"b@c"@leser.example', r'"a\"b@c"@leser.example', r'"a\"b@c"@leser.example'),
        ("info@Müller.example", "info@xn--mller-kva.example", "info@xn--mller-kva.example"),
        ("info@straße.example", "info@xn--strae-oqa.example", "info@xn--strae-oqa.example"),
        ("Jürgen@leser.example", "Jürgen@leser.example", "jürgen@leser.example"),
        ("ju\u0308rgen@leser.example", "ju\u0308rgen@leser.example", "jürgen@leser.example"),
        ("o'neill/x=y@leser.example", "o'neill/x=y@leser.example", "o'neill/x=y@leser.example"),
    ],
)
def test_addresses_are_mailed_as_given_and_known_by_one_key(address, given, identity):
    assert mail.normalise(address) == (given, identity)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "@ sign"),
        ("anna", "@ sign"),
        ("@leser.example", "before"),
        ("anna@", "after"),
        ("anna@localhost", "full domain"),
        ("anna@10.0.0.1", "number"),
        ("anna@[10.0.0.1]", "brackets"),
        ("Anna <anna@leser.example>", "bare address"),
        ("anna@leser.example\r\nBcc: b@leser.example", "control"),
        ("an\x00na@leser.example", "control"),
        ("an\u200bna@leser.example", "control"),
        ("anna berg@leser.example", "may not stand"),
        ("anna\u00a0berg@leser.example", "may not stand"),
        ("anna..berg@leser.example", "may not stand"),
        (".anna@leser.example", "may not stand"),
        ("a@b@leser.example", "may not stand"),
        ("a,b@leser.example", "may not stand"),
        ('"anna@leser.example', "may not stand"),
        ('"an"na"@leser.example', "quotes"),
        ('""@leser.example', "quotes"),
        ("anna@-leser.example", "not a domain"),
        ("anna@leser..example", "not a domain"),
        ("anna@leser.example.", "not a domain"),
        ("anna@le_ser.example", "not a domain"),
        ("anna@xn--\u00fc.example", "not a domain"),
        ("x" * 65 + "@leser.example", "64 bytes"),
        ("anna@" + "a." * 160 + "example", "320"),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(address, reason):
    with pytest.raises(ValueError, match=reason):
        mail.normalise(address)


@settings(max_examples=150)
@given(st.text(max_size=30), st.text(max_size=30))
def test_normalising_is_settled_after_one_turn(local, domain):
    try:
        given_as, identity = mail.normalise(f"{local}@{domain}.example")
    except ValueError:
        return
    assert mail.normalise(identity) == (identity, identity)
    assert mail.normalise(given_as) == (given_as, identity)


def test_sender_names_are_quoted_where_they_must_be():
    assert mail.mailbox("", "a@verlag.example") == "a@verlag.example"
    assert mail.mailbox("Plain Name", "a@verlag.example") == "Plain Name <a@verlag.example>"
    assert mail.mailbox('A "b", c.', "a@verlag.example") == '"A \\"b\\", c." <a@verlag.example>'
    with pytest.raises(ValueError, match="ASCII"):
        mail.mailbox("x", "ü@verlag.example")


def test_message_ids_are_stable_apart_and_unguessable():
    first = mail.message_id(b"key", "lineage", 7, "new", domain="verlag.example")
    assert first == mail.message_id(b"key", "lineage", 7, "new", domain="verlag.example")
    assert first.startswith("<")
    assert first.endswith("@verlag.example>")
    others = {
        mail.message_id(b"other", "lineage", 7, "new", domain="verlag.example"),
        mail.message_id(b"k" * 100, "lineage", 7, "new", domain="verlag.example"),
        mail.message_id(b"key", "lineage", 7, domain="verlag.example"),
        mail.message_id(b"key", "lineage7", "new", domain="verlag.example"),
    }
    assert first not in others
    assert len(others) == 4


def test_a_maildir_takes_letters_whole_and_in_order(tmp_path):
    class Noon:
        def now(self):
            return NOON

    place = tmp_path / "box"
    paths = [mail.deliver_to_maildir(place, f"Subject: {n}\n\nx\n".encode(), Noon()) for n in range(12)]
    assert sorted(paths) == paths
    assert list((place / "tmp").iterdir()) == []
    box = stdlib_mailbox.Maildir(place, create=False)
    assert sorted(message["Subject"] for message in box) == sorted(map(str, range(12)))


def test_two_deliveries_of_one_moment_do_not_meet(tmp_path):
    assert mail.deliver_to_maildir(tmp_path, b"a") != mail.deliver_to_maildir(tmp_path, b"a")
