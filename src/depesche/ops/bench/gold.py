"""How good the linker is: invented stories labelled by hand, scored in totals by language, those it was tuned on and those never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from depesche.instruments.linking import linkfile
from depesche.instruments.linking.linker import Linker
from depesche.model.instrument import Instrument
from depesche.ops.bench.tools.trial import Figures, rounded

FOLDER = Path(__file__).parents[4] / "tests" / "gold"
"""Where the stories lie beside the sources; an installed package has none."""

LANGUAGES = ("de", "en")
UNSEEN = "unseen"
FRESH = "fresh"
"""What the names of the files begin with whose stories nobody reads while the linker is tuned: those that were scored once before it
was tuned again, and those written since.
"""

ABSENT = "not_in_register"
"""The trap whose labels no share of the register can answer."""


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A listed company that is meant, by the ISIN of its primary share, and whether the story is about it."""

    isin: str
    about: bool


class GoldStory(msgspec.Struct, frozen=True):
    """A story with its labels; `trap` is what is meant to go wrong."""

    id: str
    headline: str
    body_text: str
    language: str
    provider: str
    labels: list[Label]
    identifiers: list[dict[str, str | None]] = []
    trap: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Totals over some stories; *recall* counts all labels, *found* those of which a story is about."""

    stories: int
    published: int
    right: int
    about: int
    labels: int
    labels_published: int
    subjects: int
    subjects_published: int
    abstained: int

    def figures(self) -> Figures:
        """Return the totals with their shares, null where there is nothing to divide by."""
        return {
            "stories": self.stories,
            "published": self.published,
            "right_issuer": _share(self.right, self.published),
            "aboutness": _share(self.about, self.published),
            "recall": _share(self.subjects_published, self.subjects),
            "recall_of_all_named": _share(self.labels_published, self.labels),
            "abstained": self.abstained,
            "silent": self.subjects - self.subjects_published - self.abstained,
        }


def read(name: str, folder: Path = FOLDER) -> list[GoldStory]:
    """Return the stories of file *name* (a language, or `unseen-` or `fresh-` and a language), in their order."""
    return msgspec.json.Decoder(GoldStory).decode_lines((folder / f"{name}.jsonl").read_bytes())


def sets(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """Return the sets of stories in *language* that are at hand, with the names of their files."""
    named = {"tune": language, **{kind: f"{kind}-{language}" for kind in (UNSEEN, FRESH)}}
    return {kind: name for kind, name in named.items() if (folder / f"{name}.jsonl").is_file()}


def score(linker: Linker, instruments: Iterable[Instrument], stories: Iterable[GoldStory]) -> Result:
    """Link *stories* and count; any share of the labelled issuer counts as the issuer."""
    issuers = {one.isin: one.issuer or one.isin for one in instruments}
    totals: Counter[str] = Counter()
    for story in stories:
        totals += _count(linker, issuers, story)
    return Result(**{name: totals[name] for name in Result.__slots__})


def _count(linker: Linker, issuers: Mapping[str, str], story: GoldStory) -> Counter[str]:
    _, take = linkfile.read_story(msgspec.to_builtins(story))
    mentions = linker.link(take)
    published = {issuers[one.isin] for one in mentions if one.published}
    waiting = {issuers[one.isin] for one in mentions} - published
    known = [one for one in story.labels if story.trap != ABSENT]
    meant = {issuers.get(one.isin, one.isin) for one in known}
    subjects = {issuers.get(one.isin, one.isin) for one in known if one.about}
    return Counter(
        stories=1,
        published=len(published),
        right=len(published & meant),
        about=len(published & subjects),
        labels=len(meant),
        labels_published=len(published & meant),
        subjects=len(subjects),
        subjects_published=len(published & subjects),
        abstained=len(waiting & subjects),
    )


def measure(linker: Linker, instruments: Iterable[Instrument]) -> Figures | None:
    """Return the figures of both languages, by set; None where the stories are not at hand."""
    if not FOLDER.is_dir():
        return None
    listed = list(instruments)
    return {
        language: {kind: score(linker, listed, read(name)).figures() for kind, name in sets(language).items()}
        for language in LANGUAGES
    }


def _share(part: int, whole: int) -> float | None:
    return rounded(part / whole) if whole else None
