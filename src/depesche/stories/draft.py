"""A take on the copydesk's table: its copy as blocks, and what is moved out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from depesche.lib import html, text
from depesche.lib.html import Block, Body
from depesche.model.take import Dateline, Identifier, Link, Note, PictureRef, Series, Subject, Take

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
    whole: str = ""  # the words of the copy as it came, escaped, to ask whether a mark can be in it at all
    loud: str = ""  # their capitals, digits and signs, of which there are few
    has_hints: bool = False

    @classmethod
    def of(cls, take: Take, body: Body) -> Draft:
        """Lay *take* out, its body read into blocks."""
        blocks = body.blocks
        whole = "\n".join([block.inner for block in blocks])
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
            text.loud(whole) if body.loud is None else body.loud,
            any(map(_HINTS, blocks)),
        )

    def mentions(self, *marks: str) -> bool:
        """Tell whether one of *marks* stood in the copy; what is searched for at length is asked for first."""
        whole = self.whole
        for mark in marks:  # noqa: SIM110 - a generator costs more than what it looks for
            if mark in whole:
                return True
        return False

    def shouts(self, *marks: str) -> bool:
        """Tell whether one of *marks*, which have no small letter, space or comma, may have stood in the copy."""
        loud = self.loud
        for mark in marks:  # noqa: SIM110
            if mark in loud:
                return True
        return False

    def note(self, role: str, words: str, *, public: bool = False) -> None:
        """Keep *words* beside the copy, once."""
        note = Note(role, words, public)
        if words and note not in self.notes:
            self.notes.append(note)

    def cut_start(self, place: int, count: int) -> str:
        """Take the first *count* characters out of the block at *place* and return them; an empty block goes."""
        block = self.blocks[place]
        words = html.flat_text(block.inner)[:count].strip()
        rest = html.drop_start(block.inner, count)
        if html.is_blank(rest):
            del self.blocks[place]
        else:
            self.blocks[place] = Block(block.tag, rest, block.hints, block.is_plain)
        return words

    def cut_end(self, place: int, start: int) -> str:
        """Take everything from character *start* out of the block at *place* and return it; an empty block goes."""
        block = self.blocks[place]
        words = html.flat_text(block.inner)[start:].strip()
        rest = html.keep_start(block.inner, start)
        if html.is_blank(rest):
            del self.blocks[place]
        else:
            self.blocks[place] = Block(block.tag, rest, block.hints, block.is_plain)
        return words

    def finish(self) -> Take:
        """Return the edited take."""
        take, body = self.take, self.blocks
        # Positional, in the order of the fields: a take is made for every item, and `replace` costs four times this.
        return Take(
            take.format, take.provider, take.guid, self.headline, take.headline_raw, take.version, take.version_created,
            take.first_created, self.status, self.embargoed, take.urgency, self.language, self.series, self.dateline,
            self.byline, self.sign_off, self.teaser, html.to_html(body), html.to_text(body), take.credit, self.copyright,
            take.usage_terms, tuple(self.pictures), tuple(dict.fromkeys(self.subjects)), take.genre, take.signals,
            tuple(self.notes), tuple(self.identifiers), tuple(dict.fromkeys(self.links)), take.canonical_url,
        )  # fmt: skip
