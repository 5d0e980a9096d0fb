"""IPTC ninjs 1.x, 2.x and 3.x: news in JSON, whose names change between the majors.

See https://iptc.org/std/ninjs/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, USABLE, Identifier, Link, Note, PictureRef, Subject, Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import encoding, fields, json, markets, times

_KEYS = re.compile(
    r'"(?:uri|versioncreated|versionCreated|body_[a-z0-9_]+|bodies|headlines?|headline_[a-z0-9_]+|pubstatus|pubStatus|'
    r'associations|representation[tT]ype|copyrightnotice|copyrightNotice)"\s*:'
)
_OTHERS = re.compile(r'jsonfeed\.org/version|"format"\s*:\s*"digitalwires|"version_created"|"article_html"')

_MOST_KEYWORDS = 1_000  # of one item
_STORIES = {"text", "composite", "component"}
_PICTURES = {"picture", "graphic"}
# Variants of a body or description, the most useful first; what is not named here comes last, in its order.
_BODIES = ("html", "xhtml", "main", "html5", "richtext", "text")
_TEASERS = ("teaser", "summary", "lead", "abstract", "main", "text", "html", "xhtml", "")
_NO_TEASERS = {"caption", "instructions", "note", "internal"}
_RELATIONS = {
    "derivedfrom": "derivedFrom",
    "evolvedfrom": "evolvedFrom",
    "previousversion": "previousVersion",
    "previous": "previousVersion",
}
_RELATION_LETTERS = frozenset("dDeEpP")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_PREFIXES = {
    "body": "bodies",
    "description": "descriptions",
    "headline": "headlines",
    "subheadline": "subheadlines",
}
_VOCABULARIES = (
    (("subject", "subjects"), None),
    (("place", "places"), "place"),
    (("person", "people"), "person"),
    (("organisation", "organisations"), "organisation"),
    (("event", "events"), "event"),
    (("object", "objects"), "object"),
)
_CODES = ("isin", "wkn", "ric", "figi", "lei")
_FLASH = 2

# What holds one line of words.
_LINES = frozenset(
    {
        "type",
        "uri",
        "guid",
        "headline",
        "title",
        "name",
        "version",
        "signal",
        "language",
        "byline",
        "by",
        "genre",
    }
    | {
        "versioncreated",
        "versionCreated",
        "firstcreated",
        "firstCreated",
        "creditline",
        "creditLine",
        "provider",
    }
    | {"copyrightnotice", "copyrightNotice", "copyrightholder", "copyrightHolder", "usageterms", "usageTerms"}
    | {"ednote", "edNote"}
)

Item = dict[str, Any]
Lines = dict[str, str]
Variant = tuple[str, str, str]
Texts = dict[str, list[Variant]]


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a ninjs item or a list of them."""
    words = encoding.glance(head)
    return words[:1] in {"{", "["} and _KEYS.search(words) is not None and _OTHERS.search(words) is None


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield the take in *raw*; a list yields one for each item, a package without a body one for each story in it.

    `version` is free text; `versioncreated` orders the versions of a story.

    Raises:
        WireError: it is no JSON object, or lacks `uri` or a headline.
        NotAStory: the item is a picture, an event, a package without stories, or empty.
    """
    found = json.parse(raw)
    if isinstance(found, dict):
        yield from _items(found, provider)
    elif isinstance(found, list):
        fields.refuse_flood(len(found), "items")
        for place, item in enumerate(found):
            try:
                if not isinstance(item, dict):
                    raise WireError(f"item {place}: no object")
                yield from _items(item, provider)
            except WireError as error:
                yield error
    else:
        raise WireError("ninjs: no object")


def _items(item: Item, provider: str) -> Iterator[Take]:
    lines = json.lines(item, _LINES)
    kind = lines.get("type", "text").lower()
    if kind not in _STORIES:
        raise NotAStory(f"type: {kind} is no story")
    told = _texts(item)
    body = _body(told)
    if not body and (parts := list(_embedded(item, provider))):
        yield from parts
    else:
        yield _take(item, lines, provider, told, body)


def _embedded(item: Item, provider: str) -> Iterator[Take]:
    """Yield the stories that a package carries whole."""
    beside = json.objects(item, "associations")
    fields.refuse_flood(len(beside), "associations")
    for one in beside:
        lines, told = json.lines(one, _LINES), _texts(one)
        if lines.get("type") == "text" and (body := _body(told)) and _headline(lines, told):
            yield _take(one, lines, provider, told, body)


def _take(item: Item, lines: Lines, provider: str, told: Texts, body: str) -> Take:
    line = lines.get
    guid = line("uri") or line("guid")
    if guid is None:
        raise WireError("uri: missing")
    said = _status(item)
    teaser = _description(told)
    if not body:
        body, teaser = html.paragraphs(teaser or ""), None
    urgency = fields.urgency(item.get("urgency", ""))
    title = _headline(lines, told) or (guid if said == CANCELED else None)
    if title is None:
        raise WireError("headline: missing") if body else NotAStory("headline, body: both are missing")
    # What is most urgent may be a headline alone, as there is no more yet.
    if not body and said == USABLE and (urgency or 9) > _FLASH:
        raise NotAStory("body: empty")
    embargoed, said = _embargo(item, said)
    signal = line("signal")
    subjects = list(_subjects(item))
    return Take(
        format=FORMAT.name,
        provider=provider or _provider(item, lines),
        guid=guid,
        headline=title,
        headline_raw=title,
        version=line("version"),
        version_created=times.iso(line("versioncreated") or line("versionCreated")),
        first_created=times.iso(line("firstcreated") or line("firstCreated")),
        status=said,
        embargoed=embargoed,
        urgency=urgency,
        language=line("language"),
        byline=line("byline") or line("by"),
        teaser=teaser,
        body_html=body,
        credit=line("creditline") or line("creditLine"),
        copyright=line("copyrightnotice") or line("copyrightNotice") or _holder(lines),
        usage_terms=line("usageterms") or line("usageTerms"),
        pictures=tuple(_pictures(item)) if "associations" in item else (),
        subjects=tuple(dict.fromkeys(subjects) if len(subjects) > 1 else subjects),
        genre=_genre(item) or line("genre"),
        signals=(signal,) if signal else (),
        notes=tuple(_notes(item, lines, told, title)),
        identifiers=markets.unique(list(_identifiers(item))),
        links=tuple(_links(item)),
    )


def _embargo(item: Item, said: str) -> tuple[datetime | None, str]:
    embargoed = None
    for name in ("embargoed", "embargoedUntil", "embargoeduntil"):
        if item.get(name) is not None:
            embargoed, said = fields.embargo(item[name], said)
    return embargoed, said


def _status(item: Item) -> str:
    told = next((item[name] for name in ("pubstatus", "pubStatus") if item.get(name) is not None), None)
    return fields.status(told if told is None or isinstance(told, str) else "")


def _holder(lines: Lines) -> str | None:
    return lines.get("copyrightholder") or lines.get("copyrightHolder")


def _provider(item: Item, lines: Lines) -> str:
    given = item.get("provider")
    named = json.string(given, "name", "literal") if isinstance(given, dict) else lines.get("provider")
    if named:
        return named
    for one in json.objects(item, "infosources", "infoSources", "infosource", "infoSource"):
        if name := json.string(one, "name", "literal"):
            return name
    return _holder(lines) or lines.get("creditline") or lines.get("creditLine") or fields.UNKNOWN


def _texts(item: Item) -> Texts:
    """Return the variants of every text: role, media type and words, whichever way the item's major names them.

    Their names are those of the later majors: bodies, descriptions, headlines, subheadlines.
    """
    found: Texts = {}
    for plural in _PREFIXES.values():
        if plural in item and (variants := list(_listed(item, plural))):
            found[plural] = variants
    for name, value in item.items():
        if "_" in name and isinstance(value, str):
            prefix, _, role = name.partition("_")
            if prefix in _PREFIXES and value and not value.isspace():
                found.setdefault(_PREFIXES[prefix], []).append((role, "", value))
    return found


def _listed(item: Item, plural: str) -> Iterator[Variant]:
    for one in json.objects(item, plural):
        value = one.get("value")
        if isinstance(value, str) and value and not value.isspace():
            yield (
                str(one.get("role") or "").lower(),
                str(one.get("contenttype") or one.get("contentType") or ""),
                value,
            )


def _is_html(role: str, media_type: str, words: str) -> bool:
    if media_type:
        return "html" in media_type.lower()
    return "html" in role or ("text" not in role and _MARKUP.search(words) is not None)


def _body(told: Texts) -> str:
    """Return one variant of the body as HTML, by preference one that is HTML already; empty when there is none."""
    ranked = [
        (not _is_html(role, kind, words), _place(role, _BODIES), order, words)
        for order, (role, kind, words) in enumerate(told.get("bodies", ()))
        if "xml" not in kind or "html" in kind
    ]
    if not ranked:
        return ""
    is_plain, _, _, words = min(ranked)
    return html.paragraphs(words) if is_plain else words


def _description(told: Texts) -> str | None:
    ranked = [
        (_place(role, _TEASERS), order, words)
        for order, (role, _, words) in enumerate(told.get("descriptions", ()))
        if role not in _NO_TEASERS
    ]
    return (html.words(min(ranked)[2]) or None) if ranked else None


def _place(role: str, order: tuple[str, ...]) -> int:
    return order.index(role) if role in order else len(order)


def _headline(lines: Lines, told: Texts) -> str | None:
    if found := lines.get("headline"):
        return found
    named = {role: words for role, _, words in reversed(told.get("headlines", ()))}
    chosen = named.get("main") or named.get("") or next(reversed(named.values()), None)
    return (text.line(chosen) or None if chosen else None) or lines.get("title") or lines.get("name")


def _notes(item: Item, lines: Lines, told: Texts, title: str) -> Iterator[Note]:
    """Yield what stands beside the copy: further headlines, which are copy, and notes to editors, which never are."""
    for plural in ("headlines", "subheadlines"):
        for role, _, words in told.get(plural, ()):
            if (line := text.line(words)) != title:
                yield Note(f"headline:{role}" if role else "headline", line, public=True)
    for name in ("ednote", "edNote"):
        if note := lines.get(name):
            yield Note("ednote", note)
    for one in json.objects(item, "ednotes", "edNotes") if "ednotes" in item or "edNotes" in item else ():
        if note := json.string(one, "value", "ednote", "text"):
            yield Note(json.string(one, "role") or "ednote", note)


def _pictures(item: Item) -> Iterator[PictureRef]:
    for one in json.objects(item, "associations"):
        if (json.string(one, "type") or "").lower() not in _PICTURES:
            continue
        offered = [
            fields.Rendition(
                json.string(file, "href") or "",
                json.string(file, "name", "title") or "",
                json.string(file, "mimetype", "contenttype", "contentType") or "",
                _pixels(file.get("width")),
            )
            for file in json.objects(one, "renditions")
        ]
        caption = _description(_texts(one)) or json.string(one, "headline")
        credit = json.string(
            one, "creditline", "creditLine", "byline", "by", "copyrightholder", "copyrightHolder"
        )
        if found := fields.picture(fields.best(offered), caption, credit):
            yield found


def _pixels(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < 1e6 else 0


def _subjects(item: Item) -> Iterator[Subject]:
    for names, vocabulary in _VOCABULARIES:
        if names[0] in item or names[1] in item:
            for one in json.objects(item, *names):
                if (found := _concept(one, vocabulary)) is not None:
                    yield found
    keywords = item.get("keywords")
    for word in keywords[:_MOST_KEYWORDS] if isinstance(keywords, list) else ():
        if isinstance(word, str) and text.line(word):
            yield Subject("keyword", text.line(word))


def _concept(one: Item, vocabulary: str | None) -> Subject | None:
    name = json.string(one, "name")
    if address := json.string(one, "uri"):
        return Subject(*fields.concept(address), name)
    if code := json.string(one, "code", "literal"):
        return Subject(fields.scheme(json.string(one, "scheme")) or vocabulary, code, name)
    return Subject(vocabulary, name, name) if name else None


def _genre(item: Item) -> str | None:
    if "genre" in item or "genres" in item:
        for one in json.objects(item, "genre", "genres"):
            if name := json.string(one, "name", "literal", "code"):
                return name
    return None


def _identifiers(item: Item) -> Iterator[Identifier | None]:
    for one in json.objects(item, "organisation", "organisations"):
        name = json.string(one, "name")
        for symbol in json.objects(one, "symbols"):
            market = json.string(symbol, "exchange", "market")
            if "symbol" in symbol:
                kind = json.string(symbol, "symbolType", "symboltype", "type")
                yield markets.identifier(json.string(symbol, "symbol"), kind or "symbol", market, name)
            if "ticker" in symbol:
                yield markets.identifier(json.string(symbol, "ticker"), None, market, name)
            for code in [one for one in _CODES if one in symbol]:
                yield markets.identifier(json.string(symbol, code), code, market, name)
        for code in [told for told in _CODES if told in one]:
            yield markets.identifier(json.string(one, code), code, None, name)


def _links(item: Item) -> Iterator[Link]:
    for name in [one for one in item if one[:1] in _RELATION_LETTERS]:
        value = item[name] if name.lower() in _RELATIONS else None
        if isinstance(value, str) and (told := text.line(value)):
            yield Link(_RELATIONS[name.lower()], guid=told)
    for one in json.objects(item, "associations") if "associations" in item else ():
        guid, rel = json.string(one, "uri"), json.string(one, "rel", "name") or "related"
        if guid and (json.string(one, "type") or "").lower() in _STORIES:
            yield Link(_RELATIONS.get(rel.lower(), rel), json.string(one, "href"), guid)


FORMAT = WireFormat("ninjs", sniff, read, "IPTC ninjs 1.x, 2.x and 3.x (JSON)")
