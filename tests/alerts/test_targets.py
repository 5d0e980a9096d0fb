"""One can follow a share, a provider, a search or a running story; together they make one letter that names them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from newsdesk import FORM, HALDEN, MIRABEL, Newsroom, mails, part, token_of

from depesche.alerts.matching.matcher import Matcher
from depesche.alerts.matching.met import Meeting
from depesche.model.errors import NotFound
from depesche.model.story import StoryPage
from depesche.model.subscription import LINEAGE, PROVIDER, SEARCH, Subscription, Target
from depesche.store.database import Transaction

ANNA, BERT = "anna@example.org", "bert@example.org"


class _Words:
    """Searches for one word each, met by headlines that hold it."""

    def __init__(self) -> None:
        self.words: dict[int, str] = {}
        self.loads = 0

    def load(self, searches: Iterable[tuple[int, str]]) -> None:
        self.loads += 1
        self.words.update(searches)

    def forget(self, keys: Sequence[int]) -> None:
        for key in keys:
            self.words.pop(key, None)

    def match(self, page: StoryPage, tx: Transaction) -> list[int]:
        assert tx.instruments.by_isin(HALDEN) is not None
        return [key for key, word in self.words.items() if word in page.version.headline.lower()]


@pytest.fixture
def words(newsroom: Newsroom) -> _Words:
    """Let matcher and couriers of the newsroom know searches."""
    found = _Words()
    newsroom.meeting = Meeting(found)
    newsroom.matcher = Matcher(
        newsroom.database, newsroom.clock, "s", mail_domain="news.example", meeting=newsroom.meeting
    )
    return found


def follow(newsroom: Newsroom, address: str, target: Target, **more: object) -> Subscription:
    """Ask and confirm."""
    newsroom.optin.request(address, target, "de", "192.0.2.7", FORM, "/", **more)  # type: ignore[arg-type]
    with newsroom.database.reading() as tx:
        reader = tx.subscriptions.by_identity(address)
        assert reader is not None
        newest = tx.subscriptions.of_subscriber(reader.key)[-1]
    confirmed = newsroom.optin.confirm(token_of(newsroom.links.confirm(newest.key)), "192.0.2.7")
    newsroom.clock.move(seconds=1)
    return confirmed


def test_each_kind_of_target_is_met_and_named(newsroom: Newsroom, words: _Words, tmp_path: Path) -> None:
    first = newsroom.roundup(1, shares=())
    with newsroom.database.reading() as tx:
        lineage = tx.stories.get(first.story or 0).lineage  # type: ignore[union-attr]
    newsroom.follow_journal()
    newsroom.follow(ANNA)
    for target in (
        Target(PROVIDER, "Nordlicht"),
        Target(SEARCH, "seilbahnen", "Seilbahnen in den Alpen"),
        Target(LINEAGE, str(lineage)),
    ):
        follow(newsroom, ANNA, target)
    newsroom.roundup(2)
    newsroom.follow_journal()
    assert [(one.decision.kind, one.state) for one in newsroom.letters()] == [("alert", "pending")]
    courier = newsroom.courier(tmp_path, meeting=newsroom.meeting)
    assert courier.run_once().sent == 1
    courier.close()
    said = " ".join(part(mails(tmp_path)[-1], "plain").split())
    assert said.startswith(
        "Sie folgen der Aktie Halden Werke, der Quelle Nordlicht, Ihrer Suche „Seilbahnen in den Alpen“ und der laufenden "
        "Meldung „Seilbahnen kommen voran, Teil 1“."
    )


def test_what_is_not_there_cannot_be_followed(newsroom: Newsroom) -> None:
    newsroom.file()
    for target in (
        Target(PROVIDER, "Nobody"), Target(LINEAGE, "99"), Target(LINEAGE, "x"), Target(LINEAGE, "9" * 30), Target(SEARCH, ""),
        Target(SEARCH, "x" * 501), Target("dream", "peace"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            newsroom.optin.request(ANNA, target, "en", "192.0.2.7", FORM, "/")


def test_a_new_search_meets_the_next_story_and_is_loaded_once(newsroom: Newsroom, words: _Words) -> None:
    follow(newsroom, ANNA, Target(SEARCH, "seilbahn"))
    follow(newsroom, BERT, Target(SEARCH, "seilbahn"))
    newsroom.file(shares=())
    newsroom.file("second", shares=(), headline="Ein Lift")
    newsroom.follow_journal()
    assert [one.subscriber.address for one in newsroom.letters()] == [ANNA, BERT]
    assert (words.loads, list(words.words.values())) == (1, ["seilbahn"])


def test_a_search_counts_while_somebody_follows_it(newsroom: Newsroom, words: _Words) -> None:
    wanted = Target(SEARCH, "seilbahn")
    newsroom.optin.request(BERT, wanted, "de", "192.0.2.7", FORM, "/")
    newsroom.file("before", shares=())
    newsroom.follow_journal()
    assert words.words == {}, "nobody has confirmed it"
    followed = follow(newsroom, ANNA, wanted)
    newsroom.file("between", shares=(), headline="Die Seilbahn fährt")
    newsroom.follow_journal()
    assert len(newsroom.letters()) == 1
    assert newsroom.meeting.tidy(newsroom.database) == 0
    link = newsroom.links.leave(followed.subscriber, [followed.key])
    newsroom.optin.leave(token_of(link), "192.0.2.7")
    assert [newsroom.meeting.tidy(newsroom.database) for _ in range(3)] == [1, 0, 0]
    assert words.words == {}
    follow(newsroom, ANNA, wanted)
    newsroom.file("after", shares=(), headline="Die Seilbahn fährt wieder")
    newsroom.follow_journal()
    assert len(newsroom.letters()) == 2, "it is followed again, by a higher number than any before"


def test_stories_do_not_wait_for_searches_and_miss_none(newsroom: Newsroom, words: _Words) -> None:
    """The worker starts with many searches: shares are told of at once, searches when they are loaded."""
    newsroom.follow(ANNA)
    follow(newsroom, BERT, Target(SEARCH, "seilbahn"))
    newsroom.meeting.put_off()
    newsroom.file()
    newsroom.file(version="2", headline="Halden Werke liefern zweite Seilbahn aus")
    newsroom.follow_journal()
    newsroom.file("other", shares=(), headline="Noch eine Seilbahn")
    newsroom.follow_journal()
    assert [one.subscriber.address for one in newsroom.letters()] == [ANNA]
    assert not newsroom.matcher.catch_up(), "nothing to catch up with yet"
    restarted = Meeting(_Words())  # killed while it loaded: another one begins anew
    newsroom.matcher = Matcher(
        newsroom.database, newsroom.clock, "s", mail_domain="news.example", meeting=restarted
    )
    restarted.put_off()
    assert not restarted.load(newsroom.database)
    newsroom.file("last", shares=(), headline="Die letzte Seilbahn")
    newsroom.follow_journal()
    for _ in range(2):
        assert not newsroom.matcher.catch_up()
    told = [(one.subscriber.address, one.decision.kind) for one in newsroom.letters()]
    assert sorted(told) == [(ANNA, "alert"), (BERT, "alert"), (BERT, "alert"), (BERT, "alert")]


def test_a_search_that_the_new_version_misses_is_no_reason(
    newsroom: Newsroom, words: _Words, tmp_path: Path
) -> None:
    follow(newsroom, ANNA, Target(SEARCH, "seilbahn"))
    newsroom.file(shares=())
    newsroom.follow_journal()
    newsroom.file(version="2", shares=(), headline="Ein Lift fährt wieder")
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path, meeting=newsroom.meeting)
    assert courier.run_once().sent == 0
    courier.close()
    [letter] = newsroom.letters()
    assert letter.state == "dropped"
    newsroom.file(version="3", shares=(), headline="Die Seilbahn fährt wieder")
    newsroom.follow_journal()
    assert [one.state for one in newsroom.letters()] == ["dropped", "pending"], "she has heard nothing yet"


def test_who_wants_updates_hears_of_each_part_once(newsroom: Newsroom, tmp_path: Path) -> None:
    follow(newsroom, ANNA, Target.share(HALDEN), updates=True)
    follow(newsroom, BERT, Target.share(HALDEN))
    for number in (1, 2, 3):
        newsroom.roundup(number)
        newsroom.follow_journal()
        newsroom.follow_journal(after=0)
    assert [(one.subscriber.address, one.decision.kind) for one in newsroom.letters()] == [
        (ANNA, "alert"), (BERT, "alert"), (ANNA, "update"), (ANNA, "update"),
    ]  # fmt: skip
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 4
    courier.close()
    received = mails(tmp_path)
    assert len({mail["Message-ID"] for mail in received}) == 4
    assert sum("spätere Teile" in part(mail, "plain") for mail in received) == 2


def test_an_update_that_a_newer_one_overtook_is_not_sent(newsroom: Newsroom, tmp_path: Path) -> None:
    follow(newsroom, ANNA, Target.share(HALDEN), updates=True)
    newsroom.file()
    newsroom.follow_journal()
    newsroom.hand_over()
    for version in ("2", "3"):
        newsroom.file(
            version=version, headline=f"Halden Werke, Stand {version}", body_text=version, body_html=version
        )
        newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 1
    courier.close()
    assert [one.state for one in newsroom.letters("update")] == ["dropped", "sent"]
    assert "Stand 3" in str(mails(tmp_path)[-1]["Subject"])


def test_a_paused_reader_hears_nothing_until_the_pause_ends(newsroom: Newsroom, tmp_path: Path) -> None:
    reader = newsroom.follow(ANNA).subscriber
    newsroom.file("early")
    newsroom.follow_journal()
    with newsroom.database.transaction() as tx:
        tx.subscriptions.pause(reader, newsroom.clock.now().replace(hour=20))
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 0
    assert newsroom.letters()[0].reason == "the reader has paused"
    newsroom.file("while", headline="Halden Werke in der Pause")
    newsroom.follow_journal()
    assert len(newsroom.letters()) == 1
    newsroom.clock.move(hours=9)
    newsroom.file("after", headline="Halden Werke nach der Pause")
    newsroom.follow_journal()
    assert courier.run_once().sent == 1
    courier.close()


def test_a_suppressed_reader_is_matched_and_not_written_to(newsroom: Newsroom) -> None:
    reader = newsroom.follow(ANNA).subscriber
    with newsroom.database.transaction() as tx:
        tx.subscriptions.suppress(reader, "complained", newsroom.clock.now())
    filed = newsroom.file()
    newsroom.follow_journal()
    balance = newsroom.balance(filed.story or 0)
    assert (balance.matched, balance.suppressed, balance.is_even) == (1, 1, True)


def test_a_withdrawn_link_is_told_to_those_who_heard_because_of_it(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    from test_relinked import relink

    newsroom.follow(ANNA)
    newsroom.follow(BERT)
    newsroom.follow(BERT, MIRABEL)
    story = newsroom.file(shares=(HALDEN, MIRABEL)).story or 0
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().sent == 2
    relink(newsroom, story, MIRABEL)
    newsroom.follow_journal()
    newsroom.follow_journal(after=0)
    assert courier.run_once().sent == 1
    courier.close()
    [letter] = newsroom.letters("retraction")
    assert (letter.subscriber.address, letter.state) == (ANNA, "sent")
    last = mails(tmp_path)[-1]
    assert last["In-Reply-To"]
    said = " ".join(part(last, "plain").split())
    assert "weil Sie der Aktie Halden Werke folgen. Sie handelt nicht davon." in said
    assert "Unser Brief dazu ging am" in said
