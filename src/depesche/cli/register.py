"""Commands about shares, and the stories that name them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from depesche.cli.base import Json, Panel, newsroom

panel = Panel("Shares")

instruments_app = panel.group("instruments", "The register of shares.")


@panel.command()
def link(
    register: Annotated[Path, typer.Option(help="CSV of instruments.", exists=True, dir_okay=False)],
    file: Annotated[
        Path | None, typer.Argument(help="Stories, one JSON object a line; - or nothing: standard input.")
    ] = None,
    json: Json = False,
) -> None:
    """Print the shares that each story mentions, with the evidence."""
    from depesche.ops.commands import reading

    raise typer.Exit(reading.link(register, file, as_json=json))


@panel.command()
def relink(
    every: Annotated[
        bool, typer.Option("--all", help="Link every story anew, though nothing has changed.")
    ] = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Only say how many stories are still to be looked at.")
    ] = False,
    json: Json = False,
) -> None:
    """Link the archive anew by the register of today; the worker does it by itself when that has changed."""
    from depesche.ops.commands import relink as relinking

    with newsroom() as room:
        raise typer.Exit(relinking.relink(room, every=every, only_progress=progress, as_json=json))


@instruments_app.command("import")
def import_(
    source: Annotated[str, typer.Argument(help="Importer: see the documentation.")],
    file: Annotated[Path | None, typer.Argument(help="File to read.")] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="The list is complete: end listings of it that it has no more.")
    ] = False,
    json: Json = False,
) -> None:
    """Add the instruments of SOURCE to the register; what disagrees with it goes into quarantine."""
    from depesche.ops.commands import register

    with newsroom() as room:
        raise typer.Exit(register.import_instruments(room, source, file, is_complete=complete, as_json=json))


@instruments_app.command()
def find(text: Annotated[str, typer.Argument(help="Name, ISIN, WKN or ticker.")], json: Json = False) -> None:
    """Find instruments by name, ISIN, WKN or ticker."""
    from depesche.ops.commands import register

    with newsroom() as room:
        raise typer.Exit(register.find_instruments(room, text, as_json=json))


@instruments_app.command("show")
def show_instrument(
    code: Annotated[str, typer.Argument(help="ISIN, WKN or ticker.")], json: Json = False
) -> None:
    """Print all that is known of an instrument, who asserted it, and its history."""
    from depesche.ops.commands import register

    with newsroom() as room:
        raise typer.Exit(register.show(room, code, as_json=json))


@instruments_app.command()
def alias(
    isin: Annotated[str, typer.Argument(help="ISIN of the instrument.")],
    name: Annotated[str, typer.Argument(help="Name to admit or to block.")],
    tier: Annotated[
        str | None, typer.Option(help="strong, ambiguous or blocked; an ordinary word needs it said.")
    ] = None,
) -> None:
    """Admit a name under which stories link to an instrument, or block it."""
    from depesche.ops.commands import register

    with newsroom() as room:
        raise typer.Exit(register.alias(room, isin, name, tier))


@instruments_app.command()
def quarantine(
    keep: Annotated[int | None, typer.Option(help="Number to settle: what was kept is right.")] = None,
    take: Annotated[int | None, typer.Option(help="Number to settle: what was set aside is right.")] = None,
    renamed: Annotated[int | None, typer.Option(help="Number to settle: the issuer has a new name.")] = None,
    every: Annotated[bool, typer.Option("--all", help="List what is settled too.")] = False,
    json: Json = False,
) -> None:
    """List what sources disagree on with both sides, or settle it."""
    from depesche.ops.commands import register

    with newsroom() as room:
        raise typer.Exit(
            register.quarantine(room, keep=keep, take=take, renamed=renamed, every=every, as_json=json)
        )
