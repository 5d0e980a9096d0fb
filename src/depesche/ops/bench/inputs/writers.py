"""Write invented stories down as wires send them: one function a format."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from html import escape
from typing import Any

import msgspec

from depesche.lib.clock import rfc3339
from depesche.ops.bench.inputs.generate import PROVIDER, Story

_NAR = "http://iptc.org/std/nar/2006-10-01/"
_HOME = "https://kontor-elbmark.example"


def ninjs_2(story: Story) -> bytes:
    """Return *story* in ninjs 2.x, whose names are lower case and tell variants apart at their end."""
    at = rfc3339(story.at)
    item: dict[str, Any] = {
        "uri": story.guid, "type": "text", "mimetype": "text/html", "representationtype": "complete", "version": "1",
        "profile": "text", "versioncreated": at, "firstcreated": at, "pubstatus": "usable", "urgency": 5,
        "language": story.language, "copyrightholder": PROVIDER, "usageterms": "For licensed use.",
        "headline": story.headline_raw, "description_text": story.paragraphs[0][:200], "body_xhtml": story.body_html,
        "located": story.place.capitalize(), "infosource": [{"name": PROVIDER, "rel": "provider"}],
        "subject": [{"name": "Economy", "code": "04000000", "scheme": "https://cv.iptc.org/newscodes/mediatopic/"}],
        "organisation": [{"name": one.name, "symbols": _symbols(one.isin, one.listings[0].ticker, "ticker")} for one in story.issuers[:1]],
    }  # fmt: skip
    return msgspec.json.encode(item)


def ninjs_3(story: Story) -> bytes:
    """Return *story* in ninjs 3.x, whose names are camel case and hold variants in lists."""
    at = rfc3339(story.at)
    item: dict[str, Any] = {
        "uri": story.guid, "type": "text", "representationType": "complete", "version": "1",
        "standard": {"name": "ninjs", "version": "3.0"}, "versionCreated": at, "firstCreated": at, "pubStatus": "usable",
        "urgency": 5, "language": story.language, "copyrightHolder": PROVIDER, "usageTerms": "For licensed use.",
        "headlines": [{"role": "main", "value": story.headline_raw}],
        "descriptions": [{"role": "summary", "contentType": "text/plain", "value": story.paragraphs[0][:200]}],
        "bodies": [{"role": "main", "contentType": "text/html", "value": story.body_html}],
        "infoSources": [{"name": PROVIDER, "role": "provider"}],
        "subjects": [{"name": "Economy", "uri": "http://cv.iptc.org/newscodes/mediatopic/04000000"}],
        "organisations": [{"name": one.name, "symbols": _symbols(one.isin, one.listings[0].ticker, "symbol")} for one in story.issuers[:1]],
    }  # fmt: skip
    return msgspec.json.encode(item)


def _symbols(isin: str, ticker: str, name: str) -> list[dict[str, str]]:
    return [
        {name: ticker, "exchange": "XETR", "symbolType": "ticker"},
        {"symbol": isin, "symbolType": "isin"},
    ]


def ninjs(story: Story) -> bytes:
    """Return *story* in ninjs 2.x and 3.x by turns."""
    return ninjs_3(story) if story.number % 2 else ninjs_2(story)


def newsml_g2(story: Story) -> bytes:
    """Return *story* as one NewsML-G2 newsItem with its copy as XHTML."""
    at = rfc3339(story.at)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="{_NAR}" standard="NewsML-G2" standardversion="2.34" conformance="power" guid="{story.guid}" version="1" xml:lang="{story.language}">
<catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_38.xml"/>
<rightsInfo><copyrightHolder literal="elbmark"><name>{PROVIDER}</name></copyrightHolder><usageTerms>For licensed use.</usageTerms></rightsInfo>
<itemMeta><itemClass qcode="ninat:text"/><provider literal="elbmark"><name>{PROVIDER}</name></provider>
<versionCreated>{at}</versionCreated><firstCreated>{at}</firstCreated><pubStatus qcode="stat:usable"/></itemMeta>
<contentMeta><urgency>5</urgency><language tag="{story.language}"/>
<subject qcode="medtop:04000000"><name>Economy</name></subject>
<headline role="hld:main">{escape(story.headline_raw)}</headline>
<description role="drol:summary">{escape(story.paragraphs[0][:200])}</description></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{escape(story.headline)}</title></head>
<body>{story.body_html}</body></html></inlineXML></contentSet></newsItem>""".encode()


def newsml_g2_long(story: Story) -> bytes:
    """Return *story* as one newsItem with all that agencies send beside the copy: subjects, notes, links, page header, indents."""
    at = rfc3339(story.at)
    subjects = "".join(
        f"""
        <subject qcode="medtop:{20000000 + story.number * 7 + place}" type="cpnat:abstract" rank="{place}" why="why:direct">
            <name xml:lang="{story.language}">{escape(word)}</name>
        </subject>"""
        for place, word in enumerate(story.headline.split()[:10], 1)
    )
    notes = "".join(
        f"""
        <edNote role="dpaednoterole:editorialnote"><a href="{_HOME}/desk/{place}">Desk {place}</a>: pictures and graphics follow, call
            <span>extension</span> {place}00 with questions</edNote>"""
        for place in range(1, 9)
    )
    links = "".join(
        f"""
        <link rel="irel:seeAlso" href="{_HOME}/more/{story.number}-{place}" rank="{place}"><title>More to read {place}</title></link>"""
        for place in range(1, 9)
    )
    copy = "".join(
        f"""
                        <p>{escape(one, quote=False)}</p>"""
        + ("" if place % 4 else f"<h2>{escape(story.headline[:60], quote=False)}</h2>" if place else "")
        for place, one in enumerate(story.copy)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="{_NAR}" standard="NewsML-G2" standardversion="2.34" conformance="power" guid="{story.guid}" version="1" xml:lang="{story.language}">
    <catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_38.xml"/>
    <rightsInfo>
        <copyrightHolder literal="elbmark"><name>{PROVIDER}</name></copyrightHolder>
        <copyrightNotice>Copyright {PROVIDER}</copyrightNotice><usageTerms>For licensed use.</usageTerms>
    </rightsInfo>
    <itemMeta>
        <itemClass qcode="ninat:text"/>
        <provider literal="elbmark"><name>{PROVIDER}</name></provider>
        <versionCreated>{at}</versionCreated>
        <firstCreated>{at}</firstCreated>
        <pubStatus qcode="stat:usable"/>{notes}{links}
    </itemMeta>
    <contentMeta>
        <urgency>5</urgency>
        <language tag="{story.language}"/>
        <genre qcode="genre:report"><name>Report</name></genre>{subjects}
        <headline role="hld:main">{escape(story.headline_raw)}</headline>
        <description role="drol:summary">{escape(story.paragraphs[0][:200])}</description>
    </contentMeta>
    <contentSet>
        <inlineXML contenttype="application/xhtml+xml">
            <html xmlns="http://www.w3.org/1999/xhtml">
                <head><title>{escape(story.headline)}</title></head>
                <body>
                    <header><p class="publicationDate">{at}</p><h1>{escape(story.headline_raw)}</h1></header>
                    <section class="main">{copy}
                    </section>
                </body>
            </html>
        </inlineXML>
    </contentSet>
</newsItem>""".encode()


def iptc7901(story: Story) -> bytes:
    """Return *story* as a message of a teletype wire, in the superset of Latin-1 that Windows knows."""
    lines = "\r\n\r\n".join("\r\n".join(textwrap.wrap(one, 69, break_on_hyphens=False)) for one in story.copy)
    return (
        f"\x01kel{story.number % 10_000:04d} 5 wi {len(lines.split())}  {PROVIDER.split()[0]} 0000\r\n\r\nWirtschaft/\r\n"
        f"\x02{textwrap.fill(story.headline_raw, 69)} =\r\n\r\n{lines}\r\n\x03{story.at:%d%H%M} GMT {story.at:%b %y}\r\n\x04"
    ).encode("cp1252", "replace")


def rss(stories: Sequence[Story]) -> bytes:
    """Return *stories* as one RSS 2.0 feed with whole texts."""
    items = "".join(
        f"""<item><title>{escape(one.headline)}</title><link>{_HOME}/{one.number}</link><guid isPermaLink="false">{one.guid}</guid>
<pubDate>{format_datetime(one.at)}</pubDate><description>{escape(one.paragraphs[0][:200])}</description>
<content:encoded><![CDATA[{one.body_html}]]></content:encoded></item>"""
        for one in stories
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>{PROVIDER}</title><link>{_HOME}/</link><description>Invented news</description><language>de</language>{items}</channel></rss>""".encode()


def rss_marked(stories: Sequence[Story]) -> bytes:
    """Return *stories* as one RSS 2.0 feed as publishers' own systems write it: author, topics, a picture, links and bold words."""
    items = "".join(
        f"""
    <item>
      <title>{escape(one.headline)}</title><link>{_HOME}/{one.number}</link><guid isPermaLink="false">{one.guid}</guid>
      <dc:creator><![CDATA[Ada Ferris]]></dc:creator><pubDate>{format_datetime(one.at)}</pubDate>
      <category><![CDATA[Economy]]></category><category><![CDATA[Shares]]></category>
      <description><![CDATA[{escape(one.paragraphs[0][:200])}]]></description>
      <content:encoded><![CDATA[{_marked(one)}]]></content:encoded>
    </item>"""
        for one in stories
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel><title>{PROVIDER}</title><link>{_HOME}/</link><description>Invented news</description><language>de</language>{items}
  </channel></rss>""".encode()


def _marked(story: Story) -> str:
    """Return the copy of *story* as HTML with a picture, a link in every second paragraph and bold words in one."""
    first, *others = [escape(one, quote=False) for one in story.copy]
    picture = (
        f'<figure><img src="{_HOME}/pictures/{story.number}.jpg" alt="At the docks" width="800" height="450" />'
        "<figcaption>At the docks in the morning</figcaption></figure>"
    )
    for place in range(0, len(others) - 1, 2):
        before, word, behind = others[place].split(" ", 2)
        others[place] = f'{before} <a href="{_HOME}/topics/{story.number}-{place}">{word}</a> {behind}'
    start, _, end = others[-2].rpartition(" ")
    others[-2] = f"{start} <strong>{end}</strong>"
    return "\n".join([f"<p>{first}</p>", picture, *[f"<p>{one}</p>" for one in others]])


def atom(stories: Sequence[Story]) -> bytes:
    """Return *stories* as one Atom feed with whole texts."""
    entries = "".join(
        f"""<entry><id>{one.guid}</id><title>{escape(one.headline)}</title><link href="{_HOME}/{one.number}"/>
<updated>{rfc3339(one.at)}</updated><published>{rfc3339(one.at)}</published><summary>{escape(one.paragraphs[0][:200])}</summary>
<content type="html">{escape(one.body_html)}</content></entry>"""
        for one in stories
    )
    newest = rfc3339(stories[-1].at)
    return f"""<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>{_HOME}/</id><title>{PROVIDER}</title>
<updated>{newest}</updated><author><name>{PROVIDER}</name></author>{entries}</feed>""".encode()


def json_feed(stories: Sequence[Story]) -> bytes:
    """Return *stories* as one JSON Feed with whole texts."""
    items = [
        {
            "id": one.guid,
            "url": f"{_HOME}/{one.number}",
            "title": one.headline,
            "summary": one.paragraphs[0][:200],
            "content_html": one.body_html,
            "date_published": rfc3339(one.at),
            "language": one.language,
        }
        for one in stories
    ]
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": PROVIDER,
            "home_page_url": _HOME,
            "items": items,
        }
    )


ITEMS: Mapping[str, tuple[str, Callable[[Story], bytes]]] = {
    "ninjs_2": ("ninjs", ninjs_2),
    "ninjs_3": ("ninjs", ninjs_3),
    "newsml_g2": ("newsml_g2", newsml_g2),
    "newsml_g2_16kb": ("newsml_g2", newsml_g2_long),
    "iptc7901": ("iptc7901", iptc7901),
}
"""What is written one story an item, each with the wire format that reads it."""

FEEDS: Mapping[str, Callable[[Sequence[Story]], bytes]] = {
    "rss": rss,
    "rss_marked": rss_marked,
    "atom": atom,
    "json_feed": json_feed,
}
"""What is written many stories an item; the wire format `feed` reads them all."""
