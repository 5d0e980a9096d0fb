"""Reads items without storing them, and writes takes as the JSON that `depesche parse` prints.

The fields are a contract: `docs/reference/parse.schema.json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from depesche.lib.clock import rfc3339
from depesche.model.errors import WireError
from depesche.model.take import Dateline, Identifier, Link, Note, PictureRef, Series, Subject, Take
from depesche.wires.format import WireFormat, recognise

FIELDS = (
    *(
        "format",
        "provider",
        "guid",
        "version",
        "version_created",
        "first_created",
        "status",
        "embargoed",
        "urgency",
    ),
    *(
        "language",
        "series",
        "headline",
        "headline_raw",
        "dateline",
        "byline",
        "sign_off",
        "teaser",
        "body_html",
    ),
    *("body_text", "credit", "copyright", "usage_terms", "pictures", "subjects", "genre", "signals", "notes"),
    *("identifiers", "links", "canonical_url"),
)
_PARTS = (Series, Dateline, PictureRef, Subject, Note, Identifier, Link)
MAX_BODY = 4_000_000  # characters of one story, its tags included; the longest reports have a tenth of that
_LONGEST_PROVIDER = 200  # characters
_LONGEST_LANGUAGE = 20


def takes(
    raw: bytes,
    formats: Mapping[str, WireFormat],
    format_name: str | None = None,
    provider: str = "",
    received_at: datetime | None = None,
) -> Iterator[Take | WireError]:
    """Yield what *raw* holds as delivered, unedited: its takes, and an error for each part that is none.

    Never raises for what is in *raw*: an item that cannot be read at all yields its one error. *received_at* tells
    the year to formats whose times have none.
    """
    try:
        plugin = recognise(raw, formats, format_name)
        yield from map(
            _bounded,
            plugin.read_at(raw, provider, received_at) if plugin.read_at else plugin.read(raw, provider),
        )
    except WireError as error:
        yield error


def _bounded(one: Take | WireError) -> Take | WireError:
    """Return *one* with a provider's name and a language that can be kept (some feeds have titles like sentences), or in
    its place an error where its copy has no end: editing takes longer than reading.
    """
    if isinstance(one, WireError):
        return one
    count = max(len(one.body_html), len(one.body_text))
    if count > MAX_BODY:
        return WireError(f"body: {count} characters are more than {MAX_BODY}")
    language = one.language if len(one.language or "") <= _LONGEST_LANGUAGE else None
    if len(one.provider) <= _LONGEST_PROVIDER and language == one.language:
        return one
    return replace(one, provider=one.provider[:_LONGEST_PROVIDER], language=language)


def as_json(take: Take) -> dict[str, Any]:
    """Return *take* as JSON values: times in RFC 3339 and UTC, absent things null or an empty list."""
    return {name: _value(getattr(take, name)) for name in FIELDS}


def _value(value: object) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    if isinstance(value, _PARTS):
        return {one.name: _value(getattr(value, one.name)) for one in fields(value)}
    return value
