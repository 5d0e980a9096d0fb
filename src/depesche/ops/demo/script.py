"""What the demo plays: the wires, the back-story and the scenes of the live wire."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from depesche.model.instrument import STRONG, Instrument, Listing, Name

CONTENT = Path(__file__).parent / "content"
PICTURES = CONTENT / "pictures"
SOURCE = "editor"  # somebody chose these names one by one, so a single word of them may link


@dataclass(frozen=True, slots=True)
class Scene:
    """A file that comes in over a wire, *at* seconds after the live wire begins."""

    at: float
    path: Path

    @property
    def wire(self) -> str:
        """The wire, which is the second part of the file's name."""
        return self.path.stem.split("-")[1]


@dataclass(frozen=True, slots=True)
class Follower:
    """A reader of the demo who follows shares by e-mail."""

    address: str
    language: str
    isins: tuple[str, ...]


FOLLOWERS = (
    Follower("mira@leserin.example", "de", ("ZZ000ELB9017", "ZZ000PLD3031")),
    Follower("jonas@reader.example", "en", ("ZZ000ELB9017", "ZZ000LVH4508", "ZZ000VTD7770")),
)

_LIVE = (
    (4, "01-nwd-hafenstreik-1.json"),
    (14, "02-harbour-strike.xml"),
    (22, "03-marktnotizen.rss"),
    (30, "04-nwd-luvhaven-zahlen.xml"),
    (40, "05-nwd-pellandis-bieter.xml"),
    (52, "06-nwd-voltrund-auftrag.json"),
    (64, "07-nwd-grenzkonflikt-2.xml"),
    (76, "08-pflichtblatt-tollhagen.xml"),
    (86, "09-nwd-hafenstreik-2.json"),
    (96, "10-kps-moewenwerft.atom"),
    (112, "11-nwd-voltrund-auftrag-korrektur.json"),
    (126, "12-nwd-pellandis-kill.xml"),
    (138, "13-nwd-luvhaven-fokus.json"),
    (150, "14-harbour-quillmere.json"),
    (162, "16-anlegerwelt.json"),
    (176, "17-nwd-hafenstreik-3.json"),
    (190, "18-nwd-kranichzug-wdh.json"),
    (204, "19-nwd-silvanor-flash.json"),
    (218, "20-harbour-strike-ends.xml"),
    (234, "21-nwd-analyse.json"),
    (252, "22-nwd-blauwelle.json"),
    (270, "24-harbour-tidewheel.xml"),
    (290, "23-nwd-markt3.json"),
)

END = 300  # seconds after which the last scene has had its effect


def archive() -> list[Scene]:
    """Return the files of the past two days, oldest first; their names begin with their place."""
    return [Scene(0, path) for path in sorted((CONTENT / "archive").iterdir())]


def live() -> list[Scene]:
    """Return the scenes of the live wire, in order."""
    return [Scene(at, CONTENT / "live" / name) for at, name in _LIVE]


def instruments() -> Iterator[Instrument]:
    """Yield the invented issuers of the demo's register."""
    with (CONTENT / "register.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = (row["name"], *row["aliases"].split("|"))
            yield Instrument(
                isin=row["isin"],
                name=row["name"],
                wkn=row["wkn"],
                country=row["country"],
                issuer=row["name"],
                listings=(Listing(row["mic"], row["ticker"], row["currency"]),),
                names=tuple(Name(name, STRONG, SOURCE) for name in dict.fromkeys(names)),
                source=SOURCE,
            )
