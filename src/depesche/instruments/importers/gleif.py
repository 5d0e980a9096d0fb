"""Read GLEIF's relation of LEIs to ISINs: which legal entity issued which security.

The file has millions of rows and is read as it comes; what the register does not know is passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from depesche.instruments import rows
from depesche.instruments.importer import Importer, Row
from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin, is_lei
from depesche.model.register import Supplement

SOURCE = "gleif"


def read(path: Path | None) -> Iterator[Row]:
    """Yield an LEI for each ISIN of the file at *path*.

    Raises:
        WireError: there is no file, or its header lacks LEI or ISIN.
    """
    with rows.opened(SOURCE, path) as file:
        where = getattr(path, "name", str(path))
        table = csv.reader(file)
        header = [name.strip().upper() for name in next(table, [])]
        if "LEI" not in header or "ISIN" not in header:
            raise WireError(f"{where}: the header has no column LEI and no column ISIN")
        lei_at, isin_at = header.index("LEI"), header.index("ISIN")
        last = max(lei_at, isin_at)
        for row in table:
            if len(row) <= last:
                if row:
                    yield WireError(f"{where} line {table.line_num}: {len(row)} fields")
                continue
            lei, isin = row[lei_at].strip(), row[isin_at].strip()
            if not is_isin(isin):
                yield WireError(
                    f"{where} line {table.line_num}: {isin!r} is not an ISIN, or its check digit is wrong"
                )
            elif not is_lei(lei):
                yield WireError(
                    f"{where} line {table.line_num}: {lei!r} is not an LEI, or its check digits are wrong"
                )
            else:
                yield Supplement(SOURCE, isin=isin, lei=lei)


IMPORTER = Importer(SOURCE, read, "GLEIF's relation of LEIs to ISINs, a CSV file; adds LEIs to known shares")
