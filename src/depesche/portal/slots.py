"""Advertising slots: what may stand in them, labelled, in frames of a fixed size that no page has to wait for.

A page holds only an empty frame of our own; what stands in it is chosen when the frame is asked for, so that printed pages
stay the same for everybody and a flight begins and ends on time. Nothing is told of the reader.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, UnidentifiedImageError

from depesche.lib.markup.html import clean
from depesche.model.errors import NotFound, SettingsError
from depesche.settings import AdvertSettings

FOLDER = "/slots"
_LABEL_HEIGHT = 24  # pixels over an advertisement for the word that says what it is
TURN_SECONDS = 30  # for which one has its turn
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Slot:
    """Room in a page: where its frame comes from and how large that is, in pixels."""

    path: str
    width: int
    height: int


class Slots:
    """The slots of a portal and what stands in them; pictures are read once, at the beginning.

    Raises:
        SettingsError: a picture is missing or none.
    """

    def __init__(self, adverts: Sequence[AdvertSettings], zone: ZoneInfo) -> None:
        self._zone = zone
        self._placed: dict[str, list[AdvertSettings]] = {}
        for one in adverts:
            self._placed.setdefault(one.place, []).append(one)
        self._pictures = {one.name: _picture(one) for one in adverts if one.picture is not None}
        self._html = {one.name: clean(one.html) for one in adverts if one.html is not None}

    def at(self, place: str) -> Slot | None:
        """Return the slot called *place*, if anything may ever stand in it."""
        adverts = self._placed.get(place)
        if not adverts:
            return None
        height = max(one.height for one in adverts) + _LABEL_HEIGHT
        return Slot(f"{FOLDER}/{place}", max(one.width for one in adverts), height)

    def choose(self, place: str, now: datetime) -> AdvertSettings | None:
        """Return what stands in *place* at *now*: those in flight take turns by their weights.

        Raises:
            NotFound: there is no such slot.
        """
        if place not in self._placed:
            raise NotFound(place)
        today = now.astimezone(self._zone).date()
        flying = [one for one in self._placed[place] if _flies(one, today)]
        if not flying:
            return None
        turns = [one for one in flying for _ in range(one.weight)]
        # A stride without a common divisor mixes the turns, so that a heavy one does not stand for minutes.
        return turns[int(now.timestamp() // TURN_SECONDS) * _stride(len(turns)) % len(turns)]

    def html(self, advert: AdvertSettings) -> str:
        """Return the clean markup of an advertisement made of text, else nothing."""
        return self._html.get(advert.name, "")

    def picture(self, name: str) -> tuple[str, bytes]:
        """Return media type and bytes of an advertisement's picture.

        Raises:
            NotFound: it has none.
        """
        found = self._pictures.get(name)
        if found is None:
            raise NotFound(name)
        return found


def _flies(advert: AdvertSettings, today: date) -> bool:
    return (advert.start is None or advert.start <= today) and (advert.until is None or today <= advert.until)


def _stride(n: int) -> int:
    """Return a number near the golden section of *n* that has no divisor in common with it."""
    stride = max(1, round(n * 0.618))
    while _common(stride, n) > 1:
        stride += 1
    return stride


def _common(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _picture(advert: AdvertSettings) -> tuple[str, bytes]:
    file = Path(advert.picture or "")
    try:
        body = file.read_bytes()
        if len(body) > _MOST_BYTES:
            raise SettingsError(f"adverts: {advert.name}: picture {file} is larger than {_MOST_BYTES} bytes")
        with Image.open(io.BytesIO(body)) as picture:
            kind = str(picture.format)
            picture.verify()
    except (OSError, SyntaxError, UnidentifiedImageError) as error:
        raise SettingsError(f"adverts: {advert.name}: picture {file}: {error}") from error
    if kind not in _TYPES:
        raise SettingsError(f"adverts: {advert.name}: picture {file} is {kind}, not {', '.join(_TYPES)}")
    return _TYPES[kind], body
