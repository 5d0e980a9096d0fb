"""Fetch from the web for strangers, without being led astray: no private hosts, no floods, no endless waits."""

from __future__ import annotations

import asyncio
import base64
import functools
import re
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from depesche.lib.web.addresses import Address, Forbidden, Guard, Network, Resolve, Resolver, system_resolve
from depesche.lib.web.sites import Turns

_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_FAITHFUL = (307, 308)  # method and body go along
_MOST_REDIRECTS = 5
_CHUNK = 65536
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})


class HttpError(Exception):
    """Nothing usable came back; `reason` says why. `refused` means that we would not ask, so that trying
    again cannot help.
    """

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Response:
    """What a site answered, whatever its status.

    Header names are in lower case, values as sent; `body` is decompressed. `url` is where the answer came from,
    `permanent_url` where the site wants to be asked from now on (301 and 308 only).
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    permanent_url: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request; `secret` headers go to the site first asked and nowhere else."""

    headers: Mapping[str, str]
    secret: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


class Client:
    """Gets documents by http and https, each on a connection of its own.

    *timeout* bounds a whole fetch in seconds, redirects included; *max_bytes* the decompressed body.
    *allow_private* opens one's own networks and *allowed_networks* further ones; link-local and
    metadata addresses stay shut. Clients that share *turns* ask each site one at a time. No cookies, no proxies, nothing from the environment.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        user_agent: str,
        timeout: float = 30.0,
        max_bytes: int = 10_000_000,
        allowed_networks: Iterable[Network] = (),
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._guard = Guard(allow_private=allow_private, allowed=allowed_networks)
        self._resolver = Resolver(self._guard, resolve)
        self._user_agent = user_agent
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._tls = tls
        self._turns = turns or Turns()

    def fetch(
        self, url: str, headers: Mapping[str, str] | None = None, *, secret: Mapping[str, str] | None = None
    ) -> Response:
        """Do what `get` does, from a thread that runs no event loop, when no other thread asks that site."""
        with self._turns.at(url):
            return asyncio.run(self.get(url, headers, secret=secret))

    def send(
        self,
        method: str,
        url: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        secret: Mapping[str, str] | None = None,
    ) -> Response:
        """Send *body* with another method than GET, from a thread that runs no event loop; otherwise like `fetch`.

        Only redirects that keep method and body (307 and 308) are followed.
        """
        asked = _Asked(_words(headers), _words(secret), method, body)
        with self._turns.at(url):
            return asyncio.run(self._request(url, asked))

    async def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, secret: Mapping[str, str] | None = None
    ) -> Response:
        """Return what *url* answers, after at most five redirects.

        Headers in *secret*, and a user and password in *url*, are sent to its own site only.

        Raises:
            HttpError: the address is not allowed, nobody answered in time, or the answer is too large or broken.
        """
        return await self._request(url, _Asked(_words(headers), _words(secret)))

    async def _request(self, url: str, asked: _Asked) -> Response:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow(*_without_user(_parsed(url), asked))
        except TimeoutError as error:
            raise HttpError(f"{_shown(url)}: no answer within {self._timeout:g} s") from error
        except Forbidden as error:
            raise HttpError(f"{_shown(url)}: {error}", refused=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise HttpError(f"{_shown(url)}: {_said(error)}") from error

    async def _follow(self, url: URL, asked: _Asked) -> Response:
        permanent = url
        is_permanent = True
        for _ in range(_MOST_REDIRECTS + 1):
            response, target = await self._ask(url, asked)
            if target is None or (asked.method != "GET" and response.status not in _FAITHFUL):
                return Response(response.status, response.headers, response.body, str(url), str(permanent))
            if target.origin() != url.origin():
                told = {name: value for name, value in asked.headers.items() if name.lower() not in _SECRET}
                asked = replace(asked, headers=told, secret={})
            is_permanent = is_permanent and response.status in _PERMANENT
            url = target
            permanent = url if is_permanent else permanent
        raise HttpError(f"{_shown(str(permanent))}: more than {_MOST_REDIRECTS} redirects")

    async def _ask(self, url: URL, asked: _Asked) -> tuple[Response, URL | None]:
        """Make one request; return the answer, and where it points if it is a redirect."""
        host = url.raw_host or ""
        address = self._guard.check_host(host)
        addresses = (address,) if address is not None else await self._resolver.resolve(host)
        door = _Doorkeeper(self._guard)
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(addresses),
            use_dns_cache=False,
            force_close=True,
            socket_factory=door,
            ssl=self._tls or _default_tls(),
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent},
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
        )
        try:
            headers = {**asked.headers, **asked.secret}
            request = session.request(
                asked.method, url, headers=headers, data=asked.body or None, allow_redirects=False
            )
            async with session, request as answer:
                return await self._answer(url, answer)
        except aiohttp.ClientConnectorError as error:
            if door.barred is not None:
                raise door.barred from error
            raise

    async def _answer(self, url: URL, answer: aiohttp.ClientResponse) -> tuple[Response, URL | None]:
        target = None
        body = b""
        location = answer.headers.get("Location")
        if answer.status in _REDIRECTS and location is not None:
            target = _parsed(str(url.join(URL(location.strip()))))
            if target.user is not None or target.password is not None:
                raise Forbidden("a redirect that brings a user name")
        else:
            body = await self._read(answer)
        names = {name.lower() for name in answer.headers}
        received = {name: ", ".join(answer.headers.getall(name)) for name in names}
        return Response(answer.status, received, body, "", ""), target

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        too_large = HttpError(f"{_shown(str(answer.url))}: more than {self._max_bytes} bytes")
        if (answer.content_length or 0) > self._max_bytes:
            raise too_large
        body = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > self._max_bytes:
                raise too_large
        return bytes(body)


class _Doorkeeper:
    """Opens sockets, the last moment to see where a connection really goes."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.barred: Forbidden | None = None

    def __call__(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Open a socket for *info*.

        Raises:
            OSError: it leads to a forbidden address; the dialler understands no other error. `barred` says more.
        """
        family, kind, protocol, _, target = info
        try:
            self._guard.check(str(target[0]))
        except Forbidden as error:
            self.barred = error
            raise OSError(str(error)) from error
        return socket.socket(family, kind, protocol)


class _Pinned(AbstractResolver):
    """Answers with addresses that were checked already: a second look-up could be told something else."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the pinned addresses of *family* in the form aiohttp wants."""
        return [
            ResolveResult(
                hostname=host, host=str(address), port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for address in self._addresses
            for kind in (socket.AF_INET if address.version == 4 else socket.AF_INET6,)
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        """Hold nothing open."""


@functools.cache
def _default_tls() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads all authorities: once is enough


def _parsed(url: str) -> URL:
    if any(char <= " " or char == "\x7f" for char in url):
        raise Forbidden("a blank or control character in the address")
    parsed = URL(url)
    if parsed.scheme not in ("http", "https"):
        raise Forbidden("only http and https are spoken")
    if not parsed.raw_host:
        raise Forbidden("an address without a host")
    return parsed.with_fragment(None)


def _without_user(url: URL, asked: _Asked) -> tuple[URL, _Asked]:
    """Move user and password from the address into a header, where no log and no redirect repeats them."""
    if url.user is None and url.password is None:
        return url, asked
    coded = base64.b64encode(f"{url.user or ''}:{url.password or ''}".encode()).decode()
    return url.with_user(None), replace(asked, secret={"Authorization": f"Basic {coded}", **asked.secret})


def _words(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    return dict(headers or {})


def _shown(url: str) -> str:
    """Return *url* as a log may show it: no password, no query, not long."""
    return re.sub(r"^([a-z]+://)[^/?#]*@", r"\1", url.split("?")[0])[:200]


def _said(error: Exception) -> str:
    """Return the words of *error*, without the address some errors repeat in full."""
    if isinstance(error, aiohttp.InvalidURL):
        return "not a web address"
    words = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    return words or type(error).__name__
