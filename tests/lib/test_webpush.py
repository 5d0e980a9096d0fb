"""Messages that only their browser can open, and proofs of who sends them."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib.web.webpush import LONGEST, LONGEST_BODY, Keys, Vapid, decode, encode, encrypt
from fakes import FakeClock
from push_service import UserAgent

# The example of RFC 8291, section 5 and appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
PRIVATE = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard() -> None:
    private = ec.derive_private_key(int.from_bytes(decode(PRIVATE), "big"), ec.SECP256R1())
    made = encrypt(PLAIN, Keys.read(PUBLIC, SECRET), private=private, salt=decode(SALT), step=1)
    assert encode(made) == BODY


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=LONGEST))
def test_the_browser_reads_what_was_written(plain: bytes) -> None:
    browser = UserAgent("https://push.example/1")
    keys = Keys(browser.public, browser.secret)
    body = encrypt(plain, keys)
    assert len(body) <= LONGEST_BODY
    assert browser.open(body) == plain
    assert encrypt(plain, keys) != body, "no two messages have the same key"


@pytest.mark.parametrize(("length", "more"), [(1, 255), (255, 1), (256, 0), (LONGEST, 0), (LONGEST - 1, 1)])
def test_lengths_tell_little(length: int, more: int) -> None:
    browser = UserAgent("https://push.example/1")
    body = encrypt(b"x" * length, Keys(browser.public, browser.secret))
    assert len(body) == 86 + length + more + 17


def test_what_is_too_long_is_refused() -> None:
    browser = UserAgent("https://push.example/1")
    with pytest.raises(ValueError, match=str(LONGEST)):
        encrypt(b"x" * (LONGEST + 1), Keys(browser.public, browser.secret))


@pytest.mark.parametrize(
    ("public", "secret"),
    [
        ("", SECRET),
        (PUBLIC, ""),
        (PUBLIC, SECRET[:-2]),
        (PUBLIC[:-4], SECRET),
        (encode(b"\x04" + bytes(64)), SECRET),  # no point on the curve
        (encode(b"\x02" + decode(PUBLIC)[1:]), SECRET),
        ("ä" * 87, SECRET),
        (PUBLIC.replace("_", "/"), "!" * 22),
    ],
)
def test_keys_that_are_none(public: str, secret: str) -> None:
    with pytest.raises(ValueError):
        Keys.read(public, secret)


@settings(max_examples=60)
@given(st.text(max_size=120), st.text(max_size=40))
def test_whatever_is_sent_as_keys_is_read_or_refused(public: str, secret: str) -> None:
    try:
        Keys.read(public, secret)
    except ValueError:
        return


def test_one_proof_serves_a_push_service_for_hours(clock: FakeClock) -> None:
    vapid = Vapid(Vapid.make(), "mailto:desk@news.example")
    first = vapid.header("https://push.example/a/1", clock.now())
    assert first == vapid.header("https://push.example/b", clock.move(hours=5))
    assert first != vapid.header("https://push.example/b", clock.move(hours=2))
    other = vapid.header("https://else.example:8443/b", clock.now())
    claims = json.loads(decode(other.split(".")[1]))
    assert claims["aud"] == "https://else.example:8443"
    assert claims["sub"] == "mailto:desk@news.example"
    assert claims["exp"] == clock.now().timestamp() + 12 * 3600
    assert other.endswith(f", k={vapid.public}")


def test_keys_of_another_kind_sign_nothing() -> None:
    other = [ec.generate_private_key(ec.SECP384R1()), generate_private_key(65537, 2048)]
    for private in other:
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with pytest.raises(ValueError, match="P-256"):
            Vapid(pem, "")
    with pytest.raises(ValueError):
        Vapid(b"no key", "")
