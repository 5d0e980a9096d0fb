"""Renditions of pictures, as long as a public story shows them and its wire's rights let it."""

from __future__ import annotations

import re

from depesche.model.errors import NotFound
from depesche.model.rights import shows_pictures
from depesche.portal.ask import Ask, Page
from depesche.portal.edge.shared import PICTURES
from depesche.portal.site import Site

_NAME = re.compile(r"([0-9a-f]{64})-([1-9][0-9]{0,4})\.(webp|avif|jpg|png)")
_TYPES = {"webp": "image/webp", "avif": "image/avif", "jpg": "image/jpeg", "png": "image/png"}
_A_DAY = "public, max-age=86400"  # not for ever: a killed story takes its pictures along


def show(site: Site, ask: Ask) -> Page:
    """Return a picture in one of its widths and formats.

    Raises:
        NotFound: no story shows it now, or none that may, or not like that.
    """
    name = _NAME.fullmatch(ask.values["name"])
    if name is None:
        raise NotFound(ask.values["name"])
    with site.newsroom.database.reading() as tx:
        may = any(shows_pictures(site.newsroom.rights(wire)) for wire in tx.pictures.wires_showing(name[1]))
        raw = tx.pictures.rendition(name[1], int(name[2]), name[3]) if may else None
    if raw is None:
        raise NotFound(ask.values["name"])
    etag = f'"{name[1][:16]}-{name[2]}-{name[3]}"'
    tags = frozenset({PICTURES})
    return Page(raw, 200, _TYPES[name[3]], tags=tags, cache=_A_DAY, headers={"ETag": etag})
