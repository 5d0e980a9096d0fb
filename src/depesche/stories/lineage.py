"""Which running story a take continues, and which story it repeats."""

from __future__ import annotations

import re
import unicodedata

from depesche.model.take import Series, Take

# Labels that say how a take relates to an earlier one, not what kind of story it is.
_REPEATS = (
    "WDH",
    "KORREKTUR",
    "BERICHTIGUNG",
    "CORRECTED",
    "CORRECTED-(OFFICIAL)",
    "REFILE",
    "RPT",
    "CORRECTION",
)
_CORRECTS = ("KORREKTUR", "BERICHTIGUNG", "CORRECTED", "CORRECTED-(OFFICIAL)", "CORRECTION")
# Topics under which a new story is written every day: the same words are not the same story.
_DAILY = re.compile(
    r"aktien|devisen|anleihen|rohstoffe|ölpreis|goldpreis|aktualisiert|wochenausblick|tagesvorschau|überblick|presse|stocks",
    re.IGNORECASE,
)
_CONTINUING = re.compile(
    r"derivedfrom|evolvedfrom|previousversion|previous|continues|updates|replaces|supersedes", re.IGNORECASE
)


def fold(text: str) -> str:
    """Reduce *text* to its letters and digits, case and compatibility forms gone, for comparing headlines and topics."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", plain))


def labels(series: Series | None) -> tuple[str, ...]:
    """Return the single labels of a series: `WDH/ROUNDUP` has two."""
    return _split(series.kind) if series else ()


def _split(kind: str | None) -> tuple[str, ...]:
    return tuple(part.strip().upper() for part in kind.split("/")) if kind else ()


def repeats(kind: str | None) -> bool:
    """Tell whether a series of *kind* says that it repeats an earlier story."""
    return any(label in _REPEATS for label in _split(kind))


def is_repeat(take: Take) -> bool:
    """Tell whether *take* says of itself that it repeats an earlier story, corrected or not."""
    return repeats(take.series.kind if take.series else None)


def is_correction(take: Take) -> bool:
    """Tell whether *take* corrects: by its label, or by a note that says what was wrong."""
    return any(label in _CORRECTS for label in labels(take.series)) or any(
        note.role.startswith("correction") for note in take.notes
    )


def public_correction(take: Take) -> str | None:
    """Return what readers may be told of a correction or a kill."""
    said = [
        note.text
        for note in take.notes
        if note.public and note.role.startswith(("correction", "kill", "withdrawal"))
    ]
    return "\n".join(said) or None


def headline_key(take: Take) -> str:
    """Return the folded headline with its series, repeat labels left out: a WDH has the key of what it repeats."""
    series = take.series
    kinds = [label for label in labels(series) if label not in _REPEATS]
    number = str(series.number) if series and series.number else ""
    topic = fold(series.topic) if series and series.topic else ""
    return "|".join(("/".join(kinds), number, topic, fold(take.headline)))[:500]


def series_key(take: Take) -> str | None:
    """Return the key under which takes of one running series meet, or None for a take that runs alone.

    `ROUNDUP/Hafenstreik`, `ROUNDUP 2/Hafenstreik` and `WDH/ROUNDUP 2/Hafenstreik` of one provider share it.
    """
    series = take.series
    if series is None or not series.topic or _DAILY.match(series.topic.strip()):
        return None
    kinds = [label for label in labels(series) if label not in _REPEATS]
    topic = fold(series.topic)
    return f"{take.provider}|{'/'.join(kinds)}|{topic}" if kinds and topic else None


def continued(take: Take) -> tuple[str, ...]:
    """Return the guids of the items that *take* says it continues or replaces."""
    return tuple(
        link.guid
        for link in take.links
        if link.guid and _CONTINUING.search(link.rel.replace("-", "").replace("_", ""))
    )
