"""Signed links in letters: what a reader may do without an account, each purpose with a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer

from depesche.lib.varint import packed, unpacked
from depesche.model import paths

_SALT = "depesche.alerts."
_SEAL_BYTES = 16
_MOST_NAMED = 100
EVERYTHING = 0  # stands in a leave link for every subscription of its reader
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,2000}")


class Links:
    """Makes and reads the links; a token holds keys of subscriber and subscriptions, never an address.

    A token is the keys, seven bits a byte, and 16 bytes of their keyed hash, in letters that stand in a letter as they are. The
    longer tokens of earlier letters, which have dots, are read for ever.
    *address* is the portal's public one, without a slash at its end; *languages* has the main one first.
    """

    def __init__(self, secret: str, address: str, languages: Sequence[str] = ("de", "en")) -> None:
        if not secret:
            raise ValueError("links cannot be signed with an empty secret")
        self.address = address.rstrip("/")
        self.languages = tuple(languages)
        self._confirm = _Seal(secret, "confirm")
        self._manage = _Seal(secret, "manage")
        self._leave = _Seal(secret, "leave")

    def known(self, language: str) -> str:
        """Return the interface language nearest to *language*."""
        return language[:2] if language[:2] in self.languages else self.languages[0]

    def page(self, path: str, language: str | None = None) -> str:
        """Return the full address of *path*, in the main language or in *language*."""
        main = self.languages[0]
        return self.address + paths.localized(path, self.known(language or main), main)

    def confirm(self, subscription: int, language: str | None = None) -> str:
        """Return the address of the page that confirms a subscription."""
        return self.with_token(paths.CONFIRM, self._confirm.write([subscription]), language)

    def manage(self, subscriber: int, language: str | None = None) -> str:
        """Return the address of the page with everything that a subscriber follows."""
        return self.with_token(paths.MANAGE, self.manage_token(subscriber), language)

    def leave(self, subscriber: int, subscriptions: Sequence[int], language: str | None = None) -> str:
        """Return the address that ends *subscriptions*, by a page's button or by a one-click POST."""
        return self.with_token(paths.LEAVE, self.leave_token(subscriber, subscriptions), language)

    def leave_token(self, subscriber: int, subscriptions: Sequence[int]) -> str:
        """Return the token of a leave link; one that would name very many subscriptions is about everything followed.

        A line of a letter's head may not be longer than 998 characters.
        """
        named = sorted(subscriptions) if len(subscriptions) <= _MOST_NAMED else (EVERYTHING,)
        return self._leave.write((subscriber, *named))

    def manage_token(self, subscriber: int) -> str:
        """Return the token of a manage link."""
        return self._manage.write((subscriber,))

    def with_token(self, path: str, token: str, language: str | None = None) -> str:
        """Return the full address of *path* with *token*, which may be the mark of a slot."""
        return f"{self.page(path, language)}?token={token}"

    def read_confirm(self, token: str) -> int | None:
        """Return the subscription that a confirm link names, or None for a token that is not ours."""
        keys = self._confirm.read(token)
        return keys[0] if keys else None

    def read_owner(self, token: str) -> tuple[int, tuple[int, ...] | None] | None:
        """Return subscriber and subscriptions of a leave link, the latter None for a manage link; None if not ours."""
        keys = self._leave.read(token)
        if keys:
            return keys[0], tuple(keys[1:])
        keys = self._manage.read(token)
        return (keys[0], None) if keys else None


class _Seal:
    """Writes and reads the tokens of one purpose."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = hashlib.sha512(f"{_SALT}{purpose} {secret}".encode()).digest()
        self._hash = hashlib.blake2b(key=key, digest_size=_SEAL_BYTES)
        self._former = URLSafeSerializer(secret, salt=_SALT + purpose)

    def write(self, keys: Sequence[int]) -> str:
        """Return the token of *keys*."""
        raw = b"".join(map(packed, keys))
        return b2a_base64(raw + self._sealed(raw), newline=False).translate(_URL_SAFE, b"=").decode()

    def read(self, token: str) -> list[int] | None:
        """Return the keys of a token, None for one that is not ours."""
        if not _TOKEN.fullmatch(token):  # base64 decoders pass over what they do not know
            return None
        if "." in token:
            return self._read_former(token)
        try:
            both = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        raw, seal = both[:-_SEAL_BYTES], both[-_SEAL_BYTES:]
        # Bits that base64 leaves over must not make a second token of one.
        if (
            not raw
            or not hmac.compare_digest(seal, self._sealed(raw))
            or self.write(keys := unpacked(raw)) != token
        ):
            return None
        return keys

    def _sealed(self, raw: bytes) -> bytes:
        seal = self._hash.copy()
        seal.update(raw)
        return seal.digest()

    def _read_former(self, token: str) -> list[int] | None:
        try:
            keys = self._former.loads(token)
        except BadData:
            return None
        return keys if isinstance(keys, list) else [keys]
