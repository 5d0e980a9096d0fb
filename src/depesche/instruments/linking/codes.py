"""Codes as evidence: ISIN, WKN and tickers that a provider supplied or that stand in the text.

A code counts only if it is valid and known; a ticker only together with its market.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from depesche.instruments import markets
from depesche.model.identifiers import is_isin, is_wkn
from depesche.model.instrument import Instrument
from depesche.model.take import Identifier

ISIN = "isin"
WKN = "wkn"
TICKER = "ticker"

_ISIN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[A-Z0-9]{9}[0-9](?![A-Za-z0-9])")
_WKN = re.compile(r"\bWKN\b[\s:=#./()-]{0,4}(?P<code>[A-HJ-NP-Z0-9]{6})(?![A-Za-z0-9])")
_QUOTED = re.compile(r"<(?P<code>[A-Za-z0-9]{1,8})(?:_p)?\.(?P<suffix>[A-Z]{1,2})>")
_MARKET = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in markets.names())
_LISTED = re.compile(
    rf"(?P<open>[(\[;,/])\s*(?P<market>{_MARKET}|[A-Za-z]{{4}})(?:\s*[:]\s*|\s+ticker:?\s+)"
    r"(?P<code>[A-Z0-9][A-Z0-9.\-]{0,9})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_RIC_TAIL = re.compile(r"(?:_[a-z]|[a-z])+$")


class Code(NamedTuple):
    """A code found: the instrument it means, where it stands, and whether it says enough without the name."""

    kind: str
    isin: str
    start: int
    end: int
    certain: bool


class Codes:
    """The register's codes, ready for look-up."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self.by_isin: dict[str, Instrument] = {}
        self._by_wkn: dict[str, str] = {}
        self._by_listing: dict[tuple[str, str], str] = {}
        self._by_ticker: dict[str, set[str]] = defaultdict(set)
        for instrument in instruments:
            self.by_isin[instrument.isin] = instrument
            if instrument.wkn:
                self._by_wkn.setdefault(instrument.wkn, instrument.isin)
            for listing in instrument.listings:
                self._by_listing.setdefault((listing.mic, listing.ticker), instrument.isin)
                self._by_ticker[listing.ticker].add(instrument.isin)

    def supplied(self, place: int, given: Identifier) -> Code | None:
        """Return what the identifier at *place* of a take means, or None if it is invalid or unknown."""
        value = given.value.strip()
        kind, isin, certain = self._resolve(given.kind, value, given.mic)
        return Code(f"supplied-{kind}", isin, place, place + 1, certain) if isin else None

    def _resolve(self, kind: str, value: str, market: str | None) -> tuple[str, str | None, bool]:
        code = value.upper()
        if kind in {"isin", "symbol"} and is_isin(code):
            return ISIN, code if code in self.by_isin else None, True
        if kind == "wkn":
            return WKN, self._by_wkn.get(code) if is_wkn(code) else None, True
        if kind not in {"ticker", "symbol", "ric"}:
            return TICKER, None, False
        if ":" in code and market is None:
            market, _, value = value.rpartition(":")
            code = value.strip().upper()
        mic = markets.mic_of(market) if market else None
        if kind != "ric" and mic and (isin := self._by_listing.get((mic, code))):
            return TICKER, isin, True
        root, dot, suffix = value.rpartition(".")
        if dot and (isin := self._quoted(root, suffix)):
            return TICKER, isin, (markets.of_suffix(suffix), code[: -len(suffix) - 1]) in self._by_listing
        holders = self._by_ticker.get(code, set()) if market is None and kind != "ric" else set()
        return TICKER, next(iter(holders)) if len(holders) == 1 else None, False

    def _quoted(self, root: str, suffix: str) -> str | None:
        """Resolve a quote symbol: a ticker and a suffix, or Reuters' form of it (`SIEGn.DE`, `VOWG_p.DE`)."""
        mic = markets.of_suffix(suffix)
        if mic is None:
            return None
        short = _RIC_TAIL.sub("", root)
        forms = [root.upper(), short]
        if mic == "XETR" and short.endswith("G"):
            forms.append(short[:-1])
        return next((self._by_listing[mic, form] for form in forms if (mic, form) in self._by_listing), None)

    def in_text(self, text: str) -> Iterator[Code]:
        """Yield the codes in *text*: ISINs, WKNs behind the word WKN, tickers with their market."""
        for found in _ISIN.finditer(text):
            if found.group() in self.by_isin and is_isin(found.group()):
                yield Code(ISIN, found.group(), found.start(), found.end(), True)
        if "WKN" in text:
            for found in _WKN.finditer(text):
                if isin := self._by_wkn.get(found["code"]):
                    yield Code(WKN, isin, found.start("code"), found.end("code"), True)
        if "<" in text:
            for found in _QUOTED.finditer(text):
                if isin := self._quoted(found["code"], found["suffix"]):
                    yield Code(TICKER, isin, found.start() + 1, found.end() - 1, False)
        if ":" in text or "icker" in text:
            yield from self._listed(text)

    def _listed(self, text: str) -> Iterator[Code]:
        for found in _LISTED.finditer(text):
            mic = markets.mic_of(found["market"])
            code = found["code"].rstrip(".-")
            if mic and code == code.upper() and (isin := self._by_listing.get((mic, code))):
                yield Code(TICKER, isin, found.start("code"), found.start("code") + len(code), False)
