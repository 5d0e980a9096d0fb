"""Answers: a shape as JSON, and stories in the format asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

import msgspec

from depesche.model import paths
from depesche.portal.api.gate import LONGEST_ACCEPT
from depesche.portal.api.problems import problem
from depesche.portal.ask import JSON as JSON_TYPE
from depesche.portal.ask import Page
from depesche.portal.out import newsml_g2, ninjs
from depesche.portal.out.item import Item
from depesche.portal.site import Site

CACHE = "public, no-cache"
JSON, NINJS, NINJS_2, NEWSML_G2 = "json", "ninjs", "ninjs2", "newsml-g2"
FORMATS = (JSON, NINJS, NINJS_2, NEWSML_G2)
_TYPES = {
    "application/json": JSON,
    ninjs.MEDIA_TYPE: NINJS,
    newsml_g2.ITEM_TYPE: NEWSML_G2,
    newsml_g2.MESSAGE_TYPE: NEWSML_G2,
    "application/*": JSON,
    "*/*": JSON,
}
_VARY = {"Vary": "Accept, Accept-Encoding"}
_ENCODE = msgspec.json.Encoder()


def href(site: Site, path: str, **query: object) -> str:
    """Return the full address of *path* in this interface, with what of *query* was said."""
    said = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{site.address}{paths.API}{path}" + (f"?{said}" if said else "")


def answer(
    shape: msgspec.Struct, *, tags: frozenset[str] | None = None, more: Mapping[str, str] | None = None
) -> Page:
    """Return *shape* as JSON; with *tags* it may be kept until one of them is dropped."""
    return Page(_ENCODE.encode(shape), 200, JSON_TYPE, tags=tags, cache=CACHE, headers=more or {})


def chosen(accept: str, said: str | None) -> str | None:
    """Return the format that *said* or else the Accept header asks for, None where we have none of them."""
    if said is not None:
        return said
    if not accept.strip():
        return JSON
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:LONGEST_ACCEPT].split(",")):
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        found = _TYPES.get(name)
        weight = _weight(parameters)
        if found is not None and weight > 0:
            wanted.append((-weight, place, found))
    return min(wanted)[2] if wanted else None


def one_exported(item: Item, form: str, tags: frozenset[str]) -> Page:
    """Return a story in the exchange format *form*, or say that it may not leave."""
    if not item.may_leave:
        return problem(
            403, "The licence of this story's provider does not let it leave in an exchange format."
        )
    if form == NEWSML_G2:
        return Page(
            newsml_g2.write(item), media_type=newsml_g2.ITEM_TYPE, tags=tags, cache=CACHE, headers=_VARY
        )
    body = ninjs.write(item, 2 if form == NINJS_2 else 3)
    return Page(body, media_type=ninjs.MEDIA_TYPE, tags=tags, cache=CACHE, headers=_VARY)


def all_exported(
    site: Site, items: Iterable[Item], form: str, following: str | None, tags: frozenset[str] | None
) -> Page:
    """Return stories in the exchange format *form*, those that may not leave left out; the way on is in the header Link."""
    leaving = [one for one in items if one.may_leave]
    headers = {**_VARY, "Link": f'<{following}>; rel="next"'} if following else _VARY
    if form == NEWSML_G2:
        body = newsml_g2.write_message(leaving, site.settings.title)
        return Page(body, media_type=newsml_g2.MESSAGE_TYPE, tags=tags, cache=CACHE, headers=headers)
    body = ninjs.write_all(leaving, 2 if form == NINJS_2 else 3)
    return Page(body, media_type=ninjs.MEDIA_TYPE, tags=tags, cache=CACHE, headers=headers)


def varied(page: Page, following: str | None = None) -> Page:
    """Return *page*, that may also be had in other formats, with the way on in the header Link."""
    link = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Page(
        page.body, page.status, page.media_type, page.tags, page.cache, {**page.headers, **_VARY, **link}
    )


def _weight(parameters: Iterable[str]) -> float:
    for one in parameters:
        if one.startswith("q="):
            try:
                return float(one[2:])
            except ValueError:
                return 0.0
    return 1.0
