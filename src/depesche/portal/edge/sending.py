"""How answers are sent: encoded as the reader accepts, signed, and with the headers that every answer carries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Message, Scope, Send

from depesche.portal.ask import FOR_EVER, Page
from depesche.portal.assets import Asset, Assets, hashed
from depesche.portal.edge.encoding import Body, accepted
from depesche.portal.edge.express import matches

_PARTS = frozenset({"text/css", "text/javascript", "font/woff2", "image/webp", "image/jpeg", "image/png"})
# What says something about a part of a page; the others are about documents, and half a kilobyte each time.
_OF_PARTS = frozenset(
    {b"x-content-type-options", b"cross-origin-resource-policy", b"strict-transport-security"}
)
_SQUEEZED = ("text/", "application/", "image/svg")
_CSP = (
    "default-src 'none'; style-src 'self' {style}; script-src 'self' {script}; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; {frames}form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types worker"
)

_VARY = (b"vary", b"Accept-Encoding")

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page with its body and what is said of it."""

    page: Page
    body: Body
    etag: str

    @classmethod
    def of(cls, page: Page) -> Kept:
        """Return *page* ready to be sent."""
        raw = page.raw
        squeezes = page.media_type.startswith(_SQUEEZED) and page.cache != "no-store"
        return cls(page, Body(raw, squeezes=squeezes), hashlib.blake2b(raw, digest_size=9).hexdigest())

    @classmethod
    def of_asset(cls, asset: Asset) -> Kept:
        """Return a file under `static`, kept in the best encoding."""
        page = Page(asset.body, media_type=asset.media_type, cache=FOR_EVER)
        squeezes = asset.media_type.startswith(_SQUEEZED)
        return cls(page, Body(asset.body, squeezes=squeezes, lasts=True), asset.etag.strip('"'))


class Sender:
    """Sends answers; `always` are the headers of each."""

    def __init__(self, always: Headers) -> None:
        self.always = always
        self._of_parts = [one for one in always if one[0] in _OF_PARTS]

    async def answer(
        self, kept: Kept, scope: Scope, send: Send, also: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        """Send a page, or that it has not changed, with the headers *also*."""
        page = kept.page
        keeps = page.cache != "no-store" and page.status == 200
        more = [(name.lower().encode(), value.encode("latin-1")) for name, value in page.headers.items()]
        more += also
        if keeps and matches(header(scope, b"if-none-match"), kept.etag):
            await self.unchanged(send, kept.etag, page.cache, more)
            return
        encoding, body = kept.body.get(accepted(header(scope, b"accept-encoding")))
        etag = kept.etag if keeps else None
        await self.send(scope, send, page.status, page.media_type, page.cache, etag, encoding, body, more)

    async def unchanged(self, send: Send, etag: str, cache: str, more: Headers | None = None) -> None:
        """Say that what is signed *etag* has not changed."""
        headers: Headers = [
            (b"etag", f'W/"{etag}"'.encode()),
            (b"cache-control", cache.encode()),
        ]
        await send(
            {"type": "http.response.start", "status": 304, "headers": _completed(headers, more, self.always)}
        )
        await send({"type": "http.response.body", "body": b""})

    async def send(
        self, scope: Scope, send: Send, status: int, media_type: str, cache: str, etag: str | None, encoding: str, body: bytes,
        more: Headers | None = None,
    ) -> None:  # fmt: skip
        """Send *body*, in an *encoding*, with *more* headers of its own."""
        headers: Headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", cache.encode()),
        ]
        if etag is not None:
            headers.append((b"etag", f'W/"{etag}"'.encode()))
        if encoding != "identity":
            headers.append((b"content-encoding", encoding.encode()))
        safe = self._of_parts if cache == FOR_EVER and media_type in _PARTS else self.always
        await send(
            {"type": "http.response.start", "status": status, "headers": _completed(headers, more, safe)}
        )
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def secured(self, send: Send, *, bare: bool = False) -> Send:
        """Return *send* with our headers in what others answer; with *bare* only those that say something of a part."""
        safe = self._of_parts if bare else self.always

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.get("headers", ())}
                message = {
                    **message,
                    "headers": [
                        *message.get("headers", ()),
                        *(one for one in safe if one[0] not in own),
                    ],
                }
            await send(message)

        return sender


def security(assets: Assets, *, is_secure: bool, frames: bool = False) -> Headers:
    """Return the headers that every answer carries.

    Of what is written into pages they admit the style and the two short scripts of *assets*, and nothing else. HTTPS is only
    insisted on where it is there; *frames* of our own are allowed where advertisements stand in them.
    """
    policy = _CSP.format(
        style=hashed(assets.style),
        script=f"{hashed(assets.loader)} {hashed(assets.seen)}",
        frames="frame-src 'self'; " if frames else "",
    )
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (
            b"permissions-policy",
            b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ]
    if is_secure:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    return headers


def _completed(headers: Headers, more: Headers | None, safe: Headers) -> Headers:
    """Return *headers* with *more* of the page's own, and those of every answer that it does not have of its own."""
    if not more:
        return [*headers, _VARY, *safe]
    own = {name for name, _ in more}
    return [*headers, *more, *(one for one in (_VARY, *safe) if one[0] not in own)]


def header(scope: Scope, name: bytes) -> bytes:
    """Return the header *name* of a request, empty where there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""
