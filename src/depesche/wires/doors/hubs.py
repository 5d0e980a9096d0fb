"""Find the hub of a feed: in the headers of its answer, else in the feed itself (W3C WebSub, section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import msgspec
from lxml import etree

from depesche.lib.web.http import Response

_HEAD = 65_536  # bytes of a feed in which its links stand
_LONGEST = 2_000
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]+))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)
_ENDS = ("entry", "item")  # where the feed's own words are over


@dataclass(frozen=True, slots=True)
class Announced:
    """A feed's hub, and the topic under which the hub knows the feed."""

    hub: str
    topic: str


def announced(answer: Response) -> Announced | None:
    """Return the hub that *answer* names, None where it names none.

    The first hub is taken; without a `self` link the address of the answer is the topic.
    """
    found = of_headers(answer.headers.get("link", ""))
    if "hub" not in found:
        found = _of_json(answer.body) if answer.body.lstrip()[:1] == b"{" else _of_xml(answer.body)
    hub = _web(answer.url, found.get("hub", ""))
    topic = _web(answer.url, found.get("self", "")) or answer.url
    return Announced(hub, topic) if hub and len(topic) <= _LONGEST else None


def of_headers(link: str) -> dict[str, str]:
    """Return the first address of each relation in a Link header (RFC 8288)."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(link[:20_000]):
        rel = _REL.search(parameters)
        for name in ((rel[1] or rel[2]) if rel else "").lower().split():
            found.setdefault(name, target.strip())
    return found


def _of_xml(body: bytes) -> dict[str, str]:
    """Read the links before the first entry, without reading the rest."""
    found: dict[str, str] = {}
    if b"<!ENTITY" in body[:_HEAD]:
        return found  # no honest feed has any
    parser = etree.XMLPullParser(
        ("start",), recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        parser.feed(body[:_HEAD])
        for _, element in parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            name = etree.QName(element).localname
            if name in _ENDS:
                break
            if name == "link":
                for rel in str(element.get("rel") or "").lower().split():
                    found.setdefault(rel, str(element.get("href") or ""))
    except (etree.XMLSyntaxError, ValueError):
        return found  # the format will say what is wrong with it
    return found


def _of_json(body: bytes) -> dict[str, str]:
    try:
        feed = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    if not isinstance(feed, dict):
        return {}
    found: dict[str, str] = {}
    hubs = feed.get("hubs")
    for one in hubs if isinstance(hubs, list) else ():
        if (
            isinstance(one, dict)
            and str(one.get("type", "")).lower() == "websub"
            and isinstance(one.get("url"), str)
        ):
            found.setdefault("hub", one["url"])
    if isinstance(feed.get("feed_url"), str):
        found["self"] = feed["feed_url"]
    return found


def _web(base: str, address: str) -> str | None:
    try:
        url = urljoin(base, address.strip()) if address.strip() else ""
        return url if urlsplit(url).scheme in ("http", "https") and len(url) <= _LONGEST else None
    except ValueError:
        return None
