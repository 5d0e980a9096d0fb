"""What every command is made with: the application, options that several take, and the newsroom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

app = typer.Typer(
    help="Depesche: a financial-news portal that you host yourself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

F = TypeVar("F", bound=Callable[..., Any])

DAY = ["%Y-%m-%d"]
Files = Annotated[list[Path], typer.Argument(help="Files to read.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Format = Annotated[str | None, typer.Option("--format", help="Wire format; without it the bytes tell.")]
Provider = Annotated[str, typer.Option("--provider", help="Provider of items that do not name theirs.")]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the help, with its commands and groups of commands."""

    title: str

    def command(self, name: str | None = None) -> Callable[[F], F]:
        """Return what enters a function as a command, under its own name unless another is given."""
        return app.command(name, rich_help_panel=self.title)

    def group(self, name: str, purpose: str) -> typer.Typer:
        """Enter a group of commands and return it."""
        made = typer.Typer(help=purpose, no_args_is_help=True)
        app.add_typer(made, name=name, rich_help_panel=self.title)
        return made


@contextmanager
def newsroom(**given: Any) -> Iterator[Any]:
    """Open the newsroom of the settings, of which some may be *given*."""
    from depesche import settings
    from depesche.newsroom import Newsroom
    from depesche.ops import logs

    logs.configure()
    room = Newsroom(settings.read(given))
    try:
        yield room
    finally:
        room.close()


def some(**given: Any) -> dict[str, Any]:
    """Return what was given on the command line: what is None was not."""
    return {name: value for name, value in given.items() if value is not None}
