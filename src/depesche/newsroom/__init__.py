"""The composition root: builds every part from the settings and runs a take through them in order."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from depesche.audience.alsoread import AlsoRead
from depesche.audience.counter import Counter
from depesche.audience.readership import Readership
from depesche.model.story import StoryPage
from depesche.newsroom.doors import Doors
from depesche.newsroom.mailroom import Mailroom
from depesche.newsroom.takes import Delivery, Filed, Takes
from depesche.search.index import IndexFollower
from depesche.search.searcher import Searcher
from depesche.store.database import Transaction

__all__ = ["Delivery", "Filed", "Newsroom"]


class Newsroom(Mailroom, Doors, Takes):
    """Every part of one installation, built when first asked for."""

    @cached_property
    def readership(self) -> Readership:
        """Counts the views of this process and knows what is read after what."""
        given = self.settings
        return Readership(
            self.database,
            self.clock,
            name=secrets.token_hex(8),
            rate_limit=given.rate_limit,
            wanted=given.also_read,
            sponsored=given.also_read_sponsored,
            log=given.view_log,
        )

    @property
    def counter(self) -> Counter:
        """Counts the views of this process."""
        return self.readership.counter

    @property
    def reads(self) -> AlsoRead:
        """What is read after what."""
        return self.readership.reads

    @cached_property
    def searcher(self) -> Searcher:
        """Answers searches."""
        return Searcher(self.index_path, self.database, clock=self.clock, zone=ZoneInfo(self.settings.zone))

    @cached_property
    def index_follower(self) -> IndexFollower:
        """Keeps the search index."""
        return IndexFollower(self.database, self.index_path, self.clock)

    @property
    def index_path(self) -> Path:
        """The folder of the search index."""
        return self.settings.data_dir / "search"

    def story_page(self, tx: Transaction, story: int) -> StoryPage | None:
        """Return everything the page of *story* shows, as *tx* sees it; None where it is not public."""
        return tx.newsstand.page(story, self.readership.beside(tx, story))

    def flush_views(self) -> set[int]:
        """Write what was counted since the last time; returns the stories whose counts or lists moved."""
        return self.readership.flush()

    def close(self) -> None:
        """Write what is pending and let go of the database."""
        if "readership" in self.__dict__:
            self.flush_views()
        for part in ("couriers", "post_couriers"):
            for one in self.__dict__.get(part, ()):
                one.close()
        if "index_follower" in self.__dict__:
            self.index_follower.close()
        if "database" in self.__dict__:
            self.database.close()
