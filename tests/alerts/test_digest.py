"""Digests and quiet hours: told later, in one letter, and only what still stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsdesk import DOMAIN, HALDEN, SECRET, Newsroom, mails, part, token_of

from depesche.alerts import hours
from depesche.alerts.naming import MessageIds
from depesche.alerts.sending.digester import Digester
from depesche.model.subscription import Subscriber

ANNA = "anna@example.org"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def digester(newsroom: Newsroom) -> Digester:
    """Anna follows Halden by digest, at 7 and 18 o'clock UTC; it is noon."""
    found = newsroom.follow(ANNA)
    with newsroom.database.transaction() as tx:
        tx.subscriptions.set_manner(found.key, cadence="digest", updates=False)
    return Digester(newsroom.database, newsroom.clock, MessageIds(SECRET, DOMAIN))


def _file_three(newsroom: Newsroom) -> list[int]:
    stories = [
        newsroom.file(
            f"halden-{n}", headline=f"Halden meldet Zahl {n}", body_text=str(n), body_html=str(n)
        ).story
        for n in (1, 2, 3)
    ]
    newsroom.follow_journal()
    return [one or 0 for one in stories]


def _evening(newsroom: Newsroom, digester: Digester) -> None:
    newsroom.clock.time = newsroom.clock.now().replace(hour=18, minute=0)
    assert digester.run_once() == 1
    assert digester.run_once() == 0


def test_several_stories_come_in_one_letter(newsroom: Newsroom, digester: Digester, tmp_path: Path) -> None:
    stories = _file_three(newsroom)
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 0
    assert digester.run_once() == 0
    assert [one.state for one in newsroom.letters()] == ["pending"] * 3
    _evening(newsroom, digester)
    assert courier.run_once().sent == 1
    courier.close()
    [mail] = mails(tmp_path)
    assert mail["Subject"] == "Halden meldet Zahl 1 (und 2 weitere)"
    for text in (part(mail, "plain"), part(mail, "html")):
        assert all(f"Halden meldet Zahl {n}" in text for n in (1, 2, 3))
        assert "3 Meldungen für Sie" in text
    assert [(one.state, one.sent_at) for one in newsroom.letters()] == [("sent", newsroom.clock.now())] * 3
    assert all(newsroom.balance(one).sent == 1 and newsroom.balance(one).is_even for one in stories)


def test_what_was_withdrawn_meanwhile_is_left_out(
    newsroom: Newsroom, digester: Digester, tmp_path: Path
) -> None:
    first, *_ = _file_three(newsroom)
    newsroom.kill("halden-1")  # not followed yet by the matcher: the last look finds it
    _evening(newsroom, digester)
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 1
    newsroom.follow_journal()
    assert courier.run_once().sent == 0
    courier.close()
    [mail] = mails(tmp_path)
    assert mail["Subject"] == "Halden meldet Zahl 2 (und 1 weitere)"
    assert sorted(one.state for one in newsroom.letters()) == ["dropped", "sent", "sent"]
    assert newsroom.balance(first).is_even


def test_who_leaves_before_the_hour_gets_no_digest(
    newsroom: Newsroom, digester: Digester, tmp_path: Path
) -> None:
    _file_three(newsroom)
    _evening(newsroom, digester)
    reader = newsroom.letters()[0].subscriber.key
    newsroom.optin.leave(token_of(newsroom.links.manage(reader)), "192.0.2.7")
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 0
    courier.close()
    assert [one.state for one in newsroom.letters()] == ["dropped"] * 3
    [digest] = newsroom.letters("digest")
    assert (digest.state, digest.reason) == ("dropped", "nothing is left to tell")


def test_a_digest_that_was_sent_is_followed_by_corrections(
    newsroom: Newsroom, digester: Digester, tmp_path: Path
) -> None:
    _file_three(newsroom)
    _evening(newsroom, digester)
    courier = newsroom.courier(tmp_path)
    courier.run_once()
    newsroom.correct("halden-2")
    newsroom.follow_journal()
    assert courier.run_once().sent == 1
    courier.close()
    assert "Korrektur" in str(mails(tmp_path)[-1]["Subject"])


def test_a_refused_digest_waits_with_all_that_it_carries(
    newsroom: Newsroom, digester: Digester, tmp_path: Path
) -> None:
    from tests.lib.servers import SmtpSink

    _file_three(newsroom)
    _evening(newsroom, digester)
    refuse = [True]
    with SmtpSink(decide=lambda verb, *_: "451 later" if verb == "RCPT" and refuse[0] else None) as sink:
        courier = newsroom.courier(tmp_path, sink.url)
        assert courier.run_once().postponed == 1
        assert {one.state for one in newsroom.letters()} == {"pending"}
        refuse[0] = False
        newsroom.clock.move(minutes=2)
        assert courier.run_once().sent == 1
        courier.close()
    assert {one.state for one in newsroom.letters()} == {"sent"}
    assert len(sink.messages) == 1


def test_an_expired_digest_expires_what_it_carries(
    newsroom: Newsroom, digester: Digester, tmp_path: Path
) -> None:
    stories = _file_three(newsroom)
    _evening(newsroom, digester)
    newsroom.clock.move(hours=7)
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 0
    courier.close()
    assert [one.state for one in newsroom.letters()] == ["expired"] * 3
    assert all(newsroom.balance(one).is_even for one in stories)


def test_in_quiet_hours_letters_wait_for_the_morning(newsroom: Newsroom, tmp_path: Path) -> None:
    reader = newsroom.follow(ANNA).subscriber
    newsroom.follow("bert@example.org")
    with newsroom.database.transaction() as tx:
        tx.subscriptions.set_hours(reader, digest_hours=[7], quiet=(22 * 60, 6 * 60), zone="Europe/Berlin")
    newsroom.clock.time = newsroom.clock.now().replace(hour=22)
    newsroom.file()
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 1
    newsroom.clock.time = datetime(2026, 3, 3, 4, 59, tzinfo=UTC)
    assert courier.run_once().sent == 0
    newsroom.clock.move(minutes=1)
    assert courier.run_once().sent == 1
    courier.close()
    assert [mail["To"] for mail in mails(tmp_path)] == ["bert@example.org", ANNA]
    assert HALDEN in newsroom.met(newsroom.letters()[0].decision)


READERS = st.builds(
    lambda hours, quiet, zone: Subscriber(
        1, "a", "a", "de", digest_hours=tuple(hours), quiet_from=quiet[0], quiet_to=quiet[1], zone=zone
    ),
    st.sets(st.integers(0, 23), min_size=1, max_size=4),
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    st.sampled_from([None, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(READERS, MOMENTS)
def test_the_next_hour_lies_ahead_and_is_one_of_the_readers(reader: Subscriber, now: datetime) -> None:
    slot = hours.next_digest(now, reader, BERLIN)
    assert 0 < (slot - now).total_seconds() <= 25 * 3600
    local = slot.astimezone(hours.zone_of(reader, BERLIN))
    # An hour that summer time leaves out comes an hour later.
    assert local.hour in reader.digest_hours or (local.hour - 1) % 24 in reader.digest_hours


@given(READERS, MOMENTS)
def test_quiet_hours_end_within_a_day_and_are_quiet_no_more(reader: Subscriber, now: datetime) -> None:
    until = hours.waiting_until(now, reader, BERLIN)
    assert 0 <= (until - now).total_seconds() <= 25 * 3600
    if until > now:
        assert hours.waiting_until(until, reader, BERLIN) == until
