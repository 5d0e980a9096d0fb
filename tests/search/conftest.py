"""A database that stories are put into without a desk, an index over it and a searcher."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from depesche.model import journal
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Evidence, Instrument, Listing, Mention, Name
from depesche.model.story import KILL, KILLED, NEW, PUBLIC, UPDATE
from depesche.model.take import CANCELED, Take
from depesche.search.index import IndexFollower, Searcher
from depesche.store.database import Database
from fakes import NOON, FakeClock

MOORWERK = Instrument(
    isin_with_check_digit("ZZ000MOOR01"),
    "Moorwerk AG",
    wkn="MRW001",
    listings=(Listing("XETR", "MOO"),),
    names=(Name("Moorwerk", "strong", "test"), Name("Moorwerk AG", "strong", "test")),
)


class Paper:
    """Publishes stories and kills them, the way the desk writes them to the store."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as tx:
            tx.instruments.put([MOORWERK])
            self.keys = tx.instruments.keys([MOORWERK.isin])

    def publish(
        self,
        headline: str,
        body: str = "",
        *,
        at: datetime = NOON,
        language: str = "de",
        provider: str = "Küstenfunk",
        state: str = PUBLIC,
        about: Instrument | None = None,
        story: int | None = None,
    ) -> int:
        take = Take(
            "test", provider, f"{headline}{at}", headline, headline, language=language, body_text=body,
            body_html=f"<p>{body}</p>",
        )  # fmt: skip
        with self.database.transaction() as tx:
            row = tx.stories.get(story) if story else None
            if row is None:
                row = tx.stories.begin(
                    lineage=tx.stories.begin_lineage(at), wire="coast", take=take, slug="slug",
                    headline_key=headline, order=(1, 0.0), at=at, sponsored=False,
                )  # fmt: skip
            action = UPDATE if story else NEW
            version = tx.stories.append(
                row, take, take_key=None, action=action, at=at, filed_at=at, released=state == PUBLIC, correction=None
            )  # fmt: skip
            if about is not None:
                evidence = (Evidence("name", "headline", 0, 5, headline[:5]),)
                mention = Mention(about.isin, about.name, 1.0, 1.0, True, evidence)
                tx.mentions.add(version, row.id, at, [mention], self.keys)
            tx.stories.advance(
                row, number=row.latest + 1, order=(row.latest + 1, 0.0), state=state,
                current=version if state == PUBLIC else None, at=at, slug="slug", headline_key=headline,
            )  # fmt: skip
            tx.journal.append(
                journal.FILED, story=row.id, lineage=row.lineage, version=version, action=action, at=at
            )
        return row.id

    def kill(self, story: int, at: datetime = NOON) -> None:
        take = Take("test", "Küstenfunk", f"kill {story}", "", "", status=CANCELED)
        with self.database.transaction() as tx:
            row = tx.stories.get(story)
            assert row is not None
            version = tx.stories.append(
                row, take, take_key=None, action=KILL, at=at, filed_at=at, released=True, correction="Wrong."
            )
            tx.stories.advance(
                row, number=row.latest + 1, order=(9, 0.0), state=KILLED, current=None, at=at, slug="slug",
                headline_key="",
            )  # fmt: skip
            tx.journal.append(
                journal.KILLED, story=row.id, lineage=row.lineage, version=version, action=KILL, at=at
            )


@pytest.fixture
def database(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    shutil.copy(migrated_sqlite, tmp_path / "paper.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/paper.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def paper(database: Database) -> Paper:
    return Paper(database)


@pytest.fixture
def follower(database: Database, tmp_path: Path) -> Iterator[IndexFollower]:
    made = IndexFollower(database, tmp_path / "search")
    yield made
    made.close()


@pytest.fixture
def searcher(database: Database, tmp_path: Path, clock: FakeClock) -> Searcher:
    return Searcher(tmp_path / "search", database, clock=clock)


@dataclass
class Edition:
    """Some stories by a word to call them, indexed."""

    stories: dict[str, int]
    searcher: Searcher
    database: Database


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Edition]:
    """Eight stories that no test changes."""
    home = tmp_path_factory.mktemp("edition")
    shutil.copy(migrated_sqlite, home / "paper.sqlite")
    database = Database(f"sqlite:///{home}/paper.sqlite")
    paper = Paper(database)
    day = timedelta(days=1)
    stories = {
        "moor": paper.publish(
            "Moorwerk erhöht Prognose", "Der Torfkonzern rechnet mit mehr Gewinn.", about=MOORWERK
        ),
        "port": paper.publish("Hafen Münchhausen wächst", "Umschlag steigt, die Kurse auch.", at=NOON - day),
        "both": paper.publish("Gewinn am Hafen", "Schwarze Null geschafft.", at=NOON - 2 * day),
        "null": paper.publish("Rote Zahlen", "Die Null war schwarze Magie.", at=NOON - 3 * day),
        "gas": paper.publish(
            "F.LUT und 7&7 kooperieren", "Beide teilen Netze.", provider="dpa-Watt", at=NOON - 4 * day
        ),
        "english": paper.publish(
            "Harbour companies merging", "The merged companies own ships in Köslin.", language="en"
        ),
        "old": paper.publish("Streik im Schacht", "Kumpel legen Arbeit nieder.", at=NOON - 400 * day),
        "new": paper.publish("Streik im Schacht", "Kumpel legen Arbeit nieder.", at=NOON - 3 * day),
    }
    follower = IndexFollower(database, home / "search")
    follower.ensure()
    yield Edition(stories, Searcher(home / "search", database, clock=FakeClock()), database)
    follower.close()
    database.close()
