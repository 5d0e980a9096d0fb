"""Addresses of the portal's pages, built in one place for pages, feeds and letters."""

from __future__ import annotations

from urllib.parse import quote

HOME = "/"
SEARCH = "/search"
IMPRINT = "/imprint"
PRIVACY = "/privacy"
TRANSPARENCY = "/transparency"
FOLLOW = "/follow"
CONFIRM = "/follow/confirm"
MANAGE = "/follow/manage"
LEAVE = "/follow/leave"
EXPORT = "/follow/export"
ERASE = "/follow/erase"
PUSH = "/push"
WORKER = "/sw.js"
FEED_ATOM = "/feed.atom"
FEED_RSS = "/feed.rss"
FEED_JSON = "/feed.json"
FEEDS = "/feeds"
FEEDS_OPML = "/feeds.opml"
LIVE = "/live"
STYLEGUIDE = "/styleguide"
VIEW = "/view"
MOST_READ = "/most-read"
ARCHIVE = "/archive"
API_PAGE = "/api"
API = "/api/v1"
METRICS = "/metrics"
LEDGER = "/metrics/ledger"
SUGGEST = "/suggest"


def story(key: int, slug: str) -> str:
    """Return the address of a story."""
    return f"/news/{slug}-{key}" if slug else f"/news/{key}"


def versions(key: int, slug: str) -> str:
    """Return the address of the list of a story's versions and their differences."""
    return f"{story(key, slug)}/versions"


def version(key: int, slug: str, number: int) -> str:
    """Return the address of an older version of a story."""
    return f"{story(key, slug)}/versions/{number}"


def share(isin: str) -> str:
    """Return the address of an instrument's page."""
    return f"/shares/{isin}"


def topic(code: str) -> str:
    """Return the address of the page of a media topic."""
    return f"/topics/{quote(code)}"


def archive(period: str) -> str:
    """Return the address of what was published in a *period*: a month like 2026-03 or a day like 2026-03-02."""
    return f"{ARCHIVE}/{period}"


def provider(slug: str) -> str:
    """Return the address of a provider's page; *slug* is the slugified name."""
    return f"/providers/{quote(slug)}"


def picture(sha256: str, width: int, kind: str = "webp") -> str:
    """Return the address of a picture in one of its widths and formats; immutable."""
    return f"/pictures/{sha256}-{width}.{kind}"


def preview(story: int, version: int) -> str:
    """Return the address of the picture that other sites show beside a link to a story."""
    return f"/preview/{story}-{version}.png"


def embed(isin: str) -> str:
    """Return the address of the frame with a share's news for other sites."""
    return f"/embed/shares/{isin}"


def oembed(url: str) -> str:
    """Return the address that says how another site may show the page at *url* (oEmbed)."""
    return f"/oembed?format=json&url={quote(url, safe='')}"


def localized(path: str, language: str, main: str) -> str:
    """Return *path* in an interface *language*: the main one stands at the root, others under their code."""
    return path if language == main else f"/{language}{path}"
