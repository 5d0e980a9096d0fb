"""What changed from one version to the next, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME = "same"
ADDED = "added"
REMOVED = "removed"

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 6_000  # above this, paragraphs are compared whole: word by word would take seconds
_ALIKE = 0.35  # paragraphs with less in common are shown as one taken out and one put in


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a comparison; `is_changed` is false where it stayed as it was."""

    pieces: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        """Tell whether anything came or went."""
        return any(piece.kind != SAME for piece in self.pieces)


def compare(old: str, new: str) -> list[Paragraph]:
    """Return the paragraphs of *old* and *new*, parted by blank lines, as one text with its changes marked."""
    before, after = _paragraphs(old), _paragraphs(new)
    small = len(old) + len(new) < _MOST_WORDS * 12
    found: list[Paragraph] = []
    for tag, i, k, j, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraph((Piece(SAME, text),)) for text in before[i:k]]
        else:
            found += _changed(before[i:k], after[j:m], words=small)
    return found


def compare_words(old: str, new: str) -> Paragraph:
    """Return one line of text, such as a headline, with its changes marked."""
    return Paragraph(_words(old, new))


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _changed(old: Sequence[str], new: Sequence[str], *, words: bool) -> list[Paragraph]:
    """Pair what was replaced with what is most like it, in order; what has no pair came or went whole."""
    found: list[Paragraph] = []
    taken = 0
    for text in new:
        partner = None
        if words:
            alike = [(_likeness(one, text), -place) for place, one in enumerate(old[taken:])]
            best = max(alike, default=(0.0, 0))
            partner = taken - best[1] if best[0] >= _ALIKE else None
        if partner is None:
            found.append(Paragraph((Piece(ADDED, text),)))
            continue
        found += [Paragraph((Piece(REMOVED, one),)) for one in old[taken:partner]]
        found.append(Paragraph(_words(old[partner], text)))
        taken = partner + 1
    gone = [Paragraph((Piece(REMOVED, one),)) for one in old[taken:]]
    return gone + found if not taken else found + gone


def _likeness(old: str, new: str) -> float:
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0


def _words(old: str, new: str) -> tuple[Piece, ...]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    for tag, i, k, j, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(SAME, "".join(before[i:k])))
            continue
        if i < k:
            pieces.append(Piece(REMOVED, "".join(before[i:k])))
        if j < m:
            pieces.append(Piece(ADDED, "".join(after[j:m])))
    return _joined(pieces)


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Let a change reach over a lone space between two changes: one phrase reads better than its splinters."""
    runs: list[Piece] = []
    at = 0
    while at < len(pieces):
        removed = added = ""
        while at < len(pieces):
            one = pieces[at]
            lone = one.kind == SAME and one.text.isspace() and at + 1 < len(pieces) and (removed or added)
            if one.kind == SAME and not lone:
                break
            if one.kind != ADDED:
                removed += one.text
            if one.kind != REMOVED:
                added += one.text
            at += 1
        if removed.strip():
            runs.append(Piece(REMOVED, removed))
        if added.strip():
            runs.append(Piece(ADDED, added))
        elif added and not removed.strip():
            runs.append(Piece(SAME, added))
        if at < len(pieces):
            runs.append(pieces[at])
            at += 1
    return tuple(runs)
