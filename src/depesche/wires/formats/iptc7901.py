"""IPTC 7901 and its American sister ANPA 1312: plain text between control characters, as wires have sent it since teletypes.

`SOH bdt0000 2 pl 41 dpa 0000 ... STX headline = ... text ETX 251037 Sep 24 EOT`. Files that lost their control
characters on the way are read as well. See `depesche.wires.reading.teletype` for the American kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from depesche.lib import text
from depesche.lib.cues import Cues
from depesche.model.errors import NotAStory, WireError
from depesche.model.take import CANCELED, USABLE, Link, Note, Subject, Take
from depesche.wires.format import WireFormat
from depesche.wires.reading import charset, din66003, encoding, fields, teletype, wrapped
from depesche.wires.reading.teletype import Frame

_MOST_KEYWORDS = 1_000  # of one message
_HEADER = re.compile(
    r"(?P<service>[A-Za-z]{2,6})(?P<number>\d{3,5})[ \t]+(?P<priority>\d)[ \t]+(?P<category>[A-Za-z]{1,5})[ \t]+"
    r"(?P<count>\d{1,6})(?:[ \t]+(?P<source>[A-Za-zÄÖÜäöü][\w./-]{1,30}))?(?:[ \t]+(?P<option>\S[^\r\n]{0,60}?))?[ \t]*(?=[\r\n\x02]|$)"
)
_BRACKETS = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_BYLINE = re.compile(r"(?:Von|By|VON|BY|Par)\s+[A-ZÄÖÜÀ-Ý][^\n]{2,150}")
_PICTURE = re.compile(
    r"(?:mit |with )?(?:Archiv)?(?:foto|bild|grafik|video|picture|photo|graphic)", re.IGNORECASE
)
_SHOUTS = re.compile(r"(?:Eil|Eilmeldung|Blitz|Urgent|Bulletin|Flash|Achtung|Vorrang)\W*", re.IGNORECASE)
_WARNS = re.compile(r"Achtung\W*", re.IGNORECASE)
_WITHDRAWN = re.compile(
    r"zurückgezogen|zurückzuziehen|(?:ziehen|zieht)\s[^.]{0,200}zurück|withdrawn", re.IGNORECASE
)
# What the copydesk must see in the copy, as it decides on embargo, withdrawal and correction.
_FOR_THE_DESK = re.compile(r":|achtung|sperr|embargo|kill|withdraw|zurück|neu\b|new\b", re.IGNORECASE)
_CORRECTS = re.compile(r"\((?:Berichtig|Korrektur|Korrig|Correct|Richtigstell)", re.IGNORECASE)
_UPDATES = re.compile(r"\((?:Aktualisier|Update|Ergänz|Neu\b|New\b)", re.IGNORECASE)
_PRIVATE = re.compile(
    r"^(?:#\s*(?:Notizblock|Notebook|Notepad)\s*$|[^\n]{0,60}nicht zur Veröffentlichung bestimmt"
    r"|[^\n]{0,60}not (?:intended )?for publication)",
    re.MULTILINE | re.IGNORECASE,
)
_PRIVATE_CUES = (
    "notizblock",
    "notebook",
    "notepad",
    "nicht zur veröffentlichung bestimmt",
    "for publication",
)
_MAY_BE_PRIVATE = Cues(
    *("ffentlichung b", "FFENTLICHUNG B", "FFENTLICHUNG b", "ffentlichung B"),
    *("or publication", "OR PUBLICATION", "or Publication"),
)
_ONLY_INSIDE = re.compile(
    r"nicht zur Veröffentlichung bestimmt|not (?:intended )?for publication", re.IGNORECASE
)
_ADDRESS = re.compile(r"\]\((https?://[^()\s]+)\)")
_CORRECTED = re.compile(r"\burn:newsml:[^\s()<>\"']{8,120}")
_CLOSING = re.compile(r"[a-zA-Z][\w-]{1,12}(?:[ ][\w/äöüß.+-]{1,16}){1,9}")
_AGENCY = re.compile(r"[^\n(]{0,90}\((?P<agency>[^()\n]{2,40})\)\s[-–_]{1,2}\s")
_LEADS = 3  # paragraphs among which the one with the dateline is looked for
_HEAD_LINES = 14
_CLOSING_LENGTH = 70


def sniff(head: bytes) -> bool:
    """Tell whether *head* begins a message of a teletype wire, with or without its control characters."""
    words = encoding.glance(head)
    bare = words.lstrip("\x16\x7f\x00\x01 \r\n")
    return _HEADER.match(bare) is not None or teletype.is_anpa(bare)


def read(raw: bytes, provider: str) -> Iterable[Take | WireError]:
    """Yield a take for each message in *raw*; a year that the footer leaves out is not known, nor is then the time.

    Raises:
        WireError: there is no message, or it is larger than any item may be.
    """
    return read_at(raw, provider, None)


def read_at(raw: bytes, provider: str, received_at: datetime | None) -> Iterator[Take | WireError]:
    """Yield what `read` yields; a year that the footer leaves out is the latest not after *received_at*."""
    for message in teletype.messages(raw):
        words = charset.decode(teletype.unix(message))
        bare = words.lstrip("\x16\x7f\x00 \r\n")
        try:
            if header := _HEADER.match(bare):
                bare = bare[: header.end()] + din66003.read(bare[header.end() :])
                yield _take(teletype.frame(bare, header.end(), received_at), header, provider)
            elif teletype.is_anpa(bare):
                yield teletype.anpa(bare, provider, FORMAT.name)
            else:
                raise WireError("header: is none of IPTC 7901 or ANPA 1312")
        except WireError as error:
            yield error


def _take(frame: Frame, header: re.Match[str], provider: str) -> Take:
    service, number, source = header["service"], header["number"], header["source"]
    keywords, rest = _keywords(frame)
    head, copy = _parted(rest)
    brackets, byline, title = _head(head)
    copy, inside = _without_notepad(copy)
    copy, sign_off, inside = _closing(copy, inside)
    paragraphs = wrapped.paragraphs(copy)
    if not title and not paragraphs:
        raise NotAStory("text: the message is empty")
    if not title:
        raise WireError("headline: missing")
    genre, notes, orders = _sorted(brackets)
    opening = f"{title} {' '.join(paragraphs[0])}" if paragraphs else title
    is_withdrawn = any(_WARNS.fullmatch(one) for one in brackets) and _WITHDRAWN.search(opening) is not None
    teaser, paragraphs = _teaser(paragraphs, source)
    body = "\n".join(
        filter(
            None, [*(f"<p>{_escaped(one)}</p>" for one in orders), wrapped.to_html(paragraphs, headings=True)]
        )
    )
    if inside:
        notes.append(Note("notepad", inside))
    flat_inside = inside.replace("\n", "") if inside else ""
    return Take(
        format=FORMAT.name,
        provider=provider or source or fields.UNKNOWN,
        guid=teletype.guid("iptc7901", source or service, frame, f"{service}{number}", number),
        headline=title,
        headline_raw=title,
        version_created=frame.at,
        status=CANCELED if is_withdrawn else USABLE,
        urgency=fields.urgency(header["priority"]),
        byline=byline,
        sign_off=sign_off,
        teaser=teaser,
        body_html=body,
        credit=source,
        subjects=(
            Subject("dpacat" if (source or "").startswith("dpa") else "category", header["category"]),
            *keywords,
        ),
        genre=genre,
        signals=tuple(_signals(orders)),
        notes=tuple(notes),
        links=tuple(_links(flat_inside, inside)),
    )


def _keywords(frame: Frame) -> tuple[list[Subject], str]:
    """Return the keywords in front of the text, and the text; a line that ends with a slash is keywords where nothing marks the text."""
    told, copy = frame.before, frame.text
    if not frame.is_marked:
        first, _, rest = copy.lstrip("\n").partition("\n")
        told, copy = (first, rest) if first.rstrip().endswith("/") else ("", copy)
    words = map(text.line, told.replace("\n", "/").split("/", _MOST_KEYWORDS)[:_MOST_KEYWORDS])
    return [Subject("keyword", one) for one in dict.fromkeys(words) if one], copy


def _parted(copy: str) -> tuple[list[str], str]:
    """Part the head, which a line ending with an equals sign closes, from the text."""
    lines = copy.lstrip("\n").split("\n", _HEAD_LINES)
    for place, line in enumerate(lines[:_HEAD_LINES]):
        if line.rstrip().endswith("="):
            head = [*lines[:place], line.rstrip()[:-1]]
            return head, "\n".join(lines[place + 1 :])
    for place, line in enumerate(lines):
        if not line.strip():
            return lines[:place], "\n".join(lines[place + 1 :])
    return lines[:1], "\n".join(lines[1:])


def _head(lines: Sequence[str]) -> tuple[list[str], str | None, str]:
    """Return what of a head stands in brackets, the byline and the headline."""
    whole = "\n".join(line.strip() for line in lines if line.strip())
    brackets: list[str] = []
    if "(" in whole:
        kept, at = [], 0
        for found in _BRACKETS.finditer(whole):
            # Only brackets that fill their lines are remarks; others belong to the headline.
            if (found.start() and whole[found.start() - 1] != "\n") or whole[
                found.end() : found.end() + 1
            ].strip("\n"):
                continue
            brackets.append(text.line(found[1]))
            kept.append(whole[at : found.start()])
            at = found.end()
        whole = "".join([*kept, whole[at:]])
    title: list[str] = []
    byline = None
    for line in filter(None, whole.split("\n")):
        if title and byline is None and _BYLINE.fullmatch(line):
            byline = text.line(line)
        else:
            title.append(line)
    return brackets, byline, text.line(" ".join(title))


def _sorted(brackets: Sequence[str]) -> tuple[str | None, list[Note], list[str]]:
    """Sort remarks into the genre, notes to editors, and orders that the copydesk must read in the copy."""
    genre, notes, orders = None, [], []
    for one in filter(None, brackets):
        if _PICTURE.match(one):
            notes.append(Note("picture", one))
        elif _SHOUTS.fullmatch(one):
            notes.append(Note("advisory", one))
        elif _FOR_THE_DESK.search(one):
            orders.append(f"({one})")
        elif genre is None:
            genre = one
        else:
            notes.append(Note("advisory", one))
    return genre, notes, orders


def _signals(orders: Sequence[str]) -> Iterator[str]:
    if any(_CORRECTS.match(one) for one in orders):
        yield "sig:correction"
    elif any(_UPDATES.match(one) for one in orders):
        yield "sig:update"


def _without_notepad(copy: str) -> tuple[str, str]:
    """Part what is for editors, from its heading or warning to the end, from the text."""
    start = _private_start(copy)
    return (copy, "") if start is None else (copy[:start], copy[start:].strip())


def _private_start(copy: str) -> int | None:
    """Return where the first line begins that says that it and all behind it is for editors."""
    if "#" not in copy and not _MAY_BE_PRIVATE.within(copy):
        return None
    lowered = copy.lower()
    if len(lowered) != len(copy):  # some letters have no small one of their own
        found = _PRIVATE.search(copy)
        return found.start() if found else None
    lines = set()
    for cue in _PRIVATE_CUES:
        at = lowered.find(cue)
        while at >= 0:
            lines.add(copy.rfind("\n", 0, at) + 1)
            behind = copy.find("\n", at)  # each line is looked at once, however often the cue stands in it
            at = lowered.find(cue, behind) if behind >= 0 else -1
    return next((start for start in sorted(lines) if _PRIVATE.match(copy, start)), None)


def _closing(copy: str, inside: str) -> tuple[str, str | None, str]:
    """Take the closing line off the end of what comes last, the text or its notes."""
    last = inside or copy
    head, _, line = last.rstrip().rpartition("\n")
    line = line.strip()
    is_alone = not head or head.endswith("\n") or not head.rpartition("\n")[2].strip()
    if (
        not head
        or not is_alone
        or len(line) > _CLOSING_LENGTH
        or not _CLOSING.fullmatch(line)
        or line[-1] == "."
    ):
        return copy, None, inside
    return (copy, line, head.rstrip()) if inside else (head, line, inside)


def _teaser(paragraphs: list[list[str]], source: str | None) -> tuple[str | None, list[list[str]]]:
    """Take what stands before the paragraph with the dateline for the teaser."""
    for place, one in enumerate(paragraphs[:_LEADS]):
        found = _AGENCY.match(" ".join(one[:2]))
        if found and (not source or source.split("-")[0].lower() in found["agency"].lower()):
            if not place:
                break
            limit = wrapped.width(paragraphs)
            return "\n\n".join(
                wrapped.joined(lead, limit) for lead in paragraphs[:place]
            ) or None, paragraphs[place:]
    return None, paragraphs


def _links(flat: str, inside: str) -> Iterator[Link]:
    """Yield the addresses for readers, and the item that a correction names."""
    for named in dict.fromkeys(_CORRECTED.findall(inside)) if "urn:newsml:" in inside else ():
        yield Link("previousVersion", guid=named.rstrip(".,;"))
    public = _ONLY_INSIDE.split(flat, maxsplit=1)[0] if flat else ""
    for address in dict.fromkeys(_ADDRESS.findall(public.replace(" ", "") if "](" in public else "")):
        yield Link("seeAlso", address)


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMAT = WireFormat("iptc7901", sniff, read, "IPTC 7901 and ANPA 1312, the text of teletype wires", read_at)
