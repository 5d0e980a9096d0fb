"""Links that come and go: unsent letters follow them, and nobody hears twice of what became one."""

from __future__ import annotations

from pathlib import Path

from newsdesk import HALDEN, MIRABEL, Newsroom, mails

from depesche.model import journal
from depesche.model.instrument import Evidence, Mention
from depesche.store.instruments.mentions import rows_of
from depesche.stories import kinship

ANNA, BERT = "anna@example.org", "bert@example.org"


def relink(newsroom: Newsroom, story: int, *isins: str) -> None:
    """Let a story be about other shares, as a run over the archive would."""
    with newsroom.database.transaction() as tx:
        keys = tx.instruments.keys(list(isins))
        evidence = (Evidence("name", "headline", 0, 6, "Halden"),)
        found = rows_of(Mention(isin, isin, 1.0, 1.0, True, evidence, key=keys[isin]) for isin in isins)
        [one] = tx.mentions.before_story(story + 1, 1).versions
        tx.mentions.rewrite(one, found)
        tx.journal.append(
            journal.RELINKED,
            story=one.story,
            lineage=one.lineage,
            version=one.version,
            action=one.action,
            at=newsroom.clock.now(),
        )


def test_a_letter_whose_only_reason_was_withdrawn_is_dropped(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.follow(ANNA)
    story = newsroom.file().story
    newsroom.follow_journal()
    relink(newsroom, story, MIRABEL)
    newsroom.follow_journal()
    courier = newsroom.courier(tmp_path)
    assert courier.run_once().dropped >= 1
    courier.close()
    [letter] = newsroom.letters("alert")
    assert (letter.state, letter.reason) == ("dropped", "the story is no longer linked to the share")
    assert not any("Seilbahn" in str(mail["subject"]) for mail in mails(tmp_path))


def test_news_that_finds_its_share_late_is_told_while_it_is_news(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    story = newsroom.file(shares=()).story
    newsroom.follow_journal()
    assert newsroom.letters("alert") == []
    relink(newsroom, story, HALDEN)
    newsroom.follow_journal()
    assert [one.subscriber.address for one in newsroom.letters("alert")] == [ANNA]


def test_old_news_that_finds_its_share_tells_nobody(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    story = newsroom.file(shares=()).story
    newsroom.follow_journal()
    newsroom.clock.move(hours=48)
    relink(newsroom, story, HALDEN)
    newsroom.follow_journal()
    assert newsroom.letters("alert") == []


def test_who_was_told_of_one_lineage_is_not_told_again_when_it_joins_another(newsroom: Newsroom) -> None:
    newsroom.follow(ANNA)
    one = newsroom.file("one", headline="Seilbahn eröffnet").story
    other = newsroom.file("other", headline="Streit um Trasse", shares=(MIRABEL,)).story
    newsroom.follow_journal()
    with newsroom.database.transaction() as tx:
        kinship.join(tx, other, one, newsroom.clock.now())
    newsroom.follow(BERT, MIRABEL)
    newsroom.file("other", version="2", headline="Streit um Trasse beendet", shares=(HALDEN, MIRABEL))
    newsroom.follow_journal()
    assert sorted(letter.subscriber.address for letter in newsroom.letters("alert")) == [ANNA, BERT]
