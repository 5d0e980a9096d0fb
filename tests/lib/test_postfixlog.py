"""Postfix's log tells by Message-ID what became of a letter, however long the log is and however it was rotated."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib.mailback import postfixlog
from depesche.lib.mailback.postfixlog import LogFate

ONE, TWO = "<one@news.example>", "<two@news.example>"


def line(program: str, text: str) -> bytes:
    return f"Mar  2 09:30:01 relay postfix/{program}[4711]: {text}\n".encode()


def cleanup(queue: str, message_id: str) -> bytes:
    return line("cleanup", f"{queue}: message-id={message_id}")


def fate(
    queue: str,
    status: str,
    said: str = "250 ok",
    dsn: str = "2.0.0",
    program: str = "smtp",
    relay: str = "mx.post.example[192.0.2.25]:25",
) -> bytes:
    return line(
        program,
        f"{queue}: to=<ida@post.example>, relay={relay}, delay=0.4, delays=0/0/0.1/0.3, dsn={dsn}, status={status} ({said})",
    )


def read(*lines: bytes) -> dict[str, LogFate]:
    return postfixlog.read(lines, {ONE, TWO})


def test_a_letter_that_was_sent() -> None:
    log = [line("smtpd", "4A1: client=localhost[127.0.0.1]"), cleanup("4A1", ONE), cleanup("4A2", "<other@news.example>"),
           line("qmgr", "4A1: from=<bounce@news.example>, size=8000, nrcpt=1 (queue active)"),
           fate("4A2", "bounced", "550 no", "5.1.1"), fate("4A1", "sent"), line("qmgr", "4A1: removed")]  # fmt: skip
    assert read(*log) == {ONE: LogFate("sent", "2.0.0", "250 ok")}


@pytest.mark.parametrize(
    ("written", "queued_at"),
    [
        (b"2026-03-02T09:30:01.25+01:00", datetime(2026, 3, 2, 8, 30, 1, 250_000, tzinfo=UTC)),
        (b"2026-03-02T09:30:01Z", datetime(2026, 3, 2, 9, 30, 1, tzinfo=UTC)),
        (b"2026-13-02T09:30:01Z", None),
        (b"0001-01-01T00:00:00+14:00", None),
        (b"2026-03-02T09:30:01", None),
    ],
)
def test_when_a_letter_was_queued(written: bytes, queued_at: datetime | None) -> None:
    log = [one.replace(b"Mar  2 09:30:01", written) for one in (cleanup("4A1", ONE), fate("4A1", "sent"))]
    assert read(*log) == {ONE: LogFate("sent", "2.0.0", "250 ok", queued_at)}


def test_the_last_status_counts() -> None:
    log = [
        cleanup("3xYz", ONE),
        fate("3xYz", "deferred", "host said: 450 later", "4.2.0"),
        fate("3xYz", "bounced", "host said: 550 5.1.1 no", "5.1.1"),
    ]
    assert read(*log) == {ONE: LogFate("bounced", "5.1.1", "host said: 550 5.1.1 no")}


def test_a_letter_that_expired_in_the_queue() -> None:
    log = [
        cleanup("4A1", ONE),
        fate("4A1", "deferred", "timed out", "4.4.1"),
        line("qmgr", "4A1: from=<b@news.example>, status=expired, returned to sender"),
    ]
    assert read(*log) == {ONE: LogFate("expired", "4.4.1", "timed out")}


def test_a_letter_that_was_only_queued() -> None:
    assert read(cleanup("4A1", ONE)) == {ONE: LogFate("queued")}


def test_a_filter_that_hands_the_letter_back_says_nothing_of_its_end() -> None:
    log = [
        cleanup("4A1", ONE),
        fate("4A1", "sent", "250 2.0.0 from MTA: queued as 4A9", relay="127.0.0.1[127.0.0.1]:10024"),
        cleanup("4A9", ONE),
    ]
    assert read(*log) == {ONE: LogFate("queued")}
    assert read(*log, fate("4A9", "bounced", "550 no", "5.1.1"))[ONE].status == "bounced"


def test_instances_submission_and_rfc_3339_times() -> None:
    log = [b"2026-03-02T09:30:01.123+01:00 relay postfix-out/submission/cleanup[1]: 4A1: message-id=" + ONE.encode() + b"\n",
           b"2026-03-02T09:30:02.123+01:00 relay postfix-out/smtp[1]: 4A1: to=<x@y>, relay=none, dsn=5.4.4, status=bounced (Host not found)\n"]  # fmt: skip
    queued_at = datetime(2026, 3, 2, 8, 30, 1, 123_000, tzinfo=UTC)
    assert read(*log) == {ONE: LogFate("bounced", "5.4.4", "Host not found", queued_at)}


def test_a_queue_id_that_is_used_again_belongs_to_the_newer_letter() -> None:
    log = [
        cleanup("4A1", ONE),
        fate("4A1", "sent"),
        cleanup("4A1", TWO),
        fate("4A1", "bounced", "no", "5.0.0"),
    ]
    found = read(*log)
    assert (found[ONE].status, found[TWO].status) == ("sent", "bounced")


def test_a_log_of_other_letters_says_nothing() -> None:
    assert (
        read(
            cleanup("4A1", "<x@y>"),
            fate("4A1", "sent"),
            b"",
            b"\xff\xfe status= message-id=<",
            fate("", "sent"),
        )
        == {}
    )


@settings(max_examples=100)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.sampled_from([cleanup("4A1", ONE), fate("4A1", "sent"), fate("4A1", "deferred")]),
        ),
        max_size=20,
    )
)
def test_no_line_breaks_it(lines: list[bytes]) -> None:
    found = postfixlog.read(lines, {ONE})
    assert (ONE in found) == (cleanup("4A1", ONE) in lines)


def test_rotated_files_are_read_oldest_first(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    for age, (name, text) in enumerate(
        [("mail.log", b"c\n"), ("mail.log.1", b"b\n"), ("mail.log.2.gz", gzip.compress(b"a1\na2\n"))]
    ):
        (tmp_path / name).write_bytes(text)
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "mail.log.swp").write_bytes(b"x")
    (tmp_path / "mail.err").write_bytes(b"x")
    files = postfixlog.oldest_first(log)
    assert [one.name for one in files] == ["mail.log.2.gz", "mail.log.1", "mail.log"]
    told: list[int] = []
    assert list(postfixlog.lines_of(files, told.append)) == [b"a1\n", b"a2\n", b"b\n", b"c\n"]
    assert sum(told) == sum(one.stat().st_size for one in files)


def test_a_packed_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    file = tmp_path / "mail.log.1.gz"
    file.write_bytes(gzip.compress(b"a line\n" * 1000)[:-20])
    with pytest.raises(OSError, match=r"mail\.log\.1\.gz"):
        list(postfixlog.lines_of([file]))


def test_an_endless_line_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "mail.log"
    file.write_bytes(b"x" * 200_000)
    assert max(len(one) for one in postfixlog.lines_of([file])) == 65_536
