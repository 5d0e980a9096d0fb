"""Issuers' own releases: the service's frame and keyed block come off, the issuer's words stay as they are.

A release travels as `^`, label and title, time, a line on who is responsible, the issuer's text, the service's
imprint, the keyed block (language, company, ISIN, WKN ...) and `°`. The block is the best evidence for linking.
"""

from __future__ import annotations

import re

from depesche.lib import text
from depesche.lib.markup import html
from depesche.lib.markup.html import flat_text
from depesche.model.identifiers import is_isin, is_wkn
from depesche.model.take import Identifier, Link, Subject
from depesche.stories.copyediting import cues
from depesche.stories.copyediting.draft import Draft

_OPENINGS = 8  # blocks in which the frame may stand
_SERVICES = ("EQS-", "DGAP-", "EANS-", "EANS", "IRW-", "GNW-", "PTA", "ORIGINAL-RESEARCH", "OTS-")

_LABEL_LINE = re.compile(
    r"(?:EQS|DGAP|EANS|IRW|GNW|OTS)[ -][A-Za-zÄÖÜäöü][\wäöüÄÖÜ -]{1,40}:\s\S[^\n]{0,300}|Original-Research:\s[^\n]{0,300}"
    r"|[^\n]{2,160}\s/\s(?:Schlagwort\(e\)|Key word\(s\)):[^\n]{0,200}"
)
_TIME_LINE = re.compile(
    r"\d{1,2}\.\d{1,2}\.\d{4}\s?/\s?\d{1,2}:\d{2}(?:\s?(?:CET/CEST|CEST|CET|MEZ|MESZ|UTC[+-]?\d*))?\.?"
)
_DUTY_LINE = re.compile(
    r"Für den Inhalt der Mitteilung ist der Emittent(?: / Herausgeber)? verantwortlich\.?"
    r"|The issuer is solely responsible for the content of this announcement\.?"
    r"|(?:übermittelt durch|transmitted by|provided by)[^\n]{0,120}",
    re.IGNORECASE,
)
_RULE_LINE = re.compile(r"[-=_*]{5,}|[\^°]")
_TAIL = re.compile(
    r"^[ \t]*(?:\d{1,2}\.\d{1,2}\.\d{4}[ \t]+(?:CET/CEST|CES?T|MES?Z)?[ \t]*(?:Veröffentlichung|Dissemination|The DGAP|Die DGAP)"
    r"|Veröffentlichung eine[rs][^\n]{0,120}?übermittelt|Dissemination of an?[^\n]{0,120}?transmitted"
    r"|Ende der Mitteilung\b|End of (?:Announcement|News|Message)\b|Aussender:[ \t]|Emittent:[ \t]"
    r"|(?:Sprache|Language):[ \t]+\w+[ \t]*(?:\n|Unternehmen|Company|$))",
    re.MULTILINE | re.IGNORECASE,
)
_CUES = ("ISIN", "WKN", "News ID", "News-ID")
_KEYS = (
    "Sprache|Language|Unternehmen|Company|Emittent|Issuer|Aussender|Telefon|Phone|Tel\\.|Fax|E-Mail|E-mail|Email|Internet|WWW|Website|Branche|"
    "Adresse|Ansprechpartner|ISIN\\(s\\)|ISINs?|WKN|LEI|Indizes|Indices|Index|Börsen|Börse|Listed|Stock exchanges|Zulassung|Notierung|"
    "EQS News[- ]ID|DGAP News[- ]ID|News[- ]ID"
)
_KEY = re.compile(rf"(?:^|(?<=\s))(?P<key>{_KEYS})[ \t]*:[ \t]*", re.MULTILINE)
_END = re.compile(r"\n\s*(?:Ende der Mitteilung|End of (?:Announcement|News|Message)|[-=_]{5,})")
_ISIN = re.compile(r"\b[A-Z]{2}[A-Z0-9]{9}[0-9]\b")
_CODE = re.compile(r"\b[A-Z0-9]{6}\b")
_LEI = re.compile(r"\b[A-Z0-9]{18}[0-9]{2}\b")
_FORM = re.compile(
    r".{2,80}?\b(?:AG(?: & Co\. KGaA)?|SE(?: & Co\. KGaA)?|KGaA|GmbH|plc|PLC|Inc\.?|Corp\.?|N\.V\.|S\.A\.|S\.p\.A\.|Ltd\.?|AB|ASA|Oyj)(?=\s|$)"
)
_TONGUES = {"deutsch": "de", "german": "de", "englisch": "en", "english": "en", "französisch": "fr", "french": "fr",
            "italienisch": "it", "italian": "it", "spanisch": "es", "spanish": "es"}  # fmt: skip
_MOST_INDICES = 1_000  # all of them are kept in the note
_NEWS_IDS = ("eqs news-id", "dgap news-id", "news-id")


def is_release(draft: Draft) -> bool:
    """Tell whether *draft* is an issuer's own release, by the label in front of its headline."""
    return draft.series is not None and any(
        label.startswith(_SERVICES) for label in draft.series.kind.split("/")
    )


def take_apart(draft: Draft) -> None:
    """Take frame and keyed block off a release and keep what they say; other copy stays untouched."""
    if not is_release(draft) and not (draft.mentions(cues.KEYED_BLOCK) and _has_block(draft)):
        return
    draft.is_release = True
    tail = _cut_tail(draft)
    _cut_frame(draft)
    if tail:
        draft.note("tail", tail)
        _read_block(draft, tail)


def _has_block(draft: Draft) -> bool:
    """Tell whether the end of the copy has a keyed block, though no label says that this is a release."""
    for block in draft.blocks[-12:]:
        if any(cue in block.inner for cue in _CUES):
            flat = flat_text(block.inner)
            if "News ID:" in flat or "News-ID:" in flat:
                return True
    return False


def _cut_tail(draft: Draft) -> str:
    """Take the imprint and the keyed block off the end of the copy; return their words."""
    for place, block in enumerate(draft.blocks):
        found = _TAIL.search(flat_text(block.inner)) if block.tag != "table" else None
        is_table = block.tag == "table" and any(f"{cue}:" in block.inner for cue in _CUES)
        if not found and not is_table:
            continue
        rest = draft.blocks[place + 1 :]
        del draft.blocks[place + 1 :]
        kept = [draft.cut_end(place, found.start()) if found else draft.blocks.pop(place).text]
        while draft.blocks and _RULE_LINE.fullmatch(draft.blocks[-1].inner.strip()):
            kept.insert(0, draft.blocks.pop().text)
        kept.insert(0, _cut_rule(draft))
        return "\n\n".join(filter(None, [*kept, html.to_text(rest)]))
    return ""


def _cut_rule(draft: Draft) -> str:
    """Take the rule off the last line of preformatted copy and return it."""
    if draft.blocks:
        flat = flat_text(draft.blocks[-1].inner).rstrip()
        head, _, line = flat.rpartition("\n")
        if head and _RULE_LINE.fullmatch(line.strip()):
            return draft.cut_end(len(draft.blocks) - 1, len(head))
    return ""


def _cut_frame(draft: Draft) -> None:
    """Take label, title, time and the line on responsibility off the beginning of the copy."""
    titles = {text.line(words).casefold() for words in (draft.headline, draft.take.headline_raw)}
    kept: list[str] = []
    for _ in range(_OPENINGS):
        if not draft.blocks or draft.blocks[0].tag not in {"p", "pre", "h2", "h3", "h4"}:
            break
        flat = flat_text(draft.blocks[0].inner)
        length = _frame_length(flat, titles)
        if not length:
            break
        kept.append(draft.cut_start(0, length))
        if length < len(flat.rstrip()):
            break
    draft.note("release", "\n".join(kept))


def _frame_length(flat: str, titles: set[str]) -> int:
    """Return how many characters at the beginning of *flat* are frame."""
    end = at = 0
    previous = ""
    for line in flat.split("\n"):
        bare = text.line(line)
        at += len(line) + 1
        lowered = bare.casefold()
        # A title broken over two lines counts as well.
        is_title = (
            any(
                title and (title.endswith(lowered) or f"{previous} {lowered}".strip() in title)
                for title in titles
            )
            and len(bare) > 3
        )
        if bare and not (
            is_title
            or _RULE_LINE.fullmatch(bare)
            or _TIME_LINE.fullmatch(bare)
            or _DUTY_LINE.fullmatch(bare)
            or _LABEL_LINE.fullmatch(bare)
        ):
            break
        if bare:
            end, previous = at, lowered
    return min(end, len(flat))


def _read_block(draft: Draft, tail: str) -> None:
    """Keep what the keyed block says: identifiers with the issuer's name, indices, language, the release's number."""
    block = _fields(tail)
    company = next(
        (
            _company(block[key])
            for key in ("unternehmen", "company", "emittent", "issuer", "aussender")
            if key in block
        ),
        None,
    )
    known = {(one.kind, one.value) for one in draft.identifiers}

    def keep(kind: str, value: str) -> None:
        if (kind, value) not in known:
            known.add((kind, value))
            draft.identifiers.append(Identifier(kind, value, None, company))

    for key in ("isin", "isins", "isin(s)"):
        for code in _ISIN.findall(block.get(key, "")):
            keep("isin" if is_isin(code) else "symbol", code)
    for code in _CODE.findall(block.get("wkn", "")):
        if is_wkn(code) and any(char.isdigit() for char in code):
            keep("wkn", code)
    for code in _LEI.findall(block.get("lei", "")):
        keep("lei", code)
    for key in ("indizes", "indices", "index"):
        for name in re.split(r"[,;\n]", block.get(key, ""))[:_MOST_INDICES]:
            if (bare := text.line(name)) and len(bare) < 60:
                draft.subjects.append(Subject("index", bare))
    told = (block.get("sprache") or block.get("language") or "").split()
    tongue = _TONGUES.get(told[0].casefold()) if told else None
    draft.language = draft.language or tongue
    for key in _NEWS_IDS:
        if number := re.match(r"\d{4,12}", block.get(key, "")):
            guid = f"urn:eqs:{number[0]}:{tongue or draft.language or 'und'}"
            if guid != draft.take.guid:
                draft.links.append(Link("sameAs", guid=guid))
            return


def _fields(tail: str) -> dict[str, str]:
    """Return the keyed block's values by their keys in small letters; the first of a key counts."""
    end = _END.search(tail, tail.find("ISIN") if "ISIN" in tail else 0)
    whole = tail[: end.start()] if end and "ID:" in tail[: end.start()] else tail
    keys = list(_KEY.finditer(whole))
    found: dict[str, str] = {}
    for place, key in enumerate(keys):
        until = keys[place + 1].start() if place + 1 < len(keys) else len(whole)
        found.setdefault(key["key"].lower().replace("news id", "news-id"), whole[key.end() : until].strip())
    return found


def _company(words: str) -> str | None:
    """Return the company's name without the address that follows it."""
    first = text.line(words.partition("\n")[0])
    if "\n" not in words and (found := _FORM.match(first)):
        first = found[0]
    return first[:120] or None
