"""Read Nasdaq Trader's symbol directory: `nasdaqlisted.txt` or `otherlisted.txt`.

Fields are parted by bars, and the last line tells when the file was made. There are no ISINs in
it, so it adds listings to instruments of others. Test issues, funds, warrants, units,
rights, notes and preferred shares are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from depesche.instruments import rows
from depesche.instruments.importer import Importer, Row, Untrustworthy
from depesche.model.errors import WireError
from depesche.model.register import Supplement

SOURCE = "nasdaq_trader"
_MARKETS = {"A": "XASE", "N": "XNYS", "P": "ARCX", "Z": "BATS", "V": "IEXG", "Q": "XNAS"}
_FOOTER = "File Creation Time"
_SHARE = re.compile(r"common (?:stock|share)|ordinary share|class [a-z]\b|american depositary", re.IGNORECASE)
_NO_SHARE = re.compile(
    r"\bwarrants?\b|\bunits?\b|\brights?\b|\bnotes?\b|preferred|preference|debenture", re.IGNORECASE
)
_WHAT = re.compile(
    r"\s+-\s+.*$|,?\s+(?:(?:class [a-z]\s+)?(?:common (?:stock|shares?)|ordinary shares?)|american depositary).*$",
    re.IGNORECASE,
)


def read(path: Path | None) -> Iterator[Row]:
    """Yield a listing for each share of the file at *path*.

    Raises:
        WireError: there is no file, or its first line is not the header of either list.
    """
    with rows.opened(SOURCE, path) as file:
        where = getattr(path, "name", str(path))
        columns = file.readline().strip().lower().split("|")
        if "security name" not in columns or "test issue" not in columns:
            raise WireError(
                f"{where}: the first line is not the header of nasdaqlisted.txt or otherlisted.txt"
            )
        symbol = "act symbol" if "act symbol" in columns else "symbol"
        for number, line in enumerate(file, 2):
            if line.startswith(_FOOTER) or not line.strip():
                continue
            values = line.rstrip("\r\n").split("|")
            if len(values) != len(columns):
                what = f"{len(values)} fields under {len(columns)} columns"
                yield Untrustworthy(f"{where} line {number}", what, line.strip())
                continue
            found = _row(f"{where} line {number}", dict(zip(columns, values, strict=True)), symbol)
            if found is not None:
                yield found


def _row(where: str, fields: dict[str, str], symbol: str) -> Row | None:
    said, ticker = fields["security name"].strip(), fields[symbol].strip().upper()
    if fields["test issue"].strip() == "Y" or fields.get("etf", "").strip() == "Y":
        return None
    if not said:
        return WireError(f"{where}: the name is empty")
    if _NO_SHARE.search(said) or not _SHARE.search(said):
        return None
    exchange = fields.get("exchange", "Q").strip()
    mic = _MARKETS.get(exchange)
    if mic is None:
        return WireError(f"{where}: {said}: {exchange!r} is no exchange of this list")
    return Supplement(SOURCE, name=_WHAT.sub("", said), mic=mic, ticker=ticker, currency="USD")


IMPORTER = Importer(SOURCE, read, "Nasdaq Trader's symbol directory: nasdaqlisted.txt or otherlisted.txt")
