"""The register: merged by ISIN, with disagreement shown and not overwritten."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
from invented import issuer, zz

from depesche.instruments.register import facts, merge, read_merged, read_register
from depesche.model.errors import WireError
from depesche.model.identifiers import is_isin, is_wkn, wkn_of
from depesche.model.instrument import BLOCKED, STRONG, Instrument, Listing, Name

NORD = zz("NORDWERFT")


def share(name, source, isin=NORD, **more):
    return Instrument(isin, name, names=(Name(name, "", source),), source=source, **more)


def test_sources_that_agree_complete_each_other():
    first = share("Nordlicht Werft AG", "one", listings=(Listing("XETR", "NLW"),))
    second = share("Nordlicht Werft", "two", wkn="ZZN0R1", listings=(Listing("XNYS", "NLWT"),))
    [merged] = merge([first, second]).instruments
    assert merged.name == "Nordlicht Werft AG"
    assert merged.wkn == "ZZN0R1"
    assert [listing.mic for listing in merged.listings] == ["XETR", "XNYS"]
    assert {(name.text, name.source) for name in merged.names} >= {
        ("Nordlicht Werft AG", "one"),
        ("Nordlicht Werft", "two"),
    }


def test_another_name_for_one_isin_is_set_aside_and_shown():
    merged = merge([share("Nordlicht Werft AG", "one"), share("Quellbräu SE", "two")])
    assert [one.name for one in merged.instruments] == ["Nordlicht Werft AG"]
    [conflict] = merged.conflicts
    assert (conflict.isin, conflict.kept, conflict.other) == (NORD, "Nordlicht Werft AG", "Quellbräu SE")
    assert (conflict.kept_source, conflict.other_source) == ("one", "two")


def test_a_ticker_belongs_to_one_share_of_a_market():
    listing = (Listing("XETR", "NLW"),)
    other = share("Quellbräu SE", "two", zz("QUELLBRAU"), listings=listing)
    merged = merge([share("Nordlicht Werft AG", "one", listings=listing), other])
    assert [one.listings for one in merged.instruments] == [listing, ()]
    assert "XETR NLW belongs to" in merged.conflicts[0].reason


def test_wkns_that_disagree_are_shown():
    merged = merge([share("Nordlicht AG", "one", wkn="ZZN0R1"), share("Nordlicht AG", "two", wkn="ZZN0R2")])
    assert merged.instruments[0].wkn == "ZZN0R1"
    assert "WKN" in merged.conflicts[0].reason


def test_refused_rows_are_kept_with_their_reason():
    error = WireError("line 2: the name is empty")
    assert merge([error, share("Nordlicht AG", "one")]).refused == (error,)


def test_the_facts_are_valid_and_no_ticker_stands_twice():
    shares = list(facts())
    assert len({one.isin for one in shares}) == len(shares) > 150
    assert all(is_isin(one.isin) and one.names for one in shares)
    assert all(one.wkn == wkn_of(one.isin) and is_wkn(one.wkn) for one in shares if one.isin.startswith("DE"))
    tickers = [listing for one in shares for listing in one.listings]
    assert len(tickers) == len(set(tickers))
    rows = csv.DictReader(
        (resources.files("depesche.instruments") / "facts.csv").read_text("utf-8").splitlines()
    )
    assert all(row["name"].strip() and (bool(row["mic"]) == bool(row["ticker"])) for row in rows)


@pytest.mark.parametrize(
    ("isin", "ticker"),
    [
        ("DE0005493092", "BVB"),
        ("DE0005552004", "DHL"),
        ("DE0008232125", "LHA"),
        ("DE0007664039", "VOW3"),
        ("DE0007100000", "MBG"),
        ("DE0005439004", "CON"),
    ],
)
def test_german_index_members_are_there_with_wkn_and_xetra_ticker(default, isin, ticker):
    [one] = [one for one in default.instruments if one.isin == isin]
    assert one.wkn == isin[5:11]
    assert ticker in {listing.ticker for listing in one.listings if listing.mic == "XETR"}


def test_nearly_all_german_index_members_are_complete(default):
    by_isin = {one.isin: one for one in default.instruments}
    xetra = [one for one in by_isin.values() if any(x.mic == "XETR" for x in one.listings)]
    assert len(xetra) >= 140
    assert sum(one.wkn is not None for one in xetra) >= 135


def test_a_stranger_under_a_known_isin_or_name_is_set_aside(default):
    reasons = {conflict.isin: conflict for conflict in default.conflicts}
    assert reasons["NL0000226223"].other == "Stabilus SE"
    assert reasons["ES0105200002"].kept == "Befesa S.A."
    assert not any(one.isin == "RU0008943394" for one in default.instruments)


def test_index_names_never_link(default):
    blocked = {name.text for one in default.instruments for name in one.names if name.tier == BLOCKED}
    assert "Nasdaq" in blocked
    assert "Nasdaq, Inc." not in blocked


def test_a_file_is_read_as_a_register(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(f"isin,name\n{NORD},Nordlicht Werft AG\nZZ1,Falsch AG\n")
    [one] = read_register(file)
    assert {name.text: name.tier for name in one.names} == {
        "Nordlicht Werft AG": STRONG,
        "Nordlicht Werft": STRONG,
    }
    assert len(read_merged(file).refused) == 1


def test_a_known_isin_under_a_strange_name_is_quarantined_from_a_file(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(
        "ticker,name,exchange,isin\nCON,Zylinth Holdings Parent Inc.,NYSE,DE0005439004\nWWF,Zylinth Corp.,NYSE,DE000A254203\n"
    )
    merged = read_merged(file)
    assert merged.instruments == ()
    assert [conflict.isin for conflict in merged.conflicts] == ["DE0005439004", "DE000A254203"]


def test_the_name_of_a_share_class_leads_to_the_index_member(default):
    holders = [
        one.isin for one in default.instruments if any(name.text == "Volkswagen" for name in one.names)
    ]
    assert holders == ["DE0007664039"]


def test_a_register_can_be_made_from_instruments_alone():
    assert merge([issuer("NORDWERFT", "Nordlicht Werft AG")]).conflicts == ()


def test_an_american_receipt_joins_its_issuer_instead_of_disagreeing(default):
    receipt = Instrument(
        "US0188201000", "Allianz SE", listings=(Listing("OTCM", "ALIZY"),), source="plain_csv"
    )
    merged = merge([receipt], reference=default.instruments, binding=True)
    [one] = merged.instruments
    assert (one.issuer, one.share_class, merged.conflicts) == ("Allianz SE", "receipt", ())


def test_a_reviewed_short_name_outweighs_what_a_list_says_of_it():
    listed = Instrument("ZZ", "Kronsaat Energie", names=(Name("Kronsaat Energie", "", "tickersymbols"),), source="tickersymbols")  # fmt: skip
    judged = Instrument("ZZ", "Kronsaat Energie", names=(Name("Kronsaat Energie", "ambiguous", "aliases"),), source="aliases")  # fmt: skip
    [one] = merge([listed, judged]).instruments
    assert [name.tier for name in one.names if name.text == "Kronsaat Energie"] == ["ambiguous"]
