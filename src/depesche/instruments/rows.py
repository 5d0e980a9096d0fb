"""What importers share: opening a table, and turning its checked fields into an instrument."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from depesche.instruments.lexicon import names
from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin, is_wkn, wkn_of
from depesche.model.instrument import Instrument, Listing, Name


@contextmanager
def opened(source: str, path: Path | None, encoding: str = "utf-8-sig") -> Iterator[TextIO]:
    """Open the file at *path* as text.

    Raises:
        WireError: there is none, or it is not in that encoding.
    """
    if path is None:
        raise WireError(f"{source}: name the file to read")
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield file
    except OSError as error:
        raise WireError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WireError(f"{path.name}: {error}") from error
    except csv.Error as error:
        raise WireError(f"{path.name}: {error}") from error


def lowered(row: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    """Return the fields of *row* stripped, by column names in lower case."""
    return {
        key.strip().lower(): value.strip() for key, value in row.items() if key and isinstance(value, str)
    }


def instrument(
    where: str,
    source: str,
    *,
    isin: str,
    name: str,
    wkn: str = "",
    kind: str = "share",
    country: str = "",
    listings: tuple[Listing, ...] = (),
) -> Instrument | WireError:
    """Return an instrument of these fields, or the error that says which cannot be."""
    said = " ".join(name.split())
    if not said:
        return WireError(f"{where}: the name is empty")
    if not is_isin(isin):
        return WireError(f"{where}: {said}: {isin!r} is not an ISIN, or its check digit is wrong")
    if wkn and not is_wkn(wkn):
        return WireError(f"{where}: {said}: {wkn!r} is not a WKN")
    if wkn and (own := wkn_of(isin)) and wkn != own:
        return WireError(f"{where}: {said}: WKN {wkn} contradicts ISIN {isin}")
    shown = names.plain(said) or said
    return Instrument(
        isin=isin,
        name=shown,
        wkn=wkn or wkn_of(isin),
        kind=kind,
        country=country or isin[:2],
        listings=listings,
        names=(Name(shown, names.UNJUDGED, source),),
        source=source,
        share_class=names.share_class(said),
    )
