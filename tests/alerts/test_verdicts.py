"""A refusal means for the reader what its status, its code or its words say, in this order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.alerts.returns import verdicts
from depesche.model.bounce import FAILURES, FULL, GONE, OURS, SOFT

CASES = [
    ("5.1.1", "550 5.1.1 no such user", GONE),
    ("5.1.2", "", GONE),
    ("5.1.10", "RESOLVER.ADR.RecipientNotFound", GONE),
    ("5.1.1", "550 5.1.1 rejected, you are listed by a DNSBL", OURS),
    ("5.1.8", "sender address rejected: domain not found", OURS),
    ("5.1.0", "address rejected", SOFT),
    ("5.2.1", "the account is disabled", GONE),
    ("5.2.2", "", FULL),
    ("4.2.2", "over quota", FULL),
    ("5.2.3", "too large", OURS),
    ("5.4.4", "host not found", GONE),
    ("5.4.310", "DNS domain does not exist", GONE),
    ("5.4.1", "Recipient address rejected: Access denied", GONE),
    ("5.4.1", "no answer from host", SOFT),
    ("4.4.7", "delivery time expired", SOFT),
    ("5.7.1", "message rejected as spam; user unknown", OURS),
    ("5.7.26", "unauthenticated", OURS),
    ("5.7.13", "", GONE),
    ("5.6.7", "", OURS),
    ("5.0.0", "550 user unknown", GONE),
    ("5.0.0", "550 mailbox is full", FULL),
    ("5.0.0", "something", SOFT),
    ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", GONE),
    ("5.5.1", "bad sequence of commands", OURS),
    ("4.0.0", "user unknown, perhaps", SOFT),
    (None, "550 5.1.1 nobody", GONE),
    (None, "550 No such user here", GONE),
    (None, "550 Postfach voll", FULL),
    (None, "550 Empfänger unbekannt", GONE),
    (None, "554 Your host is on our blacklist", OURS),
    (None, "552 no", FULL),
    (None, "556 domain takes no mail", GONE),
    (None, "530 sign in first", OURS),
    (None, "550 no", SOFT),
    (None, "451 user unknown for now", SOFT),
    (None, "Sorry, no mailbox here by that name.", GONE),
    (None, "550 <spam.blacklist@post.example>: user unknown", GONE),
    (None, "hello", None),
    ("2.1.5", "fine", None),
]


@pytest.mark.parametrize(
    ("status", "said", "meaning"), CASES, ids=[f"{case[0]} {case[1]}"[:40] for case in CASES]
)
def test_what_a_refusal_means(status: str | None, said: str, meaning: str | None) -> None:
    rule = verdicts.judge(status, said)
    assert (rule.meaning if rule else None) == meaning


@settings(max_examples=200)
@given(st.integers(4, 5), st.integers(0, 9), st.integers(0, 999), st.text(max_size=80))
def test_every_failure_has_a_meaning(kind: int, subject: int, detail: int, said: str) -> None:
    rule = verdicts.judge(f"{kind}.{subject}.{detail}", said)
    assert rule is not None
    assert rule.meaning in FAILURES
    assert not (rule.meaning == GONE and kind == 4), "a trouble that passes silences nobody at once"


@settings(max_examples=100)
@given(st.integers(400, 599), st.text(max_size=80))
def test_every_code_has_a_meaning(code: int, said: str) -> None:
    rule = verdicts.judge(None, said, code)
    assert rule is not None
    assert not (rule.meaning == GONE and code < 500) or re.search(r"5\.", said)


def test_every_rule_decides_something_and_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "bounces.md").read_text()
    for rule in verdicts.RULES:
        assert rule.why in page
