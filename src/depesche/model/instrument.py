"""Issuers, instruments, listings, their names, and mentions with evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

STRONG = "strong"
AMBIGUOUS = "ambiguous"
BLOCKED = "blocked"
TIERS = (STRONG, AMBIGUOUS, BLOCKED)

ORDINARY = "ordinary"
PREFERENCE = "preference"
RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Listing:
    """An instrument at a venue: `mic` by ISO 10383, `ticker` in the venue's spelling, `currency` by ISO 4217.

    `source` says who asserted it; who says it does not make it another listing.
    """

    mic: str
    ticker: str
    currency: str | None = None
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name or alias of an issuer.

    `tier` is strong (unique, not an ordinary word: links by itself), ambiguous (needs a cue)
    or blocked (never links). `source` says who asserted it.
    """

    text: str
    tier: str
    source: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A security with all that the register knows of it; `key` is its row in the store, 0 before it has one.

    `share_class` is ordinary, preference or receipt, empty where nobody said. `is_primary` marks the one
    that its issuer's name leads to.
    """

    isin: str
    name: str
    wkn: str | None = None
    kind: str = "share"
    country: str | None = None
    issuer: str | None = None
    listings: tuple[Listing, ...] = ()
    names: tuple[Name, ...] = ()
    source: str = ""
    key: int = 0
    share_class: str = ""
    is_primary: bool = False
    lei: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a mention was made.

    `kind` is supplied-isin, supplied-ticker, supplied-wkn, isin, wkn or name; `field` headline,
    body_text or identifiers; `start` and `end` count characters into that field (for
    identifiers, the place in the list); `text` is what stands there.
    """

    kind: str
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """An instrument in a version, scored apart: `identity` (is it this issuer) and `relevance` (is the
    story about it), both 0 to 1; an unpublished one waits for an editor.
    """

    isin: str
    name: str
    identity: float
    relevance: float
    published: bool
    evidence: tuple[Evidence, ...]
    ticker: str | None = None
    mic: str | None = None
    key: int = 0
