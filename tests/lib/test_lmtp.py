"""The LMTP door takes letters from a real client, answers for each recipient, and outlasts bad ones."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from depesche.lib.mailback.lmtp import LmtpDoor


class Desk:
    """Keeps what it is given; fails while `trouble` is set."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, tuple[str, ...]]] = []
        self.troubles: list[Exception] = []
        self.trouble: Exception | None = None

    def take(self, raw: bytes, recipients: Sequence[str]) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((raw, tuple(recipients)))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def door(desk: Desk) -> Iterator[LmtpDoor]:
    opened = LmtpDoor("127.0.0.1:0", desk.take, on_trouble=desk.troubles.append, timeout=5.0)
    opened.start()
    yield opened
    opened.close()


def test_a_letter_from_the_clients_of_the_standard_library(door: LmtpDoor, desk: Desk) -> None:
    letter = b"Subject: a\r\n\r\nfirst\r\n.\r\n..two dots\r\n"
    with smtplib.LMTP("127.0.0.1", door.port) as client:
        client.sendmail("", ["bounce+abc@news.example"], letter)
        client.sendmail("x@post.example", ["c@news.example"], b"second\r\n")
    assert desk.taken == [
        (letter, ("bounce+abc@news.example",)),
        (b"second\r\n", ("c@news.example",)),
    ]


def test_a_socket_in_the_file_system(desk: Desk, tmp_path: Path) -> None:
    place = tmp_path / "lmtp"
    for _ in range(2):  # the second finds a socket that was left behind
        door = LmtpDoor(f"unix:{place}", desk.take, on_trouble=desk.troubles.append)
        door.start()
        with smtplib.LMTP(str(place)) as client:
            client.sendmail("", ["a@news.example"], b"by the file\r\n")
        door.close()
        leftover = socket.socket(socket.AF_UNIX)
        leftover.bind(str(place))
        leftover.close()
    assert len(desk.taken) == 2


def test_while_the_desk_fails_the_sender_keeps_the_letter(door: LmtpDoor, desk: Desk) -> None:
    desk.trouble = RuntimeError("the database is away")
    with smtplib.LMTP("127.0.0.1", door.port) as client:
        with pytest.raises(smtplib.SMTPDataError) as caught:
            client.sendmail("", ["a@news.example"], b"kept\r\n")
        assert caught.value.smtp_code == 451
        desk.trouble = None
        client.sendmail("", ["a@news.example"], b"kept\r\n")
    assert desk.taken == [(b"kept\r\n", ("a@news.example",))]
    assert [str(one) for one in desk.troubles] == ["the database is away"]


def test_what_follows_two_megabytes_is_passed_over(door: LmtpDoor, desk: Desk) -> None:
    with smtplib.LMTP("127.0.0.1", door.port) as client:
        client.sendmail("", ["a@news.example"], (b"x" * 70 + b"\r\n") * 40_000)
    assert 1_999_000 < len(desk.taken[0][0]) <= 2_000_000


def talk(port: int, *said: bytes) -> list[str]:
    """Return what the door answers to bytes said in one go."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"".join(said))
        connection.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := connection.recv(65536):
            heard += piece
    return heard.decode().splitlines()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"MAIL FROM:<>\r\n", "503"),
        (b"EHLO x\r\n", "500"),
        (b"LHLO\r\n", "501"),
        (b"LHLO x\r\nRCPT TO:<a@b>\r\n", "503"),
        (b"LHLO x\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n", "503"),
        (b"LHLO x\r\nMAIL FROM:<>\r\nDATA\r\n", "503"),
        (b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\n", "501"),
        (b"LHLO x\r\nMAIL whoever\r\n", "501"),
        (b"GET / HTTP/1.1\r\n", "500"),
        (b"\x16\x03\x01\xff\r\n", "500"),
        (b"_init_ x\r\n", "500"),
        (b"A" * 5000, "500"),
        (b"VRFY a\r\n", "252"),
        (b"NOOP\r\n", "250"),
        (b"LHLO x\r\nMAIL FROM:<>\r\n" + b"RCPT TO:<a@b>\r\n" * 51, "452"),
    ],
)
def test_what_is_out_of_order_is_refused(door: LmtpDoor, desk: Desk, said: bytes, answer: str) -> None:
    heard = talk(door.port, said)
    assert heard[-1][:3] == answer
    assert desk.taken == []


def test_a_client_that_only_makes_mistakes_is_sent_away(door: LmtpDoor) -> None:
    heard = talk(door.port, b"NONSENSE\r\n" * 30)
    assert heard[-1].startswith("421")
    assert len(heard) == 22


def test_a_letter_without_its_end_is_not_taken(door: LmtpDoor, desk: Desk) -> None:
    talk(door.port, b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nhalf a let")
    assert desk.taken == []


def test_a_pipelined_conversation(door: LmtpDoor, desk: Desk) -> None:
    heard = talk(
        door.port,
        b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhello\r\n.\r\nRSET\r\nQUIT\r\n",
    )
    assert [line[:3] for line in heard[-6:]] == ["250", "354", "250", "250", "250", "221"]
    assert desk.taken == [(b"hello\r\n", ("a@b", "c@d"))]


@pytest.mark.parametrize("place", ["", "24", "127.0.0.1:lmtp", "127.0.0.1:99999"])
def test_a_place_that_is_none_is_refused(desk: Desk, place: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        LmtpDoor(place, desk.take, on_trouble=desk.troubles.append)
