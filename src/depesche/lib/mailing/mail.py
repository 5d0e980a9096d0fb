"""Letters that are rendered once and joined per recipient, with the headers a polite sender sets."""

from __future__ import annotations

import hashlib
import html as markup
import itertools
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from urllib.parse import urlsplit

from depesche.lib.mailing.mailaddress import normalise as normalise
from depesche.lib.mailing.maildir import deliver_to_maildir as deliver_to_maildir

# A nonce keeps foreign text from naming a slot; noncharacters survive templates and escaping.
_NONCE = secrets.token_hex(8)
_SLOT = re.compile(f"\ufdd0{_NONCE}([a-z_]+)\ufdd1")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLAIN = re.compile(r"(?!\.)[A-Za-z0-9._~@:/+-]{0,75}")
_HEADER_NAME = re.compile(r"[!-9;-~]+")
_OURS = frozenset({"subject", "mime-version", "content-type", "content-transfer-encoding"})
_NEEDED = ("From", "Date")
_LINE = 75  # of 76, the last is kept for the soft break of RFC 2045
_HEADER_LINE = 78
_LONGEST_HEADER = 900  # RFC 5322 ends at 998
_BOUNDARY = "=_part_="  # quoted-printable text never holds "=_", so no body can contain it
_QUOTED = [b"=%02X" % byte for byte in range(256)]
_TO_QUOTE = re.compile(rb"[^\t -<>-~]")


def slot(name: str) -> str:
    """Return the mark to write where `Frozen.join` shall put the recipient's value of *name* (a-z and _)."""
    if not re.fullmatch("[a-z_]+", name):
        raise ValueError(f"{name!r} is no name for a slot")
    return f"\ufdd0{_NONCE}{name}\ufdd1"


@dataclass(frozen=True, slots=True)
class _Slot:
    """A gap in the bytes of a letter; `context` is header, text or html."""

    name: str
    context: str

    def encode(self, value: str) -> bytes:
        if self.context == "header":
            return _header_value(self.name, value).encode()
        return _quoted(markup.escape(value) if self.context == "html" else value)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A letter as bytes with gaps: the part of the work that is done once for all recipients."""

    pieces: tuple[bytes | _Slot, ...]
    _row: list[bytes] = field(init=False, repr=False, compare=False)
    _gaps: dict[str, list[tuple[int, _Slot]]] = field(init=False, repr=False, compare=False)
    _coded: dict[str, tuple[str, list[tuple[int, bytes]]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        gaps: dict[str, list[tuple[int, _Slot]]] = {}
        for place, piece in enumerate(self.pieces):
            if isinstance(piece, _Slot):
                gaps.setdefault(piece.name, []).append((place, piece))
        row = [b"" if isinstance(piece, _Slot) else piece for piece in self.pieces]
        object.__setattr__(self, "_row", row)
        object.__setattr__(self, "_gaps", gaps)
        object.__setattr__(self, "_coded", {})

    @property
    def slots(self) -> frozenset[str]:
        """Return the names a recipient's values must cover."""
        return frozenset(self._gaps)

    def join(self, values: Mapping[str, str]) -> bytes:
        """Return the letter of one recipient, lines ended by CRLF, none of them beginning with a dot.

        A value may be any text in a body (it is escaped in the HTML part) and
        any one line in a header.

        Raises:
            KeyError: a slot has no value.
            ValueError: a value would break out of its header.
        """
        row = self._row.copy()
        for name, gaps in self._gaps.items():
            value = values[name]
            if _PLAIN.fullmatch(value):
                plain = value.encode("ascii")
                for place, _ in gaps:
                    row[place] = plain
            else:
                # Dates and reasons are mostly those of the letter before.
                known = self._coded.get(name)
                if known is None or known[0] != value:
                    known = self._coded[name] = (value, [(place, gap.encode(value)) for place, gap in gaps])
                for place, coded in known[1]:
                    row[place] = coded
        return b"".join(row)


@dataclass(frozen=True, slots=True)
class Template:
    """A letter before it is frozen; any field may hold slots, save the subject.

    Header values are given decoded; those with slots must be ASCII around them.
    """

    subject: str
    text: str
    html: str | None
    headers: Mapping[str, str]

    def freeze(self) -> Frozen:
        """Encode everything that is the same for all recipients.

        Raises:
            ValueError: a header is missing, not ours to set, or would break the letter.
        """
        pieces: list[bytes | _Slot] = list(self._head())
        if self.html is None:
            pieces += _part("plain", self.text, "text")
        else:
            pieces.append(f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n'.encode())
            for subtype, body, context in (("plain", self.text, "text"), ("html", self.html, "html")):
                pieces.append(f"\r\n--{_BOUNDARY}\r\n".encode())
                pieces += _part(subtype, body, context)
            pieces.append(f"\r\n--{_BOUNDARY}--\r\n".encode())
        return Frozen(tuple(_merged(pieces)))

    def _head(self) -> Iterator[bytes | _Slot]:
        given = {name.lower() for name in self.headers}
        if len(given) != len(self.headers):
            raise ValueError("a header is given twice")
        if missing := [name for name in _NEEDED if name.lower() not in given]:
            raise ValueError(f"a letter needs the headers {', '.join(missing)}")
        for name, value in self.headers.items():
            if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
                raise ValueError(f"{name!r} is not a header a letter may set")
            yield from _header(name, value)
        yield from _header("Subject", self.subject)
        yield b"MIME-Version: 1.0\r\n"


def _header_value(name: str, value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError(f"{name}: a line break or control character in a header")
    if len(value.encode()) > _LONGEST_HEADER:
        raise ValueError(f"{name}: longer than a header may be")
    return value


def _header(name: str, value: str) -> Iterator[bytes | _Slot]:
    parts = _SLOT.split(value)
    for literal in parts[::2]:
        _header_value(name, literal)
    if len(parts) == 1:
        yield f"{name}: {_folded(name, value.strip())}\r\n".encode("ascii")
        return
    if name == "Subject":
        raise ValueError("Subject: no slot can stand here")
    if not all(literal.isascii() for literal in parts[::2]):
        raise ValueError(f"{name}: only ASCII may stand around a slot")
    yield f"{name}: ".encode("ascii")
    for index, part in enumerate(parts):
        yield _Slot(part, "header") if index % 2 else part.encode("ascii")
    yield b"\r\n"


def _folded(name: str, value: str) -> str:
    """Return *value* on lines as short as its words allow, in RFC 2047 words when it needs them."""
    # A subject that looks like an encoded word would be decoded by the reader's program.
    if not value.isascii() or (name == "Subject" and "=?" in value):
        return Header(value, "utf-8", maxlinelen=_HEADER_LINE - 2, header_name=name).encode(linesep="\r\n")
    lines, line = [], name + ":"
    for word in re.findall(" *[^ ]+", value):
        if word.startswith(" ") and len(line) + len(word) > _HEADER_LINE:
            lines.append(line)
            line = ""
        line += word
    return "\r\n".join([*lines, line])[len(name) + 1 :]


def _part(subtype: str, body: str, context: str) -> Iterator[bytes | _Slot]:
    yield f"Content-Type: text/{subtype}; charset=utf-8\r\n".encode()
    yield b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    for line in body.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n"):
        yield from _quoted_line(line, context)
        yield b"\r\n"


def _quoted_line(line: str, context: str) -> Iterator[bytes | _Slot]:
    """Encode one line; a slot stands on an encoded line of its own, so that its value may have any length."""
    column = 0
    parts = _SLOT.split(line)
    for index, part in enumerate(parts):
        if index % 2:
            if column:
                yield b"=\r\n"
            yield _Slot(part, context)
            column = _LINE
            continue
        coded = _TO_QUOTE.sub(_quoted_byte, part.encode())
        if index == len(parts) - 1 and coded.endswith((b" ", b"\t")):
            coded = coded[:-1] + _QUOTED[coded[-1]]  # white space at the end of a line is lost on the way
        pieces, column = _broken(coded, column)
        yield b"=\r\n".join(pieces)


def _broken(coded: bytes, column: int) -> tuple[list[bytes], int]:
    """Break encoded bytes into lines, the first of which has *column* characters already; returns the last one's length too."""
    pieces: list[bytes] = []
    while True:
        if column == 0 and coded.startswith(b"."):
            coded = b"=2E" + coded[1:]  # no line of ours begins with the dot that ends a letter in SMTP
        room = _LINE - column
        if len(coded) <= room:
            pieces.append(coded)
            return pieces, column + len(coded)
        if room > 0 and (torn := coded.rfind(b"=", max(room - 2, 0), room)) >= 0:
            room = torn
        pieces.append(coded[:room])
        coded, column = coded[room:], 0


def _quoted_byte(found: re.Match[bytes]) -> bytes:
    return _QUOTED[found[0][0]]


def _quoted(value: str) -> bytes:
    """Encode a recipient's *value* for its place in a body."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    coded = (
        b"".join(piece for piece in _quoted_line(line, "") if isinstance(piece, bytes)) for line in lines
    )
    return b"\r\n".join(coded)


def _merged(pieces: list[bytes | _Slot]) -> Iterator[bytes | _Slot]:
    for is_bytes, run in itertools.groupby(pieces, lambda piece: isinstance(piece, bytes)):
        if is_bytes:
            yield b"".join(piece for piece in run if isinstance(piece, bytes))
        else:
            yield from run


def mailbox(name: str, address: str) -> str:
    """Return `name <address>` for a From or Reply-To header, the name encoded where it must be."""
    given, _ = normalise(address)
    if not given.isascii():
        raise ValueError(f"{address}: a sender's address must be ASCII")
    if not name.isascii() or "=?" in name:
        name = Header(_header_value("name", name), "utf-8", maxlinelen=_HEADER_LINE - 3).encode(linesep="")
    elif re.search(r"[^A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]", _header_value("name", name)):
        name = '"' + re.sub(r'(["\\\\])', r"\\\1", name) + '"'
    return f"{name} <{given}>" if name else given


def standard_headers(
    *,
    sender: str,
    to: str,
    date: datetime,
    message_id: str,
    list_id: str | None = None,
    unsubscribe: str | None = None,
    feedback_id: str | None = None,
    reply_to: str | None = None,
    auto_submitted: str = "auto-generated",
) -> dict[str, str]:
    """Return the headers a letter sent by a program carries; any value may hold slots.

    *sender* and *reply_to* come from `mailbox`, *list_id* is a bare domain-like id (RFC 2919), *unsubscribe*
    the address that answers a one-click POST (RFC 8058), *message_id* stands in angle brackets.

    Raises:
        ValueError: *date* is naive or *unsubscribe* is no http or https address.
    """
    if date.tzinfo is None:
        raise ValueError("the date of a letter needs a time zone")
    headers = {"From": sender, "To": to, "Date": format_datetime(date), "Message-ID": message_id}
    if reply_to is not None:
        headers["Reply-To"] = reply_to
    headers["Auto-Submitted"] = auto_submitted
    if list_id is not None:
        headers["List-Id"] = f"<{list_id}>"
    if unsubscribe is not None:
        if urlsplit(unsubscribe).scheme not in ("http", "https"):
            raise ValueError(f"{unsubscribe}: one-click unsubscribing needs a web address")
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if feedback_id is not None:
        headers["Feedback-ID"] = feedback_id
    return headers


def message_id(key: bytes, *parts: str | int, domain: str) -> str:
    """Return the Message-ID, in angle brackets, that *parts* always have under *key* and nobody else can guess."""
    digest = hashlib.blake2b(key=key if len(key) <= 64 else hashlib.sha512(key).digest(), digest_size=18)
    for part in parts:
        raw = str(part).encode()
        digest.update(b"%d:%s" % (len(raw), raw))  # lengths keep ("ab", "c") apart from ("a", "bc")
    return f"<{digest.hexdigest()}@{domain}>"
