"""Read Deutsche Börse's list of all tradable instruments: the Xetra file and the one of the Frankfurt floor.

Both open with lines that say market and date, then a header. Fields are parted by semicolons
or commas, and names are not quoted: a name with the separator in it shifts the rest of its row.
Only shares are taken.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from depesche.instruments import markets, rows
from depesche.instruments.importer import Importer, Row, Untrustworthy
from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin
from depesche.model.instrument import Listing

SOURCE = "deutsche_boerse"
_PREAMBLE = 12  # lines that may stand before the header
_NEEDED = ("isin", "mnemonic")
_SHARES = frozenset({"CS", "SHARE", "SHARES", "STOCK", "EQUITY", "COMMON STOCK", ""})
_GONE = frozenset({"DELETED", "INACTIVE"})
_NAMES = ("instrument", "instrument name", "securitydesc", "security desc", "name")
_KINDS = ("instrument type", "security type", "securitytype", "type")
_CURRENCIES = ("currency", "trading currency", "settlement currency")


def read(path: Path | None) -> Iterator[Row]:
    """Yield the shares of the file at *path*; a shifted row is named with all that stands in it.

    Raises:
        WireError: there is no file, or no header in its first lines.
    """
    with rows.opened(SOURCE, path) as file:
        name = getattr(path, "name", SOURCE)
        market, columns, mark = _header(name, file)
        lines = csv.reader(file, delimiter=mark, quoting=csv.QUOTE_NONE if mark == ";" else csv.QUOTE_MINIMAL)
        for number, fields in enumerate(lines, 1):
            if any(one.strip() for one in fields):
                found = _row(f"{name} row {number}", market, columns, fields, mark)
                if found is not None:
                    yield found


def _header(where: str, file: TextIO) -> tuple[str, list[str], str]:
    """Read up to the header; returns the market named before it, the columns, and what parts them."""
    market = "XETR"
    for _ in range(_PREAMBLE):
        line = file.readline()
        for mark in ";,":
            fields = [one.strip().strip('"').lower() for one in line.split(mark)]
            if fields[0].rstrip(":") in {"market", "mic"} and len(fields) > 1:
                market = markets.mic_of(fields[1]) or fields[1].upper()
            if all(name in fields for name in _NEEDED):
                return market, fields, mark
    raise WireError(f"{where}: no header with the columns ISIN and Mnemonic in its first {_PREAMBLE} lines")


def _row(where: str, market: str, columns: list[str], values: list[str], mark: str) -> Row | None:
    fields = dict(zip(columns, (one.strip() for one in values), strict=False))
    isin = fields.get("isin", "").upper()
    if len(values) > len(columns) or not is_isin(isin):
        elsewhere = next((one for one in values if is_isin(one.strip().upper())), None)
        if len(values) > len(columns) or (elsewhere and elsewhere.strip().upper() != isin):
            what = f"{len(values)} fields under {len(columns)} columns: a name holds an unquoted {mark!r}"
            return Untrustworthy(where, what, mark.join(values))
    kind = _first(fields, _KINDS).upper()
    if kind not in _SHARES or fields.get("instrument status", "").upper() in _GONE:
        return None
    mic = fields.get("mic code", "").upper() or market
    if not markets.is_registered(mic):
        return WireError(f"{where}: {mic!r} is not a market identifier code of ISO 10383")
    ticker = fields.get("mnemonic", "").upper()
    currency = _first(fields, _CURRENCIES).upper()[:3] or markets.CURRENCY.get(mic)
    return rows.instrument(
        where,
        SOURCE,
        isin=isin,
        name=_first(fields, _NAMES),
        wkn=_wkn(fields.get("wkn", "")),
        listings=(Listing(mic, ticker, currency, SOURCE),) if ticker else (),
    )


def _first(fields: dict[str, str], columns: tuple[str, ...]) -> str:
    return next((fields[name] for name in columns if fields.get(name)), "")


def _wkn(text: str) -> str:
    """Return a WKN without the zeros that fill it up to nine places."""
    code = text.strip().upper()
    return code[-6:] if len(code) == 9 and code.startswith("000") else code


IMPORTER = Importer(
    SOURCE, read, "Deutsche Börse's CSV of all tradable instruments, of Xetra or the Frankfurt floor"
)
