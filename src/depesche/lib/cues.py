"""Asks copy in one go which of many words stand in it, so that what can only follow such a word is not looked for at length."""

from __future__ import annotations

from ahocorasick_rs import BytesAhoCorasick, MatchKind

_NONE: frozenset[str] = frozenset()
_LONG = 100_000  # characters: the list of all places in longer copy can fill the memory


class Cues:
    """Words to be found as they are written.

    Those of one letter make the search slow, and so do several that begin with the same common letters.
    """

    def __init__(self, *words: str) -> None:
        self._words = words
        # Leftmost matches alone are looked for by several bytes at once, which is ten times as fast.
        self._narrow = BytesAhoCorasick(
            [one.encode("latin-1") for one in words], matchkind=MatchKind.LeftmostFirst
        )
        self._wide = BytesAhoCorasick([one.encode() for one in words], matchkind=MatchKind.LeftmostFirst)
        # Where two matches overlap, the second is not told.
        self._hidden = [[other for other in words if _overlap(one, other)] for one in words]

    def within(self, text: str) -> frozenset[str]:
        """Return those of the words that stand in *text*."""
        if len(text) > _LONG:
            return frozenset([word for word in self._words if word in text])
        try:  # most copy is stored in one byte a character, and this only copies them
            hits = self._narrow.find_matches_as_indexes(text.encode("latin-1"))
        except UnicodeEncodeError:
            hits = self._wide.find_matches_as_indexes(text.encode("utf-8", "surrogatepass"))
        if not hits:
            return _NONE
        found = {place for place, _, _ in hits}
        hidden = {word for place in found for word in self._hidden[place] if word in text}
        return frozenset(hidden.union([self._words[place] for place in found]))


def _overlap(one: str, other: str) -> bool:
    """Tell whether *other*, which is another word, can begin inside *one* or hold it."""
    if one == other:
        return False
    return one in other or other in one or any(one.endswith(other[:size]) for size in range(1, len(other)))
