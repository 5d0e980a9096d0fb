"""What the mail server refuses while a letter is handed over goes by the rules for bounces."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from newsdesk import DOMAIN, SECRET, Newsroom

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

from servers import SmtpSink

from depesche.alerts.returns.bounces import BounceDesk
from depesche.alerts.returns.suppression import SuppressionList
from depesche.lib.mailing.verp import Verp
from depesche.model.bounce import letter_number
from fakes import FakeClock


def answering(verb: str, answer: str) -> Callable[[str, str, int], str | None]:
    return lambda asked, rest, count: (
        answer if asked == verb and "gone" in (rest if verb == "RCPT" else "gone") else None
    )


@pytest.mark.parametrize(
    ("verb", "answer", "meaning", "is_suppressed"),
    [
        ("RCPT", "550 5.1.1 no such user", "gone", True),
        (".", "550 5.1.1 no such user", "gone", True),
        ("RCPT", "554 5.7.1 your host is blocked", "ours", False),
        ("MAIL", "550 5.1.1 who are you", "ours", False),
        ("RCPT", "552 5.2.2 mailbox full", "full", False),
    ],
)
def test_a_refusal_is_judged_like_a_bounce(
    newsroom: Newsroom,
    clock: FakeClock,
    tmp_path: Path,
    verb: str,
    answer: str,
    meaning: str,
    is_suppressed: bool,
) -> None:
    desk = BounceDesk(newsroom.database, clock, SuppressionList(SECRET))
    reader = newsroom.follow("gone@post.example").subscriber
    newsroom.file()
    newsroom.follow_journal()
    with SmtpSink(decide=answering(verb, answer)) as sink:
        courier = newsroom.courier(tmp_path, sink.url, on_answer=desk.hear)
        courier.run_once()
        courier.close()
    with newsroom.database.reading() as tx:
        found = {one.meaning for one in tx.bounces.newest()}
        subscriber = tx.subscriptions.by_key(reader)
    assert found == {meaning}
    assert subscriber is not None
    assert subscriber.suppressed == is_suppressed


def test_each_letter_leaves_with_a_sender_that_names_it(
    newsroom: Newsroom, clock: FakeClock, tmp_path: Path
) -> None:
    verp = Verp(SECRET, f"bounce@{DOMAIN}")
    reader = newsroom.follow("a@post.example").subscriber
    newsroom.file()
    newsroom.follow_journal()
    with SmtpSink() as sink:
        courier = newsroom.courier(tmp_path, sink.url, sender=verp.sender)
        courier.run_once()
        courier.close()
    alert = sink.messages[-1]
    named = verp.read([alert.sender])
    with newsroom.database.transaction() as tx:
        (letter,) = [one for one in tx.ledger.of_subscriber(reader) if one.decision.kind == "alert"]
        assert named == (reader, letter_number(letter.key, letter.decision.dispatch))
        assert tx.returns.came_back(*named, "no such user")
        (letter,) = [one for one in tx.ledger.of_subscriber(reader) if one.decision.kind == "alert"]
        assert letter.state == "bounced"
        assert tx.ledger.balance(letter.decision.story or 0).is_even
