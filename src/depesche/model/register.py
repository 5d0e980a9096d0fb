"""What the register remembers besides the instruments themselves: issuers, history, and what sources disagree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from depesche.model.instrument import Instrument

# Kinds of disagreement.
NAME = "name"  # another name for a known ISIN
LISTING = "listing"  # one ticker of a market for two shares
WKN = "wkn"
OWNER = "owner"  # a known issuer's name under a stranger's ISIN
MARKET = "market"  # an ISIN on a market where it does not belong
LEI = "lei"
ROW = "row"  # a row that cannot be trusted as it stands

OPEN = "open"
KEPT = "kept"
TAKEN = "taken"
RENAMED_STATE = "renamed"

# Kinds of events.
IMPORTED = "imported"
RENAMED = "renamed"
DELISTED = "delisted"
NAMED = "name"
CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources that disagree: what was kept, what was set aside, and why; `other` is not in the register.

    `row` is the instrument that was set aside, where it is one.
    """

    isin: str
    reason: str
    kept: str
    kept_source: str
    other: str
    other_source: str
    kind: str = NAME
    row: Instrument | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A disagreement as it waits for a person, or as a person has settled it."""

    key: int
    conflict: Conflict
    state: str
    seen_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A change of the register; `field` is what changed, `before` and `after` its values."""

    at: datetime
    kind: str
    field: str
    before: str | None
    after: str | None
    source: str
    isin: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """A company with its instruments, the primary one first."""

    key: int
    name: str
    lei: str | None
    instruments: tuple[Instrument, ...]


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a source adds to instruments that others have brought: a listing known by name, or an issuer's LEI.

    It never makes an instrument. Without `isin` the `name` must lead to one.
    """

    source: str
    isin: str | None = None
    name: str | None = None
    mic: str | None = None
    ticker: str | None = None
    currency: str | None = None
    lei: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the register knows of an instrument, with who asserted it.

    `sources` maps fields to their sources; `former` holds names and listings that are over.
    """

    instrument: Instrument
    issuer: Issuer | None
    sources: Mapping[str, str]
    former: tuple[tuple[str, datetime], ...] = ()
    events: tuple[Event, ...] = ()
    quarantined: tuple[Quarantined, ...] = field(default=())
