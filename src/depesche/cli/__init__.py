"""The command line: one function a command, no logic."""

from __future__ import annotations

import sys

import typer

from depesche.cli.base import app
from depesche.lib import memory
from depesche.model.errors import DepescheError

# Each enters its commands; the help lists them in this order.
from depesche.cli import running, intake, desk, register, mail, readers, portal  # isort: skip  # noqa: F401

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit status 1."""
    memory.few_arenas()
    try:
        app()
    except DepescheError as error:
        typer.echo(f"depesche: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(141)
