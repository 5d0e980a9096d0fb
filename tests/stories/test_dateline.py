"""Datelines, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.take import Dateline
from depesche.stories.copyediting import dateline


@pytest.mark.parametrize(
    ("opening", "found"),
    [
        ("SANDERSIEL (dpa-AFX) - Der Kai", Dateline(("SANDERSIEL",), "dpa-AFX")),
        ("SANDERSIEL\xa0(dpa-AFX)\xa0-\xa0Der Kai", Dateline(("SANDERSIEL",), "dpa-AFX")),
        ("SANDERSIEL/ALT LOHE (dpa-AFX) - Der Kai", Dateline(("SANDERSIEL", "ALT LOHE"), "dpa-AFX")),
        ("FRANKFURT/MAIN (dpa-AFX) - Der Kai", Dateline(("FRANKFURT/MAIN",), "dpa-AFX")),
        ("Sandersiel (dpa-AFX/APA) - Der Kai", Dateline(("Sandersiel",), "dpa-AFX/APA")),
        ("Sandersiel (euro adhoc) - Der Kai", Dateline(("Sandersiel",), "euro adhoc")),
        ("Sandersiel, 21.01.2031 (ots) - Der Kai", Dateline(("Sandersiel",), "ots", "21.01.2031")),
        ("SANDERSIEL, 21. Januar (dpa) – Der Kai", Dateline(("SANDERSIEL",), "dpa", "21. Januar")),
        ("PORT ELLERY, Jan 21 (Reuters) - The quay", Dateline(("PORT ELLERY",), "Reuters", "Jan 21")),
        ("PORT ELLERY, Fen (AP) -- The quay", Dateline(("PORT ELLERY, Fen",), "AP")),
        (
            "PORT ELLERY, Jan. 21, 2031 (GLOBE NEWSWIRE) -- The quay",
            Dateline(("PORT ELLERY",), "GLOBE NEWSWIRE", "Jan. 21, 2031"),
        ),
        ("PORT ELLERY--(BUSINESS WIRE)--The quay", Dateline(("PORT ELLERY",), "BUSINESS WIRE")),
        (
            "PORT ELLERY--(BUSINESS WIRE)--Jan 21, 2031--The quay",
            Dateline(("PORT ELLERY",), "BUSINESS WIRE", "Jan 21, 2031"),
        ),
        (
            "PORT ELLERY, Jan. 5, 2031 /PRNewswire/ -- The quay",
            Dateline(("PORT ELLERY",), "PRNewswire", "Jan. 5, 2031"),
        ),
        ("(Harbour Wire) - The quay", Dateline((), "Harbour Wire")),
        ("SANDERSIEL (Küstenbote) - Der Kai", Dateline(("SANDERSIEL",), "Küstenbote")),
    ],
)
def test_datelines(opening: str, found: Dateline) -> None:
    parsed = dateline.parse(opening)
    assert parsed is not None
    assert parsed[0] == found
    assert opening[parsed[1] :] in {"Der Kai", "The quay"}


@pytest.mark.parametrize(
    "opening",
    [
        "Nordwind (NWR) - die Aktie fiel",
        "NORDWIND (NWR) - die Aktie fiel",
        "Die Bank hat (wie berichtet) - nun doch",
        "(wie berichtet) - nun doch",
        "Der Kai ist gesperrt.",
        "Sandersiel (Küstenbote) - Der Kai",
        "",
        "(",
    ],
)
def test_what_is_no_dateline(opening: str) -> None:
    assert dateline.parse(opening) is None


def test_an_agency_that_is_named_elsewhere_is_known() -> None:
    assert dateline.parse("Sandersiel (Küstenbote) - Der Kai", ["küstenbote"]) is not None


@pytest.mark.parametrize(
    ("supplied", "found"),
    [
        ("Sandersiel (kb) - ", Dateline(("Sandersiel",), "kb")),
        ("Sandersiel", Dateline(("Sandersiel",))),
        (" - ", None),
    ],
)
def test_a_supplied_dateline_is_believed(supplied: str, found: Dateline | None) -> None:
    assert dateline.read(supplied) == found


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("AB ab()-–/,.1\xa0:"), max_size=50))
def test_a_dateline_never_takes_more_than_there_is(opening: str) -> None:
    parsed = dateline.parse(opening, ["ab"])
    assert parsed is None or 0 < parsed[1] <= len(opening)


@pytest.mark.parametrize(
    ("opening", "supplied", "found"),
    [
        ("PORT ELLERY, Jan 21 - The quay", (), Dateline(("PORT ELLERY",), None, "Jan 21")),
        ("Sandersiel, 2. Mai 2031 – Der Kai", (), Dateline(("Sandersiel",), None, "2. Mai 2031")),
        ("SANDERSIEL - Der Kai", ("Sandersiel",), Dateline(("SANDERSIEL",))),
        ("SANDERSIEL - Der Kai", (), None),
        ("DAX - Der Leitindex steigt", ("Sandersiel",), None),
        ("Der Kai wird am Montag, 2. Mai - wie berichtet - gesperrt", (), None),
    ],
)
def test_without_an_agency_a_date_or_the_items_own_place_makes_a_dateline(
    opening: str, supplied: tuple[str, ...], found: Dateline | None
) -> None:
    parsed = dateline.parse(opening, (), supplied)
    assert (parsed[0] if parsed else None) == found
    if parsed:
        assert opening[parsed[1] :].startswith(("The", "Der"))
