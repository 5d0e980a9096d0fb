"""oEmbed: tells another site how to show a story or a share of ours, given its address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from depesche.model import paths
from depesche.model.errors import NotFound
from depesche.model.instrument import Instrument
from depesche.model.story import Version
from depesche.portal.ask import TEXT, Ask, Page
from depesche.portal.out import preview
from depesche.portal.out.frame import SIZE, frame
from depesche.portal.out.xml import DECLARATION, text
from depesche.portal.pages import share
from depesche.portal.pages.story import key_of
from depesche.portal.site import Site

_LEAST = (220, 160)
_JSON, _XML = "application/json+oembed", "text/xml; charset=utf-8"
_STORY = re.compile(r"/news/([^/]+)")
_SHARE = re.compile(r"/shares/([^/]+)")
_LONGEST = 2_000
_AGE = "3600"


def show(site: Site, ask: Ask) -> Page:
    """Return what the address in `url` is shown as: a frame for a share, a link with a picture for a story.

    Raises:
        NotFound: the address is none of ours, or nothing is there.
    """
    kind = ask.query.get("format", "json")
    if kind not in {"json", "xml"}:
        return Page("There are the formats json and xml.\n", 501, TEXT)
    language, path = _ours(site, ask.query.get("url", ""))
    story, share_ = _STORY.fullmatch(path), _SHARE.fullmatch(path)
    if story:
        with site.newsroom.database.reading() as tx:
            version = tx.newsstand.version(key_of(unquote(story[1])))
        if version is None:
            raise NotFound(path)
        said = _of_story(site, language, version, ask)
    elif share_:
        said = _of_share(site, language, share.find(site, unquote(share_[1])), ask)
    else:
        raise NotFound(path)
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    if kind == "json":
        return Page(json.dumps(said, ensure_ascii=False), media_type=_JSON, headers=headers)
    rows = "".join(f"<{name}>{text(str(value))}</{name}>" for name, value in said.items())
    return Page(f"{DECLARATION}<oembed>{rows}</oembed>\n", media_type=_XML, headers=headers)


def _ours(site: Site, url: str) -> tuple[str, str]:
    """Return the interface language and the path that *url* means."""
    own = urlsplit(site.address)
    try:
        parts = urlsplit(url[:_LONGEST])
    except ValueError as error:  # half an IPv6 address
        raise NotFound(url) from error
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        raise NotFound(url)
    path = parts.path
    first = path.split("/", 2)[1:2]
    if first and first[0] in site.languages and first[0] != site.main:
        return first[0], path.removeprefix(f"/{first[0]}")
    return site.main, path


def _head(site: Site, kind: str, title: str) -> dict[str, object]:
    return {
        "version": "1.0", "type": kind, "title": title, "provider_name": site.settings.title,
        "provider_url": f"{site.address}/", "cache_age": _AGE,
    }  # fmt: skip


def _of_story(site: Site, language: str, version: Version, ask: Ask) -> Mapping[str, object]:
    width, height = preview.SIZE
    said = _head(site, "link", version.headline) | {"author_name": version.provider}
    most_wide, most_high = _most(ask, "maxwidth", width), _most(ask, "maxheight", height)
    if most_wide >= width and most_high >= height:
        said |= {
            "thumbnail_url": site.address + paths.preview(version.story, version.number),
            "thumbnail_width": width,
            "thumbnail_height": height,
        }
    return said | {"url": site.url(paths.story(version.story, version.slug), language)}


def _of_share(site: Site, language: str, found: Instrument, ask: Ask) -> Mapping[str, object]:
    width, height = (
        max(least, min(usual, _most(ask, name, usual)))
        for name, usual, least in zip(("maxwidth", "maxheight"), SIZE, _LEAST, strict=True)
    )
    html = frame(site, language, found.isin, found.name, (width, height))
    words = site.speech[language].say("%(share)s: news", share=found.name)
    return _head(site, "rich", words) | {"html": html, "width": width, "height": height}


def _most(ask: Ask, name: str, usual: int) -> int:
    said = ask.query.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else usual
