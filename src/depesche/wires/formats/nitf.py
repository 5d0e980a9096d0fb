"""IPTC NITF 3.x as an item of its own: head, body and pictures in one document.

`doc-id` names the item, `du-key` the chain of its versions, `date.issue` the version's time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, USABLE, WITHHELD, Dateline, Link, Note, Subject, Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import encoding, fields, nitf, repair, times, xml
from depesche.wires.reading.xml import Element

_MOST_KEYWORDS = 1_000  # of one list
_FLASH = 2
# dpa writes its URNs with hyphens here: urn-newsml-dpa-com-20090101-190710-99-999121:1562753522000
_HYPHENATED = re.compile(
    r"urn-newsml-([a-z0-9-]+?)-(com|de|org|net|eu|at|ch|info)-(\d{8})-([^:]+)(?::(\d+))?"
)
_WITHDRAWN = re.compile(r"\b(?:cancel+(?:ed)?|canceled|kill(?:ed)?|withdrawn|delete)\b", re.IGNORECASE)
_HELD = re.compile(r"\b(?:embargoed|hold|held|withheld)\b", re.IGNORECASE)


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins an NITF document."""
    return xml.root_name(encoding.glance(head)).rpartition(":")[2] == "nitf"


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield the take in *raw*; bare ampersands in addresses, which are common, are mended and noted.

    Raises:
        WireError: it is not well-formed, or lacks an identity or a headline.
        NotAStory: it holds no copy.
    """
    found, mended = repair.parse(raw, recover=False)
    root = xml.strip_namespaces(found)
    if xml.local(root) != "nitf":
        raise WireError(f"{xml.local(root)}: is no nitf")
    yield _take(root, provider, mended)


def _take(root: Element, provider: str, mended: str | None) -> Take:
    head = xml.child(root, "head")
    data = xml.child(head, "docdata")
    body_head = xml.child(xml.child(root, "body"), "body.head")
    metas = {
        one.get("name", "").lower(): text.line(one.get("content") or "") for one in xml.children(head, "meta")
    }
    distributor, rights = (
        xml.words(xml.child(body_head, "distributor")),
        xml.words(xml.child(body_head, "rights")),
    )
    links, notes = tuple(_links(root, data)), [*_notes(root, data, body_head), *_repaired(mended)]
    copy = nitf.read(root)  # changes what it reads, so everything else is read before
    guid, version = _identity(data)
    said, embargoed = _status(root, data)
    urgency = fields.urgency(_value(data, "urgency", "ed-urg"))
    title = copy.headline or xml.words(xml.child(head, "title")) or (guid if said == CANCELED else "")
    body = copy.body if not html.is_blank(copy.body) else ""
    if not title:
        raise WireError("headline: missing")
    if not body and said == USABLE and (urgency or 9) > _FLASH:
        raise NotAStory("body.content: the body is empty")
    issued = _time(data, "date.issue") or _time(data, "date.release") or _revised(root)
    return Take(
        format=FORMAT.name,
        provider=provider or _provider(data, metas.get("origin"), distributor),
        guid=guid or _made(title, issued),
        headline=title,
        headline_raw=title,
        version=version,
        version_created=issued,
        first_created=_time(data, "date.created"),
        status=said,
        embargoed=embargoed,
        urgency=urgency,
        language=_language(root),
        dateline=Dateline((copy.dateline,)) if copy.dateline else None,
        byline=copy.byline or None,
        teaser=nitf.abstract_of(copy),
        body_html=body,
        credit=distributor or None,
        copyright=rights or _copyright(data) or metas.get("copyright") or None,
        usage_terms=_value(data, "ed-msg", "usage") or None,
        pictures=copy.pictures,
        subjects=tuple(dict.fromkeys(_subjects(head, data))),
        genre=_genre(head),
        notes=(*(Note("headline:hl2", one, public=True) for one in copy.subheads if one != title), *notes),
        identifiers=copy.identifiers,
        links=links,
    )


def _repaired(mended: str | None) -> tuple[Note, ...]:
    return (Note("repair", mended),) if mended else ()


def _provider(data: Element | None, origin: str | None, distributor: str) -> str:
    """Return who sends the item: a name before a code."""
    holder = _value(data, "doc.copyright", "holder")
    return holder or origin or distributor or _value(data, "doc-id", "regsrc") or fields.UNKNOWN


def _identity(data: Element | None) -> tuple[str, str | None]:
    """Return guid and version: the version key names the chain, the document's own identity the version where it counts."""
    told = _value(data, "doc-id", "id-string")
    key = _value(data, "du-key", "key")
    number = _value(data, "du-key", "version") or None
    if found := _HYPHENATED.fullmatch(told):
        host = f"{found[1]}.{found[2]}"
        return f"urn:newsml:{host}:{found[3]}:{found[4]}", found[5] or number
    if key:
        source = _value(data, "doc-id", "regsrc")
        return (f"{source}:{key}" if source and ":" not in key else key), number
    return told, number


def _made(title: str, issued: datetime | None) -> str:
    """Return an identity for an item without one; headline and day make it.

    Raises:
        WireError: there is no day.
    """
    if issued is None:
        raise WireError("doc-id: missing")
    return f"urn:nitf:{issued:%Y%m%d}:{text.slugify(title)}"


def _value(data: Element | None, name: str, attribute: str) -> str:
    found = xml.child(data, name)
    return text.line(found.get(attribute) or "") if found is not None else ""


def _time(data: Element | None, name: str) -> datetime | None:
    return times.iso(_value(data, name, "norm"))


def _revised(root: Element) -> datetime | None:
    """Return the time of the newest revision in the document's history."""
    found = [times.iso(one.get("norm")) for one in root.iter("revision-history")]
    return max((one for one in found if one), default=None)


def _status(root: Element, data: Element | None) -> tuple[str, datetime | None]:
    """Return status and embargo: `date.release` in the future of `date.issue` is an embargo, `management-status` says the rest."""
    told = " ".join(filter(None, (_value(data, "du-key", "status"), data.get("management-status") if data is not None else "",
                                  root.get("management-status"), root.get("change.type"))))  # fmt: skip
    said = CANCELED if _WITHDRAWN.search(told) else USABLE
    release = xml.child(data, "date.release")
    issued = _time(data, "date.issue")
    if release is None:
        return (WITHHELD if said == USABLE and _HELD.search(told) else said), None
    until = times.iso(release.get("norm"))
    if until is not None and issued is not None and until <= issued:
        return said, None
    if until is None:
        return fields.embargo("", said)[1], None
    return said, until


def _language(root: Element) -> str | None:
    told = root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("lang")
    if told is None and (inside := root.find("body/body.content")) is not None:
        told = inside.get("{http://www.w3.org/XML/1998/namespace}lang") or inside.get("lang")
    return text.line(told) if told else None


def _copyright(data: Element | None) -> str | None:
    holder, year = _value(data, "doc.copyright", "holder"), _value(data, "doc.copyright", "year")
    return f"© {year} {holder}".replace("  ", " ") if holder else None


def _genre(head: Element | None) -> str | None:
    subject = xml.child(head, "tobject")
    told = xml.child(subject, "tobject.property")
    if told is not None and (kind := text.line(told.get("tobject.property.type") or "")):
        return kind
    return text.line(subject.get("tobject.type") or "") or None if subject is not None else None


def _subjects(head: Element | None, data: Element | None) -> Iterator[Subject]:
    for one in xml.children(xml.child(head, "tobject"), "tobject.subject"):
        name = text.line(
            one.get("tobject.subject.detail")
            or one.get("tobject.subject.matter")
            or one.get("tobject.subject.type")
            or ""
        )
        if number := text.line(one.get("tobject.subject.refnum") or ""):
            yield Subject("subj", number, name or text.line(one.get("tobject.subject.code") or "") or None)
        elif name or one.get("tobject.subject.code"):
            yield Subject("tobject", text.line(one.get("tobject.subject.code") or name), name or None)
    for one in xml.children(data, "doc-scope"):
        if scope := text.line(one.get("scope") or one.get("value") or ""):
            yield Subject("scope", scope)
    for one in xml.children(data, "fixture"):
        if place := text.line(one.get("fix-id") or ""):
            yield Subject("fixture", place)
    for one in xml.children(data, "evloc"):
        for name, scheme in (("iso-cc", "iso3166-1"), ("city", "place"), ("state-prov", "place")):
            if place := text.line(one.get(name) or ""):
                yield Subject(scheme, place)
    for one in xml.children(xml.child(data, "key-list"), "keyword"):
        for word in (one.get("key") or "").split("/", _MOST_KEYWORDS)[:_MOST_KEYWORDS]:
            if text.line(word):
                yield Subject("keyword", text.line(word))
    for one in xml.children(xml.child(data, "identified-content"), "classifier"):
        if code := text.line(one.get("value") or ""):
            yield Subject(text.line(one.get("type") or "") or "classifier", code)


def _notes(root: Element, data: Element | None, body_head: Element | None) -> Iterator[Note]:
    """Yield messages to editors; none of them is for readers."""
    for one in xml.children(data, "ed-msg"):
        if told := text.line(one.get("info") or "") or xml.words(one):
            yield Note("ednote", told)
    for one in xml.children(body_head, "note"):
        if told := xml.words(one):
            yield Note(text.line(one.get("noteclass") or "") or "note", told)
    for one in root.iter("correction"):
        if told := text.line(one.get("info") or "") or xml.words(one):
            yield Note("correction", told)


def _links(root: Element, data: Element | None) -> Iterator[Link]:
    """Yield what this document corrects or continues."""
    for one in root.iter("correction"):
        if guid := text.line(one.get("id-string") or ""):
            yield Link("previousVersion", guid=guid)
    for one in xml.children(data, "del-list"):
        for source in xml.children(one, "from-src"):
            if guid := text.line(source.get("src-name") or ""):
                yield Link("derivedFrom", guid=guid)
    series = xml.child(data, "series")
    if series is not None and (name := series.get("series.name")):
        yield Link("series", guid=name)


FORMAT = WireFormat("nitf", sniff, read, "IPTC NITF 3.x (XML), a document with head, body and pictures")
