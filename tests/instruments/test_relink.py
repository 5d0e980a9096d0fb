"""The archive follows the register: linked anew by its names of today, only differences written and told."""

from __future__ import annotations

import pytest
from invented import story, zz

from depesche.instruments import decisions
from depesche.instruments.linking.linker import Linker
from depesche.instruments.linking.relink import Relinker
from depesche.lib.clock import Clock
from depesche.model.errors import NotFound, Refused
from depesche.model.instrument import Instrument, Name
from depesche.model.journal import RELINKED
from depesche.store.database import Database
from depesche.stories.desk import Desk
from depesche.stories.incoming import Receipt
from fakes import FakeClock

WERFT, BRAU = zz("NORDWERFT"), zz("QUELLBRAU")
SHARES = [
    Instrument(
        WERFT, "Nordlicht Werft AG", names=(Name("Nordlicht Werft AG", "strong", "test"),), source="test"
    ),
    Instrument(BRAU, "Quellbräu SE", names=(Name("Quellbräu", "strong", "test"),), source="test"),
]
HEADLINES = (
    "Nordlicht Werft AG erhält Großauftrag", "Falkendock erhält Großauftrag", "Quellbräu braut dunkles Bier", "Regen in Musterhaven",
)  # fmt: skip


class Archive:
    """A database with a register and four stories, and what links them anew."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock, self.desk = database, clock, Desk()
        with database.transaction() as tx:
            tx.instruments.put(SHARES, clock.now())
        self.relinker = Relinker(database, clock, self.linker)
        self.stories = [self.file(str(n), headline) for n, headline in enumerate(HEADLINES)]
        self.run()

    def linker(self) -> tuple[int, Linker]:
        with self.database.reading() as tx:
            return tx.instruments.revision(), Linker(tx.instruments.all())

    def file(self, guid: str, headline: str) -> int:
        from dataclasses import replace

        take = replace(
            story(headline, f"{headline}. Mehr war zunächst nicht bekannt."),
            guid=guid,
            version_created=self.clock.now(),
        )
        with self.database.transaction() as tx:
            filing = self.desk.file(
                take, self.linker()[1].link(take), Receipt("w", self.clock.now()), tx, self.clock.now()
            )
        assert filing.story is not None
        return filing.story

    def run(self, batch: int = 3) -> int:
        changed = 0
        while done := self.relinker.step(batch):
            changed += done.changed
        return changed

    def shares(self, story: int) -> list[str]:
        with self.database.reading() as tx:
            page = tx.newsstand.page(story)
        assert page is not None
        return [one.isin for one in page.mentions]

    def journal(self, kind: str) -> list[int]:
        with self.database.reading() as tx:
            return [one.story for one in tx.journal.after(0) if one.kind == kind]

    def alias(self, isin: str, text: str, tier: str | None) -> None:
        with self.database.transaction() as tx:
            decisions.alias(tx, isin, text, tier, self.clock.now())


@pytest.fixture
def archive(database: Database, clock: FakeClock) -> Archive:
    return Archive(database, clock)


def test_an_archive_linked_by_todays_register_is_left_alone(archive):
    assert archive.relinker.step() is None
    assert archive.relinker.left() == 0
    archive.relinker.begin()
    assert archive.relinker.left() == 4
    assert archive.run() == 0
    assert archive.journal(RELINKED) == []


def test_a_new_name_links_the_stories_that_carry_it_and_no_others(archive):
    assert archive.shares(archive.stories[1]) == []
    archive.alias(WERFT, "Falkendock", "strong")
    assert archive.relinker.left() == 4
    assert archive.run() == 1
    assert archive.shares(archive.stories[1]) == [WERFT]
    assert archive.journal(RELINKED) == [archive.stories[1]]


def test_a_blocked_name_withdraws_the_link(archive):
    assert archive.shares(archive.stories[2]) == [BRAU]
    archive.alias(BRAU, "Quellbräu", "blocked")
    assert archive.run() == 1
    assert archive.shares(archive.stories[2]) == []
    with archive.database.reading() as tx:
        share = tx.instruments.by_isin(BRAU)
        assert tx.newsstand.of_instrument(share.key) == []


def test_the_journal_names_the_shares_that_are_withdrawn_and_no_others(archive):
    archive.alias(WERFT, "Falkendock", "strong")
    archive.alias(BRAU, "Quellbräu", "blocked")
    archive.run()
    with archive.database.reading() as tx:
        told = {one.story: one.withdrawn for one in tx.journal.after(0) if one.kind == RELINKED}
    assert told == {archive.stories[1]: (), archive.stories[2]: (BRAU,)}


def test_a_run_that_was_stopped_goes_on_where_it_was(archive):
    archive.alias(WERFT, "Falkendock", "strong")
    archive.relinker.step(1)
    assert archive.relinker.left() == 3
    again = Relinker(archive.database, archive.clock, archive.linker)
    looked = []
    while done := again.step(1):
        looked.append(done.looked_at)
    assert sum(looked) == 3
    assert archive.shares(archive.stories[1]) == [WERFT]


def test_a_change_meanwhile_begins_the_run_anew(archive):
    archive.alias(WERFT, "Falkendock", "strong")
    archive.relinker.step(3)
    archive.alias(WERFT, "Falkendock", "blocked")
    assert archive.relinker.left() == 4
    archive.run()
    assert archive.shares(archive.stories[1]) == []


def test_what_waits_for_its_embargo_is_linked_anew_untold(archive):
    from dataclasses import replace
    from datetime import timedelta

    take = replace(
        story("Falkendock plant Fähre"), guid="e", embargoed=archive.clock.now() + timedelta(hours=1)
    )
    with archive.database.transaction() as tx:
        filing = archive.desk.file(take, (), Receipt("w", archive.clock.now()), tx, archive.clock.now())
    archive.alias(WERFT, "Falkendock", "strong")
    archive.run()
    assert filing.story not in archive.journal(RELINKED)
    archive.clock.move(hours=2)
    with archive.database.transaction() as tx:
        archive.desk.release(tx, archive.clock.now())
    assert archive.shares(filing.story) == [WERFT]


@pytest.mark.parametrize(
    ("isin", "name", "tier", "error", "reason"),
    [
        (WERFT, " ", None, Refused, "empty"),
        (WERFT, "Linde", None, Refused, "ordinary word"),
        (WERFT, "Dax", None, Refused, "index"),
        (WERFT, "Werft", "certain", Refused, "not one of"),
        (zz("NOBODY"), "Werft", "strong", NotFound, "register has no"),
    ],
)
def test_names_that_are_refused(archive, isin, name, tier, error, reason):
    with pytest.raises(error, match=reason):
        archive.alias(isin, name, tier)
