"""Varnish before a running portal, with the configuration that we hand out: pages come from it, and a kill reaches it at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Installation, free_port, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]

VARNISHD = shutil.which("varnishd") or shutil.which("varnishd", path="/usr/sbin")
VCL = Path(__file__).parents[2] / "docs" / "varnish.vcl"
WITHIN = 1.0  # seconds after a kill
_ITEM = {
    "type": "text", "language": "de", "versioncreated": "2026-03-02T10:00:00Z", "version": "1", "pubstatus": "usable",
}  # fmt: skip
SPARE = {**_ITEM, "uri": "urn:hafen:2", "headline": "Hafen schläft", "body_html": "<p>Der Hafen schläft.</p>"}
ITEM = {**_ITEM, "uri": "urn:hafen:1", "headline": "Hafen wächst", "body_html": "<p>Der Hafen wächst.</p>"}
KILL = {**ITEM, "version": "2", "versioncreated": "2026-03-02T11:00:00Z", "pubstatus": "canceled"}


@pytest.fixture
def varnish(tmp_path: Path) -> Iterator[tuple[Installation, str, str]]:
    """An installation, the address of its portal, and that of the cache before it."""
    made = Installation(tmp_path)
    port = free_port()
    made.environment["DEPESCHE_CDN_PURGE_URL"] = f"http://127.0.0.1:{port}/"
    made.environment["DEPESCHE_CDN_PURGE_KEY"] = "X-Purge-Key: a long secret"
    made.environment["DEPESCHE_CDN_SECONDS"] = "3600"
    for name, item in (("spare", SPARE), ("item", ITEM), ("kill", KILL)):
        (tmp_path / f"{name}.json").write_text(json.dumps(item))
    made.run("ingest", tmp_path / "spare.json", tmp_path / "item.json")
    portal = made.serve()
    (tmp_path / "our.vcl").write_text(VCL.read_text().replace('"8000"', f'"{portal.rpartition(":")[2]}"'))
    command = [
        VARNISHD,
        "-F",
        "-f",
        tmp_path / "our.vcl",
        "-a",
        f"127.0.0.1:{port}",
        "-n",
        tmp_path / "varnish",
        "-s",
        "malloc,32m",
        "-j",
        "none",
    ]
    with (tmp_path / "varnish.log").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
    cache = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or _answers(cache))
        assert process.poll() is None, (tmp_path / "varnish.log").read_text()
        yield made, portal, cache
    finally:
        process.terminate()
        process.wait(15)
        made.stop()


def _get(url: str) -> tuple[int, int, str]:
    """Return status, age in seconds and text of a page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, int(answer.headers.get("Age", 0)), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, 0, error.read().decode()


def _answers(cache: str) -> bool:
    try:
        return _get(cache + "/healthz")[0] == 200
    except OSError:
        return False


def test_pages_come_from_varnish_until_the_story_is_killed(varnish: tuple[Installation, str, str]) -> None:
    made, portal, cache = varnish
    path = next(part for part in _get(portal + "/")[2].split('"') if part.startswith("/news/hafen-waechst"))
    kept = [path, "/en" + path, "/", "/feed.atom"]
    time.sleep(1.5)  # what was filed before the portal began has been told by now
    for one in kept:
        assert "Hafen wächst" in _get(cache + one)[2], one
    time.sleep(1.1)
    ages = [_get(cache + one)[1] for one in kept]
    assert min(ages) >= 1, "the cache answers by itself"
    made.run("ingest", made.folder / "kill.json")
    since = time.monotonic()
    wait_until(lambda: _get(cache + path)[0] == 410, WITHIN)
    wait_until(lambda: all("Hafen wächst" not in _get(cache + one)[2] for one in kept), WITHIN)
    assert time.monotonic() - since < WITHIN
    time.sleep(1.0)
    assert all("Hafen wächst" not in _get(cache + one)[2] for one in kept), "and it does not come back"
    assert "Hafen schläft" in _get(cache + "/")[2]


def test_strangers_purge_nothing_and_see_no_keys(varnish: tuple[Installation, str, str]) -> None:
    _made, _portal, cache = varnish
    request = urllib.request.Request(cache + "/", b"{}", {"Surrogate-Key": "home"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 403
    with urllib.request.urlopen(cache + "/", timeout=10) as answer:
        told = {name.lower() for name in answer.headers}
    assert not told & {"surrogate-key", "surrogate-control", "cdn-cache-control", "cache-tag"}
    assert "content-security-policy" in told
