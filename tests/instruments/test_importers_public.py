"""Importers of public lists: Deutsche Börse, FinanceDatabase, Nasdaq Trader, GLEIF."""

from __future__ import annotations

import pytest
from invented import zz

from depesche.instruments.importer import Untrustworthy, importers
from depesche.instruments.register import merge
from depesche.model.errors import WireError
from depesche.model.instrument import Instrument, Listing, Name
from depesche.model.register import LEI, LISTING, ROW, Supplement

NORD, QUELL = zz("NORDWERFT"), zz("QUELLBRAU")
XETRA = "Product Status;Instrument Status;Instrument;ISIN;Product ID;WKN;Mnemonic;MIC Code;Instrument Type;Currency"


def lei(stem: str) -> str:
    """Return *stem* of 18 characters with its check digits."""
    digits = "".join(str(int(char, 36)) for char in stem)
    return f"{stem}{98 - int(digits + '00') % 97:02}"


def read(tmp_path, source, text, name="list.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return list(importers()[source].read(file))


def known(isin=NORD, name="Nordlicht Werft AG", **more):
    return Instrument(isin, name, names=(Name(name, "strong", "facts"),), source="facts", **more)


class TestDeutscheBoerse:
    def rows(self, tmp_path, *lines, header=XETRA, market="XETR"):
        return read(
            tmp_path,
            "deutsche_boerse",
            "\n".join([f"Market:;{market}", "Date Last Update:;02.03.2026", header, *lines, ""]),
        )

    def test_shares_are_read_behind_the_preamble(self, tmp_path):
        [one] = self.rows(
            tmp_path, f"Active;Active;NORDLICHT WERFT AG NA O.N.;{NORD};1;000ZZN0R1;NLW;XETR;CS;EUR"
        )
        assert (one.isin, one.name, one.wkn, one.share_class) == (
            NORD,
            "Nordlicht Werft AG",
            "ZZN0R1",
            "ordinary",
        )
        assert one.listings == (Listing("XETR", "NLW", "EUR"),)

    def test_the_floor_names_its_market_only_once(self, tmp_path):
        header = "Instrument;ISIN;WKN;Mnemonic;Instrument Type"
        [one] = self.rows(tmp_path, f"NORDLICHT WERFT AG;{NORD};;NLW;CS", header=header, market="XFRA")
        assert one.listings == (Listing("XFRA", "NLW", "EUR"),)

    def test_funds_and_deleted_shares_are_passed_over(self, tmp_path):
        lines = (
            f"Active;Active;FONDS;{NORD};1;;FND;XETR;ETF;EUR",
            f"Active;Deleted;NORDLICHT;{NORD};1;;NLW;XETR;CS;EUR",
        )
        assert self.rows(tmp_path, *lines) == []

    def test_a_shifted_row_goes_into_quarantine_with_all_that_stands_in_it(self, tmp_path):
        header = "Instrument,ISIN,WKN,Mnemonic,MIC Code,Instrument Type"
        rows = self.rows(
            tmp_path,
            f"NORDLICHT, WERFT AG,{NORD},,NLW,XETR,CS",
            f"QUELLBRAEU SE,{QUELL},,QBR,XETR,CS",
            header=header,
        )
        assert isinstance(rows[0], Untrustworthy)
        merged = merge(rows)
        [one] = merged.conflicts
        assert (one.kind, "unquoted" in one.reason, NORD in one.other) == (ROW, True, True)
        assert [x.isin for x in merged.instruments] == [QUELL]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            (f"Active;Active;NORD;{NORD[:-1]}{(int(NORD[-1]) + 1) % 10};1;;NLW;XETR;CS;EUR", "check digit"),
            (f"Active;Active;;{NORD};1;;NLW;XETR;CS;EUR", "the name is empty"),
            (f"Active;Active;NORD;{NORD};1;;NLW;XQQQ;CS;EUR", "ISO 10383"),
        ],
    )
    def test_refused_rows_say_why(self, tmp_path, line, reason):
        [error] = self.rows(tmp_path, line)
        assert isinstance(error, WireError)
        assert reason in str(error)

    def test_a_file_without_header_is_refused(self, tmp_path):
        with pytest.raises(WireError, match="no header"):
            read(tmp_path, "deutsche_boerse", "a;b\n1;2\n")


class TestFinanceDatabase:
    HEADER = "symbol,name,summary,currency,sector,exchange,market,country,isin,delisted\n"

    def test_rows_with_an_isin_are_instruments_with_their_market(self, tmp_path):
        text = f'{self.HEADER}NLW.DE,Nordlicht Werft AG,"Builds, repairs\nand sells ships",EUR,Industrials,GER,Xetra,Germany,{NORD},False\n'
        [one] = read(tmp_path, "financedatabase", text)
        assert (one.isin, one.country, one.listings) == (NORD, "DE", (Listing("XETR", "NLW", "EUR"),))

    def test_rows_without_an_isin_join_the_instrument_of_their_name(self, tmp_path):
        text = f"{self.HEADER}NLWY,Nordlicht Werft AG,,USD,,PNK,,Germany,,\nXXX.L,Nobody plc,,GBp,,LSE,,United Kingdom,,\n"
        rows = read(tmp_path, "financedatabase", text)
        assert all(isinstance(row, Supplement) for row in rows)
        merged = merge(rows, [known()], binding=True)
        [one] = merged.instruments
        assert one.listings == (Listing("OTCM", "NLWY", "USD"),)
        assert merged.unmatched == 1

    def test_what_was_delisted_is_passed_over(self, tmp_path):
        assert (
            read(tmp_path, "financedatabase", f"{self.HEADER}N.DE,Nord,,EUR,,GER,,Germany,{NORD},True\n")
            == []
        )

    def test_a_column_that_is_missing_is_named(self, tmp_path):
        with pytest.raises(WireError, match="exchange"):
            read(tmp_path, "financedatabase", "symbol,name\n")


class TestNasdaqTrader:
    LISTED = (
        "Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF|NextShares\n"
    )
    OTHER = "ACT Symbol|Security Name|Exchange|CQS Symbol|ETF|Round Lot Size|Test Issue|NASDAQ Symbol\n"
    FOOTER = "File Creation Time: 0302202618:02|||||||\n"

    def test_shares_of_nasdaq_become_listings(self, tmp_path):
        text = (
            f"{self.LISTED}APO|Apple Orchard Inc. - Common Stock|Q|N|N|100|N|N\nZTST|Test Stock|Q|Y|N|100|N|N\n"
            f"APOW|Apple Orchard Inc. - Warrant|Q|N|N|100|N|N\n{self.FOOTER}"
        )
        rows = read(tmp_path, "nasdaq_trader", text)
        assert rows == [
            Supplement("nasdaq_trader", name="Apple Orchard Inc.", mic="XNAS", ticker="APO", currency="USD")
        ]
        merged = merge(rows, [known(zz("APPLE"), "Apple Orchard Inc.")], binding=True)
        assert merged.instruments[0].listings == (Listing("XNAS", "APO", "USD"),)

    def test_the_other_list_names_its_exchanges(self, tmp_path):
        text = f"{self.OTHER}KSU|Kronsaat Inc. Common Stock|N|KSU|N|100|N|KSU\nKSX|Kronsaat Inc. Common Stock|X|KSX|N|100|N|KSX\n{self.FOOTER}"
        good, bad = read(tmp_path, "nasdaq_trader", text)
        assert (good.name, good.mic) == ("Kronsaat Inc.", "XNYS")
        assert isinstance(bad, WireError)

    def test_a_ticker_that_another_share_has_is_quarantined(self, tmp_path):
        rows = read(
            tmp_path, "nasdaq_trader", f"{self.LISTED}NLW|Quellbräu SE - Ordinary Shares|Q|N|N|100|N|N\n"
        )
        holder = known(listings=(Listing("XNAS", "NLW", "USD"),))
        merged = merge(rows, [holder, known(QUELL, "Quellbräu SE")], binding=True)
        assert [one.kind for one in merged.conflicts] == [LISTING]
        assert merged.instruments == ()

    def test_another_file_is_refused(self, tmp_path):
        with pytest.raises(WireError, match="first line"):
            read(tmp_path, "nasdaq_trader", "isin,name\n")


class TestGleif:
    def test_leis_are_added_to_known_shares_only(self, tmp_path):
        good = lei("529900ZZNORDWERFT0")
        rows = read(tmp_path, "gleif", f"LEI,ISIN\n{good},{NORD}\n{good},{QUELL}\n")
        merged = merge(rows, [known()], binding=True)
        assert [(one.isin, one.lei) for one in merged.instruments] == [(NORD, good)]
        assert merged.unmatched == 1

    def test_another_lei_is_quarantined(self, tmp_path):
        good, other = lei("529900ZZNORDWERFT0"), lei("529900ZZQUELLBRAU0")
        rows = read(tmp_path, "gleif", f"LEI,ISIN\n{other},{NORD}\n")
        merged = merge(rows, [known(lei=good)], binding=True)
        assert [one.kind for one in merged.conflicts] == [LEI]

    @pytest.mark.parametrize(
        "row", [f"{'X' * 20},{NORD}", f"{lei('529900ZZNORDWERFT0')},{NORD[:-1]}X", "one"]
    )
    def test_bad_rows_are_named_by_line(self, tmp_path, row):
        [error] = read(tmp_path, "gleif", f"LEI,ISIN\n{row}\n")
        assert isinstance(error, WireError)
        assert "line 2" in str(error)
