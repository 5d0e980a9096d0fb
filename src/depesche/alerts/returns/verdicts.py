"""What a mail server's refusal means for the reader: rules as data, the first that fits decides.

Statuses are those of RFC 3463 and its registry; the words are what servers say who give no status, or a general one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from depesche.lib.mailback.reports import find_code, find_status
from depesche.model.bounce import FULL, GONE, OURS, SOFT


@dataclass(frozen=True, slots=True)
class Rule:
    """A refusal with a status or code that `code` fits, and words that `words` find, means `meaning`."""

    meaning: str
    code: str
    words: str | None
    why: str


_BLOCKED = (
    r"\bspam|black ?list|block ?list|\brbl\b|dnsbl|\bspf\b|\bdkim\b|\bdmarc\b|reputation|blocked|\bbanned|unsolicited|"
    r"policy|rate.?limit|too many (?:messages|connections|recipients)|greylist|not authori[sz]ed|access denied|unable to relay|relay\w*.{0,10}denied"
)
_LISTED = r"\bspam|black ?list|block ?list|\brbl\b|dnsbl"
_FULL = (
    r"(?:mailbox|inbox|account|user|storage|disk)\b.{0,40}\b(?:full|quota|exceed)|over ?quota|quota.{0,20}exceed|insufficient (?:system )?storage|"
    r"postfach.{0,20}voll|out of (?:storage|email) space"
)
_UNKNOWN = (
    r"(?:no|not a|unknown|invalid|non-?existent|bad)\b.{0,15}\b(?:user|mailbox|recipient|address|account|local part)|no mailbox here|"
    r"(?:user|mailbox|recipient|address|account|alias)\b.{0,60}\b(?:unknown|not found|not exist|doesn'?t exist|invalid|rejected|disabled|inactive|"
    r"deactivated|suspended|no longer|closed|not known|not listed|unavailable)|does not exist|"
    r"(?:empf.{1,2}nger|adresse|postfach|benutzer)\b.{0,40}\b(?:unbekannt|existiert nicht|nicht gefunden|gesperrt|gibt es nicht)|"
    r"(?:host|domain).{0,20}(?:unknown|not found|not exist)|nxdomain"
)

RULES = (
    Rule(OURS, r"[45]\.[012]\.\d+", _LISTED, "the server names a block list, whatever its status says"),
    Rule(GONE, r"5\.1\.(1|2|3|6|10)", None, "no such mailbox or domain, or it has moved"),
    Rule(OURS, r"[45]\.1\.(7|8)", None, "the server does not accept the sender's address"),
    Rule(SOFT, r"5\.1\.\d+", None, "the address was refused without saying that it does not exist"),
    Rule(GONE, r"5\.2\.1", None, "the mailbox is closed"),
    Rule(FULL, r"[45]\.2\.2", None, "the mailbox is full"),
    Rule(OURS, r"[45]\.(2\.3|3\.4)", None, "the letter is too large"),
    Rule(GONE, r"5\.4\.(4|310)", None, "no way leads to the domain"),
    Rule(GONE, r"5\.4\.1", r"recipient address rejected", "how Exchange Online says that there is no such mailbox"),
    Rule(GONE, r"5\.7\.(13|17|18)", None, "the account is closed, or belongs to somebody else by now"),
    Rule(OURS, r"[45]\.7\.\d+", None, "refused by policy, as spam, or for want of authentication"),
    Rule(FULL, r"[45]\.[03]\.\d+|5\.5\.0", _FULL, "the words say that the mailbox is full"),
    Rule(OURS, r"[45]\.[03]\.\d+|5\.5\.0", _BLOCKED, "the words say that we are blocked"),
    Rule(GONE, r"5\.0\.\d+|5\.5\.0", _UNKNOWN, "the words say that there is no such mailbox"),
    Rule(OURS, r"5\.[56]\.\d+", None, "the server did not understand or does not take what was sent"),
    Rule(SOFT, r"[45]\.\d+\.\d+", None, "a trouble that may pass"),
    Rule(FULL, r"552|452", None, "the mailbox is full"),
    Rule(GONE, r"521|556", None, "the domain takes no mail at all (RFC 7504)"),
    Rule(FULL, r"[45]\d\d|", _FULL, "the words say that the mailbox is full"),
    Rule(OURS, r"[45]\d\d|", _BLOCKED, "the words say that we are blocked"),
    Rule(GONE, r"5\d\d|", _UNKNOWN, "the words say that there is no such mailbox"),
    Rule(OURS, r"50\d|53\d|555", None, "the server did not understand us or wants us to sign in"),
    Rule(SOFT, r"[45]\d\d", None, "a refusal without a reason that we know"),
)  # fmt: skip
_ADDRESS = re.compile(r"[^\s<>]{1,255}@[^\s<>]{1,255}")
_READY = tuple(
    (re.compile(one.code), re.compile(one.words, re.IGNORECASE) if one.words else None, one) for one in RULES
)


def judge(status: str | None, said: str, code: int = 0) -> Rule | None:
    """Return the rule for a refusal with *status* (RFC 3463), in the server's words; None where no rule fits.

    Without a status, one is looked for in the words; without any, the SMTP *code* counts, or one in the words. `5.0.0`
    says no more than the first digit of a code, and the words decide.
    """
    said = _ADDRESS.sub("", said)  # nobody's name is a reason
    status = status or find_status(said)
    number = str(code or find_code(said) or "")
    for named in (status, number):
        if named is None:
            continue
        for fits, words, rule in _READY:
            if fits.fullmatch(named) and (words is None or words.search(said)):
                return rule
    return None
