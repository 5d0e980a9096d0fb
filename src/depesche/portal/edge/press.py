"""The press: prints the pages of stories into the page store, when they change and when they are missing."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from depesche.model import paths
from depesche.model.journal import Entry
from depesche.portal.edge.encoding import compress
from depesche.portal.pages import story
from depesche.portal.ports import Newsroom
from depesche.portal.site import Site
from depesche.store.pages import PageStore, Printed

FILE = "pages-1.sqlite"
_NEIGHBOURS = (
    200  # pages beside the changed ones that are printed at once; the others when they are asked for
)
_SHEET = 50  # pages written in one transaction


def open_pages(site: Site) -> PageStore:
    """Open this machine's page store."""
    return PageStore(Path(site.settings.data_dir) / FILE, site.edition)


def open_press(newsroom: Newsroom) -> Press:
    """Return the press of this machine, a follower of the journal."""
    site = Site(newsroom)
    return Press(site, open_pages(site))


class Press:
    """Prints every page of a story in every language; a follower of the journal with one cursor for each machine."""

    def __init__(self, site: Site, pages: PageStore) -> None:
        self._site = site
        self._pages = pages

    @property
    def name(self) -> str:
        """The name under which the cursor is kept."""
        return cursor_name()

    def handle(self, entries: Sequence[Entry]) -> None:
        """Take back every page that speaks of a changed story, then print what may be shown again."""
        changed = changes(self._site, entries)
        gone = self._pages.remove(changed)
        self.print([*changed, *sorted(gone - set(changed), reverse=True)[:_NEIGHBOURS]])

    def refresh(self, stories: Iterable[int]) -> int:
        """Print the pages of *stories* anew whose counts or lists have moved; returns how many stories had a page."""
        printed = self._pages.has(stories)
        self.print(sorted(printed))
        return len(printed)

    def print(self, stories: Iterable[int]) -> None:
        """Print the pages of those of *stories* that are public."""
        sheet: list[Printed] = []
        for key in stories:
            sheet += self._set(key)
            if len(sheet) >= _SHEET:
                self._pages.put(sheet)
                sheet = []
        if sheet:
            self._pages.put(sheet)

    def fill(self, key: int) -> list[Printed]:
        """Print the pages of one story that the store lacks, and return them; none where it is not public."""
        printed = self._set(key)
        self._pages.put(printed)
        return printed

    def _set(self, key: int) -> list[Printed]:
        site = self._site
        with site.newsroom.database.reading() as tx:
            # The number is read in the same state as the page: what changes later has a higher one.
            seq = tx.journal.last()
            page = site.newsroom.story_page(tx, key)
        if page is None:
            return []
        shows = story.speaks_of(page)
        path = paths.story(key, page.version.slug)
        printed = []
        for place, language in enumerate(site.languages):
            raw = story.render(site, language, page).encode()
            etag = hashlib.blake2b(raw, digest_size=9).hexdigest()
            printed.append(
                Printed(
                    key,
                    place,
                    site.href(path, language),
                    self._pages.edition,
                    seq,
                    etag,
                    compress(raw),
                    shows,
                )
            )
        return printed


def cursor_name() -> str:
    """Return the name of this machine's cursor."""
    return f"press@{socket.gethostname()}"


def changes(site: Site, entries: Sequence[Entry]) -> Mapping[int, int]:
    """Return the stories whose own pages *entries* change, the rest of their chains among them, with the entry's number."""
    lineages = {one.lineage: one.seq for one in entries}
    changed = {one.story: one.seq for one in entries}
    with site.newsroom.database.reading() as tx:
        for lineage, seq in lineages.items():
            for key in tx.newsstand.lineage_stories(lineage):
                changed[key] = max(changed.get(key, 0), seq)
    return changed
