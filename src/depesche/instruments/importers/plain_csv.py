"""Read instruments from a CSV file with a header.

Two shapes: `isin,name,wkn,ticker,mic` and
`ticker,name,exchange,type,sector,country,isin,aliases` (aliases separated by bars);
columns may be missing or stand in any order, `isin` and `name` may not.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from depesche.instruments import markets
from depesche.instruments.importer import Importer, Row
from depesche.instruments.lexicon import names
from depesche.instruments.lexicon.fold import fold
from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin, is_mic, is_wkn, wkn_of
from depesche.model.instrument import AMBIGUOUS, Instrument, Listing, Name

SOURCE = "plain_csv"
_KINDS = {"stock": "share", "": "share"}
_SMALL = frozenset({"and", "of", "the", "de", "la", "und", "der", "die", "das", "für", "for", "&", "+"})


def read(path: Path | None) -> Iterator[Row]:
    """Yield the instruments of the file at *path*, UTF-8; a refused row is named by its line.

    Raises:
        WireError: there is no file, or its header lacks a needed column.
    """
    if path is None:
        raise WireError("plain_csv: name the file to read")
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise WireError(f"{path}: {error.strerror}") from error
    with file:
        rows = csv.DictReader(file)
        try:
            _check_header(path, rows.fieldnames or ())
            for row in rows:
                yield _row(f"{path.name} line {rows.line_num}", row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise WireError(f"{path.name} line {rows.line_num + 1}: {error}") from error


def _check_header(path: Path, columns: Iterable[str]) -> None:
    missing = {"isin", "name"} - {(column or "").strip().lower() for column in columns}
    if missing:
        raise WireError(f"{path.name}: the header has no column {' and no column '.join(sorted(missing))}")


def _row(where: str, row: Mapping[str, str | None]) -> Row:
    if None in row:
        return WireError(f"{where}: more fields than the header has")
    fields = {key.strip().lower(): (value or "").strip() for key, value in row.items()}
    name, isin = " ".join(fields["name"].split()), fields["isin"].upper()
    wkn = fields.get("wkn", "").upper()
    if not name:
        return WireError(f"{where}: the name is empty")
    if not isin:
        return WireError(f"{where}: {name} has no ISIN")
    if not is_isin(isin):
        return WireError(f"{where}: {name}: {isin!r} is not an ISIN, or its check digit is wrong")
    if wkn and not is_wkn(wkn):
        return WireError(f"{where}: {name}: {wkn!r} is not a WKN")
    if wkn and (own := wkn_of(isin)) and wkn != own:
        return WireError(f"{where}: {name}: WKN {wkn} contradicts ISIN {isin}")
    try:
        listings = _listings(fields)
    except ValueError as error:
        return WireError(f"{where}: {name}: {error}")
    return Instrument(
        isin=isin,
        name=names.plain(name) or name,
        wkn=wkn or wkn_of(isin),
        kind=_KINDS.get(fields.get("type", "").lower(), fields.get("type", "").lower()),
        country=fields.get("country", "").upper() or isin[:2],
        listings=listings,
        names=_names(name, fields.get("aliases", "")),
        source=SOURCE,
        share_class=names.share_class(name),
    )


def _listings(fields: Mapping[str, str]) -> tuple[Listing, ...]:
    ticker = fields.get("ticker", "").upper()
    market = fields.get("mic") or fields.get("exchange", "")
    if not ticker or not market:
        return ()
    mic = markets.mic_of(market)
    if mic is None and fields.get("mic"):
        mic = market.upper()
        if not (is_mic(mic) and markets.is_registered(mic)):
            raise ValueError(f"{market!r} is not a market identifier code of ISO 10383")
    return (Listing(mic, ticker, markets.CURRENCY.get(mic)),) if mic else ()


def _names(name: str, aliases: str) -> tuple[Name, ...]:
    own = names.plain(name) or name
    found = {fold(own): Name(own, names.UNJUDGED, SOURCE)}
    for alias in aliases.split("|"):
        text = _cased(" ".join(alias.split()), own)
        if not text or fold(text) == fold(names.core(own)):
            continue
        if len(text.split()) < len(names.core(own).split()):
            # Somebody cut it from the longer name: of one word it is noise, of several a guess.
            if " " in text:
                found.setdefault(fold(text), Name(text, AMBIGUOUS, SOURCE))
        else:
            found.setdefault(fold(text), Name(text, names.UNJUDGED, SOURCE))
    return tuple(found.values())


def _cased(alias: str, name: str) -> str:
    """Give a lower-case *alias* the capitals it has in *name*, or a capital for each word."""
    if alias != alias.lower():
        return alias
    place = name.lower().find(alias)
    if place >= 0 and len(name) == len(name.lower()):
        return name[place : place + len(alias)]
    return " ".join(word if word in _SMALL else word[:1].upper() + word[1:] for word in alias.split())


IMPORTER = Importer(
    SOURCE, read, "a CSV file with a header: isin, name, and as you have them wkn, ticker, mic, aliases"
)
