"""Read what mail servers and mailbox providers report: delivery status, complaints, and bounces in plain words.

Delivery status notifications follow RFC 3464 (and 6533), complaints RFC 5965; qmail, Exim and a few large providers write
prose, from which the status of RFC 3463 is read. What a report says is a stranger's word: who may be
believed is for the caller to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from depesche.lib.mailback.mimeparts import Head, Part, parts, split

LARGEST = 2_000_000  # bytes that are looked at; a report with the whole letter in it has 50,000
DELIVERY = "delivery"
COMPLAINT = "complaint"
PROSE = "prose"

_MOST_RECIPIENTS = 200
_LONGEST_SAYING = 500
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# A bare "4.96.2" is a version number and "5.1.2.3" an address: in prose a status needs its usual company.
_STATUS_IN_PROSE = re.compile(
    r"(?im)(?:\b[245]\d\d[ \t-]{1,3}(?:\d{3}[ \t-]{1,3})?|#|\(|\[|\bstatus(?:[ -]code)?[ \t]{0,3}[:=]?[ \t]{0,3}|^[ \t]*)([245]\.\d\.\d{1,3})(?![\d.])"
)
_SMTP_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[ \t-]+\S)(?![ \t]*[/.:]\d)")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,255}@[^\s<>,;:\"()\[\]]{1,255}")
_MESSAGE_ID = re.compile(r"(?im)^(?:> ?)*message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,250}>)")
_LEAVE = re.compile(r"(?im)^(?:> ?)*list-unsubscribe:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,2000}>)")
_LINK = re.compile(r"<(https?://[^<>\s]{1,2000})>")
_ANY_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")
_DAEMON = re.compile(
    r"(?i)\b(mailer-daemon|postmaster|mail-daemon|microsoftexchange[0-9a-f]+)@|^\"?(mailer-daemon|mail delivery (sub)?system)\b"
)
_COPY = re.compile(
    r"(?im)^[ \t>-]*(below this line is a copy|this is a copy of the message|original message|the original message|returned message|"
    r"original message headers|urspr\S{1,3}ngliche nachricht|message header follows|unsent message follows|included below is the message)"
)  # fmt: skip
_STILL_TRYING = re.compile(
    r"(?i)\bwill (?:keep trying|be retried|continue (?:to try|trying))|do not need to resend|not yet been delivered|no action is required on your part|"
    r"delivery (?:is|has been) delayed|this is a warning message only"
)  # fmt: skip
_TAG = re.compile(r"<(?!\S{1,250}@)[^<>]{0,500}>")
_ARRIVAL_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to")
_UTF8_ADDRESS = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")


class Unreadable(ValueError):
    """A letter that should be a report cannot be read as one; the message says why."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A letter that nobody needs to act on, and what it is."""

    why: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is reported of one recipient.

    `action` is one of RFC 3464's (failed, delayed, delivered, relayed, expanded); `status` is None where
    no code was given; `said` is the other server's answer, on one line.
    """

    address: str
    action: str
    status: str | None
    said: str
    original: str | None = None
    remote: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its kind, what it says, and by what the letter it is about can be found.

    `addressed` are the addresses that the report came to or that the letter was sent from, `message_ids` the
    Message-IDs of the letter, `leave_links` what it named to end a subscription. `feedback` is the type of a complaint.
    """

    kind: str
    recipients: tuple[Recipient, ...]
    addressed: tuple[str, ...]
    message_ids: tuple[str, ...]
    feedback: str | None = None
    leave_links: tuple[str, ...] = ()


def read(raw: bytes) -> Report | Ignored:
    """Return what the letter *raw* reports.

    Raises:
        Unreadable: it is no report, or one that does not say what happened.
    """
    raw = raw[:LARGEST]
    head, _ = split(raw)
    leaves = list(parts(raw))
    returned = [one for one in leaves if one.kind in _RETURNED]
    for one in leaves:
        if one.kind == "message/feedback-report":
            return _complaint(head, one, returned)
        if one.kind in ("message/delivery-status", "message/global-delivery-status"):
            return _delivery(head, one, returned)
        if one.kind in ("message/disposition-notification", "message/global-disposition-notification"):
            return Ignored("a receipt that the letter was read")
    is_daemon = bool(_DAEMON.search(head.first("from"))) or bool(head.first("x-failed-recipients"))
    if not is_daemon and _is_automatic(head):
        return Ignored("an automatic reply")
    if is_daemon or head.first("return-path") == "<>":
        return _prose(head, leaves, returned)
    raise Unreadable("neither a report nor an automatic reply")


def find_status(text: str) -> str | None:
    """Return the first status code of RFC 3463 in prose, such as 5.1.1, or None."""
    found = _STATUS_IN_PROSE.search(text)
    return found[1] if found else None


def find_code(text: str) -> int:
    """Return the first SMTP code from 400 to 599 in prose, or 0."""
    found = _SMTP_CODE.search(text)
    return int(found[1]) if found else 0


_RETURNED = frozenset({
    "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers",
})  # fmt: skip


def _is_automatic(head: Head) -> bool:
    """Tell whether a program wrote the letter, by RFC 3834 or by what was usual before it."""
    submitted = head.first("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if head.all("x-autoreply", "x-autorespond", "x-autoresponse"):
        return True
    return head.first("precedence").lower() in ("auto_reply", "auto-reply")


def _delivery(head: Head, status: Part, returned: Sequence[Part]) -> Report:
    recipients = tuple(_recipients(status.body))
    if not recipients:
        raise Unreadable("a delivery status notification that names no recipient")
    links = _leave_links(returned)
    return Report(DELIVERY, recipients, _addressed(head, returned), _message_ids(head, returned), None, links)


def _recipients(body: bytes) -> Iterator[Recipient]:
    """Yield what is said of each recipient: the groups of fields that name one, in order."""
    count = 0
    for group in re.split(rb"(?:\r?\n[ \t]*){2,}", body.strip()):
        fields = Head(group)
        final = fields.first("final-recipient")
        original = fields.first("original-recipient")
        if not (final or original) or count >= _MOST_RECIPIENTS:
            continue
        count += 1
        said = _said(fields.first("diagnostic-code").partition(";")[2] or fields.first("diagnostic-code"))
        given = _STATUS.search(fields.first("status"))
        status = given[0] if given else None
        if status is None or status.endswith(".0.0"):
            status = find_status(said) or status  # many servers give the class there and the reason here
        yield Recipient(
            address=_address(final or original), action=_action(fields.first("action"), status), status=status, said=said,
            original=_address(original) if original else None, remote=_typed(fields.first("remote-mta"))[:255] or None,
        )  # fmt: skip


def _action(given: str, status: str | None) -> str:
    found = re.match(r"[a-z]+", given.strip().lower())
    if found and found[0] in ("failed", "delayed", "delivered", "relayed", "expanded"):
        return found[0]
    return {"2": "delivered", "4": "delayed"}.get((status or "5")[0], "failed")


def _typed(value: str) -> str:
    """Return the second half of `type; value`."""
    kind, semicolon, rest = value.partition(";")
    return (rest if semicolon else kind).strip()


def _address(value: str) -> str:
    kind, semicolon, rest = value.partition(";")
    address = (rest if semicolon else kind).strip().strip("<>")[:320]
    if kind.strip().lower() == "utf-8":
        return _UTF8_ADDRESS.sub(lambda found: _character(int(found[1], 16)), address)
    if semicolon and _XTEXT.search(address):
        return _XTEXT.sub(lambda found: chr(int(found[1], 16)), address)
    return address


def _character(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def _complaint(head: Head, report: Part, returned: Sequence[Part]) -> Report:
    fields = Head(report.body)
    feedback = fields.first("feedback-type").strip().lower()[:40]
    if not feedback:
        raise Unreadable("a complaint that does not say of what kind")
    addresses = tuple(_address(one) for one in fields.all("original-rcpt-to", "removal-recipient"))[
        :_MOST_RECIPIENTS
    ]
    said = _said(fields.first("user-agent"))
    senders = tuple(_found(fields.all("original-mail-from")))
    return Report(
        COMPLAINT, tuple(Recipient(one, "complained", None, said) for one in addresses),
        senders + _addressed(head, returned), _message_ids(head, returned), feedback, _leave_links(returned),
    )  # fmt: skip


def _prose(head: Head, leaves: Sequence[Part], returned: Sequence[Part]) -> Report:
    """Read a bounce that a program wrote for people."""
    texts = [one for one in leaves if one.kind == "text/plain"] or [
        one for one in leaves if one.kind == "text/html"
    ]
    if not texts:
        raise Unreadable("a bounce without a text")
    whole = texts[0].text[:65_536]
    if texts[0].kind == "text/html":
        whole = _TAG.sub(" ", whole)
    copy = _COPY.search(whole)
    told = whole[: copy.start()] if copy else whole
    status, code = find_status(told), find_code(told)
    named = [*_found(head.all("x-failed-recipients")), *_found([told])]
    own = set(_found(head.all(*_ARRIVAL_FIELDS)))
    address = next((one for one in named if one not in own), "")
    is_delay = bool(_STILL_TRYING.search(told))
    recipient = Recipient(address, "delayed" if is_delay else "failed", status, _excerpt(told, status, code))
    ids = (*_message_ids(head, returned), *(found[1] for found in _MESSAGE_ID.finditer(whole)))
    links = _leave_links(returned) or _links_in(found[1] for found in _LEAVE.finditer(whole))
    return Report(
        PROSE, (recipient,), _addressed(head, returned), tuple(dict.fromkeys(ids))[:20], leave_links=links
    )


def _excerpt(told: str, status: str | None, code: int) -> str:
    """Return what matters of a bounce's prose: the surroundings of its code, or its beginning."""
    mark = status or (str(code) if code else "")
    at = told.find(mark) if mark else 0
    return _said(told[max(0, at - 200 if status else at) : at + _LONGEST_SAYING] if mark else told)


def _said(text: str) -> str:
    """Return *text* on one line, without control characters, cut to what a table can show."""
    shown = "".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST_SAYING])
    return " ".join(shown.split())[:_LONGEST_SAYING]


def _addressed(head: Head, returned: Sequence[Part]) -> tuple[str, ...]:
    inside = [value for one in returned for value in split(one.body)[0].all("return-path", "x-envelope-from")]
    return tuple(dict.fromkeys(_found([*head.all(*_ARRIVAL_FIELDS), *inside])))[:50]


def _found(values: Sequence[str]) -> list[str]:
    return [found[0] for value in values for found in _ADDRESS.finditer(value[:4000])]


def _leave_links(returned: Sequence[Part]) -> tuple[str, ...]:
    """Return the web addresses that the letter named to end a subscription (RFC 2369)."""
    return _links_in(value for one in returned for value in split(one.body)[0].all("list-unsubscribe"))


def _links_in(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found[1] for value in values for found in _LINK.finditer(value[:8000])))[:5]


def _message_ids(head: Head, returned: Sequence[Part]) -> tuple[str, ...]:
    """Return the Message-IDs of the letter: from what was returned of it, then from what the report answers."""
    inside = [value for one in returned for value in split(one.body)[0].all("message-id")]
    answered = head.all("in-reply-to", "references", "original-message-id")
    found = [one for value in [*inside, *answered] for one in _ANY_ID.findall(value[:4000])]
    return tuple(dict.fromkeys(found))[:20]
