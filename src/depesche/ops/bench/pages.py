"""What a story's page costs: rendered from the database, served from the page store, and beside nginx."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec
import zstandard

from depesche.model import paths
from depesche.model.errors import SettingsError
from depesche.newsroom import Newsroom
from depesche.ops.bench.inputs import archive, generate
from depesche.ops.bench.tools import nginx
from depesche.ops.bench.tools.process import Program, depesche, free_port, script
from depesche.ops.bench.tools.trial import (
    Bench,
    Figures,
    Meter,
    Watch,
    folder,
    median,
    plain_settings,
    rate,
    ratio,
    rounded,
    shown,
)
from depesche.portal.edge.press import Press, cursor_name, open_pages
from depesche.portal.pages import story
from depesche.portal.site import Site
from depesche.store.pages import PageStore

_ISSUERS = 2_000
_RENDERED = 2_000
_WARM = 50
_SHEET = 200
_ROUNDS = 5
_REQUESTS = 20_000
_CONNECTIONS = 32
_SERVER_CORE, _CLIENT_CORE = 0, 1


def measure(n: int) -> Figures:
    """File and print *n* stories, render some, then ask servers for their pages, each in turn."""
    with folder() as data_dir:
        room = Newsroom(plain_settings(data_dir, port=free_port()))
        try:
            filing = archive.fill(room, n, generate.register(_ISSUERS), mentioning=1.0)
            stories = list(archive.keys(room))
            site = Site(room)
            store = open_pages(site)
            figures: dict[str, object] = {"stories": len(stories), "filed_cpu_ms": filing.cpu_ms(n)}
            figures["rendered"] = _rendered(site, stories)
            figures["printed"] = _printed(site, store, stories)
            addresses = _addresses(room, stories)
            figures["page"] = _sizes(store, stories, addresses)
            figures |= _served(room, store, stories, addresses)
            store.close()
        finally:
            room.close()
    figures["budget"] = {
        "rendered.cpu_ms": 0.9,
        "stored.any.cpu_us": 60,
        "stored.hot.cpu_us": 50,
        "nginx_over_stored": 0.6,
    }
    return figures


def _rendered(site: Site, stories: Sequence[int]) -> Figures:
    """Render pages of stories chosen by chance from the database, as for a page that nobody has printed."""
    rng = random.Random(generate.SEED)  # noqa: S311 - play, not secrets
    also, read, render, whole = Meter(), Meter(), Meter(), Watch()
    chosen = [rng.choice(stories) for _ in range(min(_RENDERED, len(stories)) + _WARM)]
    for place, key in enumerate(chosen):
        if place == _WARM:
            also, read, render, whole = Meter(), Meter(), Meter(), Watch()
        with whole:
            with also, site.newsroom.database.reading() as tx:
                companions = site.newsroom.readership.beside(tx, key)
            with read, site.newsroom.database.reading() as tx:
                page = tx.newsstand.page(key, companions)
            if page is None:
                raise SettingsError(f"bench: story {key} has no page")
            with render:
                story.render(site, site.main, page)
    n = len(chosen) - _WARM
    return {
        "n": n,
        "cpu_ms": rounded((also.cpu + read.cpu + render.cpu) / n * 1e3),
        "split_cpu_ms": {"also_read": also.cpu_ms(n), "read": read.cpu_ms(n), "template": render.cpu_ms(n)},
        **whole.figures(50, 95),
    }


def _printed(site: Site, store: PageStore, stories: Sequence[int]) -> Figures:
    """Print every page in every language, and let the press of this machine know that it is done."""
    press, printing = Press(site, store), Meter()
    for start in shown(range(0, len(stories), _SHEET), "pages printed"):
        with printing:
            press.print(stories[start : start + _SHEET])
    with site.newsroom.database.transaction() as tx:
        tx.cursors.move(cursor_name(), tx.journal.last(), site.newsroom.clock.now())
    return {"languages": len(site.languages), "cpu_ms_per_story": printing.cpu_ms(len(stories))}


def _addresses(room: Newsroom, stories: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(stories), _SHEET):
        with room.database.reading() as tx:
            for card in tx.newsstand.cards(stories[start : start + _SHEET]):
                found[card.story] = paths.story(card.story, card.slug)
    return found


def _sizes(store: PageStore, stories: Sequence[int], addresses: dict[int, str]) -> Figures:
    raw = packed = 0
    sample = stories[:: max(1, len(stories) // 200)]
    unpack = zstandard.ZstdDecompressor()
    for key in sample:
        frame = _frame(store, key, addresses)
        raw += len(unpack.decompress(frame))
        packed += len(frame)
    return {"raw_bytes": raw // len(sample), "compressed_bytes": packed // len(sample)}


def _frame(store: PageStore, key: int, addresses: dict[int, str]) -> bytes:
    found = store.get(key, 0, addresses[key])
    if found is None:
        raise SettingsError(f"bench: story {key} was not printed")
    return found[1]


def _served(
    room: Newsroom, store: PageStore, stories: Sequence[int], addresses: dict[int, str]
) -> dict[str, object]:
    """Ask `depesche web` and, where there is one, nginx for the same bytes, in turns."""
    home = room.settings.data_dir
    mixed = list(addresses.values())
    random.Random(generate.SEED).shuffle(mixed)  # noqa: S311 - play, not secrets
    for name, lines in (("any", mixed), ("hot", mixed[:1])):
        (home / name).write_text("\n".join(lines) + "\n")
    with ExitStack() as running:
        port = room.settings.port
        ours = running.enter_context(depesche("web", home, port, core=_SERVER_CORE))
        ours.wait_for(f"http://127.0.0.1:{port}/imprint")
        contenders = {"stored": (ours, port)}
        if shutil.which("nginx"):
            root = home / "files"
            nginx.lay_out(root, ((addresses[key], _frame(store, key, addresses)) for key in stories))
            other, its_port = nginx.start(home, root, core=_SERVER_CORE)
            contenders["nginx"] = (running.enter_context(other), its_port)
        turns = _turns(home, contenders, len(stories))
        memory = {"web_resident_mb": ours.resident(), "web_private_mb": ours.private()}
    figures: dict[str, object] = {name: turns.get(name) for name in ("stored", "nginx")}
    if "nginx" in turns:
        figures["nginx_over_stored"] = {
            kind: ratio(turns["nginx"][kind]["cpu_us"], turns["stored"][kind]["cpu_us"])
            for kind in ("any", "hot")
        }
    else:
        figures["nginx_note"] = "nginx is not installed"
    return {**figures, **memory}


def _turns(
    home: Path, contenders: dict[str, tuple[Program, int]], stories: int
) -> dict[str, dict[str, dict[str, float]]]:
    requests = min(_REQUESTS, max(stories * 4, 200))
    cpu: dict[tuple[str, str], list[float]] = {}
    pace: dict[tuple[str, str], list[float]] = {}
    for turn in shown(range(_ROUNDS + 1), "rounds of requests"):
        for kind in ("any", "hot"):
            for name, (server, port) in contenders.items():
                used, seconds = _round(home, server, port, kind, requests, turn * requests)
                if turn:  # the first round warms up
                    cpu.setdefault((name, kind), []).append(used / requests * 1e6)
                    pace.setdefault((name, kind), []).append(rate(requests, seconds) or 0.0)
    return {
        name: {
            kind: {
                "cpu_us": median(cpu[name, kind]),
                "requests_per_s": median(pace[name, kind]),
                "rounds": len(cpu[name, kind]),
                "requests": requests,
            }
            for kind in ("any", "hot")
        }
        for name in contenders
    }


def _round(
    home: Path, server: Program, port: int, kind: str, requests: int, first: int
) -> tuple[float, float]:
    """Return the CPU seconds of the server and the wall seconds that *requests* took."""
    before = server.cpu()
    asked = (str(port), str(home / kind), str(requests), str(first), str(_CONNECTIONS))
    with script("client.py", home, *asked, core=_CLIENT_CORE) as client:
        came = msgspec.json.decode(client.finish())
    if came["refused"]:
        raise SettingsError(f"bench: {came['refused']} of {requests} requests were refused by {port}")
    time.sleep(0.05)  # what the server does after its last answer counts too
    return server.cpu() - before, came["seconds"]


BENCH = Bench(
    "pages", "story pages rendered, from the page store, and beside nginx serving files", measure, 100_000
)
