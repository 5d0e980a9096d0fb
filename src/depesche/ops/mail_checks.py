"""Check what mailbox providers expect of a sender: SPF, DKIM, DMARC, reverse DNS, one-click unsubscribing, and what comes back.

Each finding is one line: what was found, why it matters where it is wrong, and what to do about it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from depesche.lib.mailing import smtp, spf
from depesche.lib.mailing.dkim import Signer
from depesche.lib.mailing.dns import Dns, DnsTrouble
from depesche.model.bounce import OURS
from depesche.model.errors import SettingsError
from depesche.newsroom import Newsroom
from depesche.settings import Settings

Finding = tuple[str, bool, str]

_BULK = "large providers refuse or sort out bulk mail without it"
_OPEN_TO_OTHERS = 0o077
_LEAST_DOTS = 1


def findings(room: Newsroom) -> Iterator[Finding]:
    """Yield what is right and wrong with this sender; without a mail server there is nothing to ask the DNS."""
    given = room.settings
    if given.smtp_url.get_secret_value():
        yield from _sender(given)
        yield from _unsubscribing(given)
    yield from _returns(room)


def _sender(given: Settings) -> Iterator[Finding]:
    domain = parseaddr(given.mail_from)[1].rpartition("@")[2].lower()
    if domain.count(".") < _LEAST_DOTS or domain.endswith((".localhost", ".local", ".invalid", ".test")):
        yield "mail_from", False, f"{given.mail_from}: no receiver accepts a sender without a domain of the world; set mail_from to an address of yours"  # fmt: skip
        return
    envelope = given.bounce_address.rpartition("@")[2].lower() or domain
    try:
        dns = Dns(given.dns_server)
    except ValueError as error:
        yield "dns", False, f"{error}: nothing about mail can be checked"
        return
    checks = (
        *((_reachable, (dns, one)) for one in dict.fromkeys((domain, envelope))),
        (_spf, (dns, envelope, given)),
        (_dkim, (dns, domain, given)),
        (_dmarc, (dns, domain, envelope, given)),
        (_reverse, (dns, given)),
    )
    for check, about in checks:
        try:
            yield from check(*about)  # type: ignore[operator]
        except DnsTrouble as error:
            name = check.__name__.strip("_")
            yield (
                name,
                False,
                f"{error}: the DNS gives no answer, so receivers may not get one either; ask again, then your DNS provider",
            )


def _reachable(dns: Dns, domain: str) -> Iterator[Finding]:
    hosts = dns.mail_hosts(domain)
    if hosts and not hosts[0].name:
        yield (
            "mx",
            False,
            f"{domain} says that it takes no mail: receivers refuse senders who cannot be answered; replace the null MX by a real one",
        )
    elif hosts:
        dead = [one.name for one in hosts if not dns.addresses(one.name)]
        said = f"{domain}: {', '.join(one.name for one in hosts)}"
        yield (
            "mx",
            not dead,
            f"{', '.join(dead)} has no address: what comes back for {domain} is lost; correct the MX record"
            if dead
            else said,
        )
    elif dns.addresses(domain):
        yield "mx", True, f"{domain} has no MX; its own address takes the mail"
    else:
        yield (
            "mx",
            False,
            f"{domain} has neither MX nor address: receivers refuse it, and no bounce comes back; enter an MX record",
        )


def _spf(dns: Dns, domain: str, given: Settings) -> Iterator[Finding]:
    addresses = sending_addresses(dns, given)
    suggested = (
        "v=spf1 " + " ".join(f"ip{ipaddress.ip_address(one).version}:{one}" for one in addresses) + " -all"
    )
    found = spf.records(dns, domain)
    if not found:
        yield (
            "spf",
            False,
            f'{domain} has no SPF record: {_BULK}; enter TXT "{suggested.replace("  ", " mx ")}"',
        )
        return
    if not addresses:
        yield (
            "spf",
            len(found) == 1,
            f"{found[0]}; set mail_hosts to have it tried with the addresses that letters leave from",
        )
        return
    for address in addresses:
        try:
            result = spf.check(dns, domain, address)
        except spf.SpfTrouble as error:
            yield "spf", False, f"{error}: receivers treat the record as broken; correct it"
            return
        fine = result.result == "pass"
        said = f"{address} may send for {domain}, {result.lookups} lookups"
        wrong = f"{domain}: {result.result} for {address}, from which letters leave: they look forged; add ip{ipaddress.ip_address(address).version}:{address} to the record"
        yield "spf", fine, said if fine else wrong


def sending_addresses(dns: Dns, given: Settings) -> list[str]:
    """Return the public addresses from which letters leave for the world, as far as settings and DNS tell."""
    hosts = given.mail_hosts or (smtp.parse_url(given.smtp_url.get_secret_value()).host,)
    found: list[str] = []
    for host in hosts:
        try:
            found.append(str(ipaddress.ip_address(host)))
        except ValueError:
            found += dns.addresses(host)
    return [one for one in dict.fromkeys(found) if given.mail_hosts or not _is_inside(one)]


def _is_inside(address: str) -> bool:
    found = ipaddress.ip_address(address)
    return found.is_private or found.is_loopback or found.is_link_local


def _dkim(dns: Dns, domain: str, given: Settings) -> Iterator[Finding]:
    signing = given.dkim_domain or domain
    name = f"{given.dkim_selector}._domainkey.{signing}"
    signer = None
    if given.dkim_key:
        try:
            signer = Signer(signing, given.dkim_selector, given.dkim_key.read_bytes())
        except (OSError, ValueError) as error:
            yield (
                "dkim",
                False,
                f"dkim_key: {error}: no letter can be sent; give a key that can be read, or none",
            )
            return
        yield from _secrecy(given.dkim_key)
    published = [_tags(one) for one in dns.text(name)]
    if not published:
        record = (
            f'enter TXT "{signer.record()}"'
            if signer
            else "let the mail server sign and name its selector in dkim_selector, or set dkim_key"
        )
        yield "dkim", False, f"{name} has no record: {_BULK}; {record}"
        return
    keys = {one.get("p", "") for one in published}
    if signer is None:
        yield (
            "dkim",
            keys != {""},
            f"{name} is published; that the mail server signs with it cannot be seen from here"
            if keys != {""}
            else f"{name} is withdrawn: signatures by it count as broken; publish a key",
        )
    else:
        own = _tags(signer.record())["p"]
        yield (
            "dkim",
            own in keys,
            f"{name} is the key that signs ({signer.algorithm})"
            if own in keys
            else f'{name} is another key than the one that signs: every signature is broken; enter TXT "{signer.record()}"',
        )


def _secrecy(key: Path) -> Iterator[Finding]:
    if key.stat().st_mode & _OPEN_TO_OTHERS:
        yield "dkim_key", False, f"{key} can be read by others, who can sign as you; chmod 600"


def _dmarc(dns: Dns, domain: str, envelope: str, given: Settings) -> Iterator[Finding]:
    found: dict[str, str] = {}
    asked = domain
    while not found and asked.count(".") >= _LEAST_DOTS:
        found = next(
            (_tags(one) for one in dns.text(f"_dmarc.{asked}") if re.match(r"v=DMARC1\s*(;|$)", one)), {}
        )
        asked = asked.partition(".")[2]
    if not found:
        yield (
            "dmarc",
            False,
            f'_dmarc.{domain} has no record: {_BULK}; enter TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}" and watch the reports',
        )
        return
    aligned = _related(domain, envelope) or _related(domain, given.dkim_domain or domain)
    if not aligned:
        yield (
            "dmarc",
            False,
            f"neither {envelope} (envelope) nor {given.dkim_domain} (DKIM) belongs to {domain} (From): DMARC fails for every letter; use addresses of one domain",
        )
        return
    policy = found.get("p", "")
    if policy not in ("none", "quarantine", "reject"):
        yield (
            "dmarc",
            False,
            f"the policy p={policy} of {domain} is none that there is: receivers pass over the record; use none, quarantine or reject",
        )
        return
    yield (
        "dmarc",
        True,
        f"p={policy}"
        + (
            "; once the reports are clean, quarantine or reject keeps others from writing in your name"
            if policy == "none"
            else ""
        ),
    )


def _related(one: str, other: str) -> bool:
    """Tell whether two domains are aligned, as far as can be told without a list of public suffixes."""
    return (
        one == other
        or one.endswith("." + other)
        or other.endswith("." + one)
        or _parent(one) == _parent(other)
    )


def _parent(domain: str) -> str:
    parent = domain.partition(".")[2]
    return parent if parent.count(".") >= _LEAST_DOTS else domain


def _reverse(dns: Dns, given: Settings) -> Iterator[Finding]:
    addresses = sending_addresses(dns, given)
    if not addresses:
        yield (
            "reverse dns",
            True,
            "not checked: letters leave through a server inside; name the addresses they reach the world from in mail_hosts",
        )
    for address in addresses:
        names = dns.names_of(address)
        confirmed = [
            name
            for name in names
            if address in [str(ipaddress.ip_address(one)) for one in dns.addresses(name)]
        ]
        if confirmed:
            yield "reverse dns", True, f"{address} is {confirmed[0]}, and back"
        elif names:
            yield (
                "reverse dns",
                False,
                f"{address} is called {names[0]}, but that name does not lead back: large providers refuse it; make both agree",
            )
        else:
            yield (
                "reverse dns",
                False,
                f"{address} has no name: large providers refuse mail from it; have its owner enter a PTR record",
            )


def _unsubscribing(given: Settings) -> Iterator[Finding]:
    parts = urlsplit(given.address)
    fine = parts.scheme == "https" and parts.hostname not in (None, "localhost", "127.0.0.1")
    yield (
        "unsubscribe",
        fine,
        f"one click at {given.address}"
        if fine
        else f"{given.address}: one-click unsubscribing (RFC 8058) needs https, and {_BULK}; set base_url",
    )


def _returns(room: Newsroom) -> Iterator[Finding]:
    given = room.settings
    try:
        postbox, has_mark = room.postbox, room.verp is not None
    except SettingsError as error:
        yield "bounces", False, f"{error}: the worker will not start; correct the setting"
        return
    doors = [*postbox.doors, *(["lmtp"] if given.bounce_lmtp else [])]
    if given.smtp_url.get_secret_value() and not doors:
        yield (
            "bounces",
            False,
            "no door takes what comes back: letters go on to dead mailboxes, and providers come to refuse all; set bounce_maildir, bounce_imap or bounce_lmtp",
        )
    elif doors and not has_mark:
        yield (
            "bounces",
            False,
            f"{', '.join(doors)}; without bounce_address many reports cannot be traced to their letter; set it to a box that takes local+anything",
        )
    for door, trouble in postbox.troubles_now().items():
        yield (
            f"bounces {door}",
            not trouble,
            f"{trouble}: what comes back is not read; correct the setting or the box"
            if trouble
            else "can be read",
        )
    with room.database.reading() as tx:
        blocked = tx.bounces.counts(room.clock.now() - timedelta(days=1)).get(OURS, 0)
        last = tx.bounces.newest([OURS], limit=1)
        counts = tx.suppressions.counts()
    if blocked:
        yield (
            "blocked",
            False,
            f"{blocked} letters were refused in a day for what we are or sent, the last: {last[0].said}; see `depesche bounces list --meaning ours`",
        )
    yield "suppressions", True, ", ".join(f"{n} {reason}" for reason, n in sorted(counts.items())) or "none"


def _tags(record: str) -> dict[str, str]:
    """Return the tags of a record such as `v=DKIM1; p=...`."""
    pairs = (one.partition("=") for one in record.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs if name.strip()}
