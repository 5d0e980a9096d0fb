"""dpa digitalwires: the JSON in which dpa delivers an entry of its wires, alone or as a list.

What the provider keeps for editors (`notepad`, `ednotes`) stays private but for the roles on the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, USABLE, Dateline, Identifier, Link, Note, PictureRef, Subject, Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import encoding, fields, json, markets, times

_KEYS = re.compile(r'"format"\s*:\s*"digitalwires|"article_html"\s*:|"version_created"\s*:')
_STORIES = frozenset({"composite", "text", "article", "story"})
_PICTURES = frozenset({"image", "picture", "graphic", "photo"})
_PUBLIC_NOTES = frozenset({"correction_consumerready"})
_CLOSING = "closingline"
_HREF = re.compile(r'<a\b[^<>]*?\shref="(https?://[^"<>]+)"')
# Categories that are no subjects: they repeat fields, name the route, or persons of the staff.
_NO_SUBJECTS = frozenset(
    {
        "signal",
        "pubstatus",
        "wire",
        "creator",
        "contributor",
        "genre",
        "urgency",
        "provider",
        "rubric",
        "scope",
    }
)
_INSTRUMENTS = frozenset({"isin", "wkn", "ric", "figi", "lei"})
_FLASH = 2  # an entry so urgent may be a headline without a body

Entry = dict[str, Any]


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a digitalwires entry or a list of them."""
    words = encoding.glance(head)
    return words[:1] in {"{", "["} and _KEYS.search(words) is not None


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield the take in *raw*; a list, or an object with `entries`, yields one for each entry.

    `version` counts; `version_created` orders versions as well.

    Raises:
        WireError: it is no JSON object, or lacks `urn` or `headline`.
        NotAStory: the entry is a picture or another thing that is no text, or is empty.
    """
    found = json.parse(raw)
    entries = found.get("entries", found) if isinstance(found, dict) else found
    if isinstance(entries, dict):
        yield _take(entries, provider)
    elif isinstance(entries, list):
        fields.refuse_flood(len(entries), "entries")
        for place, entry in enumerate(entries):
            try:
                if not isinstance(entry, dict):
                    raise WireError(f"entry {place}: no object")
                yield _take(entry, provider)
            except WireError as error:
                yield error
    else:
        raise WireError("digitalwires: no object")


def _take(entry: Entry, provider: str) -> Take:
    guid = _identity(entry)
    categories = list(_categories(entry))
    said = _status(entry)
    body = entry.get("article_html")
    body = body if isinstance(body, str) and not html.is_blank(body) else ""
    urgency = fields.urgency(entry.get("urgency", ""))
    title = json.string(entry, "headline") or (guid if said == CANCELED else None)
    if title is None:
        raise WireError("headline: missing")
    if not body and said == USABLE and (urgency or 9) > _FLASH:
        raise NotAStory("article_html: the body is empty")
    embargoed = None
    if (until := entry.get("embargoed")) is not None:
        embargoed, said = fields.embargo(until, said)
    dateline, notes = json.string(entry, "dateline"), list(_ed_notes(entry))
    return Take(
        format=FORMAT.name,
        provider=provider or _provider(entry, categories),
        guid=guid,
        headline=title,
        headline_raw=title,
        version=json.string(entry, "version"),
        version_created=times.iso(json.string(entry, "version_created")),
        first_created=times.iso(json.string(entry, "content_created", "first_created")),
        status=said,
        embargoed=embargoed,
        urgency=urgency,
        language=json.string(entry, "language"),
        dateline=Dateline((dateline,)) if dateline else None,
        byline=json.string(entry, "byline"),
        sign_off=next((words for role, words, _ in notes if role == _CLOSING), None),
        teaser=json.string(entry, "teaser"),
        body_html=body,
        credit=json.string(entry, "creditline"),
        copyright=json.string(entry, "copyrightnotice"),
        usage_terms=json.string(entry, "usageterms"),
        pictures=tuple(dict.fromkeys(_pictures(entry))),
        subjects=tuple(dict.fromkeys(_subjects(categories))),
        genre=next((name for kind, _, name in categories if kind == "genre" and name), None),
        signals=tuple(dict.fromkeys(_signals(entry, categories))),
        notes=tuple(dict.fromkeys((*_headlines(entry), *_boxes(entry), *_notes(entry, notes)))),
        identifiers=markets.unique(list(_identifiers(categories))),
        links=tuple(dict.fromkeys(_links(entry))),
        canonical_url=json.string(entry, "canonical_url"),
    )


def _identity(entry: Entry) -> str:
    kind = (json.string(entry, "type") or "text").lower()
    if kind not in _STORIES:
        raise NotAStory(f"type: {kind} is no story")
    guid = json.string(entry, "urn")
    if guid is None:
        raise WireError("urn: missing")
    return guid


def _status(entry: Entry) -> str:
    told = entry.get("pubstatus")
    return fields.status(told if told is None or isinstance(told, str) else "")


def _categories(entry: Entry) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield kind, qcode and name of each category."""
    for one in json.objects(entry, "categories"):
        kind = (json.string(one, "type") or "").rpartition(":")[2].lower()
        yield kind, json.string(one, "qcode"), json.string(one, "name")


def _provider(entry: Entry, categories: list[tuple[str, str | None, str | None]]) -> str:
    named = next((name for kind, _, name in categories if kind == "provider" and name), None)
    return named or json.string(entry, "creditline") or fields.UNKNOWN


def _signals(entry: Entry, categories: list[tuple[str, str | None, str | None]]) -> Iterator[str]:
    if told := json.string(entry, "signal"):
        yield told
    for kind, code, _ in categories:
        if kind == "signal" and code:
            yield code


def _subjects(categories: list[tuple[str, str | None, str | None]]) -> Iterator[Subject]:
    for kind, code, name in categories:
        if kind in _NO_SUBJECTS or (code or "").partition(":")[0].lower() in _INSTRUMENTS:
            continue
        scheme, _, term = (code or "").partition(":")
        if term:
            yield Subject(scheme, term, name)
        elif name:
            yield Subject("keyword" if kind == "keyword" else kind or None, name)


def _identifiers(categories: list[tuple[str, str | None, str | None]]) -> Iterator[Identifier | None]:
    for _, code, name in categories:
        scheme, _, term = (code or "").partition(":")
        if scheme.lower() in _INSTRUMENTS:
            yield markets.identifier(term, scheme, None, name)


def _headlines(entry: Entry) -> Iterator[Note]:
    for name in ("kicker", "subhead"):
        if words := json.string(entry, name):
            yield Note(f"headline:{name}", words, public=True)


def _boxes(entry: Entry) -> Iterator[Note]:
    """Yield the boxes beside the article, which the provider delivers for readers."""
    for name in ("infobox", "linkbox", "autopublishnotice"):
        told = entry.get(f"{name}_html", entry.get(name))
        if isinstance(told, str) and (words := html.to_text(html.blocks(told))):
            yield Note(name, words, public=True)


def _ed_notes(entry: Entry) -> Iterator[tuple[str, str, bool]]:
    """Yield role and words of the notes to editors, and whether nothing says that they must stay inside."""
    for one in json.objects(entry, "ednotes"):
        role = (json.string(one, "role") or "ednote").rpartition(":")[2].lower()
        if words := json.string(one, "ednote", "text", "value"):
            yield role, words, one.get("is_publishable") is True


def _notes(entry: Entry, told: list[tuple[str, str, bool]]) -> Iterator[Note]:
    for role, words, is_free in told:
        if role != _CLOSING:
            yield Note(role, words, role in _PUBLIC_NOTES and is_free)
    notepad = entry.get("notepad")
    if isinstance(notepad, dict):
        parts = [
            notepad[name] for name in ("public_html", "nonpublic_html") if isinstance(notepad.get(name), str)
        ]
    else:
        parts = [notepad] if isinstance(notepad, str) else []
    if words := html.to_text(html.blocks("\n".join(parts))) if parts else "":
        yield Note("notepad", words)


def _pictures(entry: Entry) -> Iterator[PictureRef]:
    ranked = sorted(json.objects(entry, "associations"), key=_place)
    for one in ranked:
        if (json.string(one, "type") or "").lower() not in _PICTURES:
            continue
        offered = [
            fields.Rendition(
                json.string(file, "url", "href") or "",
                json.string(file, "name") or "",
                json.string(file, "mimetype") or "",
                width if isinstance(width := file.get("width"), int) and 0 < width < 1e6 else 0,
            )
            for file in json.objects(one, "renditions")
        ]
        caption = json.string(one, "caption", "headline")
        if found := fields.picture(fields.best(offered), caption, json.string(one, "creditline")):
            yield found


def _place(one: Entry) -> tuple[bool, float]:
    rank = one.get("rank")
    return one.get("is_featureimage") is not True, rank if isinstance(rank, int | float) else 1e9


def _links(entry: Entry) -> Iterator[Link]:
    for one in json.objects(entry, "associations"):
        guid = json.string(one, "urn")
        if guid and (json.string(one, "type") or "").lower() not in _PICTURES:
            yield Link(json.string(one, "rel") or "related", json.string(one, "url", "href"), guid)
    box = entry.get("linkbox_html")
    if isinstance(box, str):
        for address in _HREF.findall(box):
            yield Link("seeAlso", text.line(address.replace("&amp;", "&")))


FORMAT = WireFormat("digitalwires", sniff, read, "dpa digitalwires (JSON), an entry or a list of them")
