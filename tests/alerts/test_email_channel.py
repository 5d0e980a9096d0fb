"""The e-mail channel sends each letter with a sender of its own, signed where a key is given, and says who refused what."""

from __future__ import annotations

import socket
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

from servers import DROP, SmtpSink

from depesche.alerts.channel import Handed, Letter, make_channel
from depesche.lib.mailing.dkim import Signer
from depesche.model.errors import SettingsError
from depesche.model.subscription import SENT, UNCERTAIN
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


def test_a_connection_that_the_server_ended_meanwhile_is_made_anew(clock: FakeClock) -> None:
    with SmtpSink() as sink:
        channel = make_channel("email", {"smtp_url": sink.url, "mail_from": "d@news.example"}, clock)
        for key in (1, 2):
            channel.open()
            letter = Letter(key, f"{key}@post.example", DATA)
            [answer] = channel.send([letter], on_intent=lambda _: None, on_accepted=lambda _: None)
            assert answer.state == SENT
            for one in list(sink._open):
                one.shutdown(socket.SHUT_RDWR)
        channel.close()
    assert sink.connections == 2


def test_many_letters_go_by_turns_over_several_connections_as_far_as_the_server_takes_them(
    clock: FakeClock,
) -> None:
    def decide(verb: str, rest: str, count: int) -> str | None:
        return "421 4.7.0 too many connections" if verb == "CONNECT" and count > 3 else None

    letters = [Letter(key, f"{key}@post.example", DATA) for key in range(100)]
    with SmtpSink(decide=decide) as sink:
        answers = hand_over(sink, clock, *letters, smtp_connections="5")
    assert sorted(one.key for one in answers) == list(range(100))
    assert {one.state for one in answers} == {SENT}
    assert sorted(int(one.recipients[0].partition("@")[0]) for one in sink.messages) == list(range(100))
    assert sink.commands.count("CONNECT") == 4


def test_few_letters_need_one_connection(clock: FakeClock) -> None:
    letters = [Letter(key, f"{key}@post.example", DATA) for key in range(20)]
    with SmtpSink() as sink:
        hand_over(sink, clock, *letters, smtp_connections="5")
    assert sink.commands.count("CONNECT") == 1


def test_when_one_of_several_connections_is_lost_the_others_finish_what_they_have(clock: FakeClock) -> None:
    def decide(verb: str, rest: str, count: int) -> str | None:
        return DROP if (verb, count) == (".", 40) else None

    noted: list[int] = []
    with SmtpSink(decide=decide) as sink:
        options = {"smtp_url": sink.url, "mail_from": "d@news.example", "smtp_connections": "5"}
        channel = make_channel("email", options, clock)
        channel.open()
        letters = (Letter(key, f"{key}@post.example", DATA) for key in range(100))
        answers = list(channel.send(letters, on_intent=noted.append, on_accepted=lambda _: None))
        channel.close()
    states = Counter(one.state for one in answers)
    assert states[UNCERTAIN] == 1
    assert states[SENT] == len(sink.messages) == len(noted) - 1
    assert len(answers) < 60, "no letter is taken any more"
    assert len({one.key for one in answers}) == len(answers)
