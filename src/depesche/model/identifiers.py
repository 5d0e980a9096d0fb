"""Check digits and shapes of the identifiers of securities and their issuers."""

from __future__ import annotations

import re

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_WKN = re.compile(r"[A-HJ-NP-Z0-9]{6}")
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_MIC = re.compile(r"[A-Z0-9]{4}")


def _digits(code: str) -> str:
    return "".join(str(int(char, 36)) for char in code)


def is_isin(code: str) -> bool:
    """Tell whether *code* has the shape and the check digit of an ISIN (ISO 6166, Luhn over base-36 digits)."""
    if not _ISIN.fullmatch(code):
        return False
    total = 0
    for place, digit in enumerate(reversed(_digits(code))):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def isin_with_check_digit(stem: str) -> str:
    """Return the ISIN that begins with the eleven characters of *stem*.

    Raises:
        ValueError: no digit completes *stem*.
    """
    for digit in "0123456789":
        if is_isin(stem + digit):
            return stem + digit
    raise ValueError(f"{stem!r} is not the beginning of an ISIN")


def is_wkn(code: str) -> bool:
    """Tell whether *code* has the shape of a Wertpapierkennnummer: six characters, no I and no O."""
    return _WKN.fullmatch(code) is not None


def wkn_of(isin: str) -> str | None:
    """Return the WKN inside a German ISIN, its places 6 to 11; others do not carry one."""
    return isin[5:11] if isin.startswith("DE") and is_isin(isin) else None


def is_lei(code: str) -> bool:
    """Tell whether *code* is a legal entity identifier (ISO 17442, check by ISO 7064 mod 97-10)."""
    return _LEI.fullmatch(code) is not None and int(_digits(code)) % 97 == 1


def is_mic(code: str) -> bool:
    """Tell whether *code* has the shape of a market identifier (ISO 10383)."""
    return _MIC.fullmatch(code) is not None
