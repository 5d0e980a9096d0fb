"""Signatures of letters, judged by another program than the one that made them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib.mailing.dkim import Signer
from depesche.lib.mailing.mail import Template, standard_headers

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def pem(key: object) -> bytes:
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


SEED = bytes(range(32))
KEYS = {
    "rsa": pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "ed25519": pem(Ed25519PrivateKey.from_private_bytes(SEED)),
    "seed": base64.b64encode(SEED) + b"\n",
}


def letter(
    subject: str = "Halden Werke liefern aus", text: str = "Die erste Kabine fährt.\n.\nBis dann"
) -> bytes:
    headers = standard_headers(
        sender="Depesche <depesche@news.example>", to="ida@post.example", date=NOW, message_id="<1@news.example>",
        list_id="news.example", unsubscribe="https://news.example/leave?token=" + "x" * 200, feedback_id="a:b:c:d",
    )  # fmt: skip
    return Template(subject, text, f"<p>{text}</p>", headers).freeze().join({})


def is_valid(raw: bytes, signer: Signer) -> bool:
    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name.decode().rstrip(".") == f"{signer.selector}._domainkey.{signer.domain}"
        return signer.record().encode()

    return bool(dkim.verify(raw, dnsfunc=record))


@pytest.mark.parametrize("kind", KEYS)
def test_a_signed_letter_is_valid(kind: str) -> None:
    signer = Signer("News.Example", "desk2026", KEYS[kind])
    signed = signer.sign(letter(), NOW)
    assert is_valid(signed, signer)
    assert signed.endswith(letter())
    assert all(len(line) <= 120 for line in signed.partition(b"From:")[0].split(b"\r\n"))


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
@settings(max_examples=25, deadline=None)
@given(
    subject=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120),
    text=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=300),
)
def test_every_letter_of_ours_can_be_signed(kind: str, subject: str, text: str) -> None:
    signer = Signer("news.example", "desk", KEYS[kind])
    assert is_valid(signer.sign(letter(subject, text), NOW), signer)


def test_what_servers_do_on_the_way_leaves_the_signature_valid() -> None:
    signer = Signer("news.example", "desk", KEYS["ed25519"])
    signed = signer.sign(letter(), NOW)
    assert is_valid(b"Received: from a by b;\r\n\tMon, 2 Mar 2026\r\n" + signed, signer)
    assert is_valid(signed + b"\r\n\r\n", signer)
    refolded = signed.replace(b"Subject: Halden", b"SUBJECT:\r\n   Halden")
    assert refolded != signed
    assert is_valid(refolded, signer)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Kabine", b"Gondel"),
        (b"Subject: Halden", b"Subject: Torvik"),
        (b"\r\nFrom: Depesche", b"\r\nFrom: x@evil.example\r\nFrom: Depesche"),
        (b"\r\nSubject: Halden", b"\r\nSubject: Buy\r\nSubject: Halden"),
        (b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Post"),
    ],
)
def test_what_matters_cannot_be_changed(before: bytes, after: bytes) -> None:
    signer = Signer("news.example", "desk", KEYS["ed25519"])
    signed = signer.sign(letter(), NOW)
    changed = signed.replace(before, after)
    assert changed != signed
    assert not is_valid(changed, signer)


def test_rfc_8463_names_the_record_of_a_known_key() -> None:
    # RFC 8463, A.2: secret and public key.
    signer = Signer("football.example.com", "brisbane", b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    assert signer.record() == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (b"", "neither PEM"),
        (b"abc", "neither PEM"),
        (base64.b64encode(b"short"), "neither PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "RSA or Ed25519"),
    ],
)
def test_a_key_that_is_none_is_refused(key: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Signer("news.example", "desk", key)


@pytest.mark.parametrize(
    ("domain", "selector"),
    [("", "desk"), ("news.example", ""), ("news example.org", "desk"), ("news.example", "a;b"), ("x", "y")],
)
def test_names_that_cannot_be_are_refused(domain: str, selector: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        Signer(domain, selector, KEYS["seed"])


@pytest.mark.parametrize("raw", [b"", b"From: x\r\n", b"Subject: x\r\n\r\nbody"])
def test_what_is_no_letter_is_not_signed(raw: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be signed"):
        Signer("news.example", "desk", KEYS["seed"]).sign(raw, NOW)
