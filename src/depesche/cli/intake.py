"""Commands about wires and what they bring."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from depesche.cli.base import Files, Format, Json, Panel, Provider, newsroom

panel = Panel("Wires")

spool_app = panel.group("spool", "Items as received, before and after they were read.")


@panel.command()
def parse(files: Files, format_name: Format = None, provider: Provider = "", json: Json = False) -> None:
    """Print the takes in FILES as read and copy-edited, without storing anything."""
    from depesche.ops.commands import reading

    raise typer.Exit(reading.parse(files, format_name, provider, as_json=json))


@panel.command()
def ingest(
    files: Files,
    format_name: Format = None,
    provider: Provider = "",
    wire: Annotated[str, typer.Option(help="Wire the items belong to.")] = "desk",
    json: Json = False,
) -> None:
    """Spool, parse and file FILES, or every file of a folder; print what became of each story."""
    from depesche.ops.commands import ingest as intake

    with newsroom() as room:
        raise typer.Exit(intake.ingest(room, files, wire, format_name, provider, as_json=json))


@panel.command()
def wires(
    ask: Annotated[
        str | None,
        typer.Option(help="Ask this polled wire or queue at once, even one whose site said that it is gone."),
    ] = None,
    json: Json = False,
) -> None:
    """Print how every wire stands: last item, lag, refusals, and whether it is silent for longer than usual."""
    from depesche.ops.commands import wires as standing

    with newsroom() as room:
        raise typer.Exit(standing.ask_now(room, ask) if ask else standing.show(room, as_json=json))


@panel.command()
def reparse(
    wire: Annotated[str | None, typer.Option(help="Only the items of this wire.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="Only items received since then, in UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
    json: Json = False,
) -> None:
    """Read filed items again with today's parsers; a story gets a new version only where readers see a change."""
    from depesche.ops.commands import wires as history

    moment = None if since is None else since.replace(tzinfo=UTC)
    with newsroom() as room:
        raise typer.Exit(history.reparse(room, wire, moment, dry=dry_run, as_json=json))


@spool_app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="waiting, filed or refused; without it, what is not filed.")
    ] = None,
    json: Json = False,
) -> None:
    """List items that are not filed, with the reason."""
    from depesche.ops.commands import spool

    with newsroom() as room:
        raise typer.Exit(spool.list_items(room, state, as_json=json))


@spool_app.command()
def show(key: Annotated[int, typer.Argument(help="Number of the item.")]) -> None:
    """Write an item's bytes to standard output."""
    from depesche.ops.commands import spool

    with newsroom() as room:
        raise typer.Exit(spool.show(room, key))


@spool_app.command()
def retry(
    keys: Annotated[
        list[int] | None, typer.Argument(help="Numbers of items; none: every refused one.")
    ] = None,
    json: Json = False,
) -> None:
    """Parse refused items again."""
    from depesche.ops.commands import spool

    with newsroom() as room:
        raise typer.Exit(spool.retry(room, keys, as_json=json))


@spool_app.command()
def drop(key: Annotated[int, typer.Argument(help="Number of the item.")]) -> None:
    """Forget a refused item for good."""
    from depesche.ops.commands import spool

    with newsroom() as room:
        raise typer.Exit(spool.drop(room, key))
