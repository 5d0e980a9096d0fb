"""Invented issuers and stories for the linker's tests."""

from __future__ import annotations

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument, Listing, Name
from depesche.model.take import Identifier, Series, Take


def zz(stem: str) -> str:
    """Return an ISIN nobody has, beginning with *stem*."""
    return isin_with_check_digit(f"ZZ{stem:0<9}")


def issuer(
    stem: str, name: str, *aliases: str, ticker: str | None = None, mic: str = "XETR", **more: str
) -> Instrument:
    listings = (Listing(mic, ticker, "EUR"),) if ticker else ()
    names = tuple(Name(text, "", "editor") for text in (name, *aliases))
    return Instrument(zz(stem), name, listings=listings, names=names, source="editor", **more)


INVENTED = [
    issuer("NORDWERFT", "Nordlicht Werft AG", ticker="NLW", wkn="ZZN0R1"),
    issuer("QUELLBRAU", "Quellbräu SE", ticker="QBR"),
    issuer("LINDE", "Linde Wohnbau AG", "Linde", ticker="LWB"),
    issuer("APPLE", "Apple Orchard Inc.", "Apple", ticker="APO", mic="XNYS"),
    issuer("ZYLINTH", "Zylinth AG", ticker="ZYL"),
    issuer("KRONEAG", "Kronsaat AG", "Kronsaat", ticker="KSA"),
    issuer("KRONEUS", "Kronsaat Inc.", "Kronsaat", ticker="KSU", mic="XNYS"),
]


def story(
    headline: str, body: str = "", *identifiers: Identifier, provider: str = "Beispieldienst", kind: str = ""
) -> Take:
    """Return a take with this copy."""
    return Take(
        format="test",
        provider=provider,
        guid="1",
        headline=headline,
        headline_raw=headline,
        series=Series(kind) if kind else None,
        body_text=body,
        identifiers=identifiers,
    )
