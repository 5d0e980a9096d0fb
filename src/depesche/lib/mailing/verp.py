"""Envelope senders that say, unforgeably, which letter came back: one address a letter (VERP)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

from depesche.lib.varint import packed, unpacked

_MAC = 10  # bytes; 80 bits cannot be found by sending mail
_LONGEST_LOCAL = 64
_LARGEST = 2**62
_TOKEN = re.compile(r"[a-z2-7]{20,48}")
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _DIGITS for other in _DIGITS]


class Verp:
    """Makes and reads addresses of the form `local+token@domain`.

    A token holds two numbers and their keyed hash, in base32: servers that level letter case do not break it.
    *address* takes the reports; its domain must deliver `local+anything` to the same box.

    Raises:
        ValueError: *address* leaves no room for a token, or is none.
    """

    def __init__(self, secret: str, address: str) -> None:
        local, at, domain = address.rpartition("@")
        if not (local and at and domain) or not address.isascii():
            raise ValueError(f"{address!r} is no address that letters can come back to")
        if "+" in local or '"' in local:
            raise ValueError(f"{address}: no + and no quotes may stand before the @ sign")
        key = hashlib.sha512(b"depesche verp " + secret.encode()).digest()
        self._hash = hashlib.blake2b(key=key, digest_size=_MAC)
        self._local, self._domain = local, domain
        if len(self.sender(2**31, 2**40)) - len(domain) - 1 > _LONGEST_LOCAL:
            raise ValueError(f"{address}: too long before the @ sign for a token of 36 characters behind it")

    def sender(self, reader: int, letter: int) -> str:
        """Return the envelope sender of the letter *letter* to *reader*.

        Raises:
            ValueError: a number is negative or too large.
        """
        return f"{self._local}+{self.token(reader, letter)}@{self._domain}"

    def token(self, reader: int, letter: int) -> str:
        """Return the token alone."""
        raw = _checked(reader) + _checked(letter)
        return _base32(raw + self._mac(raw))

    def read(self, addresses: Iterable[str]) -> tuple[int, int] | None:
        """Return reader and letter of the first address that bears a token of ours, or None.

        Whatever stands around the token is passed over: servers rewrite the domain, lists quote the address. A
        Message-ID made of a token is read as well.
        """
        for address in addresses:
            local = address.strip("<> ").rpartition("@")[0].lower()
            for piece in _TOKEN.findall(local.rpartition("+")[2]):
                found = self._read_token(piece)
                if found is not None:
                    return found
        return None

    def _read_token(self, token: str) -> tuple[int, int] | None:
        try:
            raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except binascii.Error:
            return None
        both, mac = raw[:-_MAC], raw[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(both)):
            return None
        numbers = unpacked(both)
        return (numbers[0], numbers[1]) if len(numbers) == 2 else None

    def _mac(self, raw: bytes) -> bytes:
        keyed = self._hash.copy()
        keyed.update(raw)
        return keyed.digest()


def _base32(raw: bytes) -> str:
    """Write *raw* in base32 in small letters, without padding; the standard library takes three times as long."""
    digits = -(-len(raw) * 8 // 5)
    pairs = (digits + 1) // 2
    number = int.from_bytes(raw, "big") << (pairs * 10 - len(raw) * 8)
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(pairs * 10 - 10, -1, -10)])[:digits]


def _checked(number: int) -> bytes:
    if not 0 <= number < _LARGEST:
        raise ValueError(f"{number} is no key of a row")
    return packed(number)
