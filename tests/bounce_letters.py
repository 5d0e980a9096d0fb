"""Bounces and complaints as servers write them, about invented letters to invented readers."""

from __future__ import annotations

from collections.abc import Sequence

READER = "ida.lund@post.example"
BOUNCE = "bounce@news.example"
MESSAGE_ID = "<0a1b2c3d4e5f@news.example>"


def returned(message_id: str = MESSAGE_ID, to: str = READER) -> str:
    """Return the head of a letter of ours."""
    return f"Return-Path: <{BOUNCE}>\nFrom: Depesche <depesche@news.example>\nTo: {to}\nMessage-ID: {message_id}\nSubject: Halden Werke\n"


def group(
    status: str | None = "5.1.1",
    said: str = "smtp; 550 5.1.1 <ida.lund@post.example>: no such user here",
    *,
    action: str | None = "failed",
    final: str = f"rfc822; {READER}",
    more: Sequence[str] = (),
) -> str:
    """Return the fields about one recipient."""
    lines = [f"Final-Recipient: {final}", *more]
    lines += [f"Action: {action}"] if action else []
    lines += [f"Status: {status}"] if status else []
    lines += ["Remote-MTA: dns; mx.post.example"]
    lines += [f"Diagnostic-Code: {said}"] if said else []
    return "\n".join(lines)


def dsn(
    *groups: str,
    to: str = BOUNCE,
    message_id: str = MESSAGE_ID,
    returned_kind: str = "message/rfc822",
    about: str = "Reporting-MTA: dns; relay.news.example\nX-Queue-ID: 4F2A",
    own_id: str = "<report-1@relay.news.example>",
) -> bytes:
    """Return a delivery status notification (RFC 3464) with *groups* of recipients."""
    told = "\n\n".join([about, *(groups or (group(),))])
    return f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@relay.news.example>
To: <{to}>
Message-ID: {own_id}
Subject: Undelivered letter
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="=_cut"

This is for people.
--=_cut
Content-Type: text/plain; charset=us-ascii

Your letter could not be delivered.

--=_cut
Content-Type: message/delivery-status

{told}

--=_cut
Content-Type: {returned_kind}

{returned(message_id)}
--=_cut--
""".encode()


def complaint(
    *,
    feedback: str = "abuse",
    to: str = "complaints@news.example",
    sender: str = BOUNCE,
    message_id: str = MESSAGE_ID,
) -> bytes:
    """Return a complaint (RFC 5965)."""
    return f"""Return-Path: <feedback@big.example>
From: <feedback@big.example>
To: <{to}>
Subject: FW: Halden Werke
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=cut

--cut
Content-Type: text/plain

A reader marked this letter as unwanted.
--cut
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: Bigmail-Feedback/2.1
Version: 1
Original-Mail-From: <{sender}>
Original-Rcpt-To: <{READER}>

--cut
Content-Type: message/rfc822

{returned(message_id)}
Hello.
--cut--
""".encode()


def prose(
    text: str,
    *,
    to: str = BOUNCE,
    sender: str = "MAILER-DAEMON@mx.post.example",
    kind: str = "text/plain",
    head: str = "",
) -> bytes:
    """Return a bounce that says in *text* what happened."""
    return (
        f"Return-Path: <>\nFrom: <{sender}>\nTo: {to}\nSubject: failure notice\n{head}Content-Type: {kind}\n\n{text}\n"
    ).encode()


QMAIL = f"""Hello, this is the mail program of mx.post.example.
Your letter could not be brought to these addresses. I give up.

<{READER}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{returned()}
Hello.
"""
EXIM = f"""This letter was written by the mail program.

A letter that you sent could not be delivered to one of its recipients.

  {READER}
    host mx.post.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<{READER}>:
    552 5.2.2 the mailbox is over its quota

------ This is a copy of the message, including all the headers. ------

{returned()}"""
EXCHANGE = f"""Delivery has failed to these recipients or groups:

{READER}
The address was not found at post.example.

Diagnostic information for administrators:
Generating server: AM0PR01.example
{READER}
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup'

Original message headers:
{returned()}"""
NUMBERS = """Mailing engine 4.96.2 at 5.1.2.3 could not deliver your letter.
Remote host said: 554 delivery error: this account has been disabled. [-5] mta5.big.example
"""
WAITING = f"""This is a warning message only. You do not need to resend your letter.
It could not be delivered for 4 hours:
<{READER}>: 450 4.2.2 mailbox full for the moment. Delivery will be retried for five days.
"""


def auto_reply(to: str = BOUNCE) -> bytes:
    """Return what a reader's mailbox answers in the holidays (RFC 3834)."""
    return (
        f"From: {READER}\nTo: {to}\nSubject: Away\nAuto-Submitted: auto-replied (vacation)\nIn-Reply-To: {MESSAGE_ID}\n\n"
        "I am on holiday until the 550 5.1.1th.\n"
    ).encode()
