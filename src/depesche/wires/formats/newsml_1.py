"""IPTC NewsML 1.x, as AFP, Business Wire and others send it: a tree of components with a story in one of them.

The tree says by roles and media types what is headline, body, picture or caption. A component for each language makes a take for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from depesche.lib import text
from depesche.lib.markup import html
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import (
    CANCELED,
    USABLE,
    WITHHELD,
    Dateline,
    Identifier,
    Link,
    Note,
    PictureRef,
    Subject,
    Take,
)
from depesche.wires.format import WireFormat
from depesche.wires.reading import encoding, fields, markets, nitf, times, xml
from depesche.wires.reading.xml import Element

_FLASH = 2
_NO_BODIES = frozenset(
    {
        "headline",
        "contact",
        "stylesheet",
        "logo",
        "caption",
        "picturecaption",
        "boilerplate",
        "tagline",
        "kicker",
        "dateline",
    }
)
_TEXT_FORMATS = ("text", "html", "nitf", "xml", "xhtml", "plain", "ascii", "bcnitf")
_STATUSES = {
    "usable": USABLE,
    "embargoed": WITHHELD,
    "withheld": WITHHELD,
    "canceled": CANCELED,
    "cancelled": CANCELED,
}
_SIGNALS = {"correction": "sig:correction", "rectify": "sig:correction", "update": "sig:update"}
_KILLS = frozenset({"delete", "kill", "cancel", "withdraw", "withdrawal"})
_SYMBOL = re.compile(r"(?:isin|wkn|sedol|cusip|ric|ticker|stocksymbol|symbol)$", re.IGNORECASE)
_MARKET = re.compile(r"exchange|market", re.IGNORECASE)
_COMPANY = re.compile(r"(?:company|organi[sz]ation|issuer)(?:name)?$", re.IGNORECASE)
_KEYWORD = re.compile(r"keyword", re.IGNORECASE)
_PREFIX = re.compile(r"^[A-Z]{2,3}(?=[A-Z][a-z])")
_BASIC = re.compile(r"(\d{8})T(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{2}:?\d{2})?$")
_SLUG_LENGTH = 200
_MOST_SYMBOLS = 1_000  # of one story, and
_MOST_BESIDE = 200  # properties beside each, among which market and company are looked for
_MOST_READ = 500_000  # elements, counted for each language: what all share is read for each


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a NewsML 1 document."""
    return xml.root_name(encoding.glance(head)) == "NewsML"


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield a take for each story in *raw*, and an error for each item that is none.

    Raises:
        WireError: it is not well-formed.
        NotAStory: it holds no items.
    """
    root = xml.parse(raw)
    if xml.local(root) != "NewsML":
        raise WireError(f"{xml.local(root)}: is no NewsML")
    xml.strip_namespaces(root)
    items = list(xml.children(root, "NewsItem"))
    if not items:
        raise NotAStory("NewsML: has no items")
    fields.refuse_flood(len(items), "NewsItem")
    envelope = xml.child(root, "NewsEnvelope")
    for item in items:
        try:
            yield from _Item(item, envelope, provider).takes()
        except WireError as error:
            yield error


class _Item:
    """One NewsItem with what its envelope says."""

    def __init__(self, root: Element, envelope: Element | None, provider: str) -> None:
        self.root = root
        self.envelope = envelope
        self.given_provider = provider
        self.management = xml.child(root, "NewsManagement")
        self.identifier = root.find("Identification/NewsIdentifier")

    def takes(self) -> Iterator[Take]:
        """Yield the item's story, or one for each language that it comes in."""
        top = xml.child(self.root, "NewsComponent")
        if top is None:
            refs = len(list(self.root.iter("NewsItemRef")))
            raise NotAStory(f"NewsItem: an index of {refs} items" if refs else "NewsItem: has no component")
        tongues = _by_language(top)
        if len(tongues) < 2:
            yield self.take(top, top, "")
            return
        size = sum(1 for _ in self.root.iter())
        if len(tongues) * size > _MOST_READ:
            raise WireError(f"NewsComponent: {len(tongues)} languages of {size} elements are too many")
        for tongue, component in tongues.items():
            yield self.take(top, component, tongue)

    def take(self, top: Element, story: Element, tongue: str) -> Take:
        """Return the story in the component *story*, with what *top* says for all languages."""
        guid, version = self._identity()
        said, embargoed = self._status()
        urgency = fields.urgency(
            _formal(xml.child(self.management, "Urgency")) or _formal(xml.child(self.management, "Priority"))
        )
        copy = _body(story)
        body = copy.body if copy.body and not html.is_blank(copy.body) else ""
        title = (
            _line(story, top, "HeadLine")
            or copy.headline
            or _headline(story)
            or (guid if said == CANCELED else "")
        )
        _refuse_empty(title, body, may_be_short=said != USABLE or (urgency or 9) <= _FLASH)
        dateline = _line(story, top, "DateLine") or copy.dateline
        return Take(
            format=FORMAT.name,
            provider=self.given_provider or self._provider(top),
            guid=f"{guid}:{tongue}" if tongue else guid,
            headline=title,
            headline_raw=title,
            version=version,
            version_created=_time(xml.words(xml.child(self.management, "ThisRevisionCreated"))),
            first_created=_time(xml.words(xml.child(self.management, "FirstCreated"))),
            status=said,
            embargoed=embargoed,
            urgency=urgency,
            language=tongue or _language(story) or _language(top),
            dateline=Dateline((dateline,)) if dateline else None,
            byline=_line(story, top, "ByLine") or copy.byline or None,
            teaser=_abstract(story) or nitf.abstract_of(copy),
            body_html=body,
            credit=_credit(story, top) or None,
            copyright=_copyright(story, top) or None,
            usage_terms=xml.words(next(top.iter("UsageRights"), None)) or None,
            pictures=tuple(dict.fromkeys((*copy.pictures, *_pictures(story)))),
            subjects=tuple(dict.fromkeys(_subjects(top))),
            genre=_formal(next(top.iter("Genre"), None)) or None,
            signals=self._signals(),
            notes=tuple(dict.fromkeys([*_headlines(story, top, title, copy), *self._notes(top)])),
            identifiers=markets.unique([*_identifiers(top), *copy.identifiers]),
            links=tuple(dict.fromkeys(self._links())),
            canonical_url=_address(story),
        )

    def _identity(self) -> tuple[str, str | None]:
        """Return the identity without the revision, and the revision."""
        named = self.identifier
        revision = xml.words(xml.child(named, "RevisionId")) or None
        public = xml.words(xml.child(named, "PublicIdentifier"))
        if public:
            whole = public.removesuffix(f":{revision}") if revision else public
            # Some senders append the kind of change to the revision: ...:2U
            return (re.sub(rf":{re.escape(revision)}[NUA]$", "", whole) if revision else whole), revision
        parts = [xml.words(xml.child(named, name)) for name in ("ProviderId", "DateId", "NewsItemId")]
        if not parts[2]:
            raise WireError("NewsItemId: missing")
        return f"urn:newsml:{':'.join(filter(None, parts))}", revision

    def _provider(self, top: Element) -> str:
        if name := _formal(top.find("AdministrativeMetadata/Provider/Party")):
            return name
        sender = self.envelope.find("SentFrom/Party") if self.envelope is not None else None
        return _formal(sender) or xml.words(xml.child(self.identifier, "ProviderId")) or fields.UNKNOWN

    def _status(self) -> tuple[str, datetime | None]:
        """Return status and embargo: an embargoed item says when its status will change, or is withheld."""
        told = _formal(xml.child(self.management, "Status"))
        said = _STATUSES.get(told.lower(), WITHHELD) if told else USABLE
        if any(_formal(one).lower() in _KILLS for one in xml.children(self.management, "Instruction")):
            return CANCELED, None
        change = xml.child(self.management, "StatusWillChange")
        if (
            said == WITHHELD
            and change is not None
            and _formal(xml.child(change, "FutureStatus")).lower() in {"usable", ""}
        ):
            until = _time(xml.words(xml.child(change, "DateAndTime")), zone_needed=True)
            return (USABLE if until else WITHHELD), until
        return said, None

    def _signals(self) -> tuple[str, ...]:
        told = (_formal(one) for one in xml.children(self.management, "Instruction"))
        return tuple(dict.fromkeys(_SIGNALS.get(one.lower(), one) for one in told if one))

    def _notes(self, top: Element) -> Iterator[Note]:
        """Yield messages to editors; none of them is for readers."""
        for one in self.root.iter("NewsLine"):
            kind, words = _formal(xml.child(one, "NewsLineType")), xml.words(xml.child(one, "NewsLineText"))
            if words and "url" not in kind.lower():
                yield Note(re.sub(r"(?<=[a-z])(?=[A-Z])|\s+", "-", kind).lower() or "newsline", words)
        for one in (*xml.children(self.management, "Comment"), *top.iter("Comment")):
            if words := xml.words(one):
                yield Note(_formal(one).lower() or "comment", words)
        for component in self.root.iter("NewsComponent"):
            told = _content(component).body if _role(component) == "contact" else ""
            if words := html.to_text(html.blocks(told)):
                yield Note("contact", words)

    def _links(self) -> Iterator[Link]:
        for name, rel in (("DerivedFrom", "derivedFrom"), ("AssociatedWith", "related")):
            for one in xml.children(self.management, name):
                if guid := text.line(one.get("NewsItem") or ""):
                    yield Link(rel, guid=guid)


def _refuse_empty(title: str, body: str, *, may_be_short: bool) -> None:
    """Refuse what has no headline, or no text though it must.

    Raises:
        WireError: the headline is missing.
        NotAStory: the text is, or both are.
    """
    if not title:
        raise (
            WireError("HeadLine: missing")
            if body
            else NotAStory("NewsComponent: has neither headline nor text")
        )
    if not body and not may_be_short:
        raise NotAStory("DataContent: the body is empty")


def _credit(story: Element, top: Element) -> str:
    return _line(story, top, "CreditLine") or _formal(top.find("AdministrativeMetadata/Source/Party"))


def _copyright(story: Element, top: Element) -> str:
    return _line(story, top, "CopyrightLine") or _line(story, top, "RightsLine") or _holder(top)


def _formal(element: Element | None) -> str:
    return text.line(element.get("FormalName") or "") if element is not None else ""


def _role(component: Element) -> str:
    return _formal(xml.child(component, "Role")).lower()


def _language(component: Element) -> str | None:
    told = component.find("DescriptiveMetadata/Language")
    return _formal(told) or component.get("{http://www.w3.org/XML/1998/namespace}lang") or None


def _by_language(top: Element) -> dict[str, Element]:
    """Return the components of *top* that tell the same story in different languages."""
    found: dict[str, Element] = {}
    for one in xml.children(top, "NewsComponent"):
        tongue = _language(one)
        has_lines = one.find("NewsLines/HeadLine") is not None
        if tongue and has_lines and (next(one.iter("DataContent"), None) is not None):
            found.setdefault(tongue, one)
    return found


def _time(words: str, *, zone_needed: bool = False) -> datetime | None:
    """Read a time in the basic form, `20130605T210000+0000`, or the extended one."""
    if found := _BASIC.fullmatch(words.strip()):
        day, hour, minute, second, zone = found.groups()
        words = f"{day[:4]}-{day[4:6]}-{day[6:]}T{hour}:{minute}:{second or '00'}{zone or ''}"
    return times.iso(words, zone_needed=zone_needed)


def _line(story: Element, top: Element, name: str) -> str:
    """Return a line of the story, or of what stands above or below it."""
    for component in (story, *story.iter("NewsComponent"), top):
        for lines in xml.children(component, "NewsLines"):
            if words := xml.words(xml.child(lines, name)):
                return words
    return ""


def _headline(story: Element) -> str:
    """Return a headline that is sent as a component of its own."""
    for component in story.iter("NewsComponent"):
        if _role(component) == "headline" and (words := html.words(_content(component).body)):
            return words
    return ""


def _headlines(story: Element, top: Element, title: str, copy: nitf.Copy) -> Iterator[Note]:
    for name in ("SubHeadLine", "SlugLine"):
        words = _line(story, top, name)
        if words and words != title and len(words) < _SLUG_LENGTH:
            yield Note(
                "headline:subhead" if name == "SubHeadLine" else "slug", words, public=name == "SubHeadLine"
            )
    for words in copy.subheads:
        yield Note("headline:hl2", words, public=True)


def _body(story: Element) -> nitf.Copy:
    """Return the copy: the component with the role of a body or main, else the first with text; XHTML before plain."""
    ranked: list[tuple[int, int, Element]] = []
    for order, component in enumerate(story.iter("NewsComponent")):
        role = _role(component)
        if role in _NO_BODIES or not any(_is_text(one) for one in xml.children(component, "ContentItem")):
            continue
        ranked.append(
            (0 if role in {"body", "main", "main text", "maintext", "text"} else 1, order, component)
        )
    for _, _, component in sorted(ranked, key=lambda one: one[:2]):
        copy = _content(component)
        if copy.body and not html.is_blank(copy.body):
            return copy
    return nitf.Copy()


def _is_text(item: Element) -> bool:
    told = [item.find("MimeType"), item.find("Format"), item.find("MediaType")]
    named = " ".join(_formal(one).lower() for one in told if one is not None)
    if item.find("DataContent") is None or "css" in named:
        return False
    return not named or any(word in named for word in _TEXT_FORMATS)


def _content(component: Element) -> nitf.Copy:
    """Return what the component's own content items say, mark-up before plain text."""
    for item in xml.children(component, "ContentItem"):
        data = xml.child(item, "DataContent")
        if data is None or not _is_text(item):
            continue
        inside = next((one for one in data if isinstance(one.tag, str)), None)
        if inside is None:
            words = "".join(str(part) for part in data.itertext())
            if words.strip():
                is_html = re.search(r"<(?:p|div|br|html|body)\b", words) is not None
                return nitf.Copy(body=words.strip() if is_html else html.paragraphs(words))
            continue
        if inside.tag == "nitf":
            return nitf.read(inside)
        return _marked_up(data, inside)
    return nitf.Copy()


def _marked_up(data: Element, inside: Element) -> nitf.Copy:
    """Read XHTML, or paragraphs that stand in the content by themselves, with NITF's media among them."""
    body = inside.find("body") if inside.tag == "html" else None
    whole = body if body is not None else data
    pictures = tuple(nitf.pictures(whole))
    return nitf.Copy(body=nitf.to_html(whole), pictures=pictures)


def _abstract(story: Element) -> str | None:
    for component in story.iter("NewsComponent"):
        if _role(component) in {"abstract", "summary", "teaser"} and (
            words := html.words(_content(component).body)
        ):
            return words
    return None


def _holder(top: Element) -> str:
    found = next(top.iter("CopyrightHolder"), None)
    date = next(top.iter("CopyrightDate"), None)
    return (
        text.line(f"© {xml.words(date)} {xml.words(found)}") if found is not None and xml.words(found) else ""
    )


def _pictures(story: Element) -> Iterator[PictureRef]:
    """Yield the pictures: components whose items are image files, the files of one component being one picture."""
    for component in story.iter("NewsComponent"):
        if _role(component) in {"logo", "stylesheet"}:
            continue
        offered = [
            one for item in xml.children(component, "ContentItem") if (one := _rendition(item, component))
        ]
        if not offered:
            continue
        around = component.getparent()
        near = [component, *([around] if around is not None and around.tag == "NewsComponent" else [])]
        caption = next((words for one in near if (words := _caption(one))), "")
        credit = next(
            (
                words
                for one in near
                for name in ("CreditLine", "ByLine")
                if (words := xml.words(one.find(f"NewsLines/{name}")))
            ),
            "",
        )
        if found := fields.picture(fields.best(offered), caption, credit):
            yield found


def _rendition(item: Element, component: Element) -> fields.Rendition | None:
    kind = _formal(item.find("MimeType")).lower() or _formal(item.find("Format")).lower()
    media = _formal(item.find("MediaType")).lower()
    href = item.get("Href") or ""
    is_image = (
        kind.startswith("image/")
        or any(word in kind for word in ("jpeg", "png", "gif", "webp"))
        or media in {"photo", "graphic", "image", "picture"}
    )
    if not href or not is_image:
        return None
    sizes = {one.get("FormalName", ""): one.get("Value", "") for one in item.iter("Property")}
    width = sizes.get("PixelWidth") or sizes.get("Width") or ""
    name = _role(component) or sizes.get("ImageUse", "")
    return fields.Rendition(
        href,
        name,
        kind if kind.startswith("image/") else "",
        int(width) if width.isascii() and width.isdigit() and len(width) < 7 else 0,
    )


def _caption(component: Element) -> str:
    for one in component.iter("NewsComponent"):
        if _role(one) in {"caption", "picturecaption"} and (words := html.words(_content(one).body)):
            return words
    return (
        xml.words(component.find("NewsLines/HeadLine")) if component.find("ContentItem") is not None else ""
    )


def _subjects(top: Element) -> Iterator[Subject]:
    for one in top.iter("SubjectCode"):
        # The finest of subject, matter and detail says it all.
        names = [xml.child(one, name) for name in ("SubjectDetail", "SubjectMatter", "Subject")]
        if code := next((found for name in names if (found := _formal(name))), ""):
            yield Subject("subj", code)
    for one in top.iter("Property"):
        name, value = one.get("FormalName") or "", text.line(one.get("Value") or "")
        if value and _KEYWORD.search(name):
            yield Subject(
                "keyword" if name.lower() in {"keyword", "keywords"} else _PREFIX.sub("", name), value
            )
    for one in top.iter("Location"):
        for inner in one.iter("Property"):
            if value := text.line(inner.get("Value") or ""):
                yield Subject("place", value)


def _identifiers(top: Element) -> Iterator[Identifier | None]:
    """Yield the codes in properties called ISIN, Ticker, Symbol ..., with the market and company that stand beside them."""
    told = 0
    for one in top.iter("Property"):
        kind = _SYMBOL.search((one.get("FormalName") or "").replace(" ", ""))
        value = text.line(one.get("Value") or "")
        if kind is None or not value:
            continue
        if (told := told + 1) > _MOST_SYMBOLS:
            return
        around = [
            near
            for near in (one, one.getparent())
            if near is not None and near.tag in {"Property", "Metadata"}
        ]
        market = next((found for place in around if (found := _beside(place, _MARKET))), None)
        name = next((found for place in reversed(around) if (found := _beside(place, _COMPANY))), None)
        word = kind[0].lower()
        if ":" in value and word.endswith(("symbol", "ticker")):
            yield markets.listed(value, name)
        else:
            yield markets.identifier(
                value, None if word.endswith(("symbol", "ticker")) else word, market, name
            )


def _beside(place: Element, called: re.Pattern[str]) -> str | None:
    """Return the value of the first property in *place* that is *called* so; only the first ones are looked at."""
    near = islice(place.iter("Property"), _MOST_BESIDE)
    return next(
        (text.line(one.get("Value") or "") for one in near if called.search(one.get("FormalName") or "")),
        None,
    )


def _address(story: Element) -> str | None:
    for one in story.iter("NewsLine"):
        kind, words = (
            _formal(xml.child(one, "NewsLineType")).lower(),
            xml.words(xml.child(one, "NewsLineText")),
        )
        if "canonical" in kind and words.startswith(("http://", "https://")):
            return words
    return None


FORMAT = WireFormat("newsml_1", sniff, read, "IPTC NewsML 1.x (XML): AFP, Business Wire and others")
