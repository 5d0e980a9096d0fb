"""Names of issuers: what belongs to the name, what agrees with what, and how far each may be trusted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import takewhile

from babel import Locale

from depesche.instruments.lexicon import words
from depesche.instruments.lexicon.fold import fold
from depesche.model.instrument import (
    AMBIGUOUS,
    BLOCKED,
    ORDINARY,
    PREFERENCE,
    RECEIPT,
    STRONG,
    Instrument,
    Name,
)

UNJUDGED = ""
"""The tier of a name an importer has read and the register has not judged yet."""

TRUSTED = frozenset({"facts", "aliases", "tickersymbols", "editor"})
"""Sources of well-known issuers, whose single distinctive words may link by themselves."""

REVIEWED = frozenset({"facts", "aliases", "editor"})
"""Sources whose judgement of a name outweighs that others carry it too."""

_PARTNERSHIP = r"(?:AG|SE|GmbH)\s*(?:&|\+|und)\s*Co\.?,?\s*KGaA"
_FORM = (
    _PARTNERSHIP
    + r"|Aktiengesellschaft|Kommanditgesellschaft auf Aktien|KGaA|AG|SE|GmbH|Incorporated|Inc|Corporation|Corp"
    r"|Company,? Limited|Company,? Inc|Co\.?,? Ltd|Co\.?,? Inc|Limited|Ltd|LLC|L\.?P|PLC|P\.L\.C|Public Limited Company"
    r"|N\.?\s?V|B\.?V|S\.?A\.?S|S\.?A|S\.?C\.?A|S\.?p\.?A|SpA|AB|Oyj|ASA|A/S|Bhd|Berhad|Tbk|K\.?K|NV/SA|SA/NV|Company"
)
_FORM_AT_END = re.compile(rf"[\s,]+(?P<form>{_FORM})\.?(?:\s*\(publ\))?\s*$", re.IGNORECASE)
_LAST_OF_FORM = frozenset(
    """aktiengesellschaft aktien kgaa ag se gmbh incorporated inc corporation corp limited ltd llc lp plc company nv bv sas sa sca
spa ab oyj asa a/s bhd berhad tbk kk nv/sa sa/nv (publ) s p a v k""".split()  # noqa: SIM905
)
_CO_AT_END = re.compile(r"[\s,]*(?:&|\+)\s*Co\.?$", re.IGNORECASE)
_DESCRIPTOR = re.compile(
    r"(?:[\s,]+|(?<=\.))(?:O\.?\s?N\.?|NA|VNA|JGE NA|INH\.?(?:\s?AKT\.?)?|VZO?\.?|ST|EO\s?[\d.,-]+|DL\s?[\d.,-]+|LS\s?-?[\d.,-]+|SF\s?[\d.,-]+|PK"
    r"|\(publ\)|(?:Class|Cl|Series|Ser\.?)\s[A-Z]|Common (?:Stock|Shares?)|Ordinary Shares?|(?:Registered|Bearer) Shares?"
    r"|American Depositary (?:Shares?|Receipts?)|ADRs?|ADS|Sponsored|NPV|ORD\.?|CDI|DR)\s*$",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\s*\([^()]*\)")
_WORD = re.compile(r"[^\W_]+")
_FAMILY = {
    "aktiengesellschaft": "ag", "kommanditgesellschaftaufaktien": "ag", "kgaa": "ag", "se": "ag",
    "incorporated": "inc", "corporation": "inc", "corp": "inc", "company": "inc", "companyinc": "inc", "coinc": "inc",
    "limited": "ltd", "coltd": "ltd", "companylimited": "ltd", "plc": "ltd", "publiclimitedcompany": "ltd",
    "nvsa": "nv", "sanv": "nv", "sca": "sa", "sas": "sa",
}  # fmt: skip


_RECEIPT = re.compile(
    r"\b(?:ADRs?|ADS|GDRs?|GDS|CDI|depositary|depository|sponsored|sp\.?\s?adr)\b", re.IGNORECASE
)
_PREFERENCE = re.compile(
    r"\b(?:VZO?|Vorz(?:\.|üge|ugs\w*)?|pref(?:\.|erence|erred)?|pfd|PN|Risparmio)\b", re.IGNORECASE
)
_ORDINARY = re.compile(
    r"\b(?:ST|Stämme|Stammaktien?|common|ordinary|ORD|registered|NA|INH|bearer)\b\.?", re.IGNORECASE
)


def share_class(name: str) -> str:
    """Return the class of the share that a list's *name* speaks of (receipt, preference, ordinary), empty where it does not say."""
    for pattern, found in ((_RECEIPT, RECEIPT), (_PREFERENCE, PREFERENCE), (_ORDINARY, ORDINARY)):
        if pattern.search(name):
            return found
    return ""


def plain(name: str) -> str:
    """Return *name* without notes in brackets and without what only describes the security (`NA O.N.`, `Class A`)."""
    text = " ".join((_NOTE.sub("", name) if "(" in name else name).split())
    while (cut := _DESCRIPTOR.search(text)) and cut.start() > 1:
        text = text[: cut.start()]
    text = text.strip(" ,-")
    return text if not _shouts(text) else " ".join(_quiet(word) for word in text.split())


def _shouts(text: str) -> bool:
    return text.isupper() and " " in text and sum(map(str.isalpha, text)) > 4


def _quiet(word: str) -> str:
    keep = len(word) <= 3 or not word.isalpha() or word.upper() == "KGAA"
    return word.replace("KGAA", "KGaA") if keep else word.capitalize()


def core(name: str) -> str:
    """Return *name* without its legal form at the end; a name is never cut in any other way."""
    text = name
    while _may_end_in_form(text) and (cut := _FORM_AT_END.search(text)) and cut.start() > 0:
        text = text[: cut.start()].rstrip(" ,").removesuffix(" &")
    return text


def _may_end_in_form(name: str) -> bool:
    """Tell quickly whether the last word can belong to a legal form."""
    return name.rpartition(" ")[2].rstrip(".").rpartition(",")[2].replace(".", "").lower() in _LAST_OF_FORM


@lru_cache(maxsize=4096)
def legal_family(name: str) -> str | None:
    """Return the family of *name*'s legal form: ag (AG, SE, KGaA), inc, ltd, nv, sa ...; None without one."""
    found = _FORM_AT_END.search(name) if _may_end_in_form(name) else None
    if found is None:
        return "inc" if _CO_AT_END.search(name) else None
    form = re.sub(r"[^a-z]", "", found["form"].lower())
    return "ag" if form.endswith("kgaa") else _FAMILY.get(form, form)


def issuer_of(name: str) -> str:
    """Return the key under which instruments of one issuer meet: its name, folded, and its legal family."""
    clean = plain(name)
    return f"{fold(core(clean))} {legal_family(clean) or ''}".strip()


def tokens(name: str) -> set[str]:
    """Return the words of *name* that tell it apart from others."""
    found = _WORD.findall(fold(core(plain(name))))
    return {word for word in found if word not in words.GENERIC} or set(found)


def agree(left: str, right: str) -> bool:
    """Tell whether two names can mean one issuer: they share a telling word, its abbreviation, or initials."""
    ours, theirs = tokens(left), tokens(right)
    if ours & theirs:
        return True
    short, long = sorted(("".join(_WORD.findall(fold(core(plain(n))))) for n in (left, right)), key=len)
    if short and (short == long or (len(short) >= 5 and long.startswith(short))):
        return True
    if any(abbreviates(a, b) for a in ours for b in theirs):
        return True
    return any(_initials(a) == fold(b) and len(b) >= 3 for a, b in ((left, right), (right, left)))


def abbreviates(a: str, b: str) -> bool:
    """Tell whether one word may shorten the other: `fresen`, `pfandbriefbk`."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
    return shared >= 7 or (shared >= 5 and shared == min(len(a), len(b)))


def _initials(name: str) -> str:
    return "".join(word[0] for word in _WORD.findall(fold(core(plain(name)))))


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(
        fold(name) for language in ("de", "en") for name in Locale(language).territories.values()
    )


def tier_of(text: str, *, trusted: bool = False, shared: bool = False, ticker: bool = False) -> str:
    """Judge *text* as a name.

    *trusted* says that its source lists well-known issuers, *shared* that several issuers
    carry it, *ticker* that it is no more than a ticker.
    """
    folded = fold(text)
    if folded in words.BLOCKED or folded in _countries() or len(folded) < 2 or folded.isdigit():
        return BLOCKED
    parts = _WORD.findall(folded)
    if shared or ticker or not parts:
        return AMBIGUOUS
    if legal_family(text) and len(core(text)) >= 2:
        return STRONG
    if len(parts) == 1:
        return STRONG if _distinctive(text, folded, trusted) else AMBIGUOUS
    telling = [part for part in parts if part not in words.ORDINARY and part not in words.GENERIC]
    return STRONG if telling and len(folded) >= 6 else AMBIGUOUS


def _distinctive(text: str, folded: str, trusted: bool) -> bool:
    if folded in words.ORDINARY or folded in words.GENERIC or len(folded) < 5:
        return False
    unusual = any(char.isdigit() for char in text) or any(char.isupper() for char in text[1:])
    return trusted or (unusual and not text.isupper())


def tiered(instruments: Iterable[Instrument]) -> list[Instrument]:
    """Judge the names of *instruments* together and give each its issuer.

    A name carried by several issuers, and a word with which names of others begin, is
    ambiguous for all of them; names a person has judged keep their tier. Each other instrument has its own name and
    the same without legal form.
    """
    listed = [i if i.issuer else replace(i, issuer=issuer_of(i.name)) for i in instruments]
    wanted = [_candidates(instrument) for instrument in listed]
    carriers: dict[str, set[str]] = defaultdict(set)
    heads: dict[str, set[str]] = defaultdict(set)
    for instrument, names in zip(listed, wanted, strict=True):
        for name in names:
            folded = fold(name.text)
            carriers[folded].add(instrument.issuer or "")
            first = folded.partition(" ")[0]
            if name.tier == UNJUDGED and first != folded and not _is_branch(folded):
                heads[first].add(fold(core(name.text)))
    return [
        replace(instrument, names=_judge(instrument, names, carriers, heads))
        for instrument, names in zip(listed, wanted, strict=True)
    ]


def _is_branch(folded: str) -> bool:
    """Tell whether a name only adds a country to another's: `Novartis India Ltd`."""
    rest = fold(core(folded)).partition(" ")[2]
    return bool(rest) and (
        rest.strip("()") in _countries() or rest.rpartition(" ")[2].strip("()") in _countries()
    )


def _candidates(instrument: Instrument) -> list[Name]:
    given = [name for name in instrument.names if name.text.strip()]
    if given and all(name.tier for name in given):
        return given
    names: dict[str, Name] = {fold(name.text): name for name in given if name.tier}
    for name in (Name(plain(instrument.name), UNJUDGED, instrument.source), *given):
        names.setdefault(fold(name.text), name)
        if name.tier:
            continue
        bare = core(name.text)
        if bare != name.text:
            bare = bare.removeprefix("The ")
            names.setdefault(fold(bare), Name(bare, UNJUDGED, name.source))
        if (short := _CO_AT_END.sub("", bare)) != bare:
            names.setdefault(fold(short), Name(short, AMBIGUOUS, name.source))
    return list(names.values())


def _judge(
    instrument: Instrument, names: list[Name], carriers: dict[str, set[str]], heads: dict[str, set[str]]
) -> tuple[Name, ...]:
    tickers = {listing.ticker.lower() for listing in instrument.listings}
    judged: dict[str, Name] = {}
    for name in names:
        folded = fold(name.text)
        tier = name.tier
        others = carriers[folded] - {instrument.issuer}
        if name.source not in TRUSTED or tier == UNJUDGED:
            # A well-known issuer's name that is judged already is not shared with the strangers whose names begin with it.
            others = others | heads[folded] - {fold(core(other.text)) for other in names}
        shared = bool(others)
        if tier == UNJUDGED:
            only_ticker = name.text.isupper() and name.text.lower() in tickers
            tier = tier_of(name.text, trusted=name.source in TRUSTED, shared=shared, ticker=only_ticker)
        elif tier == STRONG and shared and name.source not in REVIEWED:
            tier = AMBIGUOUS
        judged.setdefault(name.text, Name(name.text, tier, name.source))
    return tuple(judged.values())
