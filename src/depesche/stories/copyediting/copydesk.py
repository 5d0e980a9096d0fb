"""The copydesk: turns a take as delivered into one that can be published.

What is taken out of the copy is kept in a field: the series label, the dateline, the byline, the
sign-off, corrections, advisories and everything meant for editors. Nothing else is lost but
white space and the tags that no page needs.
"""

from __future__ import annotations

from depesche.lib import text
from depesche.lib.markup import html
from depesche.lib.markup.html import Block, Body, Figure, flat_text
from depesche.model.take import Dateline, PictureRef, Take
from depesche.stories.copyediting import advisory, dateline, headline, marks, privacy, release
from depesche.stories.copyediting.draft import Draft

_BYLINE_STARTS = frozenset({"VON", "BY ", "&LT", "&AM"})
_BYLINE_SIGNS = frozenset("VvBb&- ")  # one of them begins those
_LONGEST_TEASER = 1000  # characters of a teaser that is looked for in the copy
_LONGEST_AGENCY = 100  # characters of its name that matter; those that copy names are shorter
_OPENINGS = 4  # blocks in which headline, byline and dateline are looked for


def edit(take: Take) -> Take:
    """Return *take* edited: labels parsed, private words withdrawn, HTML clean, `body_text` written.

    `headline_raw` stays as received. What is edited already comes out the same.
    """
    body = html.parse(take.body_html, marks.shelter)
    draft = Draft.of(take, body) if body.blocks else Draft.of(take, Body(html.from_text(take.body_text)))
    draft.headline = raw = text.line(take.headline_raw)
    parsed = headline.parse(raw)
    title = raw.casefold()
    titles = (title, title if parsed.headline == raw else parsed.headline.casefold())
    privacy.withdraw(draft)
    _drop_repeats(draft, titles)
    laid_out = len(draft.blocks)
    advisory.take_out(draft)
    _read_headline(draft, parsed)
    release.take_apart(draft)
    if not draft.is_release:  # an issuer's words are published as they are
        _read_byline(draft)
        _read_dateline(draft)
    if len(draft.blocks) != laid_out:
        _drop_repeats(draft, titles)
    marks.take_off_tails(draft)
    marks.collect_symbols(draft)
    _hang_pictures(draft, body.figures)
    return draft.finish()


def _read_headline(draft: Draft, parsed: headline.Parsed) -> None:
    draft.headline = parsed.headline
    draft.series = parsed.series or draft.series
    draft.language = draft.language or parsed.language


def _drop_repeats(draft: Draft, titles: tuple[str, str]) -> None:
    """Drop what opens the copy and stands in a field already: the headline, a marked teaser."""
    longest = len(titles[0]) + 8  # folding the case makes some letters two
    place = 0
    while place < _OPENINGS and place < len(draft.blocks):
        block = draft.blocks[place]
        inner = block.inner
        may_be_teaser = "teaser" in block.hints and len(inner) < _LONGEST_TEASER
        if (
            not may_be_teaser
            and len(inner) > longest
            and ("<" not in inner or len(inner) > 2 * longest)
            and "&" not in inner
        ):
            place += 1
            continue
        words = text.line(block.text).casefold()
        is_teaser = may_be_teaser and words == text.line(draft.teaser or "").casefold()
        is_headline = words in titles and len(draft.blocks) > 1
        if words and (is_headline or is_teaser):
            del draft.blocks[place]
        else:
            place += 1


def _read_byline(draft: Draft) -> None:
    """Move a byline that stands alone at the beginning or the end of the copy."""
    last = len(draft.blocks) - 1
    for place in (*range(min(_OPENINGS, last)), last):
        if place < 0:
            return
        block = draft.blocks[place]
        head = block.inner[:12]
        if head[:1] not in _BYLINE_SIGNS and "<" not in head and not block.hints:
            continue
        if (
            head.lstrip("- ")[:3].upper() not in _BYLINE_STARTS
            and "<" not in head
            and "byline" not in block.hints
        ):
            continue
        words = text.line(block.text) if block.tag == "p" and len(block.inner) < 400 else ""
        found = (words if "byline" in block.hints else None) or marks.byline(words)
        if found and (draft.byline is None or draft.byline.casefold() == found.casefold()):
            draft.byline = draft.byline or found
            del draft.blocks[place]
            return


def _read_dateline(draft: Draft) -> None:
    """Move the dateline from the first paragraph that has one; what the copy says goes before a supplied field."""
    supplied = draft.dateline
    if supplied and supplied.agency is None and supplied.date is None and len(supplied.places) == 1:
        draft.dateline = dateline.read(supplied.places[0])
    named = draft.dateline.agency if draft.dateline else None
    agencies = [one[:_LONGEST_AGENCY] for one in (draft.take.provider, draft.take.credit, named) if one]
    places = draft.dateline.places if draft.dateline else ()
    for place, block in enumerate(draft.blocks[:_OPENINGS]):
        if block.tag not in {"p", "pre"}:
            continue
        if "dat" in block.hints and not place:
            _read_masthead(draft, block)
            return
        head = block.inner[: dateline.LONGEST]
        if found := dateline.parse(
            flat_text(block.inner) if "<" in head or "&" in head else head, agencies, places
        ):
            told = found[0]
            draft.dateline = told if told.places else Dateline(places, told.agency, told.date)
            draft.cut_start(place, found[1])
            return
        if "dateline" in block.hints and len(block.inner) < dateline.LONGEST:
            draft.dateline = dateline.read(block.text) or draft.dateline
            del draft.blocks[place]
            return


def _read_masthead(draft: Draft, block: Block) -> None:
    """Take a line whose last word is the agency for the dateline: `Stockholm TT`."""
    places, _, agency = text.line(block.text).rpartition(" ")
    draft.dateline = Dateline((places,) if places else (), agency)
    draft.blocks.remove(block)


def _hang_pictures(draft: Draft, figures: list[Figure]) -> None:
    """Add the pictures that stood in the copy, unless the item names them as well."""
    if not figures:
        return
    known = {picture.href for picture in draft.pictures} | {
        picture.caption for picture in draft.pictures if picture.caption
    }
    for figure in figures:
        if figure.src in known or (figure.caption and figure.caption in known):
            continue
        known.add(figure.src)
        draft.pictures.append(PictureRef(figure.src, figure.caption, figure.credit))
