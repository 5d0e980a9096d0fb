"""Stories as IPTC NewsML-G2 news items, alone or in a message; pictures stay behind.

See https://iptc.org/standards/newsml-g2/. What has to stand under the text wherever it is shown travels as usage
terms and copyright notice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from depesche.lib.clock import rfc3339
from depesche.portal.out.item import Item

ITEM_TYPE = "application/vnd.iptc.g2.newsitem+xml"
MESSAGE_TYPE = "application/vnd.iptc.g2.newsmessage+xml"
_NAR = "http://iptc.org/std/nar/2006-10-01/"
_XHTML = "http://www.w3.org/1999/xhtml"
_DEFAULT: Any = {None: _NAR}  # the stubs know no default namespace
_PAGE: Any = {None: _XHTML}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CATALOGUE = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_40.xml"
_VERSION = "2.34"
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOPIC = "medtop"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Element = etree._Element


def write(item: Item) -> bytes:
    """Return *item* as a news item."""
    return _printed(_item(item))


def write_message(items: Sequence[Item], sender: str) -> bytes:
    """Return *items* in a message from *sender*, sent when the newest of them was."""
    root = etree.Element(f"{{{_NAR}}}newsMessage", nsmap=_DEFAULT)
    header = _add(root, "header")
    _add(header, "sent", rfc3339(max((one.version.at for one in items), default=_NEVER)))
    _add(header, "sender", sender)
    held = _add(root, "itemSet")
    for one in items:
        held.append(_item(one))
    return _printed(root)


def _item(item: Item) -> Element:
    version = item.version
    root = etree.Element(
        f"{{{_NAR}}}newsItem",
        guid=_fit(item.guid), version=str(version.number), standard="NewsML-G2", standardversion=_VERSION, conformance="power",
        nsmap=_DEFAULT,
    )  # fmt: skip
    if version.language:
        root.set(_LANG, _fit(version.language))
    _add(root, "catalogRef", href=_CATALOGUE)
    _rights(root, item)
    _item_meta(root, item)
    _content_meta(root, item)
    _asserts(root, item)
    content = _add(root, "contentSet")
    if item.shown.is_whole and item.shown.body_html:
        _body(content, item)
    return root


def _rights(root: Element, item: Item) -> None:
    terms = " ".join(filter(None, (item.version.usage_terms, item.shown.notice)))
    if not (terms or item.shown.copyright):
        return
    rights = _add(root, "rightsInfo")
    if item.shown.copyright:
        _add(rights, "copyrightNotice", item.shown.copyright)
    if terms:
        _add(rights, "usageTerms", terms)


def _item_meta(root: Element, item: Item) -> None:
    meta = _add(root, "itemMeta")
    _add(meta, "itemClass", qcode="ninat:text")
    provider = _add(meta, "provider", literal=item.version.provider)
    _add(provider, "name", item.version.provider)
    _add(meta, "versionCreated", rfc3339(item.version.at))
    _add(meta, "firstCreated", rfc3339(item.version.first_created))
    _add(meta, "pubStatus", qcode="stat:usable")
    if item.version.correction:
        _add(meta, "edNote", item.version.correction, role="ednoterole:correction_consumerReady")
    _add(meta, "link", rel="irel:seeAlso", href=item.url, contenttype="text/html")


def _content_meta(root: Element, item: Item) -> None:
    version = item.version
    meta = _add(root, "contentMeta")
    if version.urgency:
        _add(meta, "urgency", str(version.urgency))
    if version.language:
        _add(meta, "language", tag=version.language)
    for kind in item.genres:
        _add(_add(meta, "genre", literal=kind), "name", kind)
    for one in version.subjects:
        said = {"qcode": f"medtop:{one.code}"} if one.scheme == _TOPIC else {"literal": one.code}
        subject = _add(meta, "subject", **said)
        if one.name:
            _add(subject, "name", one.name)
    for place, share in enumerate(item.mentions, start=1):
        _add(_add(meta, "subject", type="cpnat:organisation", literal=f"share-{place}"), "name", share.name)
    _add(meta, "headline", item.headline)
    line = version.dateline
    if line and line.places:
        _add(meta, "dateline", "/".join(line.places))
    for name, words in (
        ("by", version.byline),
        ("creditline", version.credit),
        ("description", item.shown.teaser),
    ):
        if words:
            _add(meta, name, words, **({"role": "drol:summary"} if name == "description" else {}))


def _asserts(root: Element, item: Item) -> None:
    """Say of each share what it is traded under."""
    for place, share in enumerate(item.mentions, start=1):
        held = _add(root, "assert", literal=f"share-{place}")
        _add(held, "name", share.name)
        details = _add(held, "organisationDetails")
        _add(details, "hasInstrument", symbol=share.isin, type="symbolType:ISIN")
        if share.ticker:
            market = {"market": f"mic:{share.mic}"} if share.mic else {}
            _add(details, "hasInstrument", symbol=share.ticker, type="symbolType:ticker", **market)


def _body(content: Element, item: Item) -> None:
    held = _add(content, "inlineXML", contenttype="application/xhtml+xml")
    page = etree.SubElement(held, f"{{{_XHTML}}}html", nsmap=_PAGE)
    head = etree.SubElement(page, f"{{{_XHTML}}}head")
    etree.SubElement(head, f"{{{_XHTML}}}title").text = _fit(item.headline)
    read = lxml_html.fragment_fromstring(_fit(item.shown.body_html), create_parent="body")
    for one in read.iter(etree.Element):
        one.tag = f"{{{_XHTML}}}{one.tag}"
    page.append(read)


def _add(parent: Element, name: str, words: str | None = None, **attributes: str) -> Element:
    made = etree.SubElement(
        parent, f"{{{_NAR}}}{name}", {key: _fit(value) for key, value in attributes.items()}
    )
    if words:
        made.text = _fit(words)
    return made


def _fit(words: str) -> str:
    """Return *words* without the characters that XML cannot hold."""
    return _UNFIT.sub("", words)


def _printed(root: Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
