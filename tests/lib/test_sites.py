"""What counts as one site."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depesche.lib.web.sites import Turns, site_of


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.org/feed", "example.org"),
        ("https://a.b.c.example.org:8443/feed?x", "example.org"),
        ("https://EXAMPLE.org./", "example.org"),
        ("https://news.paper.co.uk/rss", "paper.co.uk"),
        ("https://paper.co.uk/", "paper.co.uk"),
        ("https://other.co.uk/", "other.co.uk"),
        ("https://co.uk/", "co.uk"),
        ("https://www.tagblatt.de/", "tagblatt.de"),
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("http://[2001:db8::1]:80/x", "2001:db8::1"),
        ("http://localhost/", "localhost"),
        ("http://1.2.3/", "1.2.3"),
        ("http://[::1/", "http://[::1/"),
        ("", ""),
    ],
)
def test_a_site_is_what_one_owner_answers_for(url: str, site: str) -> None:
    assert site_of(url) == site


@given(st.text(max_size=50))
def test_no_address_is_too_odd(url: str) -> None:
    assert isinstance(site_of(url), str)


def test_turns_are_given_back_even_after_an_error() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.at("http://a.example/"):
        raise ZeroDivisionError
    with turns.at("http://a.example/"), turns.at("http://b.example/"):
        assert set(turns._sites) == {"a.example", "b.example"}
    assert turns._sites == {}
