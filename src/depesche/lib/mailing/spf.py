"""Would a receiver's SPF check (RFC 7208) let an address send for a domain?"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from depesche.lib.mailing.dns import Dns

_MOST_LOOKUPS = 10  # RFC 7208, 4.6.4: beyond these a receiver gives up
_RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9._-]*)(?::([^/\s]+))?((?:/\d{1,3})?(?://\d{1,3})?)")


class SpfTrouble(Exception):
    """The record is wrong, and a receiver treats it as if it refused everything; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class SpfResult:
    """What SPF says: none, pass, fail, softfail or neutral; the record it found; how many lookups that took."""

    result: str
    record: str | None
    lookups: int


def records(dns: Dns, domain: str) -> list[str]:
    """Return the SPF records of *domain*: one is right."""
    return [one for one in dns.text(domain) if re.match(r"(?i)v=spf1(?: |$)", one)]


def check(dns: Dns, domain: str, address: str) -> SpfResult:
    """Return what SPF says when *address* sends mail with an envelope sender at *domain*.

    Raises:
        SpfTrouble: the record is wrong.
        DnsTrouble: the DNS gives no answer.
    """
    found = records(dns, domain)
    if not found:
        return SpfResult("none", None, 0)
    run = _Run(dns, ipaddress.ip_address(address))
    return SpfResult(run.judge(domain), found[0], run.lookups)


class _Run:
    """One evaluation, with its count of lookups."""

    def __init__(self, dns: Dns, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
        self._dns = dns
        self._address = address
        self.lookups = 0

    def judge(self, domain: str) -> str:
        found = records(self._dns, domain)
        if len(found) > 1:
            raise SpfTrouble(f"{domain} has {len(found)} SPF records, and one is allowed")
        if not found:
            return "none"
        redirect = ""
        for term in found[0].split()[1:]:
            if "=" in term.partition(":")[0]:
                name, _, value = term.partition("=")
                redirect = value if name.lower() == "redirect" else redirect
                continue
            parts = _TERM.fullmatch(term)
            if parts is None:
                raise SpfTrouble(f"{domain}: cannot read {term!r}")
            if self._matches(parts[2].lower(), parts[3] or "", parts[4] or "", domain, term):
                return _RESULTS[parts[1] or "+"]
        if redirect:
            self._count(domain)
            result = self.judge(redirect)
            if result == "none":
                raise SpfTrouble(f"{domain}: redirect leads to {redirect}, which has no SPF record")
            return result
        return "neutral"

    def _matches(self, kind: str, value: str, length: str, domain: str, term: str) -> bool:
        if kind == "all":
            return True
        if kind in ("ip4", "ip6"):
            return self._lies_in(value + length, domain, term)
        if kind in ("a", "mx", "include", "exists", "ptr"):
            self._count(domain)
        target = value or domain
        if "%" in target or kind == "ptr":
            return False  # macros speak of the single letter; an ordinary sender's record has none
        if kind == "include":
            result = self.judge(target)
            if result == "none":
                raise SpfTrouble(f"{domain} includes {target}, which has no SPF record")
            return result == "pass"
        if kind == "exists":
            return bool(self._dns.addresses(target))
        if kind == "a":
            return self._is_one_of([target], length)
        if kind == "mx":
            return self._is_one_of(
                [one.name for one in self._dns.mail_hosts(target)[:10] if one.name], length
            )
        raise SpfTrouble(f"{domain}: there is no mechanism {kind!r}")

    def _count(self, domain: str) -> None:
        self.lookups += 1
        if self.lookups > _MOST_LOOKUPS:
            raise SpfTrouble(
                f"{domain} needs more than {_MOST_LOOKUPS} DNS lookups, and receivers give up there"
            )

    def _lies_in(self, network: str, domain: str, term: str) -> bool:
        try:
            return self._address in ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise SpfTrouble(f"{domain}: cannot read {term!r}") from error

    def _is_one_of(self, names: list[str], length: str) -> bool:
        four, _, six = length.partition("//")
        bits = (six or "128") if self._address.version == 6 else (four.strip("/") or "32")
        for found in (one for name in names for one in self._dns.addresses(name)):
            if ipaddress.ip_address(found).version != self._address.version:
                continue
            try:
                network = ipaddress.ip_network((found, int(bits)), strict=False)
            except ValueError as error:
                raise SpfTrouble(f"a network of {bits} bits is none") from error
            if self._address in network:
                return True
        return False
