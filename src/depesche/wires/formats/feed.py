"""RSS 0.9x, 1.0 and 2.0, Atom and JSON Feed, with the extensions that news feeds use.

Identity is the entry's own id, else its link, else a fingerprint of title and date; where a feed
repeats its ids, the link goes first.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, Note, Subject, Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import encoding, feedxml, fields, json, markets, nodes, repair, times, xml
from depesche.wires.reading.entry import Entry, Feed, absolute, picture

_ROOTS = frozenset({"rss", "RDF", "feed", "channel"})
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version')
_ADDRESS = re.compile(r"\(?\S+@\S+\)?")
_IN_BRACKETS = re.compile(r"\S+@\S+\s*\((.+)\)")
_REFERENCE = re.compile(
    r"""(<(?:a|img)\b[^<>]*?\s(?:href|src)\s*=\s*)(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE
)
_SENTENCE = re.compile(r"(.{20,160}?[.!?])(?:\s|$)")
_LONGEST_TAG = 30  # characters of a tag on average, addresses in it included
_MOST_TAGS = 1_000  # of one entry
_MOST_RESOLVED = 4_000_000  # characters that addresses may grow by
_REPEATED = 0.05  # share of repeated ids from which a feed's ids are not trusted


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a feed."""
    words = encoding.glance(head)
    if words[:1] == "{":
        return _JSON_FEED.search(words) is not None
    start = max(words.find("<"), 0)  # some feeds begin with what a broken script has printed
    return xml.root_name(words[start:]).rpartition(":")[2] in _ROOTS


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield a take for each entry in *raw*, in its order, and an error for each that is none.

    A tombstone (RFC 6721) is a kill. Times without a zone are taken for UTC.

    Raises:
        WireError: it is no feed, or beyond repair.
    """
    if encoding.glance(raw[:64])[:1] == "{":
        about, entries = _json_feed(json.parse(raw))
        killed: list[tuple[str, str]] = []
    else:
        try:
            about, entries, killed = _entries(nodes.parse(raw), None)
        except nodes.Intricate:
            about, entries, killed = _entries(*repair.parse(raw))
    provider = provider or about.title or fields.UNKNOWN
    ids = _identities(entries)
    for place, (entry, guid) in enumerate(zip(entries, ids, strict=True), 1):
        if not guid or not (entry.title or entry.body):
            yield NotAStory(f"entry {place}: has neither title nor text")
        else:
            yield _take(entry, guid, about, provider)
    for told, when in killed:
        if guid := text.line(told):
            yield Take(
                FORMAT.name,
                provider,
                guid,
                guid,
                guid,
                version_created=times.iso(when),
                status=CANCELED,
            )


def _entries(root: feedxml.Element, repairs: str | None) -> tuple[Feed, list[Entry], list[tuple[str, str]]]:
    """Return what the feed at *root* says of itself, its entries, and id and time of each that it takes back."""
    about, elements = feedxml.feed(root, repairs)
    killed = [
        (one.get("ref") or "", one.get("when") or "") for one in root if xml.local(one) == "deleted-entry"
    ]
    fields.refuse_flood(len(elements) + len(killed), "entries")
    entries = [feedxml.entry(one, about) for one in elements]
    return about, entries, killed


def _identities(entries: list[Entry]) -> list[str]:
    """Return the identity of each of *entries*; empty for one that has none."""
    told = Counter(entry.id for entry in entries if entry.id)
    repeated = sum(count for count in told.values() if count > 1)
    trust = repeated <= _REPEATED * len(entries)
    return [
        (entry.id if trust and entry.id else "") or entry.link or entry.id or _fingerprint(entry)
        for entry in entries
    ]


def _fingerprint(entry: Entry) -> str:
    if not (entry.title or entry.body):
        return ""
    told = f"{entry.title or entry.body}\n{entry.published or entry.updated}"
    return f"urn:sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def _take(entry: Entry, guid: str, about: Feed, provider: str) -> Take:
    published, updated = times.either(entry.published), times.either(entry.updated)
    title = entry.title or _first_sentence(entry.body)
    body = _resolved(entry.body or html.paragraphs(entry.summary), entry.link or about.base)
    return Take(
        format=FORMAT.name,
        provider=provider,
        guid=guid,
        headline=title,
        headline_raw=title,
        version_created=updated or published,
        first_created=published,
        language=entry.language or about.language or None,
        byline=_without_address(entry.author),
        teaser=entry.summary if entry.body and entry.summary and not _is_all(entry) else None,
        body_html=body,
        credit=entry.credit or None,
        copyright=entry.rights or about.rights or None,
        pictures=tuple(dict.fromkeys([one for one in entry.pictures if one])) if entry.pictures else (),
        subjects=tuple(dict.fromkeys(entry.subjects)) if entry.subjects else (),
        notes=(Note("repair", about.repair),) if about.repair else (),
        identifiers=markets.unique(entry.identifiers) if entry.identifiers else (),
        canonical_url=entry.link if _is_web_address(entry.link) else None,
    )


def _is_all(entry: Entry) -> bool:
    """Tell whether the summary is the body over again; it cannot be where the body's marks alone do not make up the difference."""
    body, summary = entry.body, entry.summary
    longer = len(body) - len(summary)
    if longer > 300 and body.count("<") * _LONGEST_TAG < longer - (body.count("\n") if "\n" in body else 0):
        return False
    return summary == html.words(body)


def _is_web_address(link: str) -> bool:
    if link.startswith(("https://", "http://")) and link.isascii() and "[" not in link and "]" not in link:
        return True
    try:
        return urlsplit(link).scheme in {"http", "https"}
    except ValueError:  # half an IPv6 address, for one
        return False


def _first_sentence(body: str) -> str:
    words = html.words(body)
    found = _SENTENCE.match(words)
    return found[1] if found else words[:120]


def _without_address(author: str) -> str | None:
    """Return *author* without mail addresses, which are not for readers."""
    if not author:
        return None
    author = author[:300]
    inside = _IN_BRACKETS.fullmatch(author)
    return text.line(_ADDRESS.sub("", inside[1] if inside else author)).strip(" ,;<>()") or None


def _resolved(body: str, base: str) -> str:
    """Return *body* with its relative addresses made absolute, as long as that does not make a book of it."""
    if not base or "=" not in body or body.count("=") * len(base) > _MOST_RESOLVED:
        return body
    return _REFERENCE.sub(
        lambda one: f'{one[1]}"{absolute(base, one[2] if one[2] is not None else one[3])}"', body
    )


def _json_feed(found: Any) -> tuple[Feed, list[Entry]]:
    """Return what a JSON Feed says of itself, and its entries."""
    if not isinstance(found, dict):
        raise WireError("json: no object")
    about = Feed(
        title=json.string(found, "title") or "",
        language=json.string(found, "language") or "",
        base=json.string(found, "home_page_url", "feed_url") or "",
    )
    items = json.objects(found, "items")
    fields.refuse_flood(len(items), "items")
    return about, [_json_entry(one, about) for one in items]


def _json_entry(one: dict[str, Any], about: Feed) -> Entry:
    marked, plain = one.get("content_html"), one.get("content_text")
    body = (
        marked.strip()
        if isinstance(marked, str)
        else html.paragraphs(plain)
        if isinstance(plain, str)
        else ""
    )
    summary = json.string(one, "summary") or ""
    base = about.base
    link = json.string(one, "url", "external_url") or ""
    authors = json.objects(one, "authors") or json.objects({"authors": [one.get("author")]}, "authors")
    entry = Entry(
        id=json.string(one, "id") or "",
        link=absolute(base, link) if link else "",
        title=json.string(one, "title") or "",
        body=body or html.paragraphs(summary),
        summary=summary if body else "",
        published=json.string(one, "date_published") or "",
        updated=json.string(one, "date_modified") or "",
        author=", ".join(filter(None, (json.string(author, "name") for author in authors))),
        language=json.string(one, "language") or "",
    )
    tags = one.get("tags")
    entry.subjects = [
        Subject("category", text.line(tag))
        for tag in (tags[:_MOST_TAGS] if isinstance(tags, list) else [])
        if isinstance(tag, str) and text.line(tag)
    ]
    images = [json.string(one, "image"), json.string(one, "banner_image")]
    images += [
        json.string(file, "url")
        for file in json.objects(one, "attachments")
        if (json.string(file, "mime_type") or "").startswith("image/")
    ]
    entry.pictures = [picture(href, base, None, None) for href in dict.fromkeys(filter(None, images))]
    return entry


FORMAT = WireFormat("feed", sniff, read, "RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed")
