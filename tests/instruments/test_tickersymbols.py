"""The index members' ISINs are checked: bonds and strangers never become shares."""

from __future__ import annotations

import pytest

from depesche.instruments.importers.tickersymbols import is_debt


@pytest.mark.parametrize(
    ("isin", "debt"),
    [("US49271VAP58", True), ("US57069PAD42", True), ("US49271V1008", False), ("DE000BAY0017", False)],
)
def test_letters_in_the_number_of_an_issue_tell_a_bond(isin, debt):
    assert is_debt(isin) is debt


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("Expedia Group", "US30212P3038", "US65248E2037"),
        ("Keurig Dr Pepper", "US49271V1008", "US49271VAP58"),
        ("Marks & Spencer", "GB0031274896", "US57069PAD42"),
    ],
)
def test_a_strangers_isin_is_shown_in_quarantine_and_the_right_one_taken(default, name, right, wrong):
    by_isin = {one.isin: one for one in default.instruments}
    assert by_isin[right].name == name
    assert wrong not in by_isin
    assert any(wrong in conflict.reason for conflict in default.conflicts)


@pytest.mark.parametrize("isins", [("FI0009014377", "FI0009800346"), ("US65249B1098", "US65249B2088"),
                                   ("FI0009013403", "FI0009000566"), ("SE0000108227", "SE0000108201")])  # fmt: skip
def test_share_classes_of_one_company_have_one_issuer(default, isins):
    by_isin = {one.isin: one for one in default.instruments}
    assert len({by_isin[isin].issuer for isin in isins}) == 1
