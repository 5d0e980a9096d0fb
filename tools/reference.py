"""Write the reference pages that follow from the code: settings and commands."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from depesche.cli import app
from depesche.newsroom import Newsroom
from depesche.portal.api.interface import Interface
from depesche.portal.site import Site
from depesche.settings import PREFIX, AdvertSettings, Settings, WireSettings

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"


def settings_page() -> str:
    """Return the page of settings."""
    lines = [
        "# Settings",
        "",
        "Strongest first: environment variables, files named by `…_FILE` (for secrets), `depesche.toml` in the working folder or at",
        f"`{PREFIX}CONFIG`. `depesche settings` prints what is in force; `depesche check` says what a public start still needs.",
        "",
        "| Environment | In `depesche.toml` | Default | What it is |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default is None or str(default) in {"", "**********", "()"} else f"`{default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | `{name}` | {shown} | {field.description} |")
    lines += [
        "",
        "## Wires",
        "",
        "Each incoming line is a `[[wires]]` table.",
        "",
        "| Key | Default | What it is |",
        "|---|---|---|",
    ]
    lines += _keys(WireSettings)
    lines += [
        "",
        "```toml",
        "[[wires]]",
        'name = "kontor"',
        'provider = "Kontor Presse Service"',
        'kind = "poll"',
        'url = "https://example.org/feed.xml"',
        'display = "teaser"',
        'notice = "Für den Inhalt ist allein der Anbieter verantwortlich."',
        "```",
        "",
        "## Advertisements",
        "",
        "There are none by default. Each is an `[[adverts]]` table: a picture, a text or a frame of another host, in a slot that keeps",
        "its room free, is labelled, and stands in no confirmation. Those in one slot take turns.",
        "",
        "| Key | Default | What it is |",
        "|---|---|---|",
        *_keys(AdvertSettings),
        "",
        "```toml",
        "[[adverts]]",
        'name = "tea"',
        'place = "story-rail"   # home-list, home-rail, story-text, story-rail, share-rail, search-rail',
        "width = 300",
        "height = 250",
        'picture = "adverts/tea.png"',
        'alt = "A pot of tea: Küstentee, from 3 euros"',
        'link = "https://example.org/tea"',
        "from = 2026-12-01",
        "until = 2026-12-24",
        "```",
    ]
    return "\n".join(lines) + "\n"


def _keys(table: type[BaseModel]) -> list[str]:
    rows = []
    for name, field in table.model_fields.items():
        default = "required" if field.is_required() else field.get_default(call_default_factory=True)
        shown = "" if default in (None, "", {}) else f"`{default}`"
        rows.append(f"| `{field.alias or name}` | {shown} | {field.description} |")
    return rows


def commands_page() -> str:
    """Return the page of commands."""
    lines = [
        "# Commands",
        "",
        "`.venv/bin/depesche COMMAND`. Commands with `--json` print one JSON object a line. Exit status 0 is success, 1 means that",
        "something was refused or not found (each with a line on standard error), 2 that the command line itself is wrong.",
        "",
    ]
    for name, command in sorted(_walk("", typer.main.get_command(app)), key=lambda found: found[0]):
        lines += [f"## depesche {name}", "", (command.help or "").strip(), ""]
        rows = []
        for one in command.params:
            if one.name == "help":
                continue
            label = ", ".join(one.opts) if one.param_type_name == "option" else (one.name or "").upper()
            rows.append(f"| `{label}` | {getattr(one, 'help', None) or ''} |")
        if rows:
            lines += ["| Argument or option | What it is |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _walk(prefix: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        full = f"{prefix} {name}".strip()
        if hasattr(command, "commands"):
            yield from _walk(full, command)
        else:
            yield full, command


def openapi_document() -> str:
    """Return the description of the API, as an installation at portal.example gives it."""
    with tempfile.TemporaryDirectory() as folder:
        room = Newsroom(Settings(data_dir=folder, base_url="https://portal.example", wires=(), adverts=()))  # type: ignore[arg-type]
        described = Interface(Site(room)).describe()
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the pages and the description of the API; a test compares them with the code."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    (REFERENCE / "openapi.json").write_text(openapi_document())
    (REFERENCE / "settings.md").write_text(settings_page())
    (REFERENCE / "commands.md").write_text(commands_page())


if __name__ == "__main__":
    main()
