"""Which network addresses a program that fetches for strangers may speak to."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], Sequence[str]]


def _networks(listed: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in listed.split())


# One's own networks: an operator may open them.
_PRIVATE = _networks("127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 ::1/128 fc00::/7")
# Never a web site: this host, link-local, tests, relays, multicast, reserved, and the places where
# clouds hand out a machine's credentials (the last three lie inside networks that are otherwise fine).
_NEVER = _networks(
    "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24"
    " 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 100.100.100.200/32 168.63.129.16/32 fd00:ec2::/32"
    # In IPv6 only 2000::/3 is handed out. So ::/96 (IPv4-compatible), ::ffff:0:0/96 (mapped), 64:ff9b::/96 and
    # 64:ff9b:1::/48 (NAT64), link-local, site-local and multicast are outside; Teredo, ORCHID, documentation
    # and 6to4 are inside and named here.
    " 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")

_KEPT_NAMES = 4096
_KEPT_FOR = 60.0
_lookups = ThreadPoolExecutor(16, "resolve")


class Forbidden(Exception):
    """An address or name that may not be spoken to; the message says which and why."""


class Guard:
    """Decides on addresses: public ones pass; one's own networks with *allow_private*; *allowed* ones always."""

    def __init__(self, *, allow_private: bool = False, allowed: Iterable[Network] = ()) -> None:
        self._allow_private = allow_private
        self._allowed = tuple(allowed)

    def permits(self, address: Address) -> bool:
        """Tell whether *address* may be spoken to."""
        if any(address in network for network in self._allowed):
            return True
        if any(address in network for network in _NEVER):
            return False
        if any(address in network for network in _PRIVATE):
            return self._allow_private
        return address.version == 4 or address in _GLOBAL_IPV6

    def check(self, text: str) -> Address:
        """Return the address written as *text*.

        Raises:
            Forbidden: it is none, carries a zone, or may not be spoken to.
        """
        try:
            address = ipaddress.ip_address(text)
        except ValueError as error:
            raise Forbidden(f"{text!r} is no address") from error
        if getattr(address, "scope_id", None) is not None or not self.permits(address):
            raise Forbidden(f"{text} is not a public address")
        return address

    def check_host(self, host: str) -> Address | None:
        """Return the address that *host* of a URL is, or None if it is a name that remains to be resolved.

        Numbers in other forms than dotted decimal are refused: programs disagree on what they mean. Without
        permission no number is taken at all, because honest sites have names.

        Raises:
            Forbidden: *host* is no name, or an address that may not be spoken to.
        """
        if ":" in host or _ENDS_IN_NUMBER.fullmatch(host):
            address = self.check(host)
            if not (self._allow_private or any(address in network for network in self._allowed)):
                raise Forbidden(f"{host} is a number, not the name of a site")
            return address
        if len(host) > 254 or not _HOST.fullmatch(host.lower().removesuffix(".")):
            raise Forbidden(f"{host!r} is no name of a site")
        return None


def system_resolve(name: str) -> Sequence[str]:
    """Ask the system for all addresses of *name*.

    Raises:
        OSError: it has none, or nobody could be asked.
    """
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Resolver:
    """Resolves names to addresses that all pass a guard, and remembers them for a minute."""

    def __init__(self, guard: Guard, resolve: Resolve = system_resolve) -> None:
        self._guard = guard
        self._resolve = resolve
        self._known: dict[str, tuple[float, tuple[Address, ...]]] = {}
        self._lock = threading.Lock()  # worker threads share a client

    async def resolve(self, name: str) -> tuple[Address, ...]:
        """Return the addresses of *name*.

        Raises:
            Forbidden: one of them may not be spoken to; a name with two faces is trusted with neither.
            OSError: the name cannot be resolved.
        """
        known = self._known.get(name)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        # Threads of our own: those of the event loop are waited for at its end, however long a name server takes.
        found = await asyncio.wrap_future(_lookups.submit(self._resolve, name))
        addresses = tuple(self._guard.check(text) for text in found)
        if not addresses:
            raise OSError(f"{name} has no address")
        with self._lock:
            self._known.pop(name, None)
            self._known[name] = (time.monotonic() + _KEPT_FOR, addresses)
            while len(self._known) > _KEPT_NAMES:
                del self._known[next(iter(self._known))]
        return addresses
