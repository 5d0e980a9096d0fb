"""An envelope sender names its letter, survives what servers do to addresses, and cannot be made up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.lib.mailing.mailaddress import normalise
from depesche.lib.mailing.verp import Verp

VERP = Verp("a secret", "bounce@news.example")
KEYS = st.integers(0, 2**62 - 1)


@settings(max_examples=100)
@given(KEYS, KEYS)
def test_what_was_written_is_read(reader: int, letter: int) -> None:
    assert VERP.read([VERP.sender(reader, letter)]) == (reader, letter)


@settings(max_examples=100)
@given(st.integers(0, 2**31), st.integers(0, 2**40))
def test_every_usual_sender_is_an_address_that_fits(reader: int, letter: int) -> None:
    sender = Verp("a secret", "an-address-of-length-27-abc@news.example").sender(reader, letter)
    assert normalise(sender)[0] == sender
    assert len(sender.rpartition("@")[0]) <= 64


def test_case_brackets_and_foreign_domains_do_not_break_it() -> None:
    sender = VERP.sender(7, 99)
    for spelling in (
        sender.upper(),
        f"<{sender}>",
        sender.replace("news.example", "relay.example"),
        f"prvs=tag={sender}",
    ):
        assert VERP.read(["somebody@news.example", spelling]) == (7, 99)


def test_a_token_stands_in_a_message_id_as_well() -> None:
    assert VERP.read([f"<{VERP.token(7, 99)}@news.example>"]) == (7, 99)


@settings(max_examples=200)
@given(KEYS, KEYS, st.integers(0, 60), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_token_is_nobody(reader: int, letter: int, at: int, char: str) -> None:
    token = VERP.token(reader, letter)
    forged = token[: at % len(token)] + char + token[at % len(token) + 1 :]
    found = VERP.read([f"bounce+{forged}@news.example"])
    # The last digit of base32 may hold bits that stand for nothing.
    assert found is None or found == (reader, letter)


def test_another_secret_reads_nothing() -> None:
    assert Verp("another", "bounce@news.example").read([VERP.sender(7, 99)]) is None


@settings(max_examples=200)
@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    assert VERP.read([text, f"bounce+{text}@x"]) is None


@pytest.mark.parametrize(
    "address",
    ["", "bounce", "@x.example", "a+b@x.example", '"a b"@x.example', "ä@x.example", "a" * 30 + "@x.example"],
)
def test_an_address_without_room_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"@ sign|come back"):
        Verp("a secret", address)


@pytest.mark.parametrize("number", [-1, 2**62])
def test_a_number_that_is_no_key_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no key"):
        VERP.token(number, 1)
