"""Whole numbers in as few bytes as they need: seven bits a byte, the lowest first, the last byte below 128 (LEB128)."""

from __future__ import annotations


def packed(number: int) -> bytes:
    """Return *number*, not negative, in groups of seven bits."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def unpacked(raw: bytes) -> list[int]:
    """Return the numbers in *raw*, one after the other; a last one that does not end is left out."""
    numbers, number, shift = [], 0, 0
    for byte in raw:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return numbers
