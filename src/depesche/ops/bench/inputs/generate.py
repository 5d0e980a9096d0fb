"""Invented issuers and stories, seeded: the same numbers give the same news on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from depesche.instruments.lexicon.names import core, tiered
from depesche.lib.text import slugify
from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument, Listing, Name
from depesche.model.take import Dateline, Series, Take
from depesche.ops.bench.inputs import phrases

SEED = 7_340_033
PROVIDER = "Kontor Elbmark"
START = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)
_STEP = timedelta(seconds=20)
_LENGTH = 3_000  # characters of copy
_PARAGRAPH = 450
_MENTIONING = 1 / 3
_SOURCE = "editor"


def moment(number: int) -> datetime:
    """Return when the story of that *number* appears."""
    return START + number * _STEP


@dataclass(frozen=True, slots=True)
class Story:
    """An invented story before any wire has written it down; `issuers` are those its copy names."""

    number: int
    at: datetime
    language: str
    series: Series | None
    headline: str
    place: str
    paragraphs: tuple[str, ...]
    issuers: tuple[Instrument, ...]

    @property
    def guid(self) -> str:
        """The provider's name for it."""
        return f"urn:newsml:kontor-elbmark.example:{self.at:%Y%m%d}:{self.number}"

    @property
    def headline_raw(self) -> str:
        """The headline with its series in front, as wires send it."""
        if self.series is None:
            return self.headline
        number = f" {self.series.number}" if self.series.number else ""
        return f"{self.series.kind}{number}/{self.series.topic}: {self.headline}"

    @property
    def copy(self) -> tuple[str, ...]:
        """The paragraphs as wires send them: the dateline in the first, a sign-off at the end."""
        first, *others = self.paragraphs
        return (f"{self.place} ({PROVIDER}) - {first}", *others, "/ke/mf/st")

    @property
    def body_html(self) -> str:
        """The copy as HTML."""
        return "".join(f"<p>{escape(one, quote=False)}</p>" for one in self.copy)


def register(n: int, seed: int = SEED) -> list[Instrument]:
    """Return *n* invented shares with names of two or three made-up words, judged as a register is."""
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    made: dict[str, Instrument] = {}
    while len(made) < n:
        stem = "".join(_one(rng, phrases.SYLLABLES) for _ in range(rng.choice((2, 3, 3, 4)))).capitalize()
        name = f"{stem} {_one(rng, phrases.TRADES)} {_one(rng, phrases.FORMS)}"
        made.setdefault(f"{stem}", _instrument(len(made), name))
    return tiered(list(made.values()))


def _instrument(number: int, name: str) -> Instrument:
    isin = isin_with_check_digit(f"ZZ{number:09d}")
    return Instrument(
        isin=isin,
        name=name,
        country="ZZ",
        listings=(Listing("XETR", f"Q{number:X}", "EUR"),),
        names=(Name(name, "", _SOURCE), Name(core(name), "", _SOURCE)),
        source=_SOURCE,
    )


def stories(
    n: int, issuers: Sequence[Instrument], seed: int = SEED, mentioning: float = _MENTIONING
) -> Iterator[Story]:
    """Yield *n* stories of about 3,000 characters, one every 20 seconds.

    A share *mentioning* of them is about one to three of *issuers*, the first ones most often; every tenth is
    part of a series; three of four are German, the others English.
    """
    rng = random.Random(seed)  # noqa: S311 - play, not secrets
    for number in range(1, n + 1):
        about: tuple[Instrument, ...] = ()
        if issuers and rng.random() < mentioning:
            about = tuple(dict.fromkeys(_popular(rng, issuers) for _ in range(rng.randint(1, 3))))
        yield _story(rng, number, about)


def _popular(rng: random.Random, issuers: Sequence[Instrument]) -> Instrument:
    return issuers[int(len(issuers) * rng.random() ** 2)]


def _story(rng: random.Random, number: int, about: tuple[Instrument, ...]) -> Story:
    speech = phrases.ENGLISH if rng.random() < 0.25 else phrases.GERMAN
    headline = speech.sentence(rng, about[0].name if about else None).removesuffix(".")
    series = None
    if rng.random() < 0.1:
        series = Series("ROUNDUP", rng.choice((None, 2, 3)), speech.noun(rng))
    names = [one.name for one in about] + [core(one.name) for one in about]
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < _LENGTH:
        sentences: list[str] = []
        while sum(map(len, sentences)) < _PARAGRAPH:
            # The first sentences name every issuer in full, as leads do.
            name = names.pop(0) if names else None
            sentences.append(speech.sentence(rng, name))
        paragraphs.append(" ".join(sentences))
    return Story(
        number,
        moment(number),
        speech.language,
        series,
        headline[0].upper() + headline[1:],
        _one(rng, phrases.PLACES),
        tuple(paragraphs),
        about,
    )


def take(story: Story) -> Take:
    """Return *story* as a take that has been through the copydesk."""
    return Take(
        format="bench",
        provider=PROVIDER,
        guid=story.guid,
        headline=story.headline,
        headline_raw=story.headline_raw,
        version="1",
        version_created=story.at,
        first_created=story.at,
        urgency=5,
        language=story.language,
        series=story.series,
        dateline=Dateline((story.place,), PROVIDER),
        sign_off="/ke/mf/st",
        teaser=story.paragraphs[0][:200],
        body_html="".join(f"<p>{escape(one, quote=False)}</p>" for one in story.paragraphs),
        body_text="\n\n".join(story.paragraphs),
        canonical_url=f"https://kontor-elbmark.example/{slugify(story.headline)}-{story.number}",
    )


def _one(rng: random.Random, choices: Sequence[str]) -> str:
    return choices[int(rng.random() * len(choices))]
