"""A take on the copydesk's table: its copy as blocks, and what is moved out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from depesche.lib import html
from depesche.lib.html import Block
from depesche.model.take import Dateline, Identifier, Link, Note, PictureRef, Series, Subject, Take


def _flat(inner: str) -> str:
    return html.flat_text(inner) if "<" in inner or "&" in inner else inner


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
    whole: str = ""  # the words of the copy as it came, to ask whether a mark can be in it at all
    has_hints: bool = False

    @classmethod
    def of(cls, take: Take, blocks: list[Block]) -> Draft:
        """Lay *take* out, its body read into *blocks*."""
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
            _flat("\n".join([block.inner for block in blocks])),
            any(block.hints for block in blocks),
        )

    def mentions(self, *marks: str) -> bool:
        """Tell whether one of *marks* stood in the copy; what is searched for at length is asked for first."""
        return any(mark in self.whole for mark in marks)

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
            self.blocks[place] = Block(block.tag, rest, block.hints)
        return words

    def cut_end(self, place: int, start: int) -> str:
        """Take everything from character *start* out of the block at *place* and return it; an empty block goes."""
        block = self.blocks[place]
        words = html.flat_text(block.inner)[start:].strip()
        rest = html.keep_start(block.inner, start)
        if html.is_blank(rest):
            del self.blocks[place]
        else:
            self.blocks[place] = Block(block.tag, rest, block.hints)
        return words

    def finish(self) -> Take:
        """Return the edited take."""
        return replace(
            self.take,
            headline=self.headline,
            status=self.status,
            embargoed=self.embargoed,
            series=self.series,
            dateline=self.dateline,
            byline=self.byline,
            sign_off=self.sign_off,
            teaser=self.teaser,
            copyright=self.copyright,
            language=self.language,
            body_html=html.to_html(self.blocks),
            body_text=html.to_text(self.blocks),
            notes=tuple(self.notes),
            identifiers=tuple(self.identifiers),
            pictures=tuple(self.pictures),
            subjects=tuple(dict.fromkeys(self.subjects)),
            links=tuple(dict.fromkeys(self.links)),
        )
