"""Read the members of twenty stock indices from the package pytickersymbols.

Its entries are collected from public pages and carry errors: tickers of depositary
receipts under the share, ISINs of strangers, markets left out. So a listing is taken
only where the symbol names its market, and of several ISINs only those of the country
at home.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from babel import Locale

from depesche.instruments import markets
from depesche.instruments.importer import Importer, Row, Untrustworthy
from depesche.instruments.lexicon import names
from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin, wkn_of
from depesche.model.instrument import Instrument, Listing, Name

SOURCE = "tickersymbols"
_TERRITORIES = {name.lower(): code for code, name in Locale("en").territories.items() if len(code) == 2}
_MENDED = {
    "US65248E2037": "US30212P3038",  # Expedia: the package has an old share of News Corp
    "US49271VAP58": "US49271V1008",  # Keurig Dr Pepper: a bond
    "US57069PAD42": "GB0031274896",  # Marks & Spencer: a bond
}
"""Wrong ISINs and the right ones, where a second list has the right one under the same name and ticker."""
_TERRITORIES |= {"russian federation": "RU", "georgia": "US"}


def read(path: Path | None = None) -> Iterator[Row]:
    """Yield the instruments of the installed package.

    The package is imported here because its data cost a third of a second.

    Raises:
        WireError: a *path* is given, though there is no file to read.
    """
    if path is not None:
        raise WireError(f"{SOURCE} reads an installed package, not {path}")
    from pytickersymbols import PyTickerSymbols

    stocks = PyTickerSymbols()
    entries: dict[str, list[Mapping[str, Any]]] = {}
    for index in stocks.get_all_indices():
        for entry in stocks.get_stocks_by_index(index):
            entries.setdefault(str(entry.get("name") or ""), []).append(entry)
    for row, same in enumerate(entries.values(), 1):
        yield from _instruments(row, _united(same))


def _united(entries: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the entries of one company in several indices as one; each may know what the others lack."""
    if len(entries) == 1:
        return entries[0]
    united: dict[str, Any] = {}
    for entry in entries:
        united |= {key: value for key, value in entry.items() if value and key not in united}
    united["isins"] = [code for entry in entries for code in entry.get("isins") or ()]
    united["symbols"] = [symbol for entry in entries for symbol in entry.get("symbols") or ()]
    marked = [str(entry.get("symbol") or "") for entry in entries]
    united["symbol"] = next((symbol for symbol in marked if "." in symbol), marked[0])
    return united


def _instruments(row: int, stock: Mapping[str, Any]) -> Iterator[Row]:
    raw = str(stock.get("name") or "").strip()
    if not raw:
        yield WireError(f"{SOURCE} row {row}: the name is empty")
        return
    name = names.plain(raw)
    said = list(dict.fromkeys(str(code).strip().upper() for code in stock.get("isins") or ()))
    for code in said:
        if code in _MENDED:
            yield Untrustworthy(f"{SOURCE} row {row}", f"the ISIN {code} is not that of the share", raw)
    isins = list(dict.fromkeys(_MENDED.get(code, code) for code in said))
    if not isins:
        yield WireError(f"{SOURCE} row {row}: {name} has no ISIN")
        return
    country = _country(str(stock.get("country") or ""))
    home = [code for code in isins if code[:2] == country] or isins
    for code in isins:
        if not is_isin(code):
            yield WireError(
                f"{SOURCE} row {row}: {name}: {code!r} is not an ISIN, or its check digit is wrong"
            )
        elif is_debt(code):
            yield Untrustworthy(f"{SOURCE} row {row}", f"the ISIN {code} is that of a bond", raw)
        elif code not in home:
            yield WireError(f"{SOURCE} row {row}: {name}: ISIN {code} is not from {country}, others are")
        else:
            yield Instrument(
                isin=code,
                name=name,
                wkn=wkn_of(code),
                country=country or code[:2],
                issuer=name,
                listings=_listings(stock, code) if len(home) == 1 else (),
                names=(Name(name, names.UNJUDGED, SOURCE),),
                source=SOURCE,
                share_class=names.share_class(raw),
            )


def is_debt(isin: str) -> bool:
    """Tell whether an ISIN of the United States or Canada is that of a bond: the number of its issue has letters."""
    return isin[:2] in {"US", "CA"} and not isin[8:10].isdigit()


def _country(text: str) -> str | None:
    """Return the code of a country, given as such or behind a city (`Dublin, Ireland`; `Houston, Texas` is US)."""
    city, _, place = text.rpartition(", ")
    code = _TERRITORIES.get(place.strip().lower())
    if city:
        return code if code and code != "GE" else "US"
    return code


def _listings(stock: Mapping[str, Any], isin: str) -> tuple[Listing, ...]:
    found: dict[str, list[str]] = {}
    parts = str(stock.get("symbol") or "").split(".")
    if len(parts) > 1 and (mic := markets.of_suffix(parts[-1])):
        found[mic] = [parts[0]]
    for symbol in stock.get("symbols") or ():
        market, colon, quoted = str(symbol.get("google") or "").partition(":")
        if colon and (code := markets.mic_of(market)):
            found.setdefault(code, []).append(quoted)
    return tuple(
        Listing(mic, ticker, markets.CURRENCY.get(mic))
        for mic, tickers in found.items()
        if (ticker := _only(mic, tickers, found.get("XETR", []), isin))
    )


def _only(mic: str, tickers: list[str], xetra: Iterable[str], isin: str) -> str | None:
    """Return the one ticker that belongs to the share itself, or None when receipts cannot be told apart."""
    tickers = [ticker for ticker in dict.fromkeys(tickers) if len(ticker) <= 8 and ticker.strip("-")]
    if mic == "OTCM" and not isin.startswith("US"):
        tickers = [ticker for ticker in tickers if ticker.endswith("F") and len(ticker) == 5]
    if mic == "XFRA" and xetra:
        tickers = [ticker for ticker in tickers if ticker in xetra]
    return tickers[0] if len(tickers) == 1 or (tickers and mic == "XETR") else None


IMPORTER = Importer(
    SOURCE, read, "members of twenty indices, from the installed package pytickersymbols (no file)"
)
