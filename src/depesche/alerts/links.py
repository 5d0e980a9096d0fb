"""Signed links in letters: what a reader may do without an account, each purpose with a key of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeSerializer

from depesche.model import paths

_SALT = "depesche.alerts."
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,2000}")


class Links:
    """Makes and reads the links; a token holds keys of subscriber and subscriptions, never an address.

    *address* is the portal's public one, without a slash at its end; *languages* has the main one first.
    """

    def __init__(self, secret: str, address: str, languages: Sequence[str] = ("de", "en")) -> None:
        if not secret:
            raise ValueError("links cannot be signed with an empty secret")
        self.address = address.rstrip("/")
        self.languages = tuple(languages)
        self._confirm = URLSafeSerializer(secret, salt=_SALT + "confirm")
        self._manage = URLSafeSerializer(secret, salt=_SALT + "manage")
        self._leave = URLSafeSerializer(secret, salt=_SALT + "leave")

    def known(self, language: str) -> str:
        """Return the interface language nearest to *language*."""
        return language[:2] if language[:2] in self.languages else self.languages[0]

    def page(self, path: str, language: str | None = None) -> str:
        """Return the full address of *path*, in the main language or in *language*."""
        main = self.languages[0]
        return self.address + paths.localized(path, self.known(language or main), main)

    def confirm(self, subscription: int, language: str | None = None) -> str:
        """Return the address of the page that confirms a subscription."""
        return self._with(self.page(paths.CONFIRM, language), self._confirm.dumps(subscription))

    def manage(self, subscriber: int, language: str | None = None) -> str:
        """Return the address of the page with everything that a subscriber follows."""
        return self._with(self.page(paths.MANAGE, language), self._manage.dumps(subscriber))

    def leave(self, subscriber: int, subscriptions: Sequence[int], language: str | None = None) -> str:
        """Return the address that ends *subscriptions*, by a page's button or by a one-click POST."""
        token = self._leave.dumps([subscriber, *sorted(subscriptions)])
        return self._with(self.page(paths.LEAVE, language), token)

    def read_confirm(self, token: str) -> int | None:
        """Return the subscription that a confirm link names, or None for a token that is not ours."""
        keys = _read(self._confirm, token)
        return keys[0] if keys else None

    def read_owner(self, token: str) -> tuple[int, tuple[int, ...] | None] | None:
        """Return subscriber and subscriptions of a leave link, the latter None for a manage link; None if not ours."""
        keys = _read(self._leave, token)
        if keys:
            return keys[0], tuple(keys[1:])
        keys = _read(self._manage, token)
        return (keys[0], None) if keys else None

    @staticmethod
    def _with(page: str, token: str | bytes) -> str:
        return f"{page}?{urlencode({'token': token if isinstance(token, str) else token.decode()})}"


def _read(serializer: URLSafeSerializer, token: str) -> list[int] | None:
    if not _TOKEN.fullmatch(token):  # base64 decoders pass over what they do not know
        return None
    try:
        keys = serializer.loads(token)
    except BadData:
        return None
    return keys if isinstance(keys, list) else [keys]
