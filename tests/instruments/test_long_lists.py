"""Long public lists, read where they lie beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import story

from depesche.instruments.linking.linker import Linker
from depesche.instruments.register import Merged, facts, read_merged

SHARED = Path(__file__).parents[3] / "shared" / "instruments"


@pytest.fixture(scope="module")
def merged() -> Merged:
    return read_merged(SHARED / "tickers-2026-05.csv")


def test_a_list_of_tens_of_thousands_is_read_and_its_strangers_set_aside(merged):
    assert len(merged.instruments) > 46_000
    set_aside = {conflict.isin: conflict.other for conflict in merged.conflicts}
    assert "Concentra" in set_aside["DE0005439004"]
    assert "Heico" in set_aside["DE0006047004"]


def test_a_long_list_links_no_worse(merged):
    linker = Linker(merged.instruments)
    assert [m.isin for m in linker.link(story("Lufthansa-Aktie steigt")) if m.published] == ["DE0008232125"]
    everyday = (
        "China und Japan sprachen über Handel. Die Region liegt am Platz, Mittel fehlen, die Firma schweigt."
    )
    assert [m.name for m in linker.link(story("Gespräche in China", everyday)) if m.published] == []


def test_the_exchange_agrees_with_the_facts(tmp_path):
    text = (SHARED / "xetra-shares-2021-12.csv").read_text("utf-8")
    file = tmp_path / "xetra.csv"
    file.write_text(text.replace("instrument,isin,wkn,mnemonic,type", "name,isin,wkn,ticker,kind"), "utf-8")
    listed = {one.isin: one for one in read_merged(file).instruments}
    both = [(one, listed[one.isin]) for one in facts() if one.isin in listed]
    assert len(both) > 120
    assert all(ours.wkn in {None, theirs.wkn} for ours, theirs in both)
