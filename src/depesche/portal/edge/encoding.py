"""Bodies in the encodings that readers accept, each made once and only when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import brotli
import zstandard
from isal import igzip

ZSTD = "zstd"
BROTLI = "br"
GZIP = "gzip"
IDENTITY = "identity"
_PREFERRED = (ZSTD, BROTLI, GZIP)
_ZSTD_LEVEL = 3
_ZSTD_BEST = 19  # for what is encoded once and sent for months
_BROTLI_QUALITY = 5
_TOO_SMALL = 300  # bytes that no encoding makes worth a header
_LARGEST = 64_000_000


def compress(raw: bytes) -> bytes:
    """Return *raw* as a zstd frame that tells its size."""
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_content_size=True).compress(raw)


def _smallest(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_ZSTD_BEST, write_content_size=True).compress(raw)


def _brotli(raw: bytes) -> bytes:
    return bytes(brotli.compress(raw, quality=_BROTLI_QUALITY))


def _gzip(raw: bytes) -> bytes:
    return bytes(igzip.compress(raw, 2, mtime=0))


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {ZSTD: compress, BROTLI: _brotli, GZIP: _gzip}
_BEST: dict[str, Callable[[bytes], bytes]] = {ZSTD: _smallest, BROTLI: brotli.compress, GZIP: _gzip}


@lru_cache(maxsize=512)
def accepted(header: bytes) -> tuple[str, ...]:
    """Return the encodings that an Accept-Encoding *header* allows, ours in order of our preference.

    A client that says nothing gets the body as it is.
    """
    said: dict[str, float] = {}
    for part in header[:500].decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        try:
            said[name.strip()] = float(weight.partition("=")[2]) if weight else 1.0
        except ValueError:
            said[name.strip()] = 0.0
    rest = said.get("*", 0.0)
    return tuple(one for one in _PREFERRED if said.get(one, rest) > 0)


class Body:
    """A body in any encoding; made from the plain bytes or from a zstd frame."""

    __slots__ = ("_encoders", "_lasts", "_made", "squeezes")

    def __init__(self, raw: bytes, *, squeezes: bool = True, lasts: bool = False) -> None:
        """Take *raw*; what *lasts* is worth the time of the best encoding."""
        self.squeezes = squeezes and len(raw) >= _TOO_SMALL
        self._lasts = lasts
        self._encoders = _BEST if lasts else _ENCODERS
        self._made = {IDENTITY: raw}

    @classmethod
    def of_zstd(cls, frame: bytes) -> Body:
        """Return the body that *frame* holds."""
        body = cls(b"")
        body.squeezes = True
        body._made = {ZSTD: frame}
        return body

    def get(self, encodings: tuple[str, ...]) -> tuple[str, bytes]:
        """Return the first of *encodings* with the bytes in it; of what lasts, the smallest."""
        chosen = encodings[0] if encodings and self.squeezes else IDENTITY
        if self._lasts and chosen != IDENTITY and BROTLI in encodings:
            chosen = BROTLI
        made = self._made.get(chosen)
        if made is None:
            plain = self._plain()
            made = self._made[chosen] = plain if chosen == IDENTITY else self._encoders[chosen](plain)
        return chosen, made

    @property
    def size(self) -> int:
        """The bytes that this body may come to hold in memory, about."""
        return max(map(len, self._made.values())) * 2 + 200

    def _plain(self) -> bytes:
        plain = self._made.get(IDENTITY)
        if plain is None:
            plain = zstandard.ZstdDecompressor().decompress(self._made[ZSTD], max_output_size=_LARGEST)
        return plain
