"""A real browser: script in whatever field of whatever format comes to a page as text, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree
from paper import FULL
from playwright.sync_api import Browser
from test_browser import Served, chromium, open_page, served

from depesche.model.take import USABLE, Take

__all__ = ["chromium", "served"]  # fixtures

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[1] / "samples"
EVIL = (
    "\"'><img src=x onerror=document.title=1><script>document.title=1</script><svg onload=document.title=1>"
)
ADDRESS = "javascript:document.title=1"
FOUND = """() => [...document.querySelectorAll("*")].flatMap((one) => [
  ...(["script", "iframe", "object", "embed", "base"].includes(one.localName) && !one.closest("head") ? [one.outerHTML] : []),
  ...[...one.attributes].filter((own) => /^on/i.test(own.name) || /^\\s*(javascript|data|vbscript):/i.test(own.value)).map((own) => one.outerHTML),
])"""

Tried = Callable[[bytes], bool]


def leaves(node: object) -> Iterator[tuple[object, str | int]]:
    """Yield each text within *node*, parsed JSON, as its container and its place there."""
    places = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for place, value in list(places):
        if isinstance(value, str):
            yield node, place
        else:
            yield from leaves(value)


def of_json(raw: bytes, is_read: Tried) -> bytes:
    """Return *raw* with script in every text that may have it without the item being refused."""
    item = json.loads(raw)
    for holder, place in leaves(item):
        said = holder[place]  # type: ignore[index]
        for worse in (ADDRESS if said.startswith("http") else said + EVIL, said):
            holder[place] = worse  # type: ignore[index]
            if is_read(json.dumps(item).encode()):
                break
    return json.dumps(item).encode()


def of_xml(raw: bytes, is_read: Tried) -> bytes:
    """Return *raw* with script in every text and attribute that may have it."""
    root = etree.fromstring(raw)

    def make_worse(said: str, put: Callable[[str], object]) -> None:
        for worse in (ADDRESS if said.startswith("http") else said + EVIL, said):
            put(worse)
            if is_read(etree.tostring(root)):
                break

    for node in root.iter(etree.Element):
        if node.text and node.text.strip():
            make_worse(node.text, lambda said, node=node: setattr(node, "text", said))
        for name, value in node.attrib.items():
            make_worse(value, lambda said, node=node, name=name: node.set(name, said))
    return etree.tostring(root)


def of_lines(raw: bytes, is_read: Tried) -> bytes:
    """Return *raw* with script at the end of every line that may have it."""
    rows = raw.split(b"\n")
    for at, said in enumerate(rows):
        end = b"\r" if said.endswith(b"\r") else b""
        for worse in (said.removesuffix(b"\r") + EVIL.encode() + end, said):
            rows[at] = worse
            if is_read(b"\n".join(rows)):
                break
    return b"\n".join(rows)


WORSE = {".json": of_json, ".xml": of_xml, ".txt": of_lines, ".iptc": of_lines}
ONE_OF_EACH = (
    "digitalwires/ferries.json", "eqs/buyback.txt", "feed/atom.xml", "feed/jsonfeed.json", "feed/rss1.xml", "feed/rss2.xml",
    "iptc7901/ferries.iptc", "newsml_1/ferries.xml", "newsml_g2/ferries.xml", "newsml_g2/nitf.xml", "ninjs/release-2x.json",
    "ninjs/market-3x.json", "ninjs/roundup-1x.json", "nitf/ferries.xml",
)  # fmt: skip


@pytest.mark.parametrize("sample", ONE_OF_EACH)
def test_script_in_every_field_stays_dead(served: Served, chromium: Browser, sample: str) -> None:
    room, file = served.paper.room, SAMPLES / sample

    def stories(raw: bytes) -> int:
        return sum(isinstance(one, Take) and one.status == USABLE for one in room.read(raw, file.parent.name))

    def is_read(worse: bytes) -> bool:
        return stories(worse) == sound

    sound = stories(file.read_bytes())
    raw = WORSE[file.suffix](file.read_bytes(), is_read)
    assert raw.count(b"onerror") > 3
    room.spool(raw, wire=FULL, name=sample, format_name=file.parent.name)
    filed = [filing for one in room.file_waiting() for filing in one.filings if filing.story is not None]
    assert filed
    page = open_page(chromium)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    addresses = [served.paper.path(filing.story) for filing in filed if filing.story is not None]
    for path in (*addresses, f"{addresses[0]}/versions", "/", "/en" + addresses[0]):
        page.goto(served.base + path)
        assert page.evaluate(FOUND) == []
        assert page.title() != "1"
    assert all(url.startswith(served.base) for url in asked)
    page.context.close()
