"""The e-mail channel sends each letter with a sender of its own, signed where a key is given, and says who refused what."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

from servers import SmtpSink

from depesche.alerts.channel import Handed, Letter, make_channel
from depesche.lib.dkim import Signer
from depesche.model.errors import SettingsError
from fakes import FakeClock

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
DATA = b"From: d@news.example\r\nTo: x@post.example\r\nSubject: Halden\r\nMessage-ID: <1@news.example>\r\n\r\nEin Brief.\r\n"


def hand_over(sink: SmtpSink, clock: FakeClock, *letters: Letter, **options: str) -> list[Handed]:
    """Give *letters* to the channel and return its answers."""
    channel = make_channel(
        "email", {"smtp_url": sink.url, "mail_from": "Depesche <d@news.example>", **options}, clock
    )
    channel.open()
    noted: list[int] = []
    answers = list(channel.send(letters, on_intent=noted.append, on_accepted=noted.append))
    channel.close()
    return answers


def test_each_letter_has_the_sender_it_brings(clock: FakeClock) -> None:
    with SmtpSink() as sink:
        hand_over(
            sink,
            clock,
            Letter(1, "a@post.example", DATA, "bounce+abc@news.example"),
            Letter(2, "b@post.example", DATA),
        )
    assert [one.sender for one in sink.messages] == ["bounce+abc@news.example", "d@news.example"]
    assert [one.data for one in sink.messages] == [DATA, DATA]


def test_letters_are_signed_where_a_key_is_given(clock: FakeClock, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY)
    with SmtpSink() as sink:
        options = {"dkim_key": str(tmp_path / "key"), "dkim_selector": "desk"}
        hand_over(sink, clock, Letter(1, "a@post.example", DATA), **options)

    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"desk._domainkey.news.example."
        return Signer("news.example", "desk", KEY).record().encode()

    (signed,) = sink.messages
    assert signed.data.endswith(DATA)
    assert dkim.verify(signed.data, dnsfunc=record)


@pytest.mark.parametrize(
    "options", [{"dkim_key": "/nowhere"}, {"dkim_key": __file__, "dkim_selector": "desk"}]
)
def test_a_key_that_is_none_is_refused_at_the_start(clock: FakeClock, options: dict[str, str]) -> None:
    with SmtpSink() as sink, pytest.raises(SettingsError, match="dkim_key"):
        hand_over(sink, clock, **options)


def refusing(verb: str) -> Callable[[str, str, int], str | None]:
    return lambda asked, rest, count: "550 5.1.1 not here" if asked == verb else None


@pytest.mark.parametrize(
    ("verb", "at_recipient"), [("MAIL", False), ("RCPT", True), ("DATA", False), (".", True)]
)
@pytest.mark.parametrize("extensions", [("PIPELINING", "8BITMIME"), ()])
def test_a_refusal_says_whether_the_recipient_was_known(
    clock: FakeClock, verb: str, at_recipient: bool, extensions: tuple[str, ...]
) -> None:
    with SmtpSink(decide=refusing(verb), extensions=extensions) as sink:
        (answer,) = hand_over(sink, clock, Letter(1, "a@post.example", DATA))
    assert (answer.state, answer.code, answer.at_recipient) == ("dead", 550, at_recipient)
    assert sink.violations == []


def test_what_the_server_was_not_asked_blames_nobody(clock: FakeClock) -> None:
    with SmtpSink(extensions=("SIZE 20",)) as sink:
        (answer,) = hand_over(sink, clock, Letter(1, "a@post.example", DATA))
    assert (answer.state, answer.at_recipient) == ("dead", False)
