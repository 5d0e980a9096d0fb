"""IPTC NewsML-G2 2.9 and later: news items, alone or in a message.

See https://iptc.org/standards/newsml-g2/. Catalogues are never fetched: the usual aliases are known, and
an item's own `catalog` is obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from depesche.lib import memo, text
from depesche.lib.markup import html
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, USABLE, Dateline, Identifier, Link, Note, PictureRef, Subject, Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import encoding, fields, markets, nitf, package, times, xml
from depesche.wires.reading.xml import Element

NAR = "http://iptc.org/std/nar/2006-10-01/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_ROOTS = frozenset(
    {"newsMessage", "newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"}
)
# A part of an item on its own is no other format either; it is recognised so that it can be refused by name.
_FRAGMENTS = frozenset({"contentSet", "itemMeta", "contentMeta", "itemSet"})

_TEXT_CLASSES = {"text", "composite"}
_PICTURE_CLASSES = {"picture", "graphic"}
_PUBLIC_NOTES = {"correction_consumerready"}
_CLOSING = "closingline"
_FLASH = 2  # an item so urgent may be a headline without a body
_HEADLINE_ROLES = ("", "main", "headline", "hl1")
_TEASER_ROLES = ("teaser", "summary", "lead", "abstract", "")
_INSTRUMENT = f"{{{NAR}}}hasInstrument"
_CONCEPTS = tuple(f"{{{NAR}}}{name}" for name in ("related", "assert", "subject", "sameAs"))
_NAME = f"{{{NAR}}}name"
_SEPARATORS = re.compile(r"[:/#]")
_NO_TEASERS = {"caption", "note", "internal", "technical"}
_MOST_CODES = 1_000  # of one story
_MOST_REFERENCES = 200_000  # that the packages of a message hold beside its stories, counted for each story
_PLAIN_TYPES = ("text/plain", "text/vnd.iptc")


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a NewsML-G2 document, or a part of one."""
    words = encoding.glance(head)
    name = xml.root_name(words).rpartition(":")[2]
    return (name in _ROOTS and "iptc.org/std/nar" in words) or name in _FRAGMENTS


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield the take in *raw*; a message yields one for each story in it and an error for each item that is none.

    A package alone is a take as well; in a message with stories it adds its links to them.

    `version` is a positive number, counted by the provider; `versionCreated` orders versions as well.

    Raises:
        WireError: it is not well-formed or not NewsML-G2, or the item lacks its `guid` or headline.
        NotAStory: it is a picture, a planning or concept item, a package that tells nothing, or empty.
    """
    root = xml.parse(raw)
    name = xml.local(root)
    if name == "newsItem":
        yield _Item(root, provider).take()
    elif name == "newsMessage":
        yield from _message(root, provider)
    elif name == "packageItem":
        yield _package(root, provider)
    elif name in _ROOTS:
        raise NotAStory(f"{name}: is no story")
    else:
        raise WireError(f"{name}: is a part of an item, not an item")


def _message(root: Element, provider: str) -> Iterator[Take | WireError]:
    parts = [one for items in xml.children(root, "itemSet") for one in items if isinstance(one.tag, str)]
    if not parts:
        raise NotAStory("newsMessage: has no items")
    fields.refuse_flood(len(parts), "itemSet")
    found = [_Item(one, provider) for one in parts if xml.local(one) == "newsItem"]
    packages = [one for one in parts if xml.local(one) == "packageItem"]
    stories = [item for item in found if item.kind in _TEXT_CLASSES]
    pictures = {item.guid: item.own_pictures() for item in found if item.kind in _PICTURE_CLASSES}
    if not stories:
        yield from _without_stories(parts, provider)
    naming = _naming(packages)
    told = sum(size for item in found for _, _, size in naming.get(item.guid, ()))
    if told > _MOST_REFERENCES:
        raise WireError(f"packageItem: {told} references beside stories are more than {_MOST_REFERENCES}")
    places = {guid: place for place, guid in enumerate(pictures)}
    for item in found:
        if stories and item.kind in _PICTURE_CLASSES:
            continue
        # The pictures of a message belong to its only story, otherwise to the story that refers to them, or that
        # shares a group of a package with them.
        item.packages = [(guid, groups) for guid, groups, _ in naming.get(item.guid, ())]
        refers = item.references.union(
            *[package.pictures_of(item.guid, groups) for _, groups in item.packages]
        )
        near = pictures if len(stories) == 1 else sorted(refers & places.keys(), key=places.__getitem__)
        try:
            yield item.take([one for guid in near for one in pictures[guid]])
        except WireError as error:
            yield error


def _without_stories(parts: list[Element], provider: str) -> Iterator[Take | WireError]:
    """Yield the packages of a message that holds no story, and an error for all else that is none."""
    for one in parts:
        name = xml.local(one)
        try:
            if name == "packageItem":
                yield _package(one, provider)
            elif name != "newsItem":
                raise NotAStory(f"{name}: is no story")
        except WireError as error:
            yield error


def _naming(packages: list[Element]) -> dict[str, list[tuple[str, list[list[package.Reference]], int]]]:
    """Return the packages that name an item, by its guid: the guid of each, its groups, and how many references these hold."""
    found: dict[str, list[tuple[str, list[list[package.Reference]], int]]] = {}
    for one in packages:
        groups = package.groups(one)
        told = text.line(one.get("guid") or ""), groups, sum(map(len, groups))
        for guid in dict.fromkeys(reference.guid for group in groups for reference in group):
            found.setdefault(guid, []).append(told)
    return found


def _package(root: Element, provider: str) -> Take:
    """Return a package as a take: its headline, what it tells of the items it names, and a link to each."""
    item, groups = _Item(root, provider), package.groups(root)
    body = package.copy(groups) or html.paragraphs(item.teaser or "")
    if not body and item.status() == USABLE:
        count = sum(map(len, groups))
        raise NotAStory(f"packageItem: a package of {count} references that tells nothing of them")
    item.packages = [("", groups)]
    return item.take((), nitf.Copy(body=body))


class _Item:
    """One newsItem, read part by part."""

    def __init__(self, root: Element, provider: str) -> None:
        self.root = root
        self.meta = root.find(f"{{{NAR}}}itemMeta")
        self.content = root.find(f"{{{NAR}}}contentMeta")
        self.rights = root.find(f"{{{NAR}}}rightsInfo")
        self.in_meta, self.in_content, self.in_rights = map(xml.parts, (self.meta, self.content, self.rights))
        self.guid = text.line(root.get("guid") or "")
        self.given_provider = provider
        self.language = self._language()
        self.aliases = _aliases(root)
        # The item's class: text, picture, composite ...; text when it does not say.
        self.kind = _code(_first(self.in_meta, "itemClass")).lower() or "text"
        self.teaser = self._teaser()
        # The packages that name this item, with their guids; a package names itself without one.
        self.packages: list[tuple[str, list[list[package.Reference]]]] = []
        self._owners: dict[Element, str] = {}

    @property
    def references(self) -> set[str]:
        """The guids of the items this one refers to."""
        return {
            one.get("residref") or one.get("guidref") or ""
            for one in self.root.iter(f"{{{NAR}}}link", f"{{{NAR}}}remoteContent")
        }

    def take(self, pictures: Iterable[PictureRef] = (), copy: nitf.Copy | None = None) -> Take:
        """Return the item as a take, with *pictures* that came beside it, and *copy* in place of its own content."""
        if self.kind not in _TEXT_CLASSES:
            raise NotAStory(f"itemClass: {self.kind} is no story")
        if not self.guid:
            raise WireError("guid: missing")
        said = self.status()
        copy = copy or self._copy()
        title, others = self._headlines(copy)
        urgency = fields.urgency(xml.words(_first(self.in_content, "urgency")))
        if not copy.body and said == USABLE and (urgency or 9) > _FLASH:
            raise NotAStory("contentSet: the body is empty")
        if title is None:
            if said != CANCELED:
                raise WireError("headline: missing")
            title = self.guid
        embargoed = None
        if (until := _first(self.in_meta, "embargoed")) is not None:
            embargoed, said = fields.embargo(xml.words(until), said)
        by = xml.words(_first(self.in_content, "by")) or copy.byline
        dateline = xml.words(_first(self.in_content, "dateline")) or copy.dateline
        return Take(
            format=FORMAT.name,
            provider=self.given_provider or self._provider(),
            guid=self.guid,
            headline=title,
            headline_raw=title,
            version=text.line(self.root.get("version") or "") or None,
            version_created=times.iso(xml.words(_first(self.in_meta, "versionCreated"))),
            first_created=times.iso(xml.words(_first(self.in_meta, "firstCreated"))),
            status=said,
            embargoed=embargoed,
            urgency=urgency,
            language=self.language,
            dateline=Dateline((dateline,)) if dateline else None,
            byline=by or None,
            sign_off=self._sign_off(),
            teaser=self.teaser or nitf.abstract_of(copy),
            body_html=copy.body,
            credit=xml.words(_first(self.in_content, "creditline")) or None,
            copyright=self._copyright(),
            usage_terms=xml.words(_first(self.in_rights, "usageTerms")) or None,
            pictures=tuple(dict.fromkeys((*self.own_pictures(), *pictures, *copy.pictures))),
            subjects=tuple(dict.fromkeys(self._subjects())),
            genre=self._genre(),
            signals=self._signals(),
            notes=(*others, *self._notes()),
            identifiers=markets.unique([*self._identifiers(), *copy.identifiers]),
            links=tuple(dict.fromkeys(self._links())),
        )

    def _signals(self) -> tuple[str, ...]:
        told = (one.get("qcode") or one.get("uri") for one in self.in_meta.get("signal", ()))
        return tuple(one for one in told if one)

    def _sign_off(self) -> str | None:
        return next((xml.words(one) for one in self._ed_notes() if _role(one) == _CLOSING), None) or None

    def _language(self) -> str | None:
        told = _first(self.in_content, "language")
        return (told.get("tag") if told is not None else None) or self.root.get(_LANG) or None

    def status(self) -> str:
        """Return the item's status."""
        told = _first(self.in_meta, "pubStatus")
        return (
            USABLE if told is None else fields.status(told.get("qcode") or told.get("uri") or xml.words(told))
        )

    def _provider(self) -> str:
        told = _first(self.in_meta, "provider")
        holder = _first(self.in_rights, "copyrightHolder")
        named = self._name(told) or (told.get("literal") if told is not None else "")
        code = told.get("qcode", "").rpartition(":")[2] if told is not None else ""
        address = told.get("uri", "") if told is not None else ""
        credit = xml.words(_first(self.in_content, "creditline"))
        return text.line(named or code or self._name(holder) or credit or address) or fields.UNKNOWN

    def _copyright(self) -> str | None:
        notice = xml.words(_first(self.in_rights, "copyrightNotice"))
        return notice or self._name(_first(self.in_rights, "copyrightHolder")) or None

    def _name(self, element: Element | None) -> str:
        """Return the name in *element*, in the item's language where it has several."""
        if element is None or len(element) == 0:
            return ""
        names = [(one, words) for one in element.findall(_NAME) if (words := xml.words(one))]
        if len(names) > 1 and self.language:
            mine = self.language[:2]
            names = [one for one in names if (one[0].get(_LANG) or "")[:2] == mine] or names
        return names[0][1] if names else ""

    def _copy(self) -> nitf.Copy:
        """Return the first part of the content that has words: mark-up before data."""
        parts = [
            one for one in xml.children(self.root, "contentSet") for one in one if isinstance(one.tag, str)
        ]
        ranked = sorted(parts, key=lambda one: xml.local(one) != "inlineXML")
        for part in ranked:
            name = xml.local(part)
            copy = (
                self._inline_xml(part)
                if name == "inlineXML"
                else _inline_data(part)
                if name == "inlineData"
                else None
            )
            if copy is not None and not html.is_blank(copy.body):
                return copy
        return nitf.Copy()

    def _inline_xml(self, part: Element) -> nitf.Copy | None:
        inside = next((one for one in part if isinstance(one.tag, str)), None)
        if inside is None:
            return nitf.Copy(body=html.paragraphs(part.text or "")) if (part.text or "").strip() else None
        if xml.local(inside) == "nitf":
            return nitf.read(inside)
        whole = inside if xml.local(inside) == "html" else part
        body = xml.child(whole, "body")
        body = whole if body is None else body
        self._drop_masthead(body)
        return nitf.Copy(body=xml.inner_xhtml(body).strip())

    def _drop_masthead(self, body: Element) -> None:
        """Drop what a header repeats from the item's fields: time, subjects, headlines, byline; and a marked teaser."""
        header = xml.child(body, "header")
        if header is not None:
            known = {
                xml.words(one)
                for name in ("headline", "by", "dateline")
                for one in self.in_content.get(name, ())
            }
            for one in list(header):
                classes = (one.get("class") or "").split()
                is_known = xml.words(one) in known or not xml.words(one)
                if is_known or "publicationDate" in classes or "slugline" in classes:
                    header.remove(one)
        for one in [one for one in body.iter("{*}p") if one.get("class") == "teaser"] if self.teaser else ():
            parent = one.getparent()
            if parent is not None and xml.words(one) == self.teaser:
                parent.remove(one)

    def _headlines(self, copy: nitf.Copy) -> tuple[str | None, tuple[Note, ...]]:
        """Return the headline, and the others as notes: they are copy as well."""
        found = [one for one in self.in_content.get("headline", ()) if xml.words(one)]
        mine = [
            one
            for one in found
            if self.language is None or (one.get(_LANG) or self.language)[:2] == self.language[:2]
        ]
        ranked = sorted(mine or found, key=lambda one: (_place(_role(one), _HEADLINE_ROLES), _rank(one)))
        title = xml.words(ranked[0]) if ranked else copy.headline or xml.words(_first(self.in_meta, "title"))
        others = [
            Note(f"headline:{_role(one) or one.get('rank') or 'other'}", xml.words(one), public=True)
            for one in found
            if xml.words(one) != title
        ]
        others += [Note("headline:hl2", words, public=True) for words in copy.subheads]
        return title or None, tuple(others)

    def _teaser(self) -> str | None:
        ranked = sorted(
            (_place(_role(one), _TEASER_ROLES), order, xml.words(one))
            for order, one in enumerate(self.in_content.get("description", ()))
            if xml.words(one) and _role(one) not in _NO_TEASERS
        )
        return ranked[0][2] if ranked else None

    def _genre(self) -> str | None:
        told = _first(self.in_content, "genre")
        return (self._name(told) or _code(told) or None) if told is not None else None

    def _notes(self) -> Iterator[Note]:
        """Yield the notes to editors; one may be shown only if its role is on the list and nothing says otherwise."""
        for one in self._ed_notes():
            role = _role(one) or "ednote"
            words = xml.spaced(one)
            if words and role != _CLOSING:
                yield Note(role, words, role in _PUBLIC_NOTES and one.get("pubconstraint") is None)

    def _ed_notes(self) -> Iterable[Element]:
        return self.in_meta.get("edNote", ())

    def _subjects(self) -> Iterator[Subject]:
        for one in self.in_content.get("subject", ()):
            yield from self._concept(one, None)
        for one in self.in_content.get("located", ()):
            yield from self._concept(one, "located")
        for one in self.in_content.get("keyword", ()):
            if xml.words(one) and "ticker" not in _role(one):
                yield Subject("keyword", xml.words(one))

    def _concept(self, one: Element, vocabulary: str | None) -> Iterator[Subject]:
        name = self._name(one) or None
        qcode, address, literal = one.get("qcode"), one.get("uri"), one.get("literal")
        if qcode:
            alias, _, code = text.line(qcode).partition(":")
            yield Subject(self.aliases.get(alias, alias), code or alias, name)
        elif address:
            yield Subject(*fields.concept(address), name)
        elif literal or name:
            # A literal only ties parts of one document together; the name is what it means.
            kind = vocabulary or (_last(one.get("type") or "") if name and literal else None) or None
            yield Subject(kind, name or text.line(literal or ""), name)

    def _identifiers(self) -> Iterator[Identifier | None]:
        concepts: list[Element] = []
        instruments: list[Element] = []
        for one in self.root.iter(*_CONCEPTS, _INSTRUMENT):
            (instruments if one.tag == _INSTRUMENT else concepts).append(one)
        for one in instruments:
            market = one.get("market") or one.get("marketuri") or one.get("marketlabel")
            kind = one.get("type") or one.get("typeuri") or one.get("symbolsrc")
            yield markets.identifier(one.get("symbol"), kind, market, self._owner(one))
        for one in self.in_content.get("keyword", ()):
            if "ticker" in _role(one):
                yield markets.listed(xml.words(one))
        coded = ((one, *(one.get("qcode") or "").partition(":")) for one in concepts)
        known = (one for one in coded if one[1].lower() in {"isin", "wkn", "ric", "figi", "lei"})
        for one, alias, _, code in islice(known, _MOST_CODES):
            nested = [inner for inner in one if xml.local(inner) == "related"]
            market = next(
                (_code(inner) or xml.words(inner) for inner in nested if "market" in _relation(inner)),
                None,
            )
            yield markets.identifier(code, alias, market, self._name(one) or self._owner(one))

    def _owner(self, inside: Element) -> str | None:
        """Return the name of the concept that *inside* describes; many may stand in one, whose names are read once."""
        for above in inside.iterancestors(f"{{{NAR}}}subject", f"{{{NAR}}}assert", f"{{{NAR}}}related"):
            if above not in self._owners:
                self._owners[above] = self._name(above)
            if name := self._owners[above]:
                return name
        return None

    def _links(self) -> Iterator[Link]:
        for one in self.in_meta.get("link", ()):
            guid = text.line(one.get("residref") or one.get("guidref") or "")
            href = text.line(one.get("href") or "")
            if guid or href:
                yield Link(_relation(one) or "related", href or None, guid or None)
        for guid, groups in self.packages:
            if guid:
                yield Link("package", guid=guid)
            yield from package.links(groups, self.guid)

    def own_pictures(self) -> tuple[PictureRef, ...]:
        """Return the picture this item offers in its renditions; several files of one name are several pictures."""
        files: dict[str, list[fields.Rendition]] = {}
        for content in xml.children(self.root, "contentSet"):
            for one in xml.children(content, "remoteContent"):
                if self.kind in _TEXT_CLASSES and not (one.get("contenttype") or "").startswith("image/"):
                    continue
                width = one.get("width") or ""
                rendition = fields.Rendition(
                    one.get("href") or "",
                    one.get("rendition") or "",
                    one.get("contenttype") or "",
                    int(width) if width.isascii() and width.isdigit() and len(width) < 7 else 0,
                )
                files.setdefault(one.get("residref") or "", []).append(rendition)
        captions = {_role(one): xml.words(one) for one in self.in_content.get("description", ())}
        is_picture = self.kind in _PICTURE_CLASSES
        caption = captions.get("caption") or (next(iter(captions.values()), "") if is_picture else "")
        credit = self._credit() if is_picture else ""
        found = (fields.picture(fields.best(offered), caption, credit) for offered in files.values())
        return tuple(one for one in found if one is not None)

    def _credit(self) -> str:
        creators = [self._name(one) for one in self.in_content.get("creator", ())]
        line = xml.words(_first(self.in_content, "creditline"))
        return "/".join(dict.fromkeys(filter(None, [*creators[:1], line])))


def _inline_data(part: Element) -> nitf.Copy | None:
    words = "".join(str(one) for one in part.itertext())
    kind = (part.get("contenttype") or "").lower()
    if not words.strip() or part.get("encoding"):
        return None
    is_html = "html" in kind or (
        not kind.startswith(_PLAIN_TYPES) and re.search(r"<(?:p|div|br)\b", words) is not None
    )
    return nitf.Copy(body=words.strip() if is_html else html.paragraphs(words))


def _first(parts: dict[str, list[Element]], name: str) -> Element | None:
    found = parts.get(name)
    return found[0] if found else None


def _code(element: Element | None) -> str:
    """Return the code that *element* names by qcode or address, without its vocabulary."""
    if element is None:
        return ""
    return _last(element.get("qcode") or element.get("uri") or element.get("literal") or "")


@memo.of_words(4096)
def _last(told: str) -> str:
    return _SEPARATORS.split(told.strip().rstrip("/"))[-1]


def _role(element: Element) -> str:
    return _last(element.get("role") or element.get("roleuri") or "").lower()


def _relation(element: Element) -> str:
    return _last(element.get("rel") or element.get("reluri") or "")


def _rank(element: Element) -> int:
    told = element.get("rank") or ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 1


def _place(role: str, order: tuple[str, ...]) -> int:
    return order.index(role) if role in order else len(order)


def _aliases(root: Element) -> dict[str, str]:
    """Return the item's own aliases for vocabularies whose usual alias is another."""
    found: dict[str, str] = {}
    if root.find(f"{{{NAR}}}catalog") is None:
        return found
    for one in root.iter(f"{{{NAR}}}scheme"):
        alias, usual = one.get("alias"), fields.scheme(one.get("uri"))
        if alias and usual and "/" not in usual:
            found[alias] = usual
    return found


FORMAT = WireFormat("newsml_g2", sniff, read, "IPTC NewsML-G2 (XML), news items alone or in a message")
