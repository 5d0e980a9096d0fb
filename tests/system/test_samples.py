"""Real items end to end, where they are at hand: every file is filed or named, and no private note leaves."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from site_walk import crawl, get

from conftest import Installation, wait_until

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
FOLDERS = [SAMPLES / "ninjs", SAMPLES / "newsml_g2"]
ALL = [*FOLDERS, SAMPLES / "digitalwires", SAMPLES / "iptc7901", SAMPLES / "newsml_1", SAMPLES / "nitf"]


def test_every_file_is_filed_or_named(installation: Installation) -> None:
    done = installation.run("ingest", "--json", *FOLDERS, check=False)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    files = [str(path) for folder in FOLDERS for path in sorted(folder.iterdir())]
    refused = {line.split(": ")[0] for line in done.stderr.splitlines()}
    assert {one["file"] for one in said} | refused == set(files)
    assert {one["action"] for one in said} <= {"new", "update", "correction", "ignored"}
    assert all(one["story"] for one in said)
    assert {Path(name).name for name in refused} == {f"iptc-listing-{n}.xml" for n in (1, 25, 3)}
    assert "picture" in done.stderr
    assert done.returncode == 1
    listed = installation.run("spool", "list", "--json").stdout.splitlines()
    assert {json.loads(line)["name"] for line in listed} == refused


def private_words(installation: Installation) -> set[str]:
    """Return what the private notes hold that is told nowhere in the open: mail addresses, phone numbers, long phrases."""
    files = [path for folder in ALL for path in folder.iterdir()]
    takes = [
        json.loads(line)
        for line in installation.run("parse", "--json", *files, check=False).stdout.splitlines()
    ]
    words: set[str] = set()
    for take in takes:
        for note in take["notes"]:
            if not note["public"]:
                words |= set(re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", note["text"]))
                words |= set(re.findall(r"\+?\d[\d ()/-]{8,}\d", note["text"]))
                words |= set(re.findall(r"[^.;<>\n&\"]{30,60}", note["text"]))
    open_text = json.dumps([{**take, "notes": []} for take in takes], ensure_ascii=False)
    return {word.strip() for word in words if word.strip() not in open_text}


def test_the_pages_show_them_and_no_private_note(installation: Installation) -> None:
    private = private_words(installation)
    assert len(private) > 10, "the samples hold private notes"
    done = installation.run("ingest", "--json", *ALL, check=False)
    headlines = {one["headline"] for line in done.stdout.splitlines() if (one := json.loads(line))["version"]}
    address = installation.serve()
    wait_until(lambda: b"/news/" in get(f"{address}/search?q=Zwischen")[2])
    searches = [
        f"/search?q={word}"
        for word in ("dpa", "Redaktion", "Tel", "Notizblock", "@dpa.com", "Autor", "editors")
    ]
    starts = ["/", "/en/", "/feed.atom", "/feed.json", "/sitemap.xml", *searches]
    everything = ""
    for path, status, text in crawl(address, starts):
        assert status < 400, path
        for word in private:
            assert word not in text, f"{word!r} is private and stands in {path}"
        everything += text
    for headline in headlines:
        beginning = re.split(r"[\"'«»&]", headline)[0].strip() or re.split(r"[\"'«»&]", headline)[1].strip()
        assert beginning in everything
