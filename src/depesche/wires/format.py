"""What a wire format is, and how the right one is found for an item's bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from depesche.lib import plugins
from depesche.model.errors import WireError
from depesche.model.take import Take
from depesche.wires.reading import encoding, xml

SNIFF_LENGTH = 4096
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
}


@dataclass(frozen=True, slots=True)
class WireFormat:
    """A plug-in that reads one format.

    `sniff` is given the first 4,096 bytes and tells whether they look like this format; `read` yields the
    takes of an item, in its order, for a provider whose name may be empty when the item itself tells it.
    An item that cannot be read raises; where it holds several, a bad one is yielded as its error, so that
    the others are not lost.
    `help` is one line for `docs/` and the command line. A format whose times need a year that only the moment of
    receipt can tell offers `read_at` as well, which is given that moment.
    """

    name: str
    sniff: Callable[[bytes], bool]
    read: Callable[[bytes, str], Iterable[Take | WireError]]
    help: str = ""
    read_at: Callable[[bytes, str, datetime | None], Iterable[Take | WireError]] | None = None


def load() -> dict[str, WireFormat]:
    """Return every wire format, by name."""
    return plugins.load("depesche.wires.formats", "FORMAT", WireFormat)


def recognise(raw: bytes, formats: Mapping[str, WireFormat], name: str | None = None) -> WireFormat:
    """Return the format of *raw*: the one called *name*, otherwise the only one that recognises the bytes.

    Raises:
        WireError: there is no such format, or not exactly one recognises the bytes.
    """
    if name:
        if name not in formats:
            raise WireError(f"format: {name!r} is not one of {', '.join(formats)}")
        return formats[name]
    if not raw.strip():
        raise WireError("format: the item is empty")
    found = [one for one in formats.values() if one.sniff(raw[:SNIFF_LENGTH])]
    if not found:
        _refuse_foreign(raw)
    if len(found) != 1:
        known = ", ".join(one.name for one in found) or "none"
        raise WireError(f"format: recognised by {known} of {', '.join(formats)}; name it to be sure")
    return found[0]


def _refuse_foreign(raw: bytes) -> None:
    """Look whether *raw*, which no format recognises, is something else that is known.

    Raises:
        WireError: it is.
    """
    for mark, name in _COMPRESSED.items():
        if raw.startswith(mark):
            raise WireError(f"format: compressed with {name}; items are taken unpacked")
    xml.refuse_declarations(raw)
    if xml.root_name(encoding.glance(raw[:SNIFF_LENGTH])).lower() == "html":
        raise WireError("format: a page of HTML is no item")
