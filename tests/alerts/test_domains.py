"""One domain is not flooded, and left alone for a while after refusals."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsdesk import Newsroom
from tests.lib.servers import SmtpSink

from depesche.alerts.sending.domains import Domains

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_no_limit_asks_nobody_to_wait() -> None:
    domains = Domains()
    assert {domains.waits_until(f"{n}@example.org", NOON) for n in range(100)} == {None}


def test_what_is_over_the_limit_is_spread_over_the_minutes_to_come() -> None:
    domains = Domains(limit=10)
    found = Counter(domains.waits_until("a@Example.org", NOON) for _ in range(35))
    assert found == {None: 10, NOON + MINUTE: 10, NOON + 2 * MINUTE: 10, NOON + 3 * MINUTE: 5}
    assert domains.waits_until("b@example.com", NOON) is None
    later = Counter(domains.waits_until("a@example.org", NOON + MINUTE) for _ in range(10))
    assert later == {None: 10}


def test_refusals_in_a_row_bring_a_rest_that_grows_and_an_answer_ends_it() -> None:
    domains = Domains()
    for _ in range(2):
        domains.refused_for_now("a@example.org", NOON)
    assert domains.waits_until("b@example.org", NOON) is None
    domains.refused_for_now("a@example.org", NOON)
    assert domains.waits_until("b@example.org", NOON) == NOON + MINUTE
    assert domains.waits_until("b@example.com", NOON) is None
    assert domains.waits_until("b@example.org", NOON + MINUTE) is None
    domains.refused_for_now("a@example.org", NOON + MINUTE)
    assert domains.waits_until("b@example.org", NOON + MINUTE) == NOON + 6 * MINUTE
    domains.answered("a@example.org")
    domains.refused_for_now("a@example.org", NOON + 6 * MINUTE)
    assert domains.waits_until("b@example.org", NOON + 6 * MINUTE) is None


def test_letters_of_a_busy_domain_wait_in_their_chunk(newsroom: Newsroom, tmp_path: Path) -> None:
    for number in range(5):
        newsroom.follow(f"{number}@busy.example")
    newsroom.follow("x@other.example")
    newsroom.file()
    newsroom.follow_journal()
    with SmtpSink() as sink:
        courier = newsroom.courier(tmp_path, sink.url, domains=Domains(limit=2))
        runs = [courier.run_once().sent]
        for _ in range(3):
            newsroom.clock.move(minutes=1)
            runs.append(courier.run_once().sent)
        courier.close()
    assert runs == [3, 2, 1, 0]
    with newsroom.database.reading() as tx:
        assert tx.outbox.counts().keys() == {"dropped"}, "no rows but those of the confirmations"
    assert (newsroom.balance().sent, newsroom.balance().is_even) == (6, True)
