"""Boxes give their letters once each, and keep those that nobody settled."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from imap_server import ImapBox
from servers import client_tls, server_tls

from depesche.lib.mailback.inbox import ImapInbox, ImapServer, InboxError, MaildirInbox, parse_imap
from depesche.lib.mailing.maildir import deliver_to_maildir
from fakes import FakeClock


def test_a_maildir_is_emptied_letter_by_letter(tmp_path: Path, clock: FakeClock) -> None:
    for text in (b"one", b"two", b"three"):
        deliver_to_maildir(tmp_path, text, clock)
        clock.move(seconds=1)
    second = sorted((tmp_path / "new").iterdir())[1]
    second.rename(tmp_path / "cur" / f"{second.name}:2,S")
    (tmp_path / "tmp" / "half").write_bytes(b"not yet")
    inbox = MaildirInbox(tmp_path)
    waiting = list(inbox.letters())
    assert [one.raw for one in waiting] == [b"one", b"two", b"three"]
    inbox.settle(waiting[0])
    inbox.settle(waiting[0])
    inbox.settle(waiting[1])
    assert [one.raw for one in inbox.letters()] == [b"three"]
    inbox.close()


def test_a_maildir_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="no such folder"):
        list(MaildirInbox(tmp_path / "nowhere").letters())


@pytest.mark.parametrize("security", ["imap", "imap+starttls", "imaps"])
def test_an_imap_folder_is_emptied_letter_by_letter(security: str) -> None:
    tls = None if security == "imap" else server_tls()
    letters = [b"From: a\r\n\r\none\r\n", b"From: b\r\n\r\ntwo {3}\r\n)\r\n", b"x" * 2_100_000]
    with ImapBox(letters, folder="Bounces", tls=tls, implicit_tls=security == "imaps") as box:
        inbox = ImapInbox(parse_imap(f"{security}://desk:geheim@localhost:{box.port}/Bounces"), client_tls())
        waiting = list(inbox.letters())
        assert [one.raw for one in waiting] == [letters[0], letters[1], letters[2][:2_000_000]]
        inbox.settle(waiting[0])
        inbox.settle(waiting[2])
        inbox.close()
        assert list(box.letters.values()) == [letters[1]]
        assert [one.raw for one in inbox.letters()] == [letters[1]]
        inbox.close()
        assert box.sessions == 2


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("imap://desk:falsch@127.0.0.1:{port}", "AUTHENTICATIONFAILED"),
        ("imap://desk:geheim@127.0.0.1:{port}/Other", "no such folder"),
    ],
)
def test_a_box_that_cannot_be_opened_says_why(url: str, said: str) -> None:
    with ImapBox([]) as box:
        inbox = ImapInbox(parse_imap(url.format(port=box.port)))
        with pytest.raises(InboxError, match=said) as caught:
            list(inbox.letters())
        assert "falsch" not in str(caught.value)
        assert "b'" not in str(caught.value)


@pytest.mark.parametrize("verb", ["LOGIN", "SEARCH", "FETCH"])
def test_a_server_that_hangs_up_costs_nothing(verb: str) -> None:
    with ImapBox([b"a letter"], hang_up_at=verb) as box:
        inbox = ImapInbox(parse_imap(f"imap://desk:geheim@127.0.0.1:{box.port}"))
        with pytest.raises(InboxError):
            list(inbox.letters())
        box.hang_up_at = ""
        assert [one.raw for one in inbox.letters()] == [b"a letter"]
        inbox.close()


def test_a_server_whose_certificate_is_not_trusted_gets_no_password() -> None:
    with ImapBox([], tls=server_tls(), implicit_tls=True) as box:
        with pytest.raises(InboxError, match="certificate"):
            list(ImapInbox(parse_imap(f"imaps://desk:geheim@localhost:{box.port}")).letters())
        assert box.seen == []


def test_nobody_listens() -> None:
    with ImapBox([]) as box:
        port = box.port
    with pytest.raises(InboxError, match=str(port)):
        list(ImapInbox(parse_imap(f"imap://desk:geheim@127.0.0.1:{port}")).letters())


def test_the_address_of_a_box() -> None:
    found = parse_imap("imaps://d%40news.example:p%2Fw@mail.example/Bounces%20in")
    assert found == ImapServer("mail.example", 993, "imaps", "d@news.example", "Bounces in", "p/w")
    assert "p/w" not in repr(found)
    assert parse_imap("imap+starttls://d:p@mail.example").port == 143


@pytest.mark.parametrize(
    "url",
    ["", "imaps://", "pop3://u:geheim@h", "imap://u:geheim@mail.example", "imaps://mail.example", "imaps://u:geheim@h:port", "imaps://u:geheim@h/a?b",
     "imaps://u:geheim@h/%0aX", "imaps://u:geheim@h/Gel%C3%B6scht"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_imap(url)
    assert "geheim" not in str(caught.value)
