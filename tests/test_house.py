"""House rules that no linter knows: what must be said, documented, and never appear."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "depesche"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
DOCS = "\n".join(path.read_text() for path in sorted((ROOT / "docs").rglob("*.md")))

sys.path.insert(0, str(ROOT / "tools"))


@pytest.mark.parametrize("file", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_say_what_they_are_for(file: Path) -> None:
    text = file.read_text()
    assert text.startswith('"""'), "say what this module is for"
    if not file.is_relative_to(SOURCE / "store" / "migrations" / "versions"):
        assert re.match(r'(?s)""".+?[.?!]\n?(\n.*?)?"""', text), "a sentence ends with a full stop"


@pytest.mark.parametrize("file", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_clock_reads_the_clock(file: Path) -> None:
    if file != SOURCE / "lib" / "clock.py":
        found = re.findall(r"\b(?:datetime\.now|datetime\.utcnow|time\.time|date\.today)\(", file.read_text())
        assert not found, "ask lib/clock"


def test_settings_and_commands_are_documented() -> None:
    import reference

    written = ROOT / "docs" / "reference"
    assert (written / "settings.md").read_text() == reference.settings_page(), "run tools/reference.py"
    assert (written / "commands.md").read_text() == reference.commands_page(), "run tools/reference.py"


def test_every_setting_has_a_help_text() -> None:
    from depesche.settings import Settings, WireSettings

    for kind in (Settings, WireSettings):
        assert [name for name, field in kind.model_fields.items() if not field.description] == []


def test_plug_ins_are_documented() -> None:
    from depesche.alerts.channel import channel_types
    from depesche.instruments.importer import importers
    from depesche.wires import format as wire_format

    for name in [*wire_format.load(), *channel_types(), *importers()]:
        assert re.search(rf"\b{re.escape(name)}\b", DOCS), f"{name} is not in docs/"


def test_dependencies_are_explained() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    explained = (ROOT / "docs" / "dependencies.md").read_text()
    for line in wanted:
        name = re.split(r"[\[<>=~! ]", line)[0]
        assert re.search(rf"(?m)^\| `{re.escape(name)}` \|", explained), (
            f"{name} is not in docs/dependencies.md"
        )


def test_the_version_is_the_changelogs() -> None:
    from importlib.metadata import version

    first = re.search(r"(?m)^## (\d+\.\d+\.\d+\S*)", (ROOT / "CHANGELOG.md").read_text())
    assert first is not None
    assert version("depesche") == first[1]


def test_nothing_of_the_workplace_is_in_the_tree() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = re.compile(r"(?<![\w.])/" + "work/|" + r"\bsub" + r"agents?\b|\.lib" + "rary/")
    for name in listed.split("\n"):
        path = ROOT / name
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".html", ".css", ".js", ".txt", ""}:
            found = words.search(path.read_text(errors="replace"))
            assert not found, f"{name}: {found and found[0]}"
