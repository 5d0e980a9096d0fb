"""Every sample yields exactly the takes written beside it; agencies' own items, where present, yield stories or reasons."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from depesche.model.errors import WireError
from depesche.model.take import Take
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

ROOT = Path(__file__).parents[2]
SAMPLES = sorted(
    path
    for path in (ROOT / "tests/samples").rglob("*.*")
    if path.is_file() and not path.name.endswith(".takes.json")
)
REAL = ROOT.parent / "shared" / "samples"
FORMATS = wire_format.load()

# What must stay inside: telephone numbers and mail addresses of the agencies' notes.
_PRIVATE = re.compile(r"\+\d{2}[\s\d()-]{6,}|\b0555[\s\d-]+|[\w.-]+@[\w.-]+\.\w+|dpa \w+/\w+ yy\w\w")


def read(path: Path) -> list[dict[str, Any]]:
    """Return what `depesche parse` says of the file at *path*."""
    found = parse.takes(path.read_bytes(), FORMATS)
    return [
        parse.as_json(copydesk.edit(one))
        if isinstance(one, Take)
        else {"error": str(one), "kind": type(one).__name__}
        for one in found
    ]


def shown(take: dict[str, Any]) -> str:
    """Everything of a take that readers may see."""
    public = {
        name: value for name, value in take.items() if name not in {"notes", "sign_off", "guid", "format"}
    }
    return json.dumps([public, [note for note in take["notes"] if note["public"]]], ensure_ascii=False)


def test_there_are_samples_of_every_format() -> None:
    assert {path.parent.name for path in SAMPLES} == set(FORMATS)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_yields_its_takes(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.stem}.takes.json").read_text())
    assert read(path) == expected
    assert wire_format.recognise(path.read_bytes(), FORMATS).name == path.parent.name


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_shows_no_private_word(path: Path) -> None:
    for take in read(path):
        if "error" not in take:
            assert not _PRIVATE.search(shown(take))


def test_the_same_item_under_a_given_provider_carries_its_name() -> None:
    for path in SAMPLES:
        for one in parse.takes(path.read_bytes(), FORMATS, path.parent.name, "Küstenbote"):
            assert isinstance(one, WireError) or one.provider == "Küstenbote"


if REAL.is_dir():  # not everyone has agencies' own items
    ITEMS = sorted(path for path in REAL.rglob("*.*") if path.suffix != ".md")
    NO_STORIES = {
        "iptc-listing-1.xml": "contentSet: the body is empty",
        "iptc-listing-25.xml": "contentSet: is a part of an item, not an item",
        "iptc-listing-3.xml": "itemClass: picture is no story",
    }

    @pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.name)
    def test_an_agencys_item_is_a_story_or_refused_by_name(path: Path) -> None:
        found = read(path)
        assert len(found) == 1
        if path.name in NO_STORIES:
            assert found[0]["error"] == NO_STORIES[path.name]
            return
        take = found[0]
        assert take["headline"]
        assert len(take["body_text"]) > 60
        assert wire_format.recognise(path.read_bytes(), FORMATS).name == take["format"]
        assert take["version_created"].endswith("Z")
        assert take["body_html"].startswith(("<p>", "<ul>"))
        assert not re.search(r"\((?:dpa|AP)\) -", take["body_text"])
        assert not _PRIVATE.search(shown(take))

    def test_one_story_in_two_majors_is_one_story() -> None:
        older, newer = (read(REAL / "ninjs" / name)[0] for name in ("2.1-dpa_text.json", "3.0-dpa_text.json"))
        assert older == newer

    def test_one_story_in_two_formats_has_the_same_words() -> None:
        for name in ("dpa-eil", "dpa-with_dateline", "dpa-dw-1"):
            raw = json.loads((REAL / "digitalwires" / f"{name}.json").read_text())
            take = read(REAL / "newsml_g2" / f"{name}.xml")[0]
            assert take["headline"] == raw["headline"]
            assert take["byline"] == raw["byline"]
            assert take["teaser"] == raw["teaser"]
            assert f"{take['dateline']['places'][0]} ({take['dateline']['agency']}) - " == raw["dateline"]
            bare = re.sub(r"<[^>]+>|\s", "", raw["article_html"].replace("\xa0", " "))
            flat = re.sub(r"\s", "", take["body_text"])
            assert bare.removeprefix(re.sub(r"\s", "", raw["dateline"])) == flat
            private = json.dumps(raw["notepad"]["nonpublic_html"] or "", ensure_ascii=False)
            for secret in _PRIVATE.findall(private):
                assert secret not in shown(take)
