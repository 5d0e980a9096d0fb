"""Post many small documents to many sites at once, over connections that are kept; guarded like `lib.http`."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from depesche.lib.web.addresses import Forbidden, Guard, Network, Resolve, Resolver, system_resolve

_IDLE = 20.0  # seconds for which an unused connection is kept


@dataclass(frozen=True, slots=True)
class Post:
    """A document on its way: `key` names it to its sender."""

    key: int
    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of a post: the answer's status, 0 where none came, and then why not.

    `refused` means that we would not ask. `body` is cut to what the poster reads; header names are in lower case.
    """

    key: int
    status: int
    headers: Mapping[str, str]
    body: bytes
    reason: str = ""
    refused: bool = False


class Poster:
    """Posts to sites named by strangers: https and public addresses only, no redirects, no cookies, no proxies.

    *timeout* bounds each post in seconds from the look-up of the name to the answer's end; at most *at_once* are under way, *per_site*
    of them to one site; of an answer *most_bytes* are read. *allow_private* and *allowed* networks also allow http. Used by one thread.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout: float = 10.0,
        at_once: int = 32,
        per_site: int = 8,
        most_bytes: int = 2048,
        allow_private: bool = False,
        allowed: Iterable[Network] = (),
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        networks = tuple(allowed)
        self._guard = Guard(allow_private=allow_private, allowed=networks)
        self._resolver = Resolver(self._guard, resolve)
        self._schemes = ("https", "http") if allow_private or networks else ("https",)
        self._user_agent = user_agent
        self._timeout = timeout
        self._at_once = at_once
        self._per_site = per_site
        self._most_bytes = most_bytes
        self._tls = tls
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None

    def check(self, url: str) -> None:
        """Say whether *url* may be posted to, as far as that can be seen without asking the DNS.

        Raises:
            Forbidden: it may not; the message says why.
        """
        self._checked(url)

    def post(self, posts: Iterable[Post]) -> Iterator[Posted]:
        """Post each of *posts*, which are taken one by one as there is room, and yield the answers as they come."""
        loop = self._loop or asyncio.new_event_loop()
        self._loop = loop
        left = iter(posts)
        loop.run_until_complete(asyncio.sleep(0))  # hear of connections that were closed meanwhile
        running: set[asyncio.Task[Posted]] = set()
        try:
            while True:
                while len(running) < self._at_once and (one := next(left, None)) is not None:
                    running.add(loop.create_task(self._post(one)))
                if not running:
                    return
                done, running = loop.run_until_complete(
                    asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                )
                for task in done:
                    yield task.result()
        finally:
            for task in running:
                task.cancel()
            if running:
                loop.run_until_complete(asyncio.wait(running))

    def close(self) -> None:
        """Hang up everywhere; the poster may be used again."""
        loop, session = self._loop, self._session
        self._loop = self._session = None
        if loop is not None:
            if session is not None:
                loop.run_until_complete(session.close())
                loop.run_until_complete(asyncio.sleep(0))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _post(self, one: Post) -> Posted:
        try:
            url = self._checked(one.url)
            async with asyncio.timeout(self._timeout):
                try:
                    return await self._ask(url, one)
                except aiohttp.ServerDisconnectedError:
                    return await self._ask(url, one)  # a kept connection may have been closed as we took it
        except TimeoutError:
            return _failed(one, f"no answer within {self._timeout:g} s")
        except Forbidden as error:
            return _failed(one, str(error), refused=True)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            barred = _barred(error)
            return _failed(one, _said(barred or error), refused=barred is not None)

    async def _ask(self, url: URL, one: Post) -> Posted:
        asked = self._open().post(url, data=one.body, headers=one.headers, allow_redirects=False)
        async with asked as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            body = bytearray()
            while len(body) < self._most_bytes and (piece := await answer.content.read(self._most_bytes)):
                body += piece
            return Posted(one.key, answer.status, headers, bytes(body[: self._most_bytes]))

    def _checked(self, url: str) -> URL:
        if any(char <= " " or char == "\x7f" for char in url):
            raise Forbidden("a blank or control character in the address")
        try:
            parsed = URL(url).with_fragment(None)
        except ValueError as error:
            raise Forbidden("not a web address") from error
        if parsed.scheme not in self._schemes or not parsed.raw_host:
            raise Forbidden(f"only {' and '.join(self._schemes)} addresses are posted to")
        if parsed.user is not None or parsed.password is not None:
            raise Forbidden("an address with a user name")
        address = self._guard.check_host(parsed.raw_host)
        if parsed.scheme == "http" and address is None and parsed.raw_host != "localhost":
            raise Forbidden("only https addresses are posted to")
        return parsed

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_Guarded(self._resolver),
                use_dns_cache=False,
                limit=self._at_once,
                limit_per_host=self._per_site,
                keepalive_timeout=_IDLE,
                socket_factory=self._socket,
                ssl=self._tls or ssl.create_default_context(),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self._user_agent},
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Open a socket, the last moment to see where a connection really goes.

        Raises:
            OSError: to a forbidden address; the dialler understands no other error.
        """
        family, kind, protocol, _, target = info
        try:
            self._guard.check(str(target[0]))
        except Forbidden as error:
            raise OSError(str(error)) from error
        return socket.socket(family, kind, protocol)


class _Guarded(AbstractResolver):
    """Answers with addresses that a guard has passed."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of *host* of that *family*, in the form aiohttp wants.

        Raises:
            OSError: there are none, or one may not be spoken to.
        """
        try:
            found = await self._resolver.resolve(host)
        except Forbidden as error:
            raise OSError(str(error)) from error
        return [
            ResolveResult(
                hostname=host, host=str(one), port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST
            )
            for one in found
            for kind in (socket.AF_INET if one.version == 4 else socket.AF_INET6,)
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        """Hold nothing open."""


def _failed(one: Post, reason: str, *, refused: bool = False) -> Posted:
    return Posted(one.key, 0, {}, b"", reason, refused)


def _barred(error: BaseException | None) -> Forbidden | None:
    """Return what the guard said, where it was the guard that stopped a connection."""
    seen = 0
    while error is not None and seen < 8:
        if isinstance(error, Forbidden):
            return error
        error, seen = error.__cause__ or error.__context__, seen + 1
    return None


def _said(error: Exception) -> str:
    """Return the words of *error*, without the address some errors repeat in full."""
    if isinstance(error, aiohttp.InvalidURL):
        return "not a web address"
    words = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    return words or type(error).__name__
