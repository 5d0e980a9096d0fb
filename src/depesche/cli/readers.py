"""Commands about what is kept of one reader."""

from __future__ import annotations

from typing import Annotated

import typer

from depesche.cli.base import Json, Panel, newsroom

panel = Panel("Readers")


@panel.command()
def consent(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    json: Json = False,
    html: Annotated[bool, typer.Option("--html", help="A page to print.")] = False,
) -> None:
    """Print the proof of consent of one reader: every act, with its exact words, times and addresses."""
    from depesche.ops.commands import readers

    with newsroom() as room:
        raise typer.Exit(readers.consent(room, address, as_json=json, as_html=html))


@panel.command("export-reader")
def export_reader(address: Annotated[str, typer.Argument(help="E-mail address.")]) -> None:
    """Print everything stored about one reader, as JSON."""
    from depesche.ops.commands import readers

    with newsroom() as room:
        raise typer.Exit(readers.export(room, address))


@panel.command("erase-reader")
def erase_reader(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Erase everything stored about one reader."""
    from depesche.ops.commands import readers

    if not yes:
        typer.confirm(f"Erase {address} for good?", abort=True)
    with newsroom() as room:
        raise typer.Exit(readers.erase(room, address))
