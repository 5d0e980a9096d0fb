"""Examples of answers: invented stories about invented issuers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from depesche.model.identifiers import isin_with_check_digit
from depesche.portal.api import shapes

_HERE = "https://portal.example"
_API = f"{_HERE}/api/v1"
_AT = datetime(2026, 3, 2, 11, 48, tzinfo=UTC)
_ISIN = isin_with_check_digit("ZZWERFT0001")
_SHARE = shapes.Share(_ISIN, "Falkenwerft AG", "FKW")
_HEADLINE = "Falkenwerft gewinnt größten Auftrag ihrer Geschichte"
_URL = f"{_HERE}/news/falkenwerft-gewinnt-groessten-auftrag-ihrer-geschichte-11"
_TEASER = (
    "Der Schiffbauer Falkenwerft hat nach eigenen Angaben den größten Auftrag seiner Geschichte gewonnen."
)
_LINE = shapes.StoryLine(
    story=11, href=f"{_API}/stories/11", url=_URL, headline=_HEADLINE, label="ROUNDUP 2 · Fähren", language="de",
    provider="Nordlicht Nachrichten", at=_AT, action="update", versions=2, urgency=3, sponsored=False, teaser=_TEASER, shares=[_SHARE],
    views=1284, copies=["Hansekontor"],
)  # fmt: skip
_STORY = shapes.Story(
    story=11, version=2, is_current=True, href=f"{_API}/stories/11", url=_URL, lineage=7, provider="Nordlicht Nachrichten", language="de",
    at=_AT, first_created=datetime(2026, 3, 2, 9, 5, tzinfo=UTC), action="update", urgency=3, headline=_HEADLINE,
    label="ROUNDUP 2 · Fähren", series=shapes.Series("ROUNDUP", 2, "Fähren"),
    dateline=shapes.Dateline(["MUSTERHAVEN"], "Nordlicht Nachrichten", None), byline="Jonna Kolk", teaser=_TEASER, is_whole=True,
    body_html=f"<p>{_TEASER}</p>", body_text=_TEASER, notice=None, credit=None, copyright="© Nordlicht Nachrichten 2026", usage_terms=None,
    correction=None, genre=None, subjects=[shapes.Subject("medtop", "20000170", "Schiffbau")], canonical_url=None, pictures=[],
    shares=[_SHARE], copies=[], sponsored=False, views=1284,
)  # fmt: skip
_INSTRUMENT = shapes.Instrument(
    isin=_ISIN, wkn="ZZW001", name="Falkenwerft AG", kind="share", country="ZZ", issuer="Falkenwerft AG", lei=None,
    share_class="ordinary", is_primary=True, listings=[shapes.Listing("XETR", "Xetra", "FKW", "EUR")],
    href=f"{_API}/instruments/{_ISIN}", url=f"{_HERE}/shares/{_ISIN}", stories=f"{_API}/stories?isin={_ISIN}",
)  # fmt: skip
_ENTRY: dict[str, Any] = {
    "story": 11, "url": _URL, "headline": _HEADLINE, "language": "de", "provider": "Nordlicht Nachrichten", "at": _AT,
    "sponsored": False, "shares": [_ISIN],
}  # fmt: skip

_FOUND = (
    shapes.Stories([_LINE], f"{_API}/stories?limit=1&cursor=MTc3MjQ1MjA4MC4wXzEx"),
    _STORY,
    shapes.Versions(
        11,
        [
            shapes.VersionLine(
                2, f"{_API}/stories/11/versions/2", _URL, "update", _AT, _HEADLINE, "ROUNDUP 2 · Fähren", True
            )
        ],
    ),
    shapes.Differences(
        11, 2, 1, [shapes.Piece("same", _HEADLINE)],
        [[shapes.Piece("same", "Die Aktie gewann "), shapes.Piece("removed", "acht"), shapes.Piece("added", "neun"), shapes.Piece("same", " Prozent.")]],
    ),
    shapes.Mentions(
        11, 2, [shapes.Mention(_ISIN, "Falkenwerft AG", "FKW", "XETR", 0.98, 0.95, [shapes.Evidence("name", "headline", 0, 11, "Falkenwerft")])]
    ),
    _INSTRUMENT,
    shapes.Instruments([_INSTRUMENT]),
    shapes.Search(
        "Fähren", 1, False, [shapes.Found(_LINE, [shapes.Hit(_HEADLINE, False)], [shapes.Hit("vier ", False), shapes.Hit("Fähren", True)])], [],
        shapes.Facets([shapes.Count("Nordlicht Nachrichten", "Nordlicht Nachrichten", 1)], [shapes.Count(_ISIN, "Falkenwerft AG", 1)],
                      [shapes.Count("de", "de", 1)], [shapes.Span("day", "2026-03-02", 1)]),
        None,
    ),
    shapes.Changes(
        [
            shapes.Change(4711, _AT, "filed", "update", 11, 2, True, f"{_API}/stories/11", _URL, []),
            shapes.Change(4712, _AT, "killed", "kill", 9, 3, False, f"{_API}/stories/9", None, []),
        ],
        4712, False, f"{_API}/changes?after=4712&limit=100",
    ),
    shapes.Views(11, _URL, 1300, [shapes.Counted(10, day="2026-03-01"), shapes.Counted(1290, day="2026-03-02")]),
    shapes.AlsoRead(9, [shapes.Entry(**_ENTRY, kind="read", weight=3.2, readers=4)]),
    shapes.MostRead("day", [shapes.Entry(**_ENTRY, views=1290)]),
)  # fmt: skip
EXAMPLES: dict[str, Any] = {type(one).__name__: msgspec.to_builtins(one) for one in _FOUND}
"""An example of each answer, by the name of its shape."""
