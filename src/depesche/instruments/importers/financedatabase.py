"""Read the equities of FinanceDatabase from its CSV file.

Symbols are quote symbols (`SAP.DE`). Rows with an ISIN are instruments; those without add a
listing where their name leads to an instrument of others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from babel import Locale

from depesche.instruments import markets, rows
from depesche.instruments.importer import Importer, Row
from depesche.model.errors import WireError
from depesche.model.instrument import Listing
from depesche.model.register import Supplement

SOURCE = "financedatabase"
_NEEDED = ("symbol", "name", "exchange")
# Markets whose symbols carry no suffix, by the exchange codes of quote services.
_PLAIN = {
    "NMS": "XNAS", "NGM": "XNAS", "NCM": "XNAS", "NAS": "XNAS", "NYQ": "XNYS", "NYS": "XNYS", "ASE": "XASE", "PCX": "ARCX",
    "PNK": "OTCM", "OQB": "OTCM", "OQX": "OTCM", "OEM": "OTCM", "OID": "OTCM",
}  # fmt: skip


def read(path: Path | None) -> Iterator[Row]:
    """Yield the equities of the file at *path*.

    Raises:
        WireError: there is no file, or its header lacks a needed column.
    """
    csv.field_size_limit(1_000_000)  # summaries are long
    with rows.opened(SOURCE, path) as file:
        table = csv.DictReader(file)
        columns = {(name or "").strip().lower() for name in table.fieldnames or ()}
        if missing := [name for name in _NEEDED if name not in columns]:
            raise WireError(f"{getattr(path, 'name', path)}: the header has no column {', '.join(missing)}")
        for row in table:
            fields = rows.lowered(row)
            if fields.get("delisted", "").lower() not in {"true", "1"}:
                yield _row(f"{getattr(path, 'name', path)} line {table.line_num}", fields)


def _row(where: str, fields: Mapping[str, str]) -> Row:
    name, isin = fields.get("name", ""), fields.get("isin", "").upper()
    mic, ticker = _listing(fields)
    if mic and not markets.is_registered(mic):
        return WireError(f"{where}: {name}: {mic!r} is not a market identifier code of ISO 10383")
    currency = fields.get("currency", "")
    currency = currency.upper() if len(currency) == 3 and currency.isupper() else ""  # GBp are pence
    if not isin:
        if not name:
            return WireError(f"{where}: the name is empty")
        return Supplement(SOURCE, name=name, mic=mic, ticker=ticker, currency=currency or None)
    listing = Listing(mic, ticker, currency or None, SOURCE) if mic else None
    return rows.instrument(
        where,
        SOURCE,
        isin=isin,
        name=name,
        country=_country(fields.get("country", "")) or "",
        listings=(listing,) if listing else (),
    )


def _listing(fields: Mapping[str, str]) -> tuple[str | None, str]:
    """Return market and ticker of a row; no market where its symbol does not say one we know."""
    symbol, exchange = fields.get("symbol", "").upper(), fields.get("exchange", "").upper()
    root, dot, suffix = symbol.rpartition(".")
    if dot and (mic := markets.of_suffix(suffix)):
        return mic, root
    if dot:
        return None, symbol
    return _PLAIN.get(exchange), symbol


@lru_cache(maxsize=512)
def _country(name: str) -> str | None:
    wanted = name.casefold()
    territories = Locale("en").territories.items()
    return next((code for code, said in territories if len(code) == 2 and said.casefold() == wanted), None)


IMPORTER = Importer(SOURCE, read, "the equities of FinanceDatabase, a CSV file")
