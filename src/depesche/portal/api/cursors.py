"""Cursors: where a list goes on, as a word that nobody has to understand.

A place in a list of stories is the time and the key of the last story seen: what arrives meanwhile stands before
it and moves nothing. Nothing in a cursor is secret or trusted.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from depesche.portal.api.problems import Unfit
from depesche.store.stories.catalogue import Place

LONGEST = 80
_FURTHEST = 1e11  # seconds


def of_place(place: Place) -> str:
    """Return the cursor that goes on after *place*."""
    return _write(f"{place[0]!r}_{place[1]}")


def place(cursor: str) -> Place:
    """Return the place after which *cursor* goes on.

    Raises:
        Unfit: it is none of ours.
    """
    seconds, _, story = _read(cursor).partition("_")
    try:
        found = float(seconds), int(story)
    except ValueError as error:
        raise Unfit("cursor is not one that this interface gave out") from error
    if not (abs(found[0]) < _FURTHEST and 0 < found[1] < 2**63):
        raise Unfit("cursor is not one that this interface gave out")
    return found


def of_offset(offset: int) -> str:
    """Return the cursor that goes on after *offset* results."""
    return _write(f"o{offset}")


def offset(cursor: str, most: int) -> int:
    """Return how many results *cursor* passes over, at most *most*.

    Raises:
        Unfit: it is none of ours.
    """
    said = _read(cursor)
    if not (said[:1] == "o" and said[1:].isascii() and said[1:].isdigit() and len(said) < 8):
        raise Unfit("cursor is not one that this interface gave out")
    return min(int(said[1:]), most)


def _write(said: str) -> str:
    return urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, binascii.Error) as error:
        raise Unfit("cursor is not one that this interface gave out") from error
