"""The importers yield instruments, and name the rows they refuse."""

from __future__ import annotations

import pytest
from invented import zz

from depesche.instruments.importer import Importer, importers
from depesche.model.errors import WireError
from depesche.model.instrument import AMBIGUOUS, Instrument, Listing

GOOD = zz("NORDWERFT")


def read(tmp_path, text):
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    return list(importers()["plain_csv"].read(file))


def test_every_importer_is_found_and_says_what_it_reads():
    found = importers()
    assert {"plain_csv", "tickersymbols"} <= set(found)
    assert all(isinstance(importer, Importer) and importer.help for importer in found.values())


def test_the_short_shape(tmp_path):
    [one] = read(tmp_path, f"isin,name,wkn,ticker,mic\n{GOOD},Nordlicht Werft AG,ZZN0R1,NLW,XETR\n")
    assert (one.isin, one.name, one.wkn) == (GOOD, "Nordlicht Werft AG", "ZZN0R1")
    assert one.listings == (Listing("XETR", "NLW", "EUR"),)


def test_the_long_shape_with_aliases(tmp_path):
    header = "ticker,name,exchange,type,sector,country,isin,aliases\n"
    [one] = read(
        tmp_path,
        f"{header}NLW,NORDLICHT WERFT AG NA O.N.,XETRA,Stock,Industrials,DE,{GOOD},nordlicht werft|nordlicht|kühne fahrt\n",
    )
    assert (one.name, one.kind, one.country) == ("Nordlicht Werft AG", "share", "DE")
    assert one.listings == (Listing("XETR", "NLW", "EUR"),)
    assert [name.text for name in one.names] == ["Nordlicht Werft AG", "Kühne Fahrt"]


def test_several_words_cut_from_a_longer_name_need_a_cue(tmp_path):
    [one] = read(tmp_path, f"isin,name,aliases\n{GOOD},Hohe Tanne Papier AG,hohe tanne\n")
    assert {name.text: name.tier for name in one.names}["Hohe Tanne"] == AMBIGUOUS


def test_a_german_wkn_is_derived(tmp_path):
    [one] = read(tmp_path, "isin,name\nDE0005493092,Borussia Dortmund\n")
    assert one.wkn == "549309"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{GOOD[:-1]}x,Nordlicht", "check digit"),
        (f"{GOOD[:-1]}{(int(GOOD[-1]) + 1) % 10},Nordlicht", "check digit"),
        (f"{GOOD},", "the name is empty"),
        (",Nordlicht", "has no ISIN"),
        (f"{GOOD},Nordlicht,ABC", "not a WKN"),
        ("DE0005493092,Borussia,123456", "contradicts ISIN"),
        (f"{GOOD},Nordlicht,,NLW,Xet", "not a market"),
        (f"{GOOD},Nordlicht,,NLW,XETR,more", "more fields"),
    ],
)
def test_a_wrong_row_is_refused_by_line_and_reason_and_the_rest_is_read(tmp_path, row, reason):
    refused, good = read(tmp_path, f"isin,name,wkn,ticker,mic\n{row}\n{GOOD},Nordlicht Werft,,,\n")
    assert isinstance(refused, WireError)
    assert "line 2" in str(refused)
    assert reason in str(refused)
    assert isinstance(good, Instrument)


def test_a_file_without_the_needed_columns_is_refused(tmp_path):
    with pytest.raises(WireError, match="no column isin"):
        read(tmp_path, "wkn,name\nA,B\n")


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(WireError, match=r"absent\.csv"):
        list(importers()["plain_csv"].read(tmp_path / "absent.csv"))
    with pytest.raises(WireError, match="name the file"):
        list(importers()["plain_csv"].read(None))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(b"isin,name\nZZ,\xff\xfe\n")
    with pytest.raises(WireError, match=r"list\.csv"):
        list(importers()["plain_csv"].read(file))


def test_the_index_members_are_read_and_their_errors_named():
    rows = list(importers()["tickersymbols"].read(None))
    shares = {row.isin: row for row in rows if isinstance(row, Instrument)}
    refused = [str(row) for row in rows if isinstance(row, WireError)]
    assert len(shares) > 1000
    assert Listing("XNAS", "AAPL", "USD") in shares["US0378331005"].listings
    assert shares["DE0007164600"].wkn == "716460"
    assert any("has no ISIN" in reason for reason in refused)
    assert any("is not from CH" in reason for reason in refused)
