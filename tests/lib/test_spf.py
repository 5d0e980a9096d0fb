"""SPF is judged as a receiver would (RFC 7208), against a real DNS server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dns_server import DnsServer

from depesche.lib.mailing import spf
from depesche.lib.mailing.dns import Dns, DnsTrouble, MailHost

RECORDS = {
    ("news.example", "TXT"): ['"a note"', '"v=spf1 ip4:192.0.2.0/28 " "include:relay.example ~all"'],
    ("relay.example", "TXT"): ['"v=spf1 ip6:2001:db8::/32 a:mx.relay.example/30 -all"'],
    ("mx.relay.example", "A"): ["198.51.100.9"],
    ("by-mx.example", "TXT"): ['"v=spf1 mx -all"'],
    ("by-mx.example", "MX"): ["20 second.example.", "10 mx.relay.example."],
    ("second.example", "AAAA"): ["2001:db8:1::5"],
    ("moved.example", "TXT"): ['"v=spf1 redirect=relay.example"'],
    ("twice.example", "TXT"): ['"v=spf1 -all"', '"v=spf1 +all"'],
    ("endless.example", "TXT"): ['"v=spf1 include:endless.example -all"'],
    ("wrong.example", "TXT"): ['"v=spf1 ip4:nonsense -all"'],
    ("odd.example", "TXT"): ['"v=spf1 magic:x -all"'],
    ("hollow.example", "TXT"): ['"v=spf1 include:nothing.example -all"'],
    ("long.example", "TXT"): ['"v=spf1 a:mx.relay.example/99 -all"'],
    ("open.example", "TXT"): ['"v=spf1 exists:mx.relay.example ?all"'],
    ("no-end.example", "TXT"): ['"v=spf1 ip4:192.0.2.1"'],
    ("no-mail.example", "MX"): ["0 ."],
    ("9.100.51.198.in-addr.arpa", "PTR"): ["MX.Relay.example."],
}


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(RECORDS) as opened:
        yield opened


@pytest.fixture
def dns(server: DnsServer) -> Dns:
    return Dns(server.address)


@pytest.mark.parametrize(
    ("domain", "address", "result"),
    [
        ("news.example", "192.0.2.15", "pass"),
        ("news.example", "192.0.2.16", "softfail"),
        ("news.example", "2001:db8::1", "pass"),
        ("news.example", "198.51.100.10", "pass"),
        ("relay.example", "198.51.100.13", "fail"),
        ("by-mx.example", "198.51.100.9", "pass"),
        ("by-mx.example", "2001:db8:1::5", "pass"),
        ("by-mx.example", "2001:db8:1::6", "fail"),
        ("moved.example", "2001:db8::1", "pass"),
        ("nobody.example", "192.0.2.1", "none"),
        ("open.example", "203.0.113.9", "pass"),
        ("no-end.example", "203.0.113.9", "neutral"),
    ],
)
def test_what_a_receiver_would_say(dns: Dns, domain: str, address: str, result: str) -> None:
    assert spf.check(dns, domain, address).result == result


@pytest.mark.parametrize(
    ("domain", "said"),
    [("twice.example", "2 SPF records"), ("endless.example", "more than 10"), ("wrong.example", "ip4:nonsense"), ("odd.example", "magic"),
     ("hollow.example", "nothing.example"), ("long.example", "99")],
)  # fmt: skip
def test_a_record_that_is_wrong(dns: Dns, domain: str, said: str) -> None:
    with pytest.raises(spf.SpfTrouble, match=said):
        spf.check(dns, domain, "203.0.113.9")


def test_lookups_are_counted(dns: Dns) -> None:
    assert spf.check(dns, "news.example", "203.0.113.9").lookups == 2


def test_hosts_and_names(dns: Dns, server: DnsServer) -> None:
    assert dns.mail_hosts("by-mx.example") == [
        MailHost("mx.relay.example", 10),
        MailHost("second.example", 20),
    ]
    assert dns.mail_hosts("no-mail.example") == [MailHost("", 0)]
    assert dns.names_of("198.51.100.9") == ["mx.relay.example"]
    assert dns.names_of("198.51.100.77") == []
    before = len(server.asked)
    dns.mail_hosts("By-MX.example")
    assert len(server.asked) == before, "what was asked once is remembered"


def test_a_server_that_fails_is_no_answer(dns: Dns, server: DnsServer) -> None:
    server.silent.add("sick.example")
    with pytest.raises(DnsTrouble, match=r"sick\.example"):
        dns.text("sick.example")


@pytest.mark.parametrize("server_name", ["nonsense", "127.0.0.1:dns"])
def test_a_server_that_is_none_is_refused(server_name: str) -> None:
    with pytest.raises(ValueError):
        Dns(server_name)
