"""`depesche check` says what a mailbox provider would hold against this sender, and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

from dns_server import DnsServer

from depesche.lib.mailing.dkim import Signer
from depesche.newsroom import Newsroom
from depesche.ops import mail_checks
from depesche.settings import Settings
from fakes import FakeClock

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
RECORD = Signer("news.example", "desk", KEY).record()
GOOD = {
    ("news.example", "MX"): ["10 mx.news.example."],
    ("mx.news.example", "A"): ["198.51.100.9"],
    ("out.news.example", "A"): ["198.51.100.7"],
    ("news.example", "TXT"): ['"v=spf1 ip4:198.51.100.7 -all"'],
    ("desk._domainkey.news.example", "TXT"): [f'"{RECORD[:30]}" "{RECORD[30:]}"'],
    ("_dmarc.news.example", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:postmaster@news.example"'],
    ("7.100.51.198.in-addr.arpa", "PTR"): ["out.news.example."],
}


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer(GOOD) as server:
        yield server


@pytest.fixture(autouse=True)
def _ready(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "depesche.sqlite")


def check(dns: DnsServer, folder: Path, clock: FakeClock, **more: object) -> dict[str, tuple[bool, str]]:
    """Return the findings by name, of a sender that has everything unless said otherwise."""
    key = folder / "dkim.pem"
    key.touch(mode=0o600)
    key.write_bytes(KEY)
    (folder / "bounces" / "new").mkdir(parents=True, exist_ok=True)
    given: dict[str, object] = {
        "data_dir": folder, "smtp_url": SecretStr("smtp://127.0.0.1"), "mail_from": "Depesche <depesche@news.example>",
        "bounce_address": "bounce@news.example", "bounce_maildir": folder / "bounces", "dkim_key": key, "dkim_selector": "desk",
        "mail_hosts": ("out.news.example",), "dns_server": dns.address, "base_url": "https://news.example", **more,
    }  # fmt: skip
    room = Newsroom(Settings(**given), clock)  # type: ignore[arg-type]
    try:
        return {name: (fine, said) for name, fine, said in mail_checks.findings(room)}
    finally:
        room.close()


def test_a_sender_that_has_everything(dns: DnsServer, tmp_path: Path, clock: FakeClock) -> None:
    found = check(dns, tmp_path, clock)
    assert [name for name, (fine, _) in found.items() if not fine] == []
    assert {
        "mx",
        "spf",
        "dkim",
        "dmarc",
        "reverse dns",
        "unsubscribe",
        "bounces maildir",
        "suppressions",
    } <= set(found)


LACKS: list[tuple[dict[tuple[str, str], list[str]], dict[str, object], str, str]] = [
    ({("news.example", "MX"): []}, {}, "mx", "enter an MX"),
    ({("news.example", "MX"): ["0 ."]}, {}, "mx", "null MX"),
    ({("mx.news.example", "A"): []}, {}, "mx", "mx.news.example has no address"),
    ({("news.example", "TXT"): []}, {}, "spf", '"v=spf1 ip4:198.51.100.7 -all"'),
    ({("news.example", "TXT"): ['"v=spf1 -all"']}, {}, "spf", "fail for 198.51.100.7"),
    ({("news.example", "TXT"): ['"v=spf1 -all"', '"v=spf1 mx"']}, {}, "spf", "2 SPF records"),
    ({("desk._domainkey.news.example", "TXT"): []}, {}, "dkim", RECORD),
    ({("desk._domainkey.news.example", "TXT"): ['"v=DKIM1; k=ed25519; p=AAAA"']}, {}, "dkim", "another key"),
    ({("desk._domainkey.news.example", "TXT"): []}, {"dkim_key": None}, "dkim", "set dkim_key"),
    ({("desk._domainkey.news.example", "TXT"): ['"v=DKIM1; p="']}, {"dkim_key": None}, "dkim", "withdrawn"),
    ({("_dmarc.news.example", "TXT"): []}, {}, "dmarc", "v=DMARC1; p=none"),
    ({("_dmarc.news.example", "TXT"): ['"v=DMARC1; p=strict"']}, {}, "dmarc", "p=strict"),
    ({("7.100.51.198.in-addr.arpa", "PTR"): []}, {}, "reverse dns", "PTR"),
    ({("7.100.51.198.in-addr.arpa", "PTR"): ["mx.news.example."]}, {}, "reverse dns", "does not lead back"),
    ({}, {"base_url": "http://news.example"}, "unsubscribe", "https"),
    ({}, {"base_url": ""}, "unsubscribe", "set base_url"),
    ({}, {"mail_from": "depesche@localhost"}, "mail_from", "domain of the world"),
    ({}, {"bounce_maildir": None}, "bounces", "no door"),
    ({}, {"bounce_address": ""}, "bounces", "set it to a box"),
    ({}, {"bounce_address": "a+b@news.example"}, "bounces", "will not start"),
    ({}, {"bounce_maildir": Path("/nowhere/at/all")}, "bounces maildir", "no such folder"),
    ({}, {"dkim_key": Path("/nowhere/at/all")}, "dkim", "no letter can be sent"),
    ({}, {"dns_server": "nonsense"}, "dns", "nothing about mail"),
]


@pytest.mark.parametrize(
    ("records", "given", "name", "said"), LACKS, ids=[f"{one[2]}: {one[3]}"[:40] for one in LACKS]
)
def test_what_is_lacking_is_said_with_its_remedy(
    dns: DnsServer, tmp_path: Path, clock: FakeClock, records: dict[tuple[str, str], list[str]], given: dict[str, object], name: str, said: str
) -> None:  # fmt: skip
    dns.records.update(records)
    fine, told = check(dns, tmp_path, clock, **given)[name]
    assert not fine
    assert said in told
    assert "\n" not in told


def test_a_key_that_others_can_read(dns: DnsServer, tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "dkim.pem").touch(mode=0o644)
    fine, said = check(dns, tmp_path, clock)["dkim_key"]
    assert not fine
    assert "chmod 600" in said


def test_addresses_of_two_domains_fail_dmarc(dns: DnsServer, tmp_path: Path, clock: FakeClock) -> None:
    dns.records.update({("other.example", "MX"): ["10 mx.news.example."], ("other.example", "TXT"): ['"v=spf1 ip4:198.51.100.7"'],
                        ("desk._domainkey.other.example", "TXT"): [f'"{RECORD}"']})  # fmt: skip
    found = check(dns, tmp_path, clock, bounce_address="b@other.example", dkim_domain="other.example")
    assert not found["dmarc"][0]
    assert found["spf"][0]
    assert check(dns, tmp_path, clock, bounce_address="b@other.example")["dmarc"][0], (
        "the signature is aligned"
    )


def test_a_record_of_the_parent_domain_counts(dns: DnsServer, tmp_path: Path, clock: FakeClock) -> None:
    found = check(dns, tmp_path, clock, mail_from="depesche@post.news.example", dkim_domain="news.example")
    assert found["dmarc"][0]


def test_a_dns_that_does_not_answer_is_told_and_the_rest_goes_on(
    dns: DnsServer, tmp_path: Path, clock: FakeClock
) -> None:
    dns.silent.add("_dmarc.news.example")
    found = check(dns, tmp_path, clock)
    assert not found["dmarc"][0]
    assert "no answer" in found["dmarc"][1]
    assert found["reverse dns"][0]


def test_a_server_inside_is_not_looked_up(dns: DnsServer, tmp_path: Path, clock: FakeClock) -> None:
    found = check(dns, tmp_path, clock, mail_hosts=())
    assert found["reverse dns"] == (True, found["reverse dns"][1])
    assert "mail_hosts" in found["spf"][1]


def test_without_a_mail_server_nothing_is_asked(dns: DnsServer, tmp_path: Path, clock: FakeClock) -> None:
    found = check(dns, tmp_path, clock, smtp_url=SecretStr(""))
    assert dns.asked == []
    assert "spf" not in found
    assert all(fine for fine, _ in found.values())
