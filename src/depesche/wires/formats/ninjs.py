"""IPTC ninjs 1.x, 2.x and 3.x: news in JSON, whose names change between the majors.

See https://iptc.org/std/ninjs/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from depesche.lib import html, text
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, USABLE, Link, Note, PictureRef, Subject, Take
from depesche.wires import encoding, fields, json, markets, times
from depesche.wires.format import WireFormat

_KEYS = re.compile(
    r'"(?:uri|versioncreated|versionCreated|body_[a-z0-9_]+|bodies|headlines?|headline_[a-z0-9_]+|pubstatus|pubStatus|'
    r'associations|representation[tT]ype|copyrightnotice|copyrightNotice)"\s*:'
)
_OTHERS = re.compile(r'jsonfeed\.org/version|"format"\s*:\s*"digitalwires|"version_created"|"article_html"')

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
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")

Item = dict[str, Any]


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
    kind = (json.string(item, "type") or "text").lower()
    if kind not in _STORIES:
        raise NotAStory(f"type: {kind} is no story")
    body = _body(item)
    if not body and (parts := list(_embedded(item, provider))):
        yield from parts
    else:
        yield _take(item, provider, body)


def _embedded(item: Item, provider: str) -> Iterator[Take]:
    """Yield the stories that a package carries whole."""
    for one in json.objects(item, "associations"):
        if json.string(one, "type") == "text" and (body := _body(one)) and _headline(one):
            yield _take(one, provider, body)


def _take(item: Item, provider: str, body: str) -> Take:
    guid = json.string(item, "uri", "guid")
    if guid is None:
        raise WireError("uri: missing")
    said = _status(item)
    teaser = _description(item)
    if not body:
        body, teaser = html.paragraphs(teaser or ""), None
    title = _headline(item) or (guid if said == CANCELED else None)
    if title is None:
        raise WireError("headline: missing") if body else NotAStory("headline, body: both are missing")
    if not body and said == USABLE and not _is_flash(item):
        raise NotAStory("body: empty")
    embargoed = None
    for name in ("embargoed", "embargoedUntil", "embargoeduntil"):
        if item.get(name) is not None:
            embargoed, said = fields.embargo(item[name], said)
    return Take(
        format=FORMAT.name,
        provider=provider or _provider(item),
        guid=guid,
        headline=title,
        headline_raw=title,
        version=json.string(item, "version"),
        version_created=times.iso(json.string(item, "versioncreated", "versionCreated")),
        first_created=times.iso(json.string(item, "firstcreated", "firstCreated")),
        status=said,
        embargoed=embargoed,
        urgency=fields.urgency(item.get("urgency", "")),
        language=json.string(item, "language"),
        byline=json.string(item, "byline", "by"),
        teaser=teaser,
        body_html=body,
        credit=json.string(item, "creditline", "creditLine"),
        copyright=json.string(
            item, "copyrightnotice", "copyrightNotice", "copyrightholder", "copyrightHolder"
        ),
        usage_terms=json.string(item, "usageterms", "usageTerms"),
        pictures=tuple(_pictures(item)),
        subjects=tuple(dict.fromkeys(_subjects(item))),
        genre=_genre(item),
        signals=tuple(filter(None, [json.string(item, "signal")])),
        notes=tuple(_notes(item, title)),
        identifiers=markets.unique(list(_identifiers(item))),
        links=tuple(_links(item)),
    )


def _status(item: Item) -> str:
    told = next((item[name] for name in ("pubstatus", "pubStatus") if item.get(name) is not None), None)
    return fields.status(told if told is None or isinstance(told, str) else "")


def _is_flash(item: Item) -> bool:
    """Tell whether *item* is so urgent that its headline is all there is yet."""
    return (fields.urgency(item.get("urgency", "")) or 9) <= 2


def _provider(item: Item) -> str:
    for one in (item, *json.objects(item, "infosources", "infoSources", "infosource", "infoSource")):
        given = one.get("provider") if one is item else one
        name = (
            json.string(given, "name", "literal")
            if isinstance(given, dict)
            else json.string(item, "provider")
        )
        if name:
            return name
    return (
        json.string(item, "copyrightholder", "copyrightHolder", "creditline", "creditLine") or fields.UNKNOWN
    )


def _variants(item: Item, plural: str, prefix: str) -> list[tuple[str, str, str]]:
    """Return role, media type and words of every variant of a text, whichever way the item's major names them."""
    found = []
    if plural in item:
        found = [
            (
                str(one.get("role") or "").lower(),
                str(one.get("contenttype") or one.get("contentType") or ""),
                one["value"],
            )
            for one in json.objects(item, plural)
            if isinstance(one.get("value"), str)
        ]
    for name in item:
        if name.startswith(prefix) and isinstance(value := item[name], str):
            found.append((name.removeprefix(prefix), "", value))
    return [one for one in found if one[2] and not one[2].isspace()]


def _is_html(role: str, media_type: str, words: str) -> bool:
    if media_type:
        return "html" in media_type.lower()
    return "html" in role or ("text" not in role and _MARKUP.search(words) is not None)


def _body(item: Item) -> str:
    """Return one variant of the body as HTML, by preference one that is HTML already; empty when there is none."""
    ranked = [
        (not _is_html(role, kind, words), _place(role, _BODIES), order, words)
        for order, (role, kind, words) in enumerate(_variants(item, "bodies", "body_"))
        if "xml" not in kind or "html" in kind
    ]
    if not ranked:
        return ""
    is_plain, _, _, words = min(ranked)
    return html.paragraphs(words) if is_plain else words


def _description(item: Item) -> str | None:
    ranked = [
        (_place(role, _TEASERS), order, words)
        for order, (role, _, words) in enumerate(_variants(item, "descriptions", "description_"))
        if role not in _NO_TEASERS
    ]
    return (html.words(min(ranked)[2]) or None) if ranked else None


def _place(role: str, order: tuple[str, ...]) -> int:
    return order.index(role) if role in order else len(order)


def _headline(item: Item) -> str | None:
    if found := json.string(item, "headline"):
        return found
    named = {role: words for role, _, words in reversed(_variants(item, "headlines", "headline_"))}
    chosen = named.get("main") or named.get("") or next(reversed(named.values()), None)
    return text.line(chosen) if chosen and text.line(chosen) else json.string(item, "title", "name")


def _notes(item: Item, title: str) -> Iterator[Note]:
    """Yield what stands beside the copy: further headlines, which are copy, and notes to editors, which never are."""
    for role, _, words in _variants(item, "headlines", "headline_") + _variants(
        item, "subheadlines", "subheadline_"
    ):
        if text.line(words) != title:
            yield Note(f"headline:{role}" if role else "headline", text.line(words), public=True)
    for name in ("ednote", "edNote"):
        if note := json.string(item, name):
            yield Note("ednote", note)
    for one in json.objects(item, "ednotes", "edNotes"):
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
        caption = _description(one) or json.string(one, "headline")
        credit = json.string(
            one, "creditline", "creditLine", "byline", "by", "copyrightholder", "copyrightHolder"
        )
        if found := fields.picture(fields.best(offered), caption, credit):
            yield found


def _pixels(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < 1e6 else 0


def _subjects(item: Item) -> Iterator[Subject]:
    for one in json.objects(item, "subject", "subjects"):
        yield from _concept(one, None)
    for names, vocabulary in (
        (("place", "places"), "place"),
        (("person", "people"), "person"),
        (("organisation", "organisations"), "organisation"),
        (("event", "events"), "event"),
        (("object", "objects"), "object"),
    ):
        for one in json.objects(item, *names):
            yield from _concept(one, vocabulary)
    keywords = item.get("keywords")
    for word in keywords if isinstance(keywords, list) else []:
        if isinstance(word, str) and text.line(word):
            yield Subject("keyword", text.line(word))


def _concept(one: Item, vocabulary: str | None) -> Iterator[Subject]:
    name = json.string(one, "name")
    if address := json.string(one, "uri"):
        yield Subject(*fields.concept(address), name)
    elif code := json.string(one, "code", "literal"):
        yield Subject(fields.scheme(json.string(one, "scheme")) or vocabulary, code, name)
    elif name:
        yield Subject(vocabulary, name, name)


def _genre(item: Item) -> str | None:
    for one in json.objects(item, "genre", "genres"):
        if name := json.string(one, "name", "literal", "code"):
            return name
    return json.string(item, "genre")


def _identifiers(item: Item) -> Iterator[Any]:
    for one in json.objects(item, "organisation", "organisations"):
        name = json.string(one, "name")
        for symbol in json.objects(one, "symbols"):
            market = json.string(symbol, "exchange", "market")
            kind = json.string(symbol, "symbolType", "symboltype", "type")
            yield markets.identifier(json.string(symbol, "symbol"), kind or "symbol", market, name)
            yield markets.identifier(json.string(symbol, "ticker"), None, market, name)
            for code in ("isin", "wkn", "ric", "figi", "lei"):
                yield markets.identifier(json.string(symbol, code), code, market, name)
        for code in ("isin", "wkn", "lei"):
            yield markets.identifier(json.string(one, code), code, None, name)


def _links(item: Item) -> Iterator[Link]:
    for name, value in item.items():
        if name.lower() in _RELATIONS and isinstance(value, str) and text.line(value):
            yield Link(_RELATIONS[name.lower()], guid=text.line(value))
    for one in json.objects(item, "associations"):
        guid, name = json.string(one, "uri"), json.string(one, "rel", "name") or "related"
        if guid and (json.string(one, "type") or "").lower() in _STORIES:
            yield Link(_RELATIONS.get(name.lower(), name), json.string(one, "href"), guid)


FORMAT = WireFormat("ninjs", sniff, read, "IPTC ninjs 1.x, 2.x and 3.x (JSON)")
