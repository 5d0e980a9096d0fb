"""Addresses of pictures that strangers name: which of them may be fetched at all."""

from __future__ import annotations

import re

LONGEST = 2000

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SEPARATORS = re.compile(r"[\\/]")


def is_reachable(href: str) -> bool:
    """Tell whether a picture may be fetched from *href*: a web address, or a path that stays beside what names it."""
    href = href.strip()
    if not href or len(href) > LONGEST:
        return False
    if _SCHEME.match(href):
        return href.lower().startswith(("http://", "https://"))
    return not href.startswith(("/", "\\")) and ".." not in _SEPARATORS.split(href)
