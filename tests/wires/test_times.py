"""Times as wires write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.wires.reading import times


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2031-03-12T15:41:07+01:00", datetime(2031, 3, 12, 14, 41, 7, tzinfo=UTC)),
        ("2031-03-12T15:41:07.123456789-05:00", datetime(2031, 3, 12, 20, 41, 7, 123456, tzinfo=UTC)),
        ("20310312T154107+0100", datetime(2031, 3, 12, 14, 41, 7, tzinfo=UTC)),
        ("2031-03-12T15:41:07 +01", datetime(2031, 3, 12, 14, 41, 7, tzinfo=UTC)),
        (" 2031-03-12T15:41Z ", datetime(2031, 3, 12, 15, 41, tzinfo=UTC)),
        ("2031-03-12", datetime(2031, 3, 12, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2031-03-12T24:00:00Z", datetime(2031, 3, 13, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("9999-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T24:00:00Z", None),
        ("12. März", None),
        ("", None),
        (None, None),
    ],
)
def test_iso(told: str | None, at: datetime | None) -> None:
    assert times.iso(told) == at


def test_a_time_without_a_zone_may_be_refused() -> None:
    assert times.iso("2031-03-12T15:41:07", zone_needed=True) is None
    assert times.iso("2031-03-12T15:41:07Z", zone_needed=True) is not None


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("0123456789-+:.TZ ,/GMTMarEst"), max_size=35))
def test_no_words_crash_a_clock(told: str) -> None:
    for at in (times.iso(told), times.mail(told), times.either(told)):
        assert at is None or at.tzinfo is UTC
