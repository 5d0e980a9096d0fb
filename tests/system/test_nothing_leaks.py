"""What is embargoed, withheld or killed stands nowhere: every address that could know of it is asked."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
from site_walk import crawl, get

from conftest import Installation, wait_until

WORD = "Zwirbelkraut"
NOW = datetime.now(UTC)


def item(guid: str, headline: str, **more: object) -> dict[str, object]:
    made: dict[str, object] = {
        "uri": f"urn:k:{guid}", "version": "1", "versioncreated": (NOW - timedelta(minutes=5)).isoformat(), "type": "text",
        "pubstatus": "usable", "language": "de", "headline": headline, "body_html": f"<p>{headline}. Die SAP SE (ISIN DE0007164600) erntet.</p>",
    }  # fmt: skip
    return made | more


def doors(address: str, story: int) -> list[str]:
    """Return every address that might tell of *story*."""
    page = f"{address}/news/x-{story}"
    return [
        page, f"{address}/en/news/{story}", f"{page}/versions", f"{page}/versions/1", f"{address}/preview/{story}-1.png",
        *(f"{address}/api/v1/stories/{story}{part}" for part in (
            "", "?format=ninjs", "?format=newsml-g2", "/versions", "/versions/1", "/versions/1?format=ninjs2",
            "/versions/1/differences", "/mentions")),
        f"{address}/api/v1/stories/{story}/views", f"{address}/api/v1/stories/{story}/also-read",
        f"{address}/oembed?url={quote(page)}", f"{address}/oembed?format=xml&url={quote(page)}",
    ]  # fmt: skip


def lists(address: str) -> list[str]:
    paths = (
        "/", "/en/", "/feed.atom", "/feed.json", "/feed.rss", "/sitemap.xml", "/most-read", "/shares/DE0007164600",
        "/shares/DE0007164600/feed.atom", "/embed/shares/DE0007164600", f"/search?q={WORD}", f"/search.atom?q={WORD}",
        f"/suggest?q={WORD}", "/api/v1/most-read", "/api/v1/stories?limit=100", "/api/v1/stories?limit=100&format=ninjs",
        "/api/v1/stories?limit=100&format=newsml-g2", "/api/v1/stories?isin=DE0007164600", f"/api/v1/search?q={WORD}",
        "/api/v1/changes?after=0", "/api/v1/changes?after=0&limit=1000&kinds=filed,killed,withheld", "/transparency", "/feeds", "/feeds.opml",
    )  # fmt: skip
    return [address + path for path in paths]


def test_held_and_killed_stories_stand_nowhere(installation: Installation) -> None:
    installation.environment["DEPESCHE_API_PER_MINUTE"] = "100000"
    folder = installation.folder / "items"
    folder.mkdir()
    soon = (NOW + timedelta(hours=3)).isoformat()
    items = [
        item("1", "Frei und offen"),
        item("2", f"{WORD} unter Sperrfrist", embargoed=soon),
        item("3", f"{WORD} zurückgehalten", pubstatus="withheld"),
        item("4", f"{WORD} zurückgezogen"),
        item("5", f"{WORD} mit kaputter Sperrfrist", embargoed="demnächst"),
    ]
    for made in items:
        (folder / f"{made['uri']}.json".replace(":", "-")).write_text(json.dumps(made))
    filed = [json.loads(line) for line in installation.run("ingest", "--json", folder).stdout.splitlines()]
    stories = {one["headline"]: one["story"] for one in filed}
    address = installation.serve()
    gone = stories[f"{WORD} zurückgezogen"]
    wait_until(lambda: str(gone).encode() in get(f"{address}/search?q={WORD}")[2])
    assert WORD.encode() in get(f"{address}/")[2], "public until it is killed"
    for url in doors(address, gone):
        get(url)
    kill = folder.parent / "kill.json"
    kill.write_text(json.dumps(item("4", f"{WORD} zurückgezogen", version="2", pubstatus="canceled")))
    installation.run("ingest", kill)
    wait_until(lambda: get(f"{address}/news/x-{gone}")[0] == 410)
    wait_until(
        lambda: all(
            WORD.encode() not in get(url)[2].replace(f"q={WORD}".encode(), b"") or "q=" in url
            for url in lists(address)
        ),
        20,
    )

    held = [key for headline, key in stories.items() if WORD in headline]
    assert len(held) == 4
    for story in held:
        for url in doors(address, story):
            status, headers, body = get(url)
            assert status in {404, 410}, url
            said = body.decode(errors="replace") + json.dumps(headers, ensure_ascii=False)
            assert WORD.lower() not in said.lower(), url
    for path, _, text in crawl(address, ["/", "/en/", "/feed.atom", "/feed.json", "/sitemap.xml", "/feeds"]):
        assert WORD.lower() not in text.lower(), path
    found = get(f"{address}/search?q={WORD}")[2].decode()
    for headline in stories:
        if WORD in headline:
            assert headline not in found
    assert json.loads(get(f"{address}/suggest?q={WORD}")[2])["suggestions"] == []
    assert json.loads(get(f"{address}/api/v1/search?q={WORD}")[2])["found"] == []
    told = json.loads(get(f"{address}/api/v1/changes?after=0")[2])["changes"]
    assert {one["story"] for one in told} == {stories["Frei und offen"], gone}, (
        "of the others, not even the number"
    )
    assert [one["kind"] for one in told if one["story"] == gone] == ["filed", "killed"]
