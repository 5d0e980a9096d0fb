"""History read again by better parsers: new versions only where readers see a change, and nobody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depesche.model.take import CANCELED, WITHHELD, Note, PictureRef, Take
from depesche.store.database import Database
from depesche.stories.desk import Desk, Filing
from depesche.stories.incoming import Receipt
from fakes import NOON, FakeClock


def take(guid: str = "k:1", version: str | None = "1", body: str = "Das Werk", **more: object) -> Take:
    given: dict[str, object] = {
        "version_created": NOON, "language": "de", "body_html": f"<p>{body}</p>", "body_text": body, "version": version,
    }  # fmt: skip
    return Take("ninjs", "Kontor", guid, "Kora baut", "Kora baut", **(given | more))  # type: ignore[arg-type]


class Archive:
    """A desk whose items lie in a spool and can be read again."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database, self.clock, self.desk = database, clock, Desk()
        self.items: list[Receipt] = []

    def file(self, *takes: Take, embargo: timedelta = timedelta(0)) -> list[Filing]:
        with self.database.transaction() as tx:
            key, _ = tx.spool.add(
                b"%d" % len(self.items), wire="coast", provider="", name="x", at=self.clock.now()
            )
            receipt = Receipt("coast", self.clock.now(), key, embargo=embargo)
            self.items.append(receipt)
            return [self.desk.file(one, (), receipt, tx, self.clock.now()) for one in takes]

    def reread(self, item: int, *takes: Take) -> list[Filing]:
        with self.database.transaction() as tx:
            return self.desk.reread([(one, ()) for one in takes], self.items[item], tx, self.clock.now())

    def text(self, story: int = 1) -> str | None:
        with self.database.reading() as tx:
            version = tx.newsstand.version(story)
        return None if version is None else version.body_text

    def kinds(self) -> list[str]:
        with self.database.reading() as tx:
            return [one.kind for one in tx.journal.after(0)]


@pytest.fixture
def archive(database: Database, clock: FakeClock) -> Archive:
    return Archive(database, clock)


def test_a_better_reading_replaces_the_current_version_and_nobody_is_told(archive: Archive) -> None:
    archive.file(take())
    archive.clock.move(days=30)
    (filing,) = archive.reread(0, take(body="Das ganze Werk"))
    assert (filing.action, filing.version, filing.reason) == ("update", 2, "read anew")
    assert archive.text() == "Das ganze Werk"
    assert archive.kinds() == ["filed", "reread"]
    with archive.database.reading() as tx:
        version = tx.newsstand.version(1)
        takes = tx.takes.of_story(1)
    assert version is not None
    assert (version.at, version.filed_at) == (NOON, NOON), "to readers no time has passed"
    assert [(one.action, one.reason) for one in takes] == [("new", None), ("update", "read anew")]


def test_the_same_reading_changes_nothing_however_often(archive: Archive) -> None:
    archive.file(take())
    for _ in range(3):
        (filing,) = archive.reread(0, take())
        assert (filing.action, filing.reason) == ("ignored", "it reads as before")
    assert archive.kinds() == ["filed"]


def test_what_readers_do_not_see_makes_no_version(archive: Archive) -> None:
    archive.file(take())
    better = take(sign_off="/cy/DP", notes=(Note("edNote", "Telefon 123"),))
    (filing,) = archive.reread(0, better)
    assert (filing.action, filing.reason) == ("ignored", "nothing that readers see has changed")
    with archive.database.reading() as tx:
        assert len(tx.takes.of_story(1)) == 2, "takes are kept, all of them"
    (filing,) = archive.reread(0, better)
    assert filing.reason == "it reads as before"


def test_a_fix_that_is_taken_back_brings_the_older_reading_back(archive: Archive) -> None:
    archive.file(take())
    for number, body in enumerate(("Das ganze Werk", "Das Werk", "Das ganze Werk", "Das Werk"), 2):
        (filing,) = archive.reread(0, take(body=body))
        assert (filing.action, filing.version, archive.text()) == ("update", number, body)
        (filing,) = archive.reread(0, take(body=body))
        assert (filing.action, filing.reason) == ("ignored", "it reads as before")
    with archive.database.reading() as tx:
        assert [one.number for one in tx.takes.of_story(1)] == [1, 2], (
            "a reading that comes back is no new take"
        )
        assert [one.number for one in tx.newsstand.chain(1)] == [5, 4, 3, 2, 1]
    (filing,) = archive.file(take(version="2", body="Ein anderes Werk"))
    assert (filing.version, archive.text()) == (6, "Ein anderes Werk")
    assert archive.reread(0, take(body="Das ganze Werk"))[0].action == "ignored"


def test_a_guid_that_is_read_otherwise_for_a_while_comes_back(archive: Archive) -> None:
    archive.file(take("wrong"))
    for guid, body in (("right", "anders"), ("wrong", "Das Werk"), ("right", "anders")):
        (filing,) = archive.reread(0, take(guid, body=body))
        assert (filing.story, filing.action, archive.text()) == (1, "update", body)


def test_two_entries_under_one_guid_do_not_take_turns(archive: Archive) -> None:
    first, second = take(version=None, body="eins"), take(version=None, body="zwei")
    archive.file(first, second)
    for _ in range(2):
        assert [one.action for one in archive.reread(0, first, second)] == ["ignored", "ignored"]
    better = [replace(one, body_html=f"{one.body_html}<p>ganz</p>") for one in (first, second)]
    assert [one.action for one in archive.reread(0, *better)] == ["ignored", "update"]
    assert [one.action for one in archive.reread(0, first, second)] == ["ignored", "update"]
    assert archive.text() == "zwei"


def test_an_item_that_repeated_another_may_say_more_to_a_better_parser(archive: Archive) -> None:
    archive.file(take(version="1"))
    (same,) = archive.file(take(version="2"))
    assert same.reason == "nothing that readers see has changed"
    (filing,) = archive.reread(1, take(version="2", body="Das Werk, ergänzt"))
    assert (filing.action, archive.text()) == ("update", "Das Werk, ergänzt")
    assert archive.reread(0, take(version="1"))[0].action == "ignored"
    assert archive.reread(1, take(version="2"))[0].action == "update"
    assert archive.text() == "Das Werk"


def test_pictures_that_are_here_are_not_fetched_again(archive: Archive) -> None:
    named = (PictureRef("a.png", "Boje"), PictureRef("b.png"))
    archive.file(take(pictures=named[:1]))
    with archive.database.transaction() as tx:
        tx.pictures.keep("f" * 64, "image/png", 4, 3, {4: b"raw"})
        (waiting,) = tx.pictures.waiting()
        tx.pictures.settle(waiting.version, waiting.place, sha256="f" * 64, credit="Kolk")
    archive.reread(0, take(body="Das ganze Werk", pictures=named))
    with archive.database.reading() as tx:
        version = tx.newsstand.version(1)
        assert version is not None
        (picture,) = tx.pictures.of_versions([version.key])[version.key]
        assert (picture.sha256, picture.caption, picture.credit) == ("f" * 64, "Boje", "Kolk")
        assert [one.href for one in tx.pictures.waiting()] == ["b.png"], "only what is new is fetched"


def test_versions_that_were_followed_stay_as_they_are(archive: Archive) -> None:
    archive.file(take(version="1", body="eins"))
    archive.file(take(version="2", body="zwei"))
    (filing,) = archive.reread(0, take(version="1", body="eins, ganz"))
    assert (filing.action, filing.reason) == ("ignored", "a newer version is here already")
    assert archive.text() == "zwei"
    (filing,) = archive.reread(1, take(version="2", body="zwei, ganz"))
    assert filing.version == 3
    assert archive.text() == "zwei, ganz"


def test_the_provider_goes_on_after_a_reading(archive: Archive) -> None:
    archive.file(take(version="1", body="eins"))
    archive.reread(0, take(version="1", body="eins, ganz"))
    (filing,) = archive.file(take(version="2", body="zwei"))
    assert (filing.action, filing.version) == ("update", 3)
    (late,) = archive.file(take(version="1", body="eins, spät"))
    assert late.action == "ignored"


def test_a_story_is_found_even_when_its_guid_is_read_otherwise_now(archive: Archive) -> None:
    archive.file(take("wrong"))
    (filing,) = archive.reread(0, take("right", body="anders"))
    assert (filing.story, filing.version) == (1, 2)
    (filing,) = archive.file(take("right", version="2", body="weiter"))
    assert (filing.story, filing.version) == (1, 3)


def test_what_the_old_parser_overlooked_becomes_a_story(archive: Archive) -> None:
    archive.file(take("k:1"))
    first, second = archive.reread(0, take("k:1"), take("k:2", body="auch da"))
    assert (first.action, second.action, second.story) == ("ignored", "new", 2)
    assert archive.kinds() == ["filed", "reread"]


def test_an_embargo_read_late_still_holds(archive: Archive) -> None:
    archive.file(take())
    (filing,) = archive.reread(0, take(status=WITHHELD))
    assert filing.state == "held"
    assert archive.text() is None
    assert archive.kinds() == ["filed", "withheld"]


def test_a_kill_read_late_kills(archive: Archive) -> None:
    archive.file(take())
    (filing,) = archive.reread(0, take(status=CANCELED))
    assert (filing.action, filing.state) == ("kill", "killed")


def test_a_killed_story_does_not_come_back(archive: Archive) -> None:
    archive.file(take())
    archive.file(take(version="2", status=CANCELED))
    for item, version in ((0, "1"), (1, "2")):
        (filing,) = archive.reread(item, take(version=version, body="doch"))
        assert (filing.action, filing.reason) == ("ignored", "the story was withdrawn and stays so")
    assert archive.text() is None


def test_an_entry_of_many_polls_is_read_anew_once(archive: Archive) -> None:
    entry = take(version=None)
    archive.file(entry)
    archive.file(entry, take("k:2"))
    better = replace(entry, body_html="<p>ganz</p>", body_text="ganz")
    made = [archive.reread(0, better), archive.reread(1, better, take("k:2"))]
    assert [[one.action for one in filings] for filings in made] == [["update"], ["ignored", "ignored"]]


@pytest.mark.parametrize("dated", [True, False])
def test_the_later_poll_alone_is_enough(archive: Archive, dated: bool) -> None:
    """An entry without a version that many polls brought is known by its first; reading only a later one again will do."""
    entry = take(version=None, version_created=NOON if dated else None)
    archive.file(entry)
    archive.clock.move(hours=1)
    archive.file(entry)
    better = replace(entry, body_html="<p>ganz</p>", body_text="ganz")
    (filing,) = archive.reread(1, better)
    assert (filing.action, archive.text()) == ("update", "ganz")
    assert archive.reread(0, better)[0].action == "ignored"
    assert archive.kinds() == ["filed", "reread"]


def test_a_wires_embargo_counts_from_receipt_and_is_no_part_of_the_take(archive: Archive) -> None:
    hour = timedelta(hours=1)
    (filing,) = archive.file(take(), embargo=hour)
    assert filing.state == "held"
    (again,) = archive.file(take(), embargo=hour)
    assert again.action == "ignored", "the same item later is the same take"
    assert archive.text() is None
    archive.clock.move(minutes=59)
    with archive.database.transaction() as tx:
        assert archive.desk.release(tx, archive.clock.now()) == 0
    archive.clock.move(minutes=1)
    with archive.database.transaction() as tx:
        assert archive.desk.release(tx, archive.clock.now()) == 1
    assert archive.text() == "Das Werk"
    (kill,) = archive.file(take(version="2", status=CANCELED), embargo=hour)
    assert kill.state == "killed", "a kill waits for nobody"


def test_an_own_embargo_stands_above_the_wires(archive: Archive) -> None:
    archive.file(take(embargoed=NOON + timedelta(hours=5)), embargo=timedelta(hours=1))
    archive.clock.move(hours=2)
    with archive.database.transaction() as tx:
        assert archive.desk.release(tx, archive.clock.now()) == 0


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.data())
def test_reading_everything_again_ends_where_filing_it_today_would(
    archive: Archive, versions: list[int], data: st.DataObject
) -> None:
    """In whatever order items came and are read again, by parsers better and worse, readers see the newest version in its newest reading."""
    guid = f"k:{len(archive.items)}-{data.draw(st.uuids())}"
    start = len(archive.items)
    key: int | None = None
    for one in versions:
        (filing,) = archive.file(take(guid, str(one), f"alt {one}"))
        key = filing.story or key
    assert key is not None
    for parser in data.draw(st.lists(st.sampled_from(("neu", "alt", "anders")), min_size=1, max_size=3)):
        again = [take(guid, str(one), f"{parser} {one}") for one in versions]
        for item in data.draw(st.permutations(range(len(versions)))):
            archive.reread(start + item, again[item])
        assert archive.text(key) == f"{parser} {max(versions)}"
        for item, one in enumerate(again):
            assert archive.reread(start + item, one)[0].action == "ignored", "once is enough"
