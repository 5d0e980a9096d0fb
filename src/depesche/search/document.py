"""What the index holds of a story, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import tantivy

from depesche.model.instrument import BLOCKED, Instrument
from depesche.model.story import StoryPage
from depesche.search.analysis.compounds import NO_COMPOUNDS, Compounds
from depesche.search.analysis.text import GERMAN, OTHER, TONGUES, analyzers, code, fold, tongue

# Raise it whenever fields or analysis change: an index of another version is rebuilt at the next start.
VERSION = 3

HEADLINE = "headline"
LEAD = "lead"
BODY = "body"
PARTS = "parts"  # stems, of what German compounds are made of
LEAD_LENGTH = 400
# What is asked for by words of its name. A topic's field holds its code too, as a word of its own.
PROVIDER, TOPIC = "provider", "topic"
NAMED = (PROVIDER, TOPIC)

_WORD = re.compile(r"\w+(?:[.&+'/-]\w+)*")
_LONGEST_CODE = 40
_MOST_CODES = 500


def schema() -> tantivy.Schema:
    """Return the fields of the index; each analysed one exists once a tongue, so `headline_de`."""
    builder = tantivy.SchemaBuilder()
    # Signed, for deleting by term silently misses unsigned numbers.
    builder.add_integer_field("story", indexed=True, fast=True)
    builder.add_integer_field("at", indexed=True, fast=True)  # seconds since 1970
    for part in (HEADLINE, LEAD, BODY):
        for name in TONGUES:
            builder.add_text_field(f"{part}_{name}", tokenizer_name=f"depesche_{name}")
    for name in NAMED:
        builder.add_text_field(name, tokenizer_name=f"depesche_{OTHER}")
    for name in ("codes", "wkn", PARTS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("isin", "language", "sender"):  # what results are counted by
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_boolean_field("sponsored", indexed=True)
    return builder.build()


def register(index: tantivy.Index) -> tantivy.Index:
    """Teach *index* our analysers, which live in the process and not in its files."""
    for name, analyzer in analyzers().items():
        index.register_tokenizer(f"depesche_{name}", analyzer)
    return index


def document(
    page: StoryPage, instrument: Callable[[str], Instrument | None], compounds: Compounds = NO_COMPOUNDS
) -> tantivy.Document:
    """Return what is indexed of the story on *page*; *instrument* finds a share in the register by its ISIN."""
    version = page.version
    own = tongue(version.language)
    lead = version.teaser or version.body_text[:LEAD_LENGTH]
    made = tantivy.Document()
    made.add_integer("story", version.story)
    made.add_integer("at", int(version.at.timestamp()))
    made.add_text(f"{HEADLINE}_{own}", fold(_headline(page), own))
    made.add_text(f"{LEAD}_{own}", fold(lead, own))
    made.add_text(f"{BODY}_{own}", fold(version.body_text, own))
    if own == GERMAN:
        for part in compounds.parts(f"{_headline(page)}\n{lead}\n{version.body_text}"):
            made.add_text(PARTS, part)
    made.add_text(PROVIDER, fold(version.provider, OTHER))
    for topic in (*page.topics, *page.more_topics):
        for name in dict.fromkeys(fold(one, OTHER) for one in topic if one):
            made.add_text(TOPIC, name)
    made.add_text("sender", version.provider)
    made.add_text("language", version.language[:2].lower())
    made.add_boolean("sponsored", page.sponsored)
    codes = composed(f"{version.headline}\n{version.body_text}")
    for mention in page.mentions:
        share = instrument(mention.isin)
        made.add_text("isin", mention.isin.upper())
        codes |= {code(mention.isin), code(mention.name)}
        if share is not None:
            codes.update(_codes_of(share))
            if share.wkn:
                made.add_text("wkn", share.wkn.upper())
    for one in sorted(codes - {""}):
        made.add_text("codes", one)
    return made


def composed(text: str) -> set[str]:
    """Return, as terms, the words of *text* that the analysers would take apart: E.ON, 1&1, dpa-AFX, an ISIN."""
    found: set[str] = set()
    for match in _WORD.finditer(text):
        word = match[0]
        if len(word) <= _LONGEST_CODE and not word.isalpha() and not word.isdigit():
            found.add(code(word))
            if len(found) >= _MOST_CODES:
                break
    return found


def _headline(page: StoryPage) -> str:
    series = page.version.series
    label = f"{series.kind} {series.topic or ''} " if series else ""
    return f"{label}{page.version.headline}"


def _codes_of(share: Instrument) -> Iterable[str]:
    yield code(share.name)
    if share.wkn:
        yield code(share.wkn)
    for listing in share.listings:
        yield code(listing.ticker)
    for name in share.names:
        if name.tier != BLOCKED:
            yield code(name.text)
            yield from (code(word) for word in name.text.split() if len(word) > 3)
