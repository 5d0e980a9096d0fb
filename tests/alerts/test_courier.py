"""The courier loses nothing: refusals, dead servers, late kills, readers who left, and its own death."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from newsdesk import DOMAIN, HALDEN, MIRABEL, Eventful, Newsroom, mails, token_of
from tests.lib.servers import KEEP_AND_DROP, SmtpSink

from depesche.alerts.channel import Handed, Letter, channel_types, make_channel
from depesche.alerts.sending.courier import Courier, Sent
from depesche.alerts.sending.handover import HandoverJournal
from depesche.alerts.sending.load import Loader
from depesche.model.errors import SettingsError, StoreError
from depesche.model.subscription import Balance

ANNA, BERT, CARLA = "anna@example.org", "bert@example.org", "carla@example.org"


@pytest.fixture
def waiting(newsroom: Newsroom) -> Newsroom:
    """Three readers, one story, three letters that wait."""
    for address in (ANNA, BERT, CARLA):
        newsroom.follow(address)
    newsroom.file()
    newsroom.follow_journal()
    return newsroom


def _states(newsroom: Newsroom) -> dict[str, str]:
    return {one.subscriber.address: one.state for one in newsroom.letters("alert")}


def _balance(newsroom: Newsroom) -> Balance:
    return newsroom.balance(1)


def _alerts(sink: SmtpSink) -> list[str]:
    return [one.recipients[0] for one in sink.messages]


def test_letters_reach_the_mail_server_once(waiting: Newsroom, tmp_path: Path) -> None:
    with SmtpSink() as sink:
        courier = waiting.courier(tmp_path, sink.url)
        first = courier.run_once()
        waiting.follow_journal(after=0)
        second = courier.run_once()
        courier.close()
    # The confirmation letters were overtaken: their readers have confirmed.
    assert (first.sent, first.dropped, first.trouble) == (3, 3, None)
    assert second == Sent()
    assert _alerts(sink) == [ANNA, BERT, CARLA]
    assert {one.sender for one in sink.messages} == {f"bounce@{DOMAIN}"}
    assert sink.connections == 1
    assert sink.violations == []
    assert _balance(waiting) == Balance(3, sent=3)


def test_without_a_mail_server_letters_go_to_the_maildir(waiting: Newsroom, tmp_path: Path) -> None:
    courier = waiting.courier(tmp_path)
    assert courier.run_once().sent == 3
    courier.close()
    assert [mail["To"] for mail in mails(tmp_path)] == [ANNA, BERT, CARLA]
    assert all(one.sent_at == waiting.clock.now() for one in waiting.letters())


def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(waiting: Newsroom, tmp_path: Path) -> None:
    def decide(verb: str, rest: str, count: int) -> str | None:
        if verb == "RCPT" and "anna" in rest and count == 1:
            return "451 4.7.1 greylisted"
        return "550 5.1.1 no such user" if verb == "RCPT" and "bert" in rest else None

    with SmtpSink(decide=decide) as sink:
        courier = waiting.courier(tmp_path, sink.url)
        first = courier.run_once()
        again_at_once = courier.run_once()
        waiting.clock.move(minutes=1)
        later = courier.run_once()
        courier.close()
    assert (first.sent, first.postponed, first.dead, first.trouble) == (1, 1, 1, None)
    assert again_at_once == Sent()
    assert later.sent == 1
    assert _states(waiting) == {ANNA: "sent", BERT: "dead", CARLA: "sent"}
    anna, bert = (
        next(one for one in waiting.letters() if one.subscriber.address == who) for who in (ANNA, BERT)
    )
    assert anna.tries == 2
    assert bert.reason == "550 5.1.1 no such user"
    assert _balance(waiting).is_even


def test_while_the_mail_server_is_down_letters_wait(waiting: Newsroom, tmp_path: Path) -> None:
    with SmtpSink() as sink:
        url = sink.url
    courier = waiting.courier(tmp_path, url)
    first = courier.run_once()
    assert (first.sent, first.postponed) == (0, 0)
    assert "127.0.0.1" in (first.trouble or "")
    assert courier.run_once().trouble == first.trouble
    assert set(_states(waiting).values()) == {"pending"}
    waiting.clock.move(hours=7)
    # The alerts have expired; the confirmations, good for longer, still wait.
    assert courier.run_once().expired == 3
    assert set(_states(waiting).values()) == {"expired"}
    courier.close()


def test_a_server_that_goes_away_is_found_again(waiting: Newsroom, tmp_path: Path) -> None:
    def decide(verb: str, rest: str, count: int) -> str | None:
        return "421 4.3.2 shutting down" if verb == "RCPT" and count == 2 else None

    with SmtpSink(decide=decide) as sink:
        courier = waiting.courier(tmp_path, sink.url)
        first = courier.run_once()
        assert "421" in (first.trouble or "")
        waiting.clock.move(minutes=2)
        assert courier.run_once().trouble is None
        courier.close()
    assert sorted(_alerts(sink)) == [ANNA, BERT, CARLA]
    assert set(_states(waiting).values()) == {"sent"}


def test_a_letter_without_an_answer_is_sent_again_under_its_name(waiting: Newsroom, tmp_path: Path) -> None:
    with SmtpSink(decide=lambda verb, _, count: KEEP_AND_DROP if (verb, count) == (".", 1) else None) as sink:
        courier = waiting.courier(tmp_path, sink.url)
        first = courier.run_once()
        assert (first.uncertain, first.sent) == (1, 0)
        assert sorted(_states(waiting).values()) == ["pending", "pending", "uncertain"]
        waiting.clock.move(minutes=2)
        assert courier.run_once().sent == 3
        courier.close()
    names = [(one.recipients[0], _message_id(one.data)) for one in sink.messages]
    assert len(names) == 4
    assert len(set(names)) == 3
    assert _balance(waiting).sent == 3


def test_a_letter_without_an_answer_can_be_parked(waiting: Newsroom, tmp_path: Path) -> None:
    with SmtpSink(decide=lambda verb, _, count: KEEP_AND_DROP if (verb, count) == (".", 1) else None) as sink:
        courier = waiting.courier(tmp_path, sink.url, resend=False)
        courier.run_once()
        waiting.clock.move(minutes=2)
        courier.run_once()
        courier.close()
    assert len(sink.messages) == 3
    assert (_balance(waiting).uncertain, _balance(waiting).sent) == (1, 2)


def test_who_left_before_the_letter_gets_none(waiting: Newsroom, tmp_path: Path) -> None:
    followed = waiting.subscription(ANNA)
    waiting.optin.leave(token_of(waiting.links.manage(followed.subscriber)), "192.0.2.7")
    with waiting.database.transaction() as tx:
        tx.subscriptions.suppress(waiting.subscription(BERT).subscriber, "complained", waiting.clock.now())
    courier = waiting.courier(tmp_path)
    courier.run_once()
    courier.close()
    assert [mail["To"] for mail in mails(tmp_path)] == [CARLA]
    assert [(one.state, one.reason) for one in waiting.letters()][:2] == [
        ("dropped", "the reader has left"),
        ("suppressed", "the address is suppressed"),
    ]


def test_a_kill_that_nobody_has_followed_yet_stops_the_letters(waiting: Newsroom, tmp_path: Path) -> None:
    waiting.kill()
    courier = waiting.courier(tmp_path)
    assert courier.run_once().sent == 0
    waiting.follow_journal()
    assert courier.run_once().sent == 0
    courier.close()
    assert [one.decision.kind for one in waiting.letters()] == ["alert"] * 3


def test_a_link_taken_back_stops_the_letters(waiting: Newsroom, tmp_path: Path) -> None:
    waiting.file(version="2", shares=(MIRABEL,), headline="Doch nicht Halden")
    courier = waiting.courier(tmp_path)
    assert courier.run_once().sent == 0
    courier.close()
    assert {one.reason for one in waiting.letters()} == {"the story is no longer linked to the share"}


def test_a_corrected_story_goes_out_corrected_and_once(waiting: Newsroom, tmp_path: Path) -> None:
    waiting.correct()
    waiting.follow_journal()
    courier = waiting.courier(tmp_path)
    assert courier.run_once().sent == 3
    waiting.correct(version="3")
    waiting.correct(version="4")
    waiting.follow_journal()
    again = courier.run_once()
    courier.close()
    assert (again.sent, again.dropped) == (3, 3)
    assert [text for text in ("Fassung 2", "Fassung 3", "Fassung 4") if _said(tmp_path, text)] == [
        "Fassung 2",
        "Fassung 4",
    ]


def _said(folder: Path, text: str) -> int:
    return sum(text in file.read_text() for file in (folder / "mail" / "new").iterdir())


def test_a_kill_in_the_middle_of_a_chunk_stops_the_rest(waiting: Newsroom, tmp_path: Path) -> None:
    def kill() -> None:
        waiting.kill()
        waiting.follow_journal()

    channel = Eventful(kill)
    courier = Courier(waiting.database, waiting.clock, channel, waiting.composer, journal=tmp_path / "j")
    courier.run_once()
    courier.close()
    # Whoever had it is told that it was withdrawn; the others hear nothing at all.
    assert channel.took == [ANNA, ANNA]
    assert [(one.decision.kind, one.state) for one in waiting.letters()] == [
        ("alert", "sent"), ("alert", "dropped"), ("alert", "dropped"),
        ("kill", "sent"), ("kill", "dropped"), ("kill", "dropped"),
    ]  # fmt: skip
    assert _balance(waiting).is_even


class _Died(BaseException):
    """What a killed process feels."""


def test_after_a_crash_the_journal_tells_sent_from_doubtful_and_untouched(
    waiting: Newsroom, tmp_path: Path
) -> None:
    class Dies(Eventful):
        def send(
            self,
            letters: Iterable[Letter],
            *,
            on_intent: Callable[[int], None],
            on_accepted: Callable[[int], None],
        ) -> Iterator[Handed]:
            for number, one in enumerate(letters):
                on_intent(one.key)
                self.took.append(one.recipient)
                if number == 1:
                    raise _Died
                on_accepted(one.key)
                yield Handed(one.key, "sent")

    channel = Dies(lambda: None)
    courier = Courier(waiting.database, waiting.clock, channel, waiting.composer, journal=tmp_path / "j")
    with pytest.raises(_Died):
        courier.run_once()
    assert set(_states(waiting).values()) == {"intent"}
    courier.close()
    waiting.clock.move(minutes=5)
    channel = Eventful(lambda: None)
    courier = Courier(waiting.database, waiting.clock, channel, waiting.composer, journal=tmp_path / "j")
    assert _states(waiting) == {ANNA: "sent", BERT: "uncertain", CARLA: "pending"}
    assert (waiting.clock.now() - waiting.letters()[0].sent_at).total_seconds() == 300  # type: ignore[operator]
    courier.run_once()
    courier.close()
    assert sorted(channel.took) == [BERT, CARLA]
    assert [one.tries for one in waiting.letters()] == [1, 2, 1]


def test_a_run_that_the_database_broke_off_is_made_good(
    waiting: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmtpSink() as sink:
        courier = waiting.courier(tmp_path, sink.url, chunk=2)
        settle = Loader.settle

        def fail(*_: object) -> None:
            raise StoreError("the database is away")

        monkeypatch.setattr(Loader, "settle", fail)
        with pytest.raises(StoreError):
            courier.run_once()
        assert _alerts(sink) == [ANNA, BERT, CARLA]
        assert set(_states(waiting).values()) == {"intent"}
        monkeypatch.setattr(Loader, "settle", settle)
        courier.run_once()
        courier.close()
    assert _alerts(sink) == [ANNA, BERT, CARLA], "what has its 250 is not sent again"
    assert _balance(waiting).states() == {"sent": 3}


def test_a_doubtful_letter_of_a_killed_story_is_not_repeated_but_recalled(
    waiting: Newsroom, tmp_path: Path
) -> None:
    with SmtpSink(decide=lambda verb, _, count: KEEP_AND_DROP if (verb, count) == (".", 1) else None) as sink:
        courier = waiting.courier(tmp_path, sink.url)
        courier.run_once()
        waiting.clock.move(minutes=2)
        waiting.kill()
        waiting.follow_journal()
        courier.run_once()
        courier.run_once()
        courier.close()
    assert _alerts(sink) == [ANNA, ANNA]
    assert [(one.decision.kind, one.state) for one in waiting.letters()] == [
        ("alert", "uncertain"), ("alert", "dropped"), ("alert", "dropped"), ("kill", "sent"),
    ]  # fmt: skip


def test_a_lost_journal_makes_claimed_letters_doubtful(waiting: Newsroom, tmp_path: Path) -> None:
    now = waiting.clock.now()
    with waiting.database.transaction() as tx:
        assert tx.chunks.claim("email", "courier.journal", now, now)
    courier = waiting.courier(tmp_path)
    assert set(_states(waiting).values()) == {"uncertain"}
    assert courier.run_once().sent == 3
    courier.close()


def test_two_couriers_do_not_share_a_journal(waiting: Newsroom, tmp_path: Path) -> None:
    courier = waiting.courier(tmp_path)
    with pytest.raises(StoreError, match="another courier"):
        waiting.courier(tmp_path)
    courier.close()
    waiting.courier(tmp_path).close()


def test_a_torn_line_counts_as_not_written(waiting: Newsroom, tmp_path: Path) -> None:
    now = waiting.clock.now()
    journal = HandoverJournal(tmp_path / "j")
    assert journal.is_new
    journal.intend(7)
    journal.accept(7, now)
    journal.intend(9)
    journal.refuse(9)
    journal.intend(8)
    journal.sync()
    journal.close()
    with (tmp_path / "j").open("ab") as file:
        file.write(b"A 8 17")
    journal = HandoverJournal(tmp_path / "j")
    assert not journal.is_new
    assert journal.read() == {7: now, 8: None}
    journal.clear()
    assert journal.read() == {}
    journal.close()


def test_a_letter_that_cannot_be_written_blocks_no_other(waiting: Newsroom, tmp_path: Path) -> None:
    with waiting.database.transaction() as tx:
        tx.subscriptions.subscriber("x\r\nBcc: y@example.org", "x", "de", waiting.clock.now())
        key = tx.subscriptions.by_identity("x")
        assert key is not None
        wanted = tx.subscriptions.request(
            key.key, tx.targets.of_instrument(tx.instruments.keys([HALDEN])[HALDEN]).key, waiting.clock.now()
        )
        tx.subscriptions.confirm(wanted.key, waiting.clock.now())
    waiting.file("second", headline="Halden baut weiter")
    waiting.follow_journal()
    courier = waiting.courier(tmp_path)
    run = courier.run_once()
    courier.close()
    assert (run.sent, run.dead) == (6, 1)
    assert "control character" in (waiting.letters()[-1].reason or "")


def test_chunks_follow_each_other_on_one_connection(waiting: Newsroom, tmp_path: Path) -> None:
    with SmtpSink() as sink:
        courier = waiting.courier(tmp_path, sink.url, chunk=2)
        assert courier.run_once().sent == 3
        courier.close()
    assert sink.connections == 1


def test_a_full_disk_postpones(waiting: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "tmp").write_text("in the way")
    courier = waiting.courier(tmp_path)
    run = courier.run_once()
    courier.close()
    assert run.postponed == 1
    assert "mail" in (run.trouble or "")
    assert set(_states(waiting).values()) == {"pending"}


def test_channels_are_found_and_checked(newsroom: Newsroom, tmp_path: Path) -> None:
    assert "email" in channel_types()
    with pytest.raises(SettingsError, match="no channel 'pigeon'"):
        make_channel("pigeon", {}, newsroom.clock)
    with pytest.raises(SettingsError, match="no option wings"):
        make_channel("email", {"wings": "2"}, newsroom.clock)
    with pytest.raises(SettingsError, match="smtp_url or mail_folder"):
        make_channel("email", {}, newsroom.clock)
    with pytest.raises(SettingsError, match="smtp_url: ") as refused:
        make_channel("email", {"smtp_url": "http://u:secret@host"}, newsroom.clock)
    assert "secret" not in str(refused.value)


def _message_id(data: bytes) -> bytes:
    return next(line for line in data.split(b"\r\n") if line.startswith(b"Message-ID:"))
