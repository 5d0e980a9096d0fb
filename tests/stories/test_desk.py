"""The desk: versions, kills, embargoes, repeats and running stories, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.story import Card
from depesche.model.take import CANCELED, USABLE, WITHHELD, Link, Note, PictureRef, Series, Take
from depesche.store.database import Database
from depesche.stories.desk import Desk, Filing
from depesche.stories.incoming import Receipt
from fakes import NOON, FakeClock

ISIN = "ZZ0000KORA03"


def take(guid: str = "kontor:1", headline: str = "Kora Werke bauen in Lindau", **more: Any) -> Take:
    defaults: dict[str, Any] = {
        "format": "ninjs",
        "provider": "Kontor",
        "guid": guid,
        "headline": headline,
        "headline_raw": headline,
        "version": "1",
        "version_created": NOON,
        "language": "de",
        "body_html": "<p>Das Werk soll im Mai fertig sein.</p>",
        "body_text": "Das Werk soll im Mai fertig sein.",
    }
    return Take(**(defaults | more))


class Bureau:
    """Files takes as the newsroom does, at the time of a clock."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock, self.desk = database, clock, Desk()

    def file(self, one: Take, *mentions: Mention) -> Filing:
        with self.database.transaction() as tx:
            return self.desk.file(one, mentions, Receipt("desk", self.clock.now()), tx, self.clock.now())

    def release(self) -> int:
        with self.database.transaction() as tx:
            return self.desk.release(tx, self.clock.now())

    def home(self) -> list[Card]:
        with self.database.reading() as tx:
            return tx.newsstand.home()

    def headlines(self) -> list[str]:
        return [card.headline for card in self.home()]

    def journal(self) -> list[tuple[str, str]]:
        with self.database.reading() as tx:
            return [(entry.kind, entry.action) for entry in tx.journal.after(0)]


@pytest.fixture
def bureau(database: Database, clock: FakeClock) -> Bureau:
    return Bureau(database, clock)


def test_a_take_becomes_a_story(bureau: Bureau) -> None:
    filed = bureau.file(take())
    assert (filed.action, filed.version, filed.state, filed.slug) == (
        "new",
        1,
        "public",
        "kora-werke-bauen-in-lindau",
    )
    assert bureau.headlines() == ["Kora Werke bauen in Lindau"]
    assert bureau.journal() == [("filed", "new")]


def test_the_same_item_twice_is_one_take(bureau: Bureau) -> None:
    first = bureau.file(take())
    again = bureau.file(take())
    assert (again.action, again.story, again.version) == ("ignored", first.story, 1)
    assert len(bureau.journal()) == 1


def test_an_update_is_a_new_version_and_the_address_stays(bureau: Bureau) -> None:
    bureau.file(take())
    bureau.clock.move(minutes=5)
    filed = bureau.file(
        take(version="2", headline="Kora Werke bauen doch in Wangen", version_created=bureau.clock.now())
    )
    assert (filed.action, filed.version, filed.slug) == ("update", 2, "kora-werke-bauen-in-lindau")
    [card] = bureau.home()
    assert (card.headline, card.versions, card.at) == (
        "Kora Werke bauen doch in Wangen",
        2,
        bureau.clock.now(),
    )
    with bureau.database.reading() as tx:
        assert tx.newsstand.version(card.story, 1).headline == "Kora Werke bauen in Lindau"  # type: ignore[union-attr]
        assert [line.number for line in tx.newsstand.chain(card.lineage)] == [2, 1]


def test_a_new_version_that_changes_nothing_readers_see_is_not_one(bureau: Bureau) -> None:
    bureau.file(take())
    filed = bureau.file(take(version="2", version_created=NOON + timedelta(minutes=1)))
    assert (filed.action, filed.reason) == ("ignored", "nothing that readers see has changed")
    late = bureau.file(take(version="1", version_created=NOON + timedelta(seconds=1), headline="Ganz anders"))
    assert late.reason == "a newer version is here already"


def test_a_late_lower_version_changes_nothing(bureau: Bureau) -> None:
    bureau.file(take(version="3", headline="Die dritte Fassung"))
    late = bureau.file(take(version="2", headline="Die zweite Fassung"))
    assert late.action == "ignored"
    assert bureau.headlines() == ["Die dritte Fassung"]


def test_the_same_version_with_other_bytes_is_filed_once(bureau: Bureau) -> None:
    bureau.file(take())
    other = bureau.file(take(headline="Kora baut"))
    assert (other.action, other.reason) == ("ignored", "this version is here already, with other bytes")
    assert bureau.headlines() == ["Kora Werke bauen in Lindau"]


def test_a_feed_entry_without_version_is_updated_when_its_text_changes(bureau: Bureau) -> None:
    bureau.file(take(version=None, version_created=None))
    bureau.clock.move(minutes=1)
    assert bureau.file(take(version=None, version_created=None, headline="Neu gefasst")).action == "update"
    assert bureau.headlines() == ["Neu gefasst"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_kill_takes_the_story_down_in_any_order(bureau: Bureau, order: tuple[int, int]) -> None:
    notice = Note("correction_consumerready", "Die Meldung beruhte auf einer Verwechslung.", public=True)
    sent = (
        take(),
        take(version="2", status=CANCELED, version_created=NOON + timedelta(minutes=2), notes=(notice,)),
    )
    filed = [bureau.file(sent[place]) for place in order]
    story = filed[0].story
    assert bureau.home() == []
    with bureau.database.reading() as tx:
        assert tx.newsstand.page(story or 0) is None
        assert tx.newsstand.version(story or 0, 1) is None
        standing = tx.newsstand.standing(story or 0)
    assert standing is not None
    assert (standing.state, standing.notice) == ("killed", "Die Meldung beruhte auf einer Verwechslung.")
    assert ("killed", "kill") in bureau.journal()


def test_a_killed_story_stays_killed(bureau: Bureau) -> None:
    bureau.file(take())
    bureau.file(take(version="2", status=CANCELED))
    back = bureau.file(take(version="3", headline="Doch richtig"))
    assert (back.action, back.reason) == ("ignored", "the story was withdrawn and stays so")
    assert bureau.home() == []


def test_a_late_kill_of_an_earlier_version_still_kills(bureau: Bureau) -> None:
    bureau.file(take(version="4", version_created=NOON + timedelta(minutes=9)))
    assert bureau.file(take(version="2", status=CANCELED)).action == "kill"
    assert bureau.home() == []


def test_a_kill_under_an_own_guid_names_what_it_kills(bureau: Bureau) -> None:
    first = bureau.file(take())
    kill = take("kontor:99", "KILL", status=CANCELED, links=(Link("previousVersion", guid="kontor:1"),))
    assert bureau.file(kill).story == first.story
    assert bureau.home() == []


def test_the_copy_of_a_killed_version_is_not_kept_in_it(bureau: Bureau) -> None:
    filed = bureau.file(take(status=CANCELED, teaser="Nichts davon stimmt"))
    with bureau.database.reading() as tx:
        rows = tx.connection.exec_driver_sql("SELECT headline, teaser, body_html FROM versions").all()
    assert filed.action == "kill"
    assert [tuple(row) for row in rows] == [("", None, "")]


def test_withheld_takes_a_story_back_until_a_usable_version(bureau: Bureau) -> None:
    bureau.file(take())
    bureau.file(take(version="2", status=WITHHELD))
    assert bureau.home() == []
    assert bureau.journal()[-1][0] == "withheld"
    bureau.file(take(version="3", headline="Wieder da"))
    assert bureau.headlines() == ["Wieder da"]


def test_an_embargo_holds_until_its_time(bureau: Bureau) -> None:
    lifts = NOON + timedelta(minutes=10)
    filed = bureau.file(take(embargoed=lifts))
    assert (filed.state, bureau.home()) == ("held", [])
    bureau.clock.move(minutes=9, seconds=59)
    assert bureau.release() == 0
    bureau.clock.move(seconds=1)
    assert bureau.release() == 1
    [card] = bureau.home()
    assert card.at == lifts
    assert bureau.journal() == [("filed", "new"), ("released", "new")]
    assert bureau.release() == 0


def test_an_embargoed_update_leaves_the_first_version_on_show(bureau: Bureau) -> None:
    bureau.file(take())
    bureau.file(take(version="2", headline="Noch geheim", embargoed=NOON + timedelta(hours=1)))
    assert bureau.headlines() == ["Kora Werke bauen in Lindau"]
    bureau.clock.move(hours=1)
    bureau.release()
    assert bureau.headlines() == ["Noch geheim"]


def test_a_kill_of_an_embargoed_story_keeps_it_from_ever_showing(bureau: Bureau) -> None:
    bureau.file(take(embargoed=NOON + timedelta(hours=1)))
    bureau.file(take(version="2", status=CANCELED))
    bureau.clock.move(hours=2)
    assert bureau.release() == 0
    assert bureau.home() == []


def test_a_withhold_after_an_embargoed_version_bars_its_release(bureau: Bureau) -> None:
    bureau.file(take(embargoed=NOON + timedelta(hours=1)))
    bureau.file(take(version="2", status=WITHHELD))
    bureau.clock.move(hours=2)
    assert bureau.release() == 0
    assert bureau.home() == []


def test_the_slug_of_a_held_headline_does_not_outlive_it(bureau: Bureau) -> None:
    bureau.file(take(headline="Geheimer Name", embargoed=NOON + timedelta(hours=1)))
    filed = bureau.file(take(version="2", headline="Neutraler Name"))
    assert filed.slug == "neutraler-name"


def roundup(number: int | None, guid: str, minutes: int, topic: str = "Hafenstreik") -> Take:
    series = Series("ROUNDUP", number, topic)
    return take(
        guid, f"Die Lage, Stand {minutes}", series=series, version_created=NOON + timedelta(minutes=minutes)
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_roundups_of_one_topic_are_one_lineage(bureau: Bureau, order: tuple[int, ...]) -> None:
    bureau.clock.move(hours=2)
    sent = [roundup(None, "r:1", 0), roundup(2, "r:2", 30), roundup(3, "r:3", 60)]
    for place in order:
        bureau.file(sent[place])
    [card] = bureau.home()
    assert card.series == Series("ROUNDUP", 3, "Hafenstreik")
    with bureau.database.reading() as tx:
        assert [line.series.number for line in tx.newsstand.chain(card.lineage) if line.series] == [
            3,
            2,
            None,
        ]


def test_other_topics_other_days_and_market_reports_are_other_lineages(bureau: Bureau) -> None:
    bureau.clock.move(hours=100)
    bureau.file(roundup(None, "r:1", 0))
    bureau.file(roundup(None, "r:2", 1, "Bahntarif"))
    bureau.file(roundup(2, "r:3", 60 * 80))
    bureau.file(roundup(None, "r:4", 5, "Aktien Frankfurt Schluss"))
    bureau.file(roundup(None, "r:5", 9, "Aktien Frankfurt Schluss"))
    assert len(bureau.home()) == 5


def test_links_join_a_lineage_in_both_orders(bureau: Bureau) -> None:
    bureau.file(take("a", "Erste Meldung"))
    bureau.file(take("b", "Zweite Meldung", links=(Link("evolvedFrom", guid="a"),)))
    bureau.file(take("d", "Vierte Meldung", links=(Link("derivedFrom", guid="c"),)))
    bureau.file(take("c", "Dritte Meldung"))
    assert len({card.lineage for card in bureau.home()}) == 2


def test_a_wdh_corrects_the_story_it_repeats(bureau: Bureau) -> None:
    first = bureau.file(take())
    note = Note("correction", "Im ersten Absatz Mai statt März.", public=True)
    again = take(
        "kontor:2",
        series=Series("WDH"),
        notes=(note,),
        body_html="<p>Mai</p>",
        version_created=NOON + timedelta(minutes=4),
    )
    bureau.clock.move(minutes=5)
    filed = bureau.file(again)
    assert (filed.action, filed.story, filed.version) == ("correction", first.story, 2)
    with bureau.database.reading() as tx:
        assert tx.newsstand.version(first.story or 0).correction == "Im ersten Absatz Mai statt März."  # type: ignore[union-attr]
    assert bureau.file(replace(again, status=CANCELED, version="2")).story == first.story
    assert bureau.home() == []


def test_a_wdh_before_what_it_repeats(bureau: Bureau) -> None:
    bureau.clock.move(minutes=10)
    filed = bureau.file(take("kontor:2", series=Series("WDH"), version_created=NOON + timedelta(minutes=4)))
    late = bureau.file(take())
    assert (filed.action, late.action, late.story) == ("new", "ignored", filed.story)
    assert len(bureau.home()) == 1


def test_a_correction_of_what_nobody_saw_is_new(bureau: Bureau) -> None:
    note = Note("correction", "Im ersten Absatz Mai statt März.", public=True)
    assert bureau.file(take(version="3", notes=(note,))).action == "new"


def test_mentions_and_pictures_belong_to_their_version(bureau: Bureau) -> None:
    with bureau.database.transaction() as tx:
        tx.instruments.put([Instrument(ISIN, "Kora Werke AG", wkn="KORA01")])
    evidence = (Evidence("name", "headline", 0, 4, "Kora"),)
    mention = Mention(ISIN, "Kora Werke AG", 0.95, 0.9, published=True, evidence=evidence)
    unsure = replace(mention, published=False)
    first = bureau.file(take(pictures=(PictureRef("werk.jpg", "Das Werk", "Foto: Kora"),)), mention)
    bureau.file(take("kontor:2", "Etwas anderes"), unsure)
    with bureau.database.reading() as tx:
        instrument = tx.instruments.by_isin(ISIN)
        assert instrument is not None
        assert [card.story for card in tx.newsstand.of_instrument(instrument.key)] == [first.story]
        page = tx.newsstand.page(first.story or 0)
        assert page is not None
        assert page.mentions[0].evidence == evidence
        assert [picture.href for picture in tx.pictures.waiting()] == ["werk.jpg"]


def test_a_time_in_the_future_is_not_believed(bureau: Bureau) -> None:
    bureau.file(take(version_created=datetime.fromisoformat("9999-12-31T23:59:59+00:00")))
    bureau.file(take("old", "Sehr alt", version_created=datetime.fromisoformat("1970-01-01T00:00:00+00:00")))
    assert [card.at for card in bureau.home()] == [NOON, datetime.fromisoformat("1970-01-01T00:00:00+00:00")]


_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(1, 4),
        st.sampled_from([USABLE, USABLE, USABLE, WITHHELD, CANCELED]),
        st.sampled_from([None, None, 30]),
    ),
    max_size=7,
    unique_by=lambda event: event[:2],
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=_EVENTS, data=st.data())
def test_any_order_of_arrival_shows_the_same_in_the_end(events: list[Any], data: st.DataObject) -> None:
    """One provider's numbered versions, shuffled: what readers see at the end does not depend on the order."""

    def shown(order: list[Any]) -> list[tuple[str, str]]:
        database = Database("sqlite://")
        from depesche.store.schema import metadata

        metadata.create_all(database.engine)
        bureau = Bureau(database, FakeClock())
        for guid, version, status, embargo in order:
            lifts = None if embargo is None else NOON + timedelta(minutes=embargo)
            headline = f"{guid} in Fassung {version}"
            created = NOON + timedelta(seconds=version)
            bureau.file(
                take(
                    guid,
                    headline,
                    version=str(version),
                    version_created=created,
                    status=status,
                    embargoed=lifts,
                )
            )
        assert not [card for card in bureau.home() if "killed" in card.headline]
        bureau.clock.move(hours=1)
        bureau.release()
        seen = sorted(bureau.headlines())
        database.close()
        return [(headline, "") for headline in seen]

    assert shown(events) == shown(data.draw(st.permutations(events)))
