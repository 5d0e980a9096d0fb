"""A take on the copydesk's table: its copy as blocks, and what is moved out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from depesche.lib.markup import html
from depesche.lib.markup.html import Block, Body
from depesche.model.take import Dateline, Identifier, Link, Note, PictureRef, Series, Subject, Take
from depesche.stories.copyediting import cues

_HINTS = attrgetter("hints")


@dataclass(slots=True)
class Draft:
    """Everything editing may change; `take` stays as received."""

    take: Take
    blocks: list[Block]
    headline: str
    status: str
    embargoed: datetime | None
    series: Series | None
    dateline: Dateline | None
    byline: str | None
    sign_off: str | None
    teaser: str | None
    copyright: str | None
    language: str | None
    notes: list[Note] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    pictures: list[PictureRef] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    is_release: bool = False
    whole: str = ""  # the words of copy and teaser as they came, escaped
    cues: frozenset[str] = frozenset()  # those of `cues.ALL` that stand in them
    has_hints: bool = False

    @classmethod
    def of(cls, take: Take, body: Body) -> Draft:
        """Lay *take* out, its body read into blocks."""
        blocks = body.blocks
        whole = "\n".join([*[block.words or block.inner for block in blocks], take.teaser or ""])
        if "<" in whole:
            whole = html.untagged(whole)
        return cls(
            take,
            blocks,
            take.headline_raw,
            take.status,
            take.embargoed,
            take.series,
            take.dateline,
            take.byline,
            take.sign_off,
            take.teaser,
            take.copyright,
            take.language,
            list(take.notes),
            list(take.identifiers),
            list(take.pictures),
            list(take.subjects),
            list(take.links),
            False,
            whole,
            cues.ALL.within(whole),
            any(map(_HINTS, blocks)),
        )

    def mentions(self, marks: frozenset[str]) -> bool:
        """Tell whether one of *marks*, which are some of `cues.ALL`, stood in copy or teaser as they came."""
        return bool(self.cues) and not self.cues.isdisjoint(marks)

    def note(self, role: str, words: str, *, public: bool = False) -> None:
        """Keep *words* beside the copy, once."""
        if words and (note := Note(role, words, public)) not in self.notes:
            self.notes.append(note)

    def cut_start(self, place: int, count: int) -> str:
        """Take the first *count* characters out of the block at *place* and return them; an empty block goes."""
        block = self.blocks[place]
        if block.is_plain and (rest := block.inner[count:].strip()):
            self.blocks[place] = Block(block.tag, rest, block.hints, rest)
            return block.inner[:count].strip()
        words = html.flat_text(block.inner)[:count].strip()
        rest = html.drop_start(block.inner, count)
        if html.is_blank(rest):
            del self.blocks[place]
        else:
            self.blocks[place] = Block(block.tag, rest, block.hints, rest if block.is_plain else None)
        return words

    def cut_end(self, place: int, start: int) -> str:
        """Take everything from character *start* out of the block at *place* and return it; an empty block goes."""
        block = self.blocks[place]
        words = html.flat_text(block.inner)[start:].strip()
        rest = html.keep_start(block.inner, start)
        if html.is_blank(rest):
            del self.blocks[place]
        else:
            self.blocks[place] = Block(block.tag, rest, block.hints, rest if block.is_plain else None)
        return words

    def finish(self) -> Take:
        """Return the edited take."""
        take, body, subjects, links = self.take, self.blocks, self.subjects, self.links
        # Positional, in the order of the fields: a take is made for every item, and `replace` costs four times this.
        return Take(
            take.format, take.provider, take.guid, self.headline, take.headline_raw, take.version, take.version_created,
            take.first_created, self.status, self.embargoed, take.urgency, self.language, self.series, self.dateline,
            self.byline, self.sign_off, self.teaser, *html.to_html_and_text(body), take.credit, self.copyright,
            take.usage_terms, tuple(self.pictures), tuple(dict.fromkeys(subjects) if len(subjects) > 1 else subjects), take.genre, take.signals,
            tuple(self.notes), tuple(self.identifiers), tuple(dict.fromkeys(links) if len(links) > 1 else links), take.canonical_url,
        )  # fmt: skip
