"""Markets and symbols as providers name them."""

from __future__ import annotations

import re

from depesche.lib import memo, text
from depesche.model.identifiers import is_isin, is_lei
from depesche.model.take import Identifier

# Names that senders use for markets, as ISO 10383 codes of the operating or listing market.
_MICS = {
    "AMEX": "XASE",
    "ASX": "XASX",
    "AUSTRALIAN STOCK EXCHANGE": "XASX",
    "BERLIN": "XBER",
    "BORSA ITALIANA": "XMIL",
    "CSE": "XCNQ",
    "EURONEXT": "XPAR",
    "EURONEXT AMSTERDAM": "XAMS",
    "EURONEXT BRUSSELS": "XBRU",
    "EURONEXT LISBON": "XLIS",
    "EURONEXT PARIS": "XPAR",
    "FRANKFURT": "XFRA",
    "FRANKFURT STOCK EXCHANGE": "XFRA",
    "FWB": "XFRA",
    "HKEX": "XHKG",
    "HONG KONG": "XHKG",
    "LONDON": "XLON",
    "LSE": "XLON",
    "NASDAQ": "XNAS",
    "NASDAQ GLOBAL SELECT": "XNAS",
    "NASDAQ HELSINKI": "XHEL",
    "NASDAQ STOCKHOLM": "XSTO",
    "NYSE": "XNYS",
    "NYSE AMERICAN": "XASE",
    "NYSE MKT": "XASE",
    "OSLO": "XOSL",
    "PARIS": "XPAR",
    "SIX": "XSWX",
    "SIX SWISS EXCHANGE": "XSWX",
    "STOCKHOLM": "XSTO",
    "STUTTGART": "XSTU",
    "TOKYO": "XTKS",
    "TORONTO": "XTSE",
    "TSX": "XTSE",
    "TSX VENTURE": "XTSX",
    "TSX-V": "XTSX",
    "TSXV": "XTSX",
    "VIENNA": "XWBO",
    "WIEN": "XWBO",
    "XETRA": "XETR",
}
_KINDS = {
    "isin": "isin",
    "wkn": "wkn",
    "ric": "ric",
    "reuters": "ric",
    "figi": "figi",
    "lei": "lei",
    "ticker": "ticker",
    "tickersymbol": "ticker",
}
_MIC = re.compile(r"X[A-Z0-9]{3}")
_LAST_WORD = re.compile(r"[^:/#]+$")
_checked = memo.of_words(4096)(is_isin)  # the same securities are named all day


@memo.of_words(1024)
def mic(name: str | None) -> str | None:
    """Return the market called *name* as an ISO 10383 code where it is known, otherwise as delivered.

    A vocabulary's alias in front of the code (`mic:XETR`) is dropped.
    """
    if not name:
        return None
    bare = text.line(name)
    known = _MICS.get(bare.upper())
    if known:
        return known
    last = _LAST_WORD.search(bare)
    code = last[0].strip() if last else bare
    return _MICS.get(code.upper()) or (code if _MIC.fullmatch(code) else bare) or None


def identifier(
    value: str | None, kind: str | None = None, market: str | None = None, name: str | None = None
) -> Identifier | None:
    """Return a supplied code as an identifier.

    `kind` may be a vocabulary's term or address; without one, a valid ISIN or LEI tells itself and the rest is
    a ticker. A code called an ISIN whose check digit is wrong is kept as a symbol, which links nothing.
    """
    code = text.line(value or "")
    if not code or len(code) > 60:
        return None
    found = _kind(kind) if kind else None
    if (found is None or found == "symbol" or found == "isin") and len(code) == 12 and _checked(code.upper()):
        found, code = "isin", code.upper()
    elif found == "isin":
        found = "symbol"
    elif found is None:
        found = "lei" if is_lei(code) else "ticker"
    return Identifier(found, code, mic(market), text.line(name) if name else None)


@memo.of_words(256)
def _kind(told: str) -> str | None:
    """Return the kind of identifier that a vocabulary's term or address names."""
    word = _LAST_WORD.search(told.rstrip("/").lower())
    return _KINDS.get(word[0], "symbol") if word else None


def listed(code: str | None, name: str | None = None) -> Identifier | None:
    """Read a ticker with its market in front: `TSX VENTURE:AXL`."""
    market, _, ticker = text.line(code or "").rpartition(":")
    return identifier(ticker, None, market or None, name)


def unique(found: list[Identifier | None]) -> tuple[Identifier, ...]:
    """Return *found* without gaps and repeats, in its order."""
    return tuple(dict.fromkeys(one for one in found if one is not None))
