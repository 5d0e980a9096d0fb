"""Ask the DNS for what a sender of mail needs there."""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.rdatatype
import dns.resolver
import dns.reversename

_SECONDS = 5.0


class DnsTrouble(Exception):
    """The DNS gives no answer now; whether the record exists is not known."""


@dataclass(frozen=True, slots=True)
class MailHost:
    """A host that takes the mail of a domain; an empty name says that the domain takes none (RFC 7505)."""

    name: str
    preference: int


class Dns:
    """Asks *server*, `address` or `address:port`, or the system's where it is empty.

    Every question returns an empty list where there is no such record, and raises `DnsTrouble` where nobody can say.

    Raises:
        ValueError: *server* is no address.
    """

    def __init__(self, server: str = "") -> None:
        if not server:
            try:
                self._resolver = dns.resolver.Resolver()
            except dns.resolver.NoResolverConfiguration as error:
                raise ValueError("the system names no DNS server; set dns_server") from error
        else:
            self._resolver = dns.resolver.Resolver(configure=False)
            host, colon, port = server.rpartition(":")
            if not colon or (host.count(":") and not host.startswith("[")):  # no port, or a bare IPv6 address
                host, port = server, "53"
            if not port.isdecimal():
                raise ValueError(f"{server!r} is no DNS server")
            self._resolver.nameservers = [host.strip("[]")]
            self._resolver.port = int(port)
        self._resolver.lifetime = _SECONDS
        self._known: dict[tuple[str, str], list[str]] = {}

    def text(self, name: str) -> list[str]:
        """Return the TXT records of *name*, each with its strings joined."""
        return self._ask(name, "TXT")

    def addresses(self, name: str) -> list[str]:
        """Return the IPv4 and IPv6 addresses of *name*."""
        return self._ask(name, "A") + self._ask(name, "AAAA")

    def mail_hosts(self, name: str) -> list[MailHost]:
        """Return the MX records of *name*, the preferred first."""
        found = [one.partition(" ") for one in self._ask(name, "MX")]
        hosts = [MailHost(host.rstrip("."), int(preference)) for preference, _, host in found]
        return sorted(hosts, key=lambda one: (one.preference, one.name))

    def names_of(self, address: str) -> list[str]:
        """Return the names that reverse DNS gives for an IP address."""
        name = dns.reversename.from_address(address).to_text()
        return [one.rstrip(".").lower() for one in self._ask(name, "PTR")]

    def _ask(self, name: str, kind: str) -> list[str]:
        key = (name.lower(), kind)
        if key not in self._known:
            self._known[key] = self._answers(name, kind)
        return self._known[key]

    def _answers(self, name: str, kind: str) -> list[str]:
        try:
            answer = self._resolver.resolve(
                name.rstrip(".") + ".", dns.rdatatype.from_text(kind), search=False
            )
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise DnsTrouble(f"{kind} {name}: {type(error).__name__}") from error
        if kind == "TXT":
            return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]
        return [one.to_text() for one in answer]
