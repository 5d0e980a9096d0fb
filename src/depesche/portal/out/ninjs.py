"""Stories as IPTC ninjs 3, and with the names of ninjs 2, which are the same in small letters.

See https://iptc.org/std/ninjs/. What has to stand under the text wherever it is shown travels as usage terms
and copyright notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from depesche.lib.clock import rfc3339
from depesche.model.instrument import Mention
from depesche.model.story import Picture
from depesche.model.take import USABLE, Subject
from depesche.portal.out.item import Item

MEDIA_TYPE = "application/vnd.iptc.ninjs+json"
_STANDARDS = {3: "3.0", 2: "2.0"}
_MEDIA_TOPIC = "http://cv.iptc.org/newscodes/mediatopic/"
_SYMBOL_TYPE = "http://cv.iptc.org/newscodes/financialinstrumentsymboltype/"


def write(item: Item, major: int = 3) -> bytes:
    """Return *item* as one ninjs object of the *major* version 3 or 2."""
    return msgspec.json.encode(_object(item, major))


def write_all(items: Sequence[Item], major: int = 3) -> bytes:
    """Return *items* as an array of ninjs objects."""
    return msgspec.json.encode([_object(one, major) for one in items])


def _object(item: Item, major: int) -> Any:
    version, seen = item.version, item.shown
    line = version.dateline
    made: dict[str, Any] = {
        "uri": item.guid,
        "standard": {
            "name": "ninjs",
            "version": _STANDARDS[major],
            "schema": f"https://www.iptc.org/std/ninjs/ninjs-schema_{_STANDARDS[major]}.json",
        },
        "type": "text",
        "version": str(version.number),
        "firstCreated": rfc3339(version.first_created),
        "versionCreated": rfc3339(version.at),
        "pubStatus": USABLE,
        "urgency": version.urgency,
        "language": version.language or None,
        "headlines": [{"role": "main", "contentType": "text/plain", "value": item.headline}],
        "by": version.byline,
        "located": "/".join(line.places) if line else None,
        "descriptions": [{"role": "teaser", "contentType": "text/plain", "value": seen.teaser}]
        if seen.teaser
        else None,
        "bodies": _bodies(item),
        "copyrightNotice": seen.copyright,
        "usageTerms": " ".join(filter(None, (version.usage_terms, seen.notice))),
        "infoSources": [{"name": version.provider}],
        "subjects": [_subject(one) for one in version.subjects],
        "genres": [{"name": one} for one in item.genres],
        "edNote": f"Correction: {version.correction}" if version.correction else None,
        "organisations": [_organisation(one) for one in item.mentions],
        "associations": [
            _association(place, url, one) for place, (url, one) in enumerate(item.pictures, start=1)
        ],
        "altIds": [{"role": "url", "value": item.url}],
    }
    said = {name: value for name, value in made.items() if value not in (None, "", [])}
    return said if major == 3 else _small(said)


def _bodies(item: Item) -> list[dict[str, Any]]:
    seen = item.shown
    if not seen.is_whole or not seen.body_html:
        return []
    size = {"charCount": len(seen.body_text), "wordCount": len(seen.body_text.split())}
    return [
        {"role": "html", "contentType": "text/html", **size, "value": seen.body_html},
        {"role": "text", "contentType": "text/plain", **size, "value": seen.body_text},
    ]


def _subject(one: Subject) -> dict[str, str]:
    named = {"name": one.name} if one.name else {}
    if one.scheme == "medtop":
        return {**named, "uri": _MEDIA_TOPIC + one.code}
    return {**named, "literal": f"{one.scheme}:{one.code}" if one.scheme else one.code}


def _organisation(one: Mention) -> dict[str, Any]:
    symbols = [{"symbolType": f"{_SYMBOL_TYPE}ISIN", "symbol": one.isin}]
    if one.ticker:
        symbols.append({"ticker": one.ticker, **({"exchange": one.mic} if one.mic else {})})
    return {"name": one.name, "rel": "about", "symbols": symbols}


def _association(place: int, url: str, one: Picture) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": f"picture-{place}",
        "uri": url,
        "type": "picture",
        "descriptions": [{"contentType": "text/plain", "value": one.caption}] if one.caption else None,
        "by": one.credit,
        "renditions": [
            {
                "name": "main", "href": url, "contentType": one.media_type, "width": one.widths[-1],
                "height": round(one.height * one.widths[-1] / one.width),
            }
        ],
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def _small(value: Any) -> Any:
    """Return *value* with every name in small letters."""
    if isinstance(value, dict):
        return {name.lower(): _small(one) for name, one in value.items()}
    return list(map(_small, value)) if isinstance(value, list) else value
