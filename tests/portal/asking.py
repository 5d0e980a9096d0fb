"""Ask the portal over ASGI, without a socket."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import zstandard
from paper import Paper

from depesche.bus.follow import catch_up
from depesche.portal.edge.edge import Edge

CLIENT = ("192.0.2.7", 5000)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Answer:
    """What came back; `text` is decoded from whatever encoding it came in."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        kind = self.headers.get("content-encoding")
        if kind == "zstd":
            return zstandard.ZstdDecompressor().decompress(self.body, max_output_size=10_000_000).decode()
        if kind == "gzip":
            return zlib.decompress(self.body, 31).decode()
        if kind == "br":
            import brotli

            return brotli.decompress(self.body).decode()
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.text)


class Browser:
    """Asks the portal as a browser would."""

    def __init__(self, app: Edge) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(
        self,
        path: str,
        form: Mapping[str, str] | bytes = b"",
        *,
        site: str | None = "same-origin",
        **headers: str,
    ) -> Answer:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        if site:
            headers["sec_fetch_site"] = site
        return self.ask("POST", path, body, headers)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self.loop.run_until_complete(self.ask_now(method, path, body, headers or {}))

    async def ask_now(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(path)
        said = {
            "host": "portal.example",
            "user-agent": AGENT,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in said.items()],
            "client": CLIENT, "server": ("portal.example", 80),
        }  # fmt: skip
        messages: list[Any] = []
        sent = False

        async def receive() -> Any:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        start = messages[0]
        pairs = [(name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]]
        return Answer(
            start["status"], dict(pairs), b"".join(one.get("body", b"") for one in messages[1:]),
            [value for name, value in pairs if name == "set-cookie"],
        )  # fmt: skip

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


@dataclass
class Desk:
    """A portal that a test may change."""

    paper: Paper
    keys: dict[str, int]
    app: Edge
    browser: Browser

    def path(self, name: str) -> str:
        return self.paper.path(self.keys[name])

    def index(self) -> None:
        catch_up(self.paper.room.database, [self.paper.room.index_follower], self.paper.clock)
