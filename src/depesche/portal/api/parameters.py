"""The parameters of the API, with what its description says of each."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query

from depesche.portal.api import changes as feed
from depesche.portal.api import cursors, searches, stories

_TIME = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$"
_COUNTED = {"minimum": 0, "maximum": 100}

Story = Annotated[int, Path(description="Number of a story.", examples=[11])]
Number = Annotated[int, Path(description="Number of a version, from 1.", examples=[2])]
Code = Annotated[
    str,
    Path(description="ISIN, WKN or ticker.", max_length=40, examples=["ZZWERFT00010"]),
]
Provider = Annotated[
    str | None,
    Query(
        description="The end of a provider's address, or its name.",
        min_length=1,
        max_length=100,
        examples=["nordlicht-nachrichten"],
    ),
]
Isin = Annotated[
    str | None,
    Query(description="Stories about this share: ISIN, WKN or ticker.", min_length=1, max_length=40),
]
Language = Annotated[
    str | None,
    Query(description="Stories in this language, as ISO 639 has it.", pattern="^[a-z]{2}$", examples=["de"]),
]
Topic = Annotated[
    str | None,
    Query(
        description="The code of a media topic; those above it are on stories as well.",
        pattern=r"^[0-9A-Za-z:._-]{1,40}$",
        examples=["20000170"],
    ),
]
Since = Annotated[
    str | None,
    Query(
        description="Stories of this time or later, by RFC 3339; a day begins in UTC.",
        pattern=_TIME,
        examples=["2026-03-02T09:30:00Z"],
    ),
]
Until = Annotated[str | None, Query(description="Stories before this time.", pattern=_TIME)]
Limit = Annotated[int, Query(description="How many at most.", ge=1, le=stories.MOST)]
Cursor = Annotated[
    str | None,
    Query(
        description="Where to go on, as `next` says it. Nothing else is to be read into it.",
        pattern=f"^[A-Za-z0-9_-]{{1,{cursors.LONGEST}}}$",
    ),
]
Format = Annotated[
    Literal["json", "ninjs", "ninjs2", "newsml-g2"] | None,
    Query(
        alias="format",
        description="Our JSON, or an exchange format; it wins over the header Accept. Stories whose licence does not let "
        "them leave are left out of lists in exchange formats.",
    ),
]
Against = Annotated[
    int | None, Query(description="The version to compare with; the one before without it.", ge=1)
]
Named = Annotated[
    str,
    Query(
        alias="q",
        description="The beginning of a name, ISIN, WKN or ticker.",
        min_length=1,
        max_length=60,
        examples=["falken"],
    ),
]
Words = Annotated[
    str,
    Query(
        alias="q",
        description='The query, as on the page: `"a phrase"`, `OR`, `-without`, `isin:` `wkn:` `von:` `seit:` `bis:` `sprache:`.',
        min_length=1,
        max_length=searches.LONGEST,
        examples=["Fähre isin:ZZWERFT00010"],
    ),
]
Sort = Annotated[Literal["best", "newest"], Query(description="The best first, or the newest.")]
After = Annotated[
    int | None,
    Query(
        description="Go on after this entry; 0 is the beginning. Without it only the present end is told.",
        ge=0,
        le=2**63 - 1,
    ),
]
Kinds = Annotated[
    str | None,
    Query(
        description="Only these kinds, with commas between them.",
        pattern="^[a-z]+(,[a-z]+)*$",
        max_length=120,
        examples=["killed,withheld,expired"],
    ),
]
OfStory = Annotated[int | None, Query(description="Only this story.", ge=1, le=2**63 - 1)]
ManyChanges = Annotated[
    int, Query(description="How many entries are looked at, at most.", ge=1, le=feed.MOST)
]

By = Annotated[str | None, Query(description="Days or hours.", json_schema_extra={"enum": ["day", "hour"]})]
From = Annotated[
    str | None,
    Query(alias="from", description="First day, included.", examples=["2026-03-02"]),
]
To = Annotated[
    str | None,
    Query(alias="to", description="Last day, included.", examples=["2026-03-02"]),
]
Period = Annotated[
    str | None,
    Query(
        description="The running hour and the 1, 24 or 168 whole ones before it.",
        json_schema_extra={"enum": ["hour", "day", "week"]},
    ),
]
Lang = Annotated[
    str | None, Query(description="Stories in that language.", json_schema_extra={"enum": ["de", "en"]})
]
OfShare = Annotated[str | None, Query(description="ISIN, WKN or ticker.", alias="share")]
OfProvider = Annotated[str | None, Query(description="The end of a provider's address.", alias="provider")]
OfTopic = Annotated[
    str | None, Query(description="The code of a subject, as the wire gave it.", alias="topic")
]
Few = Annotated[
    str | None,
    Query(
        alias="limit",
        description="How many at most; 20 without it.",
        json_schema_extra={"type": "integer", **_COUNTED},
    ),
]
Fewer = Annotated[
    str | None,
    Query(
        alias="limit",
        description="How many at most; the portal's own number without it.",
        json_schema_extra={"type": "integer", "minimum": 0, "maximum": 20},
    ),
]
