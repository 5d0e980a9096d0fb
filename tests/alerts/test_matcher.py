"""Each subscriber is told once per lineage, of what came after consent, and never of what is not public."""

from __future__ import annotations

from newsdesk import HALDEN, MIRABEL, TORVIK, Newsroom, token_of

from depesche.model.journal import PICTURED, Entry
from depesche.model.subscription import INTENT, SENT, UNCERTAIN
from depesche.model.take import WITHHELD, Dateline

ANNA, BERT = "anna@example.org", "bert@example.org"


def _kinds(newsroom: Newsroom) -> list[tuple[str, str, str]]:
    return [(one.subscriber.address, one.decision.kind, one.state) for one in newsroom.letters()]


def test_a_story_alerts_those_who_follow_its_share(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.follow(BERT, TORVIK)
    filed = newsroom.file()
    newsroom.follow_journal()
    (letter,) = newsroom.letters()
    assert (letter.subscriber.address, letter.decision.kind, letter.decision.story) == (
        ANNA,
        "alert",
        filed.story,
    )
    assert newsroom.met(letter.decision) == (HALDEN,)
    assert (letter.decision.expires_at - letter.decision.due_at).total_seconds() == 6 * 3600
    with newsroom.database.reading() as tx:
        [told] = tx.dispatches.of_story(filed.story or 0)
    assert (told.kind, told.matched, told.due_at) == ("alert", 1, letter.decision.due_at)


def test_several_reasons_make_one_letter(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.follow(ANNA, MIRABEL)
    newsroom.follow(ANNA, TORVIK)
    newsroom.file(shares=(MIRABEL, HALDEN))
    newsroom.follow_journal()
    (letter,) = newsroom.letters()
    assert set(newsroom.met(letter.decision)) == {HALDEN, MIRABEL}


def test_a_running_story_is_told_once(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.roundup(1)
    newsroom.follow_journal()
    newsroom.hand_over()
    newsroom.follow(BERT)
    newsroom.roundup(2)
    newsroom.file(
        "Seilbahnen-2", version="2", headline="Seilbahnen kommen voran, Teil 2", body_html="<p>Mehr</p>"
    )
    newsroom.roundup(3)
    newsroom.follow_journal()
    assert _kinds(newsroom) == [(ANNA, "alert", "sent"), (BERT, "alert", "pending")]


def test_reading_the_journal_again_decides_nothing_new(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file()
    newsroom.follow_journal()
    newsroom.hand_over()
    newsroom.correct()
    newsroom.kill()
    newsroom.follow_journal()
    before = newsroom.letters()
    newsroom.follow_journal(after=0)
    newsroom.follow_journal(after=0)
    assert newsroom.letters() == before


def test_who_comes_late_gets_no_old_story(newsroom: Newsroom) -> None:
    newsroom.file()
    newsroom.ask(ANNA)
    newsroom.clock.move(seconds=1)
    newsroom.follow(BERT)
    newsroom.follow_journal()
    assert newsroom.letters() == []


def test_who_has_not_confirmed_or_has_left_hears_nothing(newsroom: Newsroom) -> None:
    newsroom.ask(ANNA)
    left = newsroom.follow(BERT)
    newsroom.optin.leave(token_of(newsroom.links.manage(left.subscriber)), "192.0.2.7")
    newsroom.file()
    newsroom.follow_journal()
    assert newsroom.letters() == []


def test_an_embargoed_story_alerts_when_it_is_released(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file(embargoed=newsroom.clock.now().replace(hour=18))
    newsroom.follow_journal()
    assert newsroom.letters() == []
    newsroom.follow(BERT)
    newsroom.clock.move(hours=7)
    newsroom.release()
    newsroom.follow_journal()
    assert {address for address, _, _ in _kinds(newsroom)} == {ANNA, BERT}


def test_an_embargoed_update_does_not_spread_the_old_version(newsroom: Newsroom) -> None:
    newsroom.file()
    newsroom.clock.move(seconds=1)
    newsroom.follow(ANNA)
    newsroom.file(
        version="2", headline="Halden Werke kaufen zu", embargoed=newsroom.clock.now().replace(hour=18)
    )
    newsroom.follow_journal()
    assert newsroom.letters() == []


def test_a_sponsored_story_alerts_nobody(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file(sponsored=True)
    newsroom.follow_journal()
    assert newsroom.letters() == []


def test_a_correction_is_told_to_those_who_had_the_story(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file()
    newsroom.follow_journal()
    newsroom.hand_over()
    newsroom.follow(BERT)
    newsroom.correct()
    newsroom.follow_journal()
    newsroom.correct(version="3")
    newsroom.follow_journal()
    assert _kinds(newsroom) == [
        (ANNA, "alert", "sent"), (ANNA, "correction", "pending"), (ANNA, "correction", "pending"),
    ]  # fmt: skip


def test_an_alert_still_waiting_needs_no_correction(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file()
    newsroom.follow_journal()
    newsroom.correct()
    newsroom.follow_journal()
    assert _kinds(newsroom) == [(ANNA, "alert", "pending")]


def test_a_kill_stops_what_waits_and_is_told_to_those_who_had_the_story(newsroom: Newsroom) -> None:
    for address in (ANNA, BERT):
        newsroom.follow(address)
    newsroom.file()
    newsroom.follow_journal()
    newsroom.hand_over(SENT, ANNA)
    newsroom.kill()
    newsroom.follow_journal()
    assert _kinds(newsroom) == [
        (ANNA, "alert", "sent"), (BERT, "alert", "dropped"), (ANNA, "kill", "pending"),
    ]  # fmt: skip


def test_letters_in_doubt_are_followed_by_the_kill(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.follow(BERT, MIRABEL)
    newsroom.file()
    newsroom.file("mirabel", shares=(MIRABEL,), headline="Mirabel und Söhne")
    newsroom.follow_journal()
    newsroom.hand_over(UNCERTAIN, BERT)
    newsroom.clock.move(seconds=1)
    newsroom.hand_over(INTENT)
    newsroom.kill()
    newsroom.kill("mirabel")
    newsroom.follow_journal()
    assert [(who, kind) for who, kind, _ in _kinds(newsroom)][2:] == [(ANNA, "kill"), (BERT, "kill")]


def test_a_story_killed_before_the_journal_was_read_is_never_told(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file()
    newsroom.kill()
    newsroom.follow_journal()
    assert newsroom.letters() == []


def test_a_withheld_story_stops_and_its_return_is_told(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.file()
    newsroom.follow_journal()
    newsroom.file(version="2", status=WITHHELD)
    newsroom.follow_journal()
    assert _kinds(newsroom) == [(ANNA, "alert", "dropped")]
    newsroom.file(version="3", dateline=Dateline(("NEUSTADT",)))
    newsroom.follow_journal()
    newsroom.follow_journal(after=0)
    assert _kinds(newsroom) == [(ANNA, "alert", "dropped"), (ANNA, "alert", "pending")]


def test_a_continuation_is_told_when_its_beginning_was_killed_unsent(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    newsroom.roundup(1)
    second = newsroom.roundup(2)
    newsroom.follow_journal()
    newsroom.kill("Seilbahnen-1")
    newsroom.follow_journal()
    first, letter = newsroom.letters()
    assert first.state == "dropped"
    assert (letter.state, letter.decision.story) == ("pending", second.story)


def test_news_found_too_late_is_decided_and_expires(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    filed = newsroom.file()
    newsroom.clock.move(hours=7)
    newsroom.follow_journal()
    with newsroom.database.transaction() as tx:
        late, untold = tx.chunks.expire(newsroom.clock.now())
        tx.dispatches.untell(untold)
        assert late == 1
    newsroom.follow_journal(after=0)
    balance = newsroom.balance(filed.story or 0)
    assert (balance.matched, balance.expired, balance.is_even) == (1, 1, True)


def test_pictures_arriving_tell_nobody(newsroom: Newsroom) -> None:
    filed = newsroom.file()
    newsroom.follow(ANNA)
    entry = Entry(99, newsroom.clock.now(), PICTURED, filed.story or 0, 1, 1, "new")
    newsroom.matcher.handle([entry])
    assert newsroom.letters() == []


def test_many_followers_are_decided_in_batches(newsroom: Newsroom) -> None:
    with newsroom.database.transaction() as tx:
        share = tx.targets.of_instrument(tx.instruments.keys([HALDEN])[HALDEN]).key
        for number in range(1203):
            address = f"reader{number}@example.org"
            key = tx.subscriptions.subscriber(address, address, "de", newsroom.clock.now()).key
            tx.subscriptions.confirm(
                tx.subscriptions.request(key, share, newsroom.clock.now()).key, newsroom.clock.now()
            )
    filed = newsroom.file()
    newsroom.follow_journal()
    newsroom.follow_journal(after=0)
    with newsroom.database.reading() as tx:
        [told] = tx.dispatches.of_story(filed.story or 0)
        chunks = tx.chunks.between([told.key], 0, 10_000)
    assert (told.matched, [len(one.recipients) for one in chunks]) == (1203, [500, 500, 203])
    assert newsroom.balance(filed.story or 0).is_even
