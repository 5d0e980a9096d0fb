"""Markets: what wires, data lists and quote symbols call them, as market identifier codes (ISO 10383)."""

from __future__ import annotations

from functools import lru_cache

_CALLED = {
    "XETR": "xetra|etr|ger",
    "XFRA": "frankfurt|fra|fwb|frankfurt stock exchange|börse frankfurt|deutsche börse",
    "XSTU": "stuttgart",
    "XMUN": "munich|münchen|muenchen",
    "XDUS": "duesseldorf|düsseldorf",
    "XNYS": "nyse|new york stock exchange|new york",
    "XASE": "nyse american|nyse mkt|amex|nyse amex",
    "ARCX": "nyse arca",
    "XNAS": "nasdaq|nasdaq gs|nasdaqgs|nasdaq-gs|nasdaq global select|nasdaqgm|nasdaqcm|nasdaq cm|nasdaq capital market",
    "OTCM": "otc|otc markets|otcmkts|otcqx|otcqb|otc pink|otc pk|pinksheets",
    "XLON": "lon|lse|london|london stock exchange|aim",
    "XPAR": "epa|paris|euronext paris|euronext-paris",
    "XAMS": "ams|amsterdam|euronext amsterdam",
    "XBRU": "ebr|brussels|euronext brussels",
    "XLIS": "els|lisbon|euronext lisbon",
    "XMIL": "bit|milan|borsa italiana|euronext milan",
    "XMAD": "bme|madrid|bolsa de madrid",
    "XSWX": "swx|six|zurich|zürich|six swiss exchange",
    "XWBO": "vie|vienna|wien|wiener börse|vse",
    "XHEL": "hel|helsinki|nasdaq helsinki",
    "XSTO": "sto|stockholm|nasdaq stockholm",
    "XCSE": "cph|copenhagen|nasdaq copenhagen",
    "XOSL": "osl|oslo|oslo børs",
    "XICE": "ice_is|nasdaq iceland",
    "XWAR": "wse|warsaw",
    "XTSE": "tsx|toronto|toronto stock exchange",
    "XTSX": "tsxv|tsx venture|tsx-v|tsx venture exchange|tsx.v",
    "XCNQ": "cse|canadian securities exchange|cnsx",
    "NEOE": "neo|cboe canada",
    "XASX": "asx|australian securities exchange",
    "XNZE": "nzx",
    "XTKS": "tyo|tse|tokyo|tokyo stock exchange",
    "XHKG": "hkex|hkg|hong kong|sehk|hkse",
    "XSHG": "sse|shanghai",
    "XSHE": "szse|shenzhen",
    "XKRX": "krx|korea",
    "XKOS": "kosdaq",
    "XTAI": "twse|taiwan",
    "ROCO": "tpex",
    "XNSE": "nse|nse_in|national stock exchange of india",
    "XBOM": "bse_in|bom|bombay",
    "XSES": "sgx|singapore",
    "XKLS": "bursa|bursa malaysia",
    "XIDX": "idx|jakarta",
    "XBKK": "set|bk|thailand",
    "BVMF": "b3|bovespa",
    "XMEX": "bmv|mexico",
    "XTAE": "tase|tel aviv",
    "XJSE": "jse|johannesburg",
    "XIST": "bist|istanbul",
    "XATH": "athex|athens",
    "XPRA": "pse_cz|prague",
    "XBUD": "bse_hu|budapest",
    "XBSE": "bvb_ro|bucharest",
    "MISX": "mcx|moex|moscow",
    "XSAU": "tadawul|saudi",
    "XDUB": "ise|dublin|euronext dublin",
    "XMSM": "euronext growth dublin",
}
_MIC_OF = {name.strip(): mic for mic, names in _CALLED.items() for name in names.split("|")}

_SUFFIX = {
    "DE": "XETR", "F": "XFRA", "SG": "XSTU", "L": "XLON", "PA": "XPAR", "AS": "XAMS", "BR": "XBRU", "LS": "XLIS",
    "MI": "XMIL", "MC": "XMAD", "SW": "XSWX", "S": "XSWX", "VI": "XWBO", "HE": "XHEL", "ST": "XSTO", "CO": "XCSE",
    "OL": "XOSL", "WA": "XWAR", "TO": "XTSE", "V": "XTSX", "AX": "XASX", "T": "XTKS", "HK": "XHKG",
    "N": "XNYS", "O": "XNAS", "OQ": "XNAS", "KS": "XKRX", "KQ": "XKOS", "TW": "XTAI", "SI": "XSES",
}  # fmt: skip

CURRENCY = {
    "XETR": "EUR", "XFRA": "EUR", "XNYS": "USD", "XNAS": "USD", "OTCM": "USD", "XPAR": "EUR", "XAMS": "EUR",
    "XBRU": "EUR", "XMAD": "EUR", "XHEL": "EUR", "XMIL": "EUR", "XSWX": "CHF", "XSTO": "SEK", "XTKS": "JPY",
    "XASE": "USD", "XWBO": "EUR",
}  # fmt: skip
"""The currency of trading where a market has one; London quotes in pence and pounds, so it is left out."""

US = frozenset({"XNYS", "XNAS", "XASE", "ARCX"})
"""The main markets of the United States."""

_KNOWN = frozenset(_MIC_OF.values())


def mic_of(market: str) -> str | None:
    """Return the code of *market*, given as a code or as a name in use, or None."""
    name = " ".join(market.split())
    if name.upper() in _KNOWN:
        return name.upper()
    return _MIC_OF.get(name.lower())


@lru_cache(maxsize=1)
def _registered() -> frozenset[str]:
    """Return every code of ISO 10383; the package is imported here because its data cost a fifth of a second."""
    from iso10383 import MIC

    return frozenset(str(entry.value.mic) for entry in MIC)


def is_registered(mic: str) -> bool:
    """Tell whether *mic* is a market identifier code of ISO 10383, in use or expired."""
    return mic in _registered()


_SHOWN = {
    "XETR": "Xetra", "XFRA": "Frankfurt", "XSTU": "Stuttgart", "XMUN": "München", "XDUS": "Düsseldorf", "XNYS": "NYSE", "XNAS": "Nasdaq",
    "XASE": "NYSE American", "ARCX": "NYSE Arca", "OTCM": "OTC Markets", "XLON": "London", "XPAR": "Euronext Paris", "XAMS": "Euronext Amsterdam",
    "XBRU": "Euronext Brussels", "XLIS": "Euronext Lisbon", "XMIL": "Borsa Italiana", "XMAD": "Madrid", "XSWX": "SIX", "XWBO": "Wien",
    "XHEL": "Helsinki", "XSTO": "Stockholm", "XCSE": "København", "XOSL": "Oslo", "XTSE": "Toronto", "XTSX": "TSX Venture", "XTKS": "Tokyo",
    "XHKG": "Hong Kong", "XASX": "ASX", "XSHG": "Shanghai", "XSHE": "Shenzhen",
}  # fmt: skip


def called(mic: str) -> str:
    """Return what people call the market with that code, the code itself where nothing else is known."""
    return _SHOWN.get(mic, mic)


def names() -> list[str]:
    """Return the names in use, longest first, as they may stand before a ticker."""
    return sorted(_MIC_OF, key=len, reverse=True)


def of_suffix(suffix: str) -> str | None:
    """Return the market that a quote symbol's suffix means (`SAP.DE`), or None."""
    return _SUFFIX.get(suffix)
