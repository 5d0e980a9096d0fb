"""What comes back is believed only with proof, counted once, and has the consequence that the reader would want."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsdesk import DOMAIN, SECRET, Newsroom, mails
from sqlalchemy import update

import bounce_letters as letters
from bounce_letters import dsn, group
from depesche.alerts.naming import MessageIds
from depesche.alerts.returns.bounces import BounceDesk, Patience
from depesche.alerts.returns.postbox import Postbox
from depesche.alerts.returns.suppression import SuppressionList
from depesche.lib.mailback.inbox import MaildirInbox
from depesche.lib.mailing.maildir import deliver_to_maildir
from depesche.lib.mailing.verp import Verp
from depesche.model import bounce as meanings
from depesche.model.bounce import Bounce, letter_number
from depesche.model.subscription import ALERT, PENDING, SENT, Decision, Outgoing
from depesche.store import schema
from depesche.store.database import Database
from depesche.store.letters.outbox import Fate
from fakes import FakeClock

READER = letters.READER
SOFT_SAID = "smtp; 451 4.3.0 come again"


@dataclass
class Post:
    """A newsroom with one reader, letters that were sent, and the desk at which they come back."""

    room: Newsroom
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self.numbers = itertools.count(1)
        self.verp = Verp(SECRET, "bounce@news.example")
        self.blocked = SuppressionList(SECRET)
        self.desk = BounceDesk(
            self.room.database, self.room.clock, self.blocked, self.verp, self.patience, self.room.links
        )

    def letter(self) -> Outgoing:
        """Send the reader another letter and return it."""
        now = self.room.clock.now()
        name = f"letter {next(self.numbers)}"
        with self.room.database.transaction() as tx:
            reader = tx.subscriptions.subscriber(READER, READER, "de", now)
            decision = Decision(
                name, ALERT, reader.key, f"<{name.replace(' ', '.')}@{DOMAIN}>", now, now + timedelta(hours=6)
            )
            tx.outbox.decide([decision], now)
            newest = tx.outbox.of_subscriber(reader.key)[-1]
            tx.outbox.settle([Fate(newest.key, SENT, tried=True)], now)
        return newest

    def sender(self, letter: Outgoing) -> str:
        return self.verp.sender(letter.subscriber.key, letter_number(letter.key, None))

    def back(self, letter: Outgoing, status: str = "5.1.1", said: str = "", **more: str) -> bytes:
        """Return a report on *letter*."""
        return dsn(group(status, said or f"smtp; 550 {status} no", **more), to=self.sender(letter))  # type: ignore[arg-type]

    @property
    def is_blocked(self) -> bool:
        with self.room.database.reading() as tx:
            reader = tx.subscriptions.by_identity(READER)
            listed = self.blocked.find(tx, READER) is not None
        if reader is not None:
            assert reader.suppressed == listed
        return listed

    def reports(self, *kinds: str) -> list[Bounce]:
        with self.room.database.reading() as tx:
            return tx.bounces.newest(kinds)

    def state(self, letter: Outgoing) -> str:
        with self.room.database.reading() as tx:
            return next(
                one.state for one in tx.outbox.of_subscriber(letter.subscriber.key) if one.key == letter.key
            )


@pytest.fixture
def post(database: Database, clock: FakeClock) -> Post:
    return Post(Newsroom(database, clock, requests_per_day=1000))


def test_a_letter_to_nobody_suppresses_the_address_at_once(post: Post) -> None:
    letter = post.letter()
    taken = post.desk.take(post.back(letter), "maildir")
    assert (taken.meaning, taken.new, taken.suppressed) == (meanings.GONE, True, True)
    assert post.is_blocked
    assert post.state(letter) == "bounced"
    (kept,) = post.reports()
    assert (kept.status, kept.letter, kept.remote) == ("5.1.1", 2 * letter.key + 1, "mx.post.example")


def test_the_same_report_by_several_doors_counts_once(post: Post) -> None:
    letter = post.letter()
    raw = post.back(letter)
    assert post.desk.take(raw, "maildir").new
    assert not post.desk.take(b"Received: by another door\n" + raw, "imap").new
    assert not post.desk.take(raw, "lmtp", [post.sender(letter)]).new
    assert len(post.reports()) == 1
    with post.room.database.reading() as tx:
        assert len(tx.suppressions.history(post.blocked.hash_of(READER))) == 1


def test_the_envelope_of_the_door_proves_a_report_whose_headers_do_not(post: Post) -> None:
    letter = post.letter()
    raw = dsn(message_id="<strange@elsewhere.example>", to="undisclosed@news.example")
    assert post.desk.take(raw, "lmtp", [post.sender(letter)]).meaning == meanings.GONE


def test_the_message_id_proves_a_report_without_the_address(post: Post) -> None:
    letter = post.letter()
    raw = dsn(message_id=letter.decision.message_id, to="depesche@news.example")
    assert post.desk.take(raw, "maildir").suppressed


def test_the_link_to_leave_proves_a_report_when_nothing_else_does(post: Post) -> None:
    letter = post.letter()
    head = f"List-Unsubscribe: <mailto:x@news.example>,\n <{post.room.links.leave(letter.subscriber.key, [1])}>\nMessage-ID: <changed@relay.example>\n"
    raw = dsn(to="nobody@news.example").replace(b"Message-ID: <0a1b2c3d4e5f@news.example>\n", head.encode())
    assert post.desk.take(raw, "maildir").suppressed
    assert not post.desk.take(b"Received: again\n" + raw, "imap").new
    forged = raw.replace(b"token=", b"token=x").replace(b"<changed@", b"<other@")
    assert post.desk.take(forged, "maildir").meaning == meanings.UNPROVEN


def test_a_letter_of_a_dispatch_is_known_by_it_and_the_reader(post: Post) -> None:
    letter = post.letter()
    with post.room.database.transaction() as tx:
        tx.connection.execute(update(schema.outbox).values(dispatch_id=77))
        assert tx.returns.of_message_id(letter.decision.message_id) == (letter.subscriber.key, 154)
    raw = dsn(to=post.verp.sender(letter.subscriber.key, letter_number(letter.key, 77)))
    assert post.desk.take(raw, "maildir").new
    assert post.state(letter) == "bounced"
    assert not post.desk.take(dsn(message_id=letter.decision.message_id), "imap").new


@pytest.mark.parametrize("to", ["bounce@news.example", "bounce+aaaaaaaaaaaaaaaaaaaaaaaaaaaa@news.example"])
def test_a_forged_report_silences_nobody(post: Post, to: str) -> None:
    post.letter()
    taken = post.desk.take(dsn(to=to), "maildir")
    assert taken.meaning == meanings.UNPROVEN
    assert post.desk.take(letters.complaint(), "maildir").meaning == meanings.UNPROVEN
    assert not post.is_blocked
    kept = post.reports(meanings.UNPROVEN)
    assert len(kept) == 2
    assert all(READER not in one.said for one in kept)


def test_a_complaint_ends_everything_and_leaves_proof(post: Post) -> None:
    subscription = post.room.follow(READER)
    letter = post.letter()
    taken = post.desk.take(letters.complaint(sender=post.sender(letter)), "imap")
    assert (taken.meaning, taken.suppressed, taken.ended) == (meanings.COMPLAINT, True, 1)
    assert post.is_blocked
    assert post.state(letter) == "sent"
    with post.room.database.reading() as tx:
        assert tx.subscriptions.of_subscriber(subscription.subscriber) == []
        last = tx.subscriptions.consents(subscription.subscriber)[-1]
    assert (last.event, last.source) == ("left", "complaint")


def test_a_complaint_taken_back_is_no_complaint(post: Post) -> None:
    letter = post.letter()
    raw = letters.complaint(sender=post.sender(letter), feedback="not-spam")
    assert post.desk.take(raw, "imap").meaning == "ignored"
    assert not post.is_blocked


def test_being_blocked_is_about_us_and_not_about_the_reader(post: Post) -> None:
    for n in range(20):
        letter = post.letter()
        taken = post.desk.take(post.back(letter, "5.7.1", f"smtp; 550 5.7.1 spam {n}"), "maildir")
        assert taken.meaning == meanings.OURS
        post.room.clock.move(hours=24)
    assert not post.is_blocked


def soft(post: Post, status: str = "5.2.2") -> bool:
    """Let one letter come back softly; tells whether that was once too often."""
    return post.desk.take(
        post.back(post.letter(), status, f"smtp; 452 {status} not now"), "maildir"
    ).suppressed


def test_soft_bounces_on_five_days_are_too_many(post: Post) -> None:
    for day in range(5):
        assert not post.is_blocked
        assert soft(post, "5.2.2" if day % 2 else "4.4.7") == (day == 4)
        assert not soft(post), "a second one on the same day counts for nothing"
        post.room.clock.move(hours=24)
    assert post.is_blocked


def test_a_letter_that_did_not_come_back_forgives_what_was_before(post: Post) -> None:
    for _ in range(4):
        soft(post)
        post.room.clock.move(hours=24)
    post.letter()
    post.room.clock.move(hours=24 * 6)
    assert not soft(post)
    assert not post.is_blocked


def test_a_letter_sent_yesterday_may_still_come_back_and_forgives_nothing(post: Post) -> None:
    for _ in range(4):
        soft(post)
        post.room.clock.move(hours=24)
    post.letter()
    post.room.clock.move(hours=24)
    assert soft(post)


def test_a_report_of_delivery_forgives_what_was_before(post: Post) -> None:
    for _ in range(4):
        soft(post)
        post.room.clock.move(hours=24)
    letter = post.letter()
    assert (
        post.desk.take(post.back(letter, "2.0.0", action="relayed"), "maildir").meaning == meanings.DELIVERED
    )
    post.room.clock.move(hours=24)
    assert not soft(post)


def test_soft_bounces_of_long_ago_are_forgotten(post: Post) -> None:
    for _ in range(12):
        assert not soft(post)
        post.room.clock.move(hours=24 * 8)


def test_a_delay_is_no_bounce(post: Post) -> None:
    for _ in range(10):
        letter = post.letter()
        raw = post.back(letter, "4.4.1", "smtp; 421 busy", action="delayed")
        assert post.desk.take(raw, "maildir").meaning == meanings.DELAYED
        assert post.state(letter) == "sent"
        post.room.clock.move(hours=24)
    assert not post.is_blocked


def test_of_several_recipients_the_readers_own_counts(post: Post) -> None:
    other = group("5.1.1", final="rfc822; somebody@else.example")
    own = group(
        "4.2.2",
        "smtp; 452 4.2.2 full",
        final="rfc822; inside@post.example",
        more=[f"Original-Recipient: rfc822;{READER.upper()}"],
    )
    taken = post.desk.take(dsn(other, own, to=post.sender(post.letter())), "maildir")
    assert taken.meaning == meanings.FULL


def test_where_a_letter_went_on_to_others_the_best_counts(post: Post) -> None:
    one = group("5.1.1", final="rfc822; a@else.example")
    two = group("2.0.0", "", action="delivered", final="rfc822; b@else.example")
    assert (
        post.desk.take(dsn(one, two, to=post.sender(post.letter())), "maildir").meaning == meanings.DELIVERED
    )


@pytest.mark.parametrize(
    ("text", "meaning"),
    [(letters.QMAIL, "gone"), (letters.EXIM, "full"), (letters.EXCHANGE, "gone"), (letters.NUMBERS, "gone"), (letters.WAITING, "delayed"),
     ("I could not do it, and shall not say why.", "unread")],
)  # fmt: skip
def test_bounces_in_prose(post: Post, text: str, meaning: str) -> None:
    letter = post.letter()
    assert post.desk.take(letters.prose(text, to=post.sender(letter)), "maildir").meaning == meaning


def test_an_automatic_reply_leaves_no_trace(post: Post) -> None:
    letter = post.letter()
    assert post.desk.take(letters.auto_reply(post.sender(letter)), "maildir").meaning == "ignored"
    assert post.reports() == []


def test_what_nobody_can_make_out_is_kept_for_a_month(post: Post) -> None:
    raw = b"From: Ida <ida@post.example>\n\nPlease stop it.\n"
    taken = post.desk.take(raw, "imap")
    assert (taken.meaning, taken.new) == (meanings.UNREAD, True)
    assert not post.desk.take(raw, "imap").new
    (listed,) = post.reports()
    with post.room.database.reading() as tx:
        kept = tx.bounces.get(listed.key)
    assert kept is not None
    assert kept.raw == raw
    assert "neither a report" in kept.said
    post.room.clock.move(hours=24 * 31)
    post.desk.tidy()
    with post.room.database.reading() as tx:
        kept = tx.bounces.get(listed.key)
        assert kept is not None
        assert kept.raw is None
    post.room.clock.move(hours=24 * 400)
    assert post.desk.tidy() == 1


@pytest.mark.parametrize(
    ("code", "said", "at_recipient", "meaning", "blocked"),
    [
        (550, "5.1.1 no such user", True, "gone", True),
        (550, "5.1.1 no such user", False, "ours", False),
        (550, "User unknown", True, "gone", True),
        (552, "5.2.2 full", True, "full", False),
        (554, "5.7.1 blocked", True, "ours", False),
        (550, "no", True, "soft", False),
    ],
)
def test_the_couriers_refusals_go_by_the_same_rules(
    post: Post, code: int, said: str, at_recipient: bool, meaning: str, blocked: bool
) -> None:
    letter = post.letter()
    with post.room.database.transaction() as tx:
        found = post.desk.refused(
            tx, letter.subscriber.key, letter.key, code, said, at_recipient=at_recipient
        )
    assert found == meaning
    assert post.is_blocked == blocked
    with post.room.database.transaction() as tx:
        post.desk.refused(tx, letter.subscriber.key, letter.key, code, said, at_recipient=at_recipient)
    assert len(post.reports()) == 1


def test_a_letter_that_came_back_before_its_courier_said_that_it_left(post: Post) -> None:
    letter = post.letter()
    with post.room.database.transaction() as tx:
        tx.outbox.settle([Fate(letter.key, PENDING)], post.room.clock.now())
    assert post.desk.take(post.back(letter), "lmtp").suppressed
    with post.room.database.transaction() as tx:
        tx.outbox.settle([Fate(letter.key, SENT, tried=True)], post.room.clock.now())
    post.desk.tidy()
    assert post.state(letter) == "bounced"


def test_a_lifted_address_is_written_to_again_and_starts_anew(post: Post) -> None:
    for _ in range(5):
        soft(post)
        post.room.clock.move(hours=24)
    assert post.is_blocked
    with post.room.database.transaction() as tx:
        assert post.blocked.lift(tx, READER, "she called us", post.room.clock.now())
    assert not post.is_blocked
    assert not soft(post)
    with post.room.database.reading() as tx:
        history = tx.suppressions.history(post.blocked.hash_of(READER))
        assert tx.suppressions.standing() == []
    assert [(one.event, one.reason) for one in history] == [("suppressed", "soft"), ("lifted", "soft")]
    assert history[1].detail == "she called us"


def test_the_list_outlives_the_reader(post: Post) -> None:
    letter = post.letter()
    post.desk.take(post.back(letter), "maildir")
    with post.room.database.transaction() as tx:
        tx.subscriptions.erase(letter.subscriber.key)
        assert tx.subscriptions.by_identity(READER) is None
        new = tx.subscriptions.subscriber(READER, READER, "de", post.room.clock.now())
        assert not new.suppressed
        assert post.blocked.holds(tx, new, post.room.clock.now())
        again = tx.subscriptions.by_key(new.key)
        assert again is not None
        assert again.suppressed
        stored = [str(row) for row in tx.suppressions.standing()] + [str(row) for row in tx.bounces.newest()]
    assert not any("ida.lund" in one or "@post.example" in one for one in stored)


def test_a_report_on_an_erased_reader_harms_nobody(post: Post) -> None:
    letter = post.letter()
    with post.room.database.transaction() as tx:
        tx.subscriptions.erase(letter.subscriber.key)
    taken = post.desk.take(post.back(letter), "maildir")
    assert (taken.meaning, taken.suppressed) == (meanings.GONE, False)


def test_an_address_nobody_follows_with_can_stand_on_the_list(post: Post) -> None:
    with post.room.database.transaction() as tx:
        assert post.blocked.add(
            tx, "never@seen.example", meanings.BY_HAND, "asked by letter", post.room.clock.now()
        )
        assert not post.blocked.add(
            tx, "never@seen.example", meanings.BY_HAND, "again", post.room.clock.now()
        )
        assert tx.suppressions.counts() == {meanings.BY_HAND: 1}


def test_a_postbox_empties_its_boxes_and_goes_on_after_trouble(post: Post, tmp_path: Path) -> None:
    letter = post.letter()
    box = tmp_path / "reports"
    postbox = Postbox(
        post.desk, {"maildir": MaildirInbox(box), "nowhere": MaildirInbox(tmp_path / "nowhere")}
    )
    assert sum(postbox.run_once().values()) == 0
    assert set(postbox.troubles) == {"maildir", "nowhere"}
    for raw in (post.back(letter), post.back(letter), letters.auto_reply(), b"From: x\n\n?"):
        deliver_to_maildir(box, raw, post.room.clock)
    assert postbox.run_once() == {"gone": 2, "ignored": 1, "unread": 1}
    assert list((box / "new").iterdir()) == []
    assert set(postbox.troubles) == {"nowhere"}
    assert post.is_blocked


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["5.1.1", "5.2.2", "4.4.7", "5.7.1", "2.0.0", "lift", "day"]), max_size=25))
def test_whatever_comes_the_list_and_the_reader_agree(post: Post, steps: list[str]) -> None:
    with post.room.database.transaction() as tx:
        post.blocked.lift(tx, READER, "the next trial", post.room.clock.now())
    post.room.clock.move(hours=24 * 40)
    bad_days: set[int] = set()
    day, expected = 0, False
    post.letter()
    post.room.clock.move(hours=24 * 6)
    for step in steps:
        if step == "day":
            day += 1
            post.room.clock.move(hours=24)
        elif step == "lift":
            with post.room.database.transaction() as tx:
                assert post.blocked.lift(tx, READER, "", post.room.clock.now()) == expected
            if expected:
                bad_days.clear()
            expected = False
        elif not expected:
            action = "delivered" if step == "2.0.0" else "failed"
            post.desk.take(post.back(post.letter(), step, action=action), "maildir")
            if step in ("5.2.2", "4.4.7"):
                bad_days.add(day)
            elif step == "2.0.0":
                bad_days.clear()
            expected = expected or step == "5.1.1" or (step in ("5.2.2", "4.4.7") and len(bad_days) >= 5)
        assert post.is_blocked == expected
        post.room.clock.move(seconds=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=600), st.integers(0, 2000))
def test_no_letter_closes_the_door(post: Post, noise: bytes, at: int) -> None:
    letter = post.letter()
    raw = post.back(letter)
    for one in (noise, raw[:at] + noise + raw[at + len(noise) :]):
        taken = post.desk.take(one, "lmtp", [post.sender(letter)] if at % 2 else [])
        assert taken.meaning in (*meanings.MEANINGS, "ignored")


def test_a_flood_of_strange_reports_fills_no_disk(newsroom: Newsroom) -> None:
    post = Post(newsroom, Patience(kept=3, strange=5))
    found = [post.desk.take(b"From: x\n\nnumber %d" % n, "lmtp").meaning for n in range(7)]
    assert found == ["unread"] * 5 + ["ignored"] * 2
    with post.room.database.reading() as tx:
        kept = [tx.bounces.get(one.key) for one in tx.bounces.newest()]
    assert sum(one is not None and one.raw is not None for one in kept) == 3
    post.room.clock.move(hours=25)
    assert post.desk.take(b"From: x\n\nlater", "lmtp").new
    assert post.desk.take(post.back(post.letter()), "lmtp").suppressed, "a proven one is always heard"


def test_without_marked_senders_the_message_id_proves_a_letter_of_a_chunk(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    room = Newsroom(database, clock)
    room.follow(READER)
    room.follow("bert@example.org")
    room.file()
    room.follow_journal()
    courier = room.courier(tmp_path)
    assert courier.run_once().sent == 2
    courier.close()
    sent = next(mail for mail in mails(tmp_path) if mail["To"] == READER)
    ids = MessageIds(SECRET, DOMAIN)
    desk = BounceDesk(room.database, clock, SuppressionList(SECRET), ids=ids)
    assert desk.take(dsn(message_id="<guessed@news.example>"), "maildir").meaning == meanings.UNPROVEN
    taken = desk.take(dsn(message_id=str(sent["Message-ID"])), "maildir")
    assert (taken.meaning, taken.suppressed) == (meanings.GONE, True)
    assert (room.balance().sent, room.balance().bounced, room.balance().is_even) == (1, 1, True)
