"""Take a foreign letter apart into its parts, within bounds that hostile mail cannot stretch.

The parser of the standard library calls itself for each level of nesting; this one goes as deep as it is told and no deeper.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_HEAD = 65_536
_MOST_FIELDS = 500
_MOST_PARTS = 64
_DEEPEST = 8
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_FIELD = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.){0,300})"|([^\s;"]{1,300}))')
_COMMENT = re.compile(r"\([^()]*\)")
# Codecs such as idna or punycode take quadratic time; letters have no use for them.
_CHARSET = re.compile(
    r"utf-?8|(us-)?ascii|iso[-_]?8859[-_]\d{1,2}|(windows|cp)-?125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(jp|kr)|iso-2022-(jp|kr)"
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


class Head:
    """The fields of a head, by name whatever its case; values are unfolded and otherwise as written."""

    def __init__(self, raw: bytes) -> None:
        text = raw[:_LONGEST_HEAD].decode("utf-8", "replace")
        self._fields: dict[str, list[str]] = {}
        for line in _FOLD.sub("", text).split("\n")[:_MOST_FIELDS]:
            if found := _FIELD.match(line):
                self._fields.setdefault(found[1].lower(), []).append(found[2].strip())

    def __bool__(self) -> bool:
        return bool(self._fields)

    def first(self, name: str) -> str:
        """Return the first value of *name*, empty where there is none."""
        return self._fields.get(name.lower(), [""])[0]

    def all(self, *names: str) -> list[str]:
        """Return every value of *names*, in the order of the names."""
        return [value for name in names for value in self._fields.get(name.lower(), [])]


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is no multipart: its media type in lower case, its head, and its bytes without transfer encoding."""

    kind: str
    head: Head
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text; a charset that is unknown or wrong costs single letters, not the text."""
        charset = parameters(self.head.first("content-type")).get("charset", "").lower()
        return self.body.decode(charset if _is_known(charset) else "utf-8", "replace")


def _is_known(charset: str) -> bool:
    try:
        return bool(_CHARSET.fullmatch(charset)) and bool(codecs.lookup(charset))
    except LookupError:
        return False


def split(raw: bytes) -> tuple[Head, bytes]:
    """Return head and body of a letter or part."""
    if raw.startswith(b"From "):  # the separator of an mbox file
        raw = raw.partition(b"\n")[2]
    if raw[:1] in (b"\r", b"\n"):
        return Head(b""), raw.lstrip(b"\r\n")
    end = _BLANK.search(raw)
    return (Head(raw), b"") if end is None else (Head(raw[: end.start()]), raw[end.end() :])


def parts(raw: bytes) -> Iterator[Part]:
    """Yield the parts of a letter in order, at most 64; a multipart nested deeper than eight levels is one part."""
    waiting = [(raw, 0)]
    count = 0
    while waiting and count < _MOST_PARTS:
        piece, depth = waiting.pop()
        head, body = split(piece)
        kind = media_type(head)
        boundary = parameters(head.first("content-type")).get("boundary", "")
        if kind.startswith("multipart/") and boundary and depth < _DEEPEST:
            inner = list(_pieces(body, boundary))
            if inner:
                waiting += [(one, depth + 1) for one in reversed(inner)]
                continue
        count += 1
        yield Part(kind, head, _decoded(body, head.first("content-transfer-encoding")))


def media_type(head: Head) -> str:
    """Return the media type that a head names, text/plain where it names none."""
    kind = _COMMENT.sub("", head.first("content-type")).partition(";")[0].strip().lower()
    return kind if "/" in kind else "text/plain"


def parameters(value: str) -> dict[str, str]:
    """Return the parameters of a structured field such as Content-Type, names in lower case."""
    return {
        found[1].lower(): re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        for found in _PARAMETER.finditer(value[:4000])
    }


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    mark = re.compile(
        rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    )
    start: int | None = None
    for count, found in enumerate(mark.finditer(body)):
        if start is not None:
            yield body[start : found.start()]
        start = None if found[1] else _after_line(body, found.end())
        if found[1] or count >= _MOST_PARTS:
            return
    if start is not None:  # the letter was cut off
        yield body[start:]


def _after_line(body: bytes, at: int) -> int:
    return at + 2 if body.startswith(b"\r\n", at) else at + 1


def _decoded(body: bytes, encoding: str) -> bytes:
    name = _COMMENT.sub("", encoding).strip().lower()
    if name == "quoted-printable":
        return binascii.a2b_qp(body)
    if name == "base64":
        digits = _NOT_BASE64.sub(b"", body)
        return binascii.a2b_base64(digits[: len(digits) // 4 * 4] + _last_digits(digits))
    return body


def _last_digits(digits: bytes) -> bytes:
    """Return the padded end of base64 *digits*; a single digit left over holds no byte."""
    rest = digits[len(digits) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
