"""The grammar of headlines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.model.take import Series
from depesche.stories.copyediting import headline


@pytest.mark.parametrize(
    ("raw", "series", "rest"),
    [
        (
            "ROUNDUP 2/Kranausfall: Nordwind kappt Ziel",
            Series("ROUNDUP", 2, "Kranausfall"),
            "Nordwind kappt Ziel",
        ),
        (
            "ROUNDUP 2/Kräne, Kai, Kohle: Zölle drohen",
            Series("ROUNDUP", 2, "Kräne, Kai, Kohle"),
            "Zölle drohen",
        ),
        ("ROUNDUP: Nordwind kappt Ziel", Series("ROUNDUP"), "Nordwind kappt Ziel"),
        (
            "ROUNDUP/Aktien Sandersiel Schluss: Index fällt",
            Series("ROUNDUP", None, "Aktien Sandersiel Schluss"),
            "Index fällt",
        ),
        ("ROUNDUP/Stand 12:30 Uhr: Kai gesperrt", Series("ROUNDUP", None, "Stand 12:30 Uhr"), "Kai gesperrt"),
        ("ROUNDUP/Aktualisiert: Kai gesperrt", Series("ROUNDUP", None, "Aktualisiert"), "Kai gesperrt"),
        ("Aktien Sandersiel Schluss: Index fällt", Series("AKTIEN SANDERSIEL SCHLUSS"), "Index fällt"),
        ("AKTIEN SANDERSIEL: Index fällt", Series("AKTIEN SANDERSIEL"), "Index fällt"),
        ("Devisen: Taler steigt", Series("DEVISEN"), "Taler steigt"),
        ("WDH/ROUNDUP: Kai gesperrt", Series("WDH/ROUNDUP"), "Kai gesperrt"),
        ("WDH/ROUNDUP 3/Kai: Gesperrt", Series("WDH/ROUNDUP", 3, "Kai"), "Gesperrt"),
        ("WDH 2/ROUNDUP: Kai gesperrt", Series("WDH/ROUNDUP"), "Kai gesperrt"),
        ("WDH/Nordwind kappt Ziel", Series("WDH"), "Nordwind kappt Ziel"),
        ("WIEDERHOLUNG: Kai gesperrt", Series("WDH"), "Kai gesperrt"),
        ("KORREKTUR: Nordwind: Ziel bleibt", Series("KORREKTUR"), "Nordwind: Ziel bleibt"),
        ("KORREKTUR/ROUNDUP 2: Kai frei", Series("KORREKTUR/ROUNDUP", 2), "Kai frei"),
        ("BERICHTIGUNG: Kai frei", Series("BERICHTIGUNG"), "Kai frei"),
        ("AKTIE IM FOKUS 2: Nordwind steigt", Series("AKTIE IM FOKUS", 2), "Nordwind steigt"),
        ("ANALYSE-FLASH: Bank rät 'Kaufen'", Series("ANALYSE-FLASH"), "Bank rät 'Kaufen'"),
        (
            "IPO/Medien: Axel Peat will an die Börse",
            Series("IPO", None, "Medien"),
            "Axel Peat will an die Börse",
        ),
        ("Presse: Axel Peat baggert", Series("PRESSE"), "Axel Peat baggert"),
        ("TAGESVORSCHAU: Termine am 3. Mai", Series("TAGESVORSCHAU"), "Termine am 3. Mai"),
        (
            "dpa-AFX Überblick: UNTERNEHMEN - 17.00 Uhr",
            Series("DPA-AFX ÜBERBLICK"),
            "UNTERNEHMEN - 17.00 Uhr",
        ),
        ("EQS-Adhoc: Mühlbach SE: Mehr Papier (deutsch)", Series("EQS-ADHOC"), "Mühlbach SE: Mehr Papier"),
        ("DGAP-WpÜG: Mühlbach SE", Series("DGAP-WPÜG"), "Mühlbach SE"),
        ("Original-Research: Mühlbach SE (von Bank)", Series("ORIGINAL-RESEARCH"), "Mühlbach SE (von Bank)"),
        ("pta20310502010: Mühlbach SE", Series("PTA", None, "20310502010"), "Mühlbach SE"),
        ("IRW-PRESS: Axel Peat: Moor", Series("IRW-PRESS"), "Axel Peat: Moor"),
        ("UPDATE 2-Axel Peat digs", Series("UPDATE", 2), "Axel Peat digs"),
        ("BRIEF-Axel Peat Says Bog Open", Series("BRIEF"), "Axel Peat Says Bog Open"),
        ("CORRECTED-(OFFICIAL)-Axel Peat digs", Series("CORRECTED-(OFFICIAL)"), "Axel Peat digs"),
        ("CORRECTED-UPDATE 1-Axel Peat digs", Series("CORRECTED/UPDATE", 1), "Axel Peat digs"),
        ("RPT-UPDATE 1-Axel Peat digs", Series("RPT/UPDATE", 1), "Axel Peat digs"),
        ("2ND LEAD: Axel Peat digs", Series("LEAD", 2), "Axel Peat digs"),
        ("URGENT Axel Peat halts", Series("URGENT"), "Axel Peat halts"),
        ("EILMELDUNG: Kai gesperrt", Series("EILMELDUNG"), "Kai gesperrt"),
        ("BC-BOG--Peat-Tides 1stLd-Writethru", Series("BC-BOG", 1), "Peat-Tides"),
        ("BC-BOG--Peat-Tides, 2nd Ld-Writethru,416", Series("BC-BOG", 2), "Peat-Tides"),
        ("Eilmeldung: Kai gesperrt", Series("EILMELDUNG"), "Kai gesperrt"),
        ("Blitz: Kai gesperrt", Series("BLITZ"), "Kai gesperrt"),
    ],
)
def test_labels(raw: str, series: Series, rest: str) -> None:
    parsed = headline.parse(raw)
    assert (parsed.series, parsed.headline) == (series, rest)


@pytest.mark.parametrize(
    "raw",
    [
        "Roundup: Winzer verzichten auf Gift",
        "ROUNDUP-Hersteller vor Gericht",
        "Nordwind: Gewinn steigt",
        "URGENT CARE CHAIN FILES FOR COURT",
        "BRIEFTRÄGER streiken",
        "ROUNDUP 2:",
        "Aktien von Nordwind: Kaufen?",
        "UPDATE-freie Zeit beginnt",
        "(deutsch)",
        "",
    ],
)
def test_what_only_looks_like_a_label_stays(raw: str) -> None:
    parsed = headline.parse(raw)
    assert parsed.series is None
    assert parsed.headline == raw


def test_the_language_mark_tells_the_language() -> None:
    assert headline.parse("EQS-News: Axel Peat plc: Bog opens (english)").language == "en"
    assert headline.parse("Kai gesperrt").language is None


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "ROUNDUP",
                " ",
                "2",
                "/",
                "Kai",
                ":",
                "WDH/",
                "UPDATE 2-",
                "KORREKTUR: ",
                "(deutsch)",
                "X",
                "-",
                "ß",
            ]
        ),
        max_size=9,
    )
)
def test_parsing_never_fails_and_leaves_a_headline(parts: list[str]) -> None:
    raw = "".join(parts)
    parsed = headline.parse(raw)
    assert bool(parsed.headline) == bool(raw.strip())
    assert " ".join(raw.split()).endswith(parsed.headline) or parsed.language or parsed.series
