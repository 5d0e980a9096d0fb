"""Commands about what readers look at, and who may use the API."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from depesche.cli.base import DAY, Json, Panel, newsroom

panel = Panel("Audience and partners")

audience_app = panel.group("audience", "What readers do.")
keys_app = panel.group("keys", "Keys of partners who use the API.")


@audience_app.command()
def replay(
    clicks: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet with the columns time_ms, reader, story.", exists=True, dir_okay=False
        ),
    ],
) -> None:
    """Predict each click from those before it, learn it, and print how often the list was right."""
    from depesche.ops.commands import audience

    raise typer.Exit(audience.replay(clicks))


@audience_app.command()
def explain(
    story: Annotated[str, typer.Argument(help="Story id, slug or address.")], json: Json = False
) -> None:
    """Print what is offered beside a story, and how many readers went on to it."""
    from depesche.ops.commands import audience

    with newsroom() as room:
        raise typer.Exit(audience.explain(room, story, as_json=json))


@audience_app.command()
def spikes(
    days: Annotated[int, typer.Option(help="Days to look back.", min=1)] = 7, json: Json = False
) -> None:
    """List hours in which a story had over three times its usual views and a hundred on top."""
    from depesche.ops.commands import audience

    with newsroom() as room:
        raise typer.Exit(audience.spikes(room, days, as_json=json))


@audience_app.command()
def export(
    first: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="First day, UTC.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Last day, UTC.")] = None,
    format_name: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="csv or parquet.")
    ] = "csv",
    target: Annotated[
        Path | None, typer.Option("--output", help="File to write; without it, standard output.")
    ] = None,
) -> None:
    """Write the views of each story and day in the columns of COUNTER."""
    from depesche.ops.commands import audience

    with newsroom() as room:
        since, until = (one.date() if one else None for one in (first, last))
        raise typer.Exit(audience.export(room, since, until, target, format_name))


@audience_app.command()
def classify() -> None:
    """Read user agents on standard input; print reader or robot, a tab, and the rule."""
    from depesche.ops.commands import audience

    raise typer.Exit(audience.classify(sys.stdin))


@keys_app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Whose key it is; a name is used once.")],
    per_minute: Annotated[
        int, typer.Option(help="Requests a minute, of each web process.", min=1, max=1_000_000)
    ] = 600,
    json: Json = False,
) -> None:
    """Make a key for the API and print it, this once."""
    from depesche.ops.commands import keys

    with newsroom() as room:
        raise typer.Exit(keys.add(room, name, per_minute, as_json=json))


@keys_app.command("list")
def list_keys(json: Json = False) -> None:
    """List every key that there is or was, without the keys themselves."""
    from depesche.ops.commands import keys

    with newsroom() as room:
        raise typer.Exit(keys.list_keys(room, as_json=json))


@keys_app.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="Whose key it is.")]) -> None:
    """End a key; the next request with it is refused."""
    from depesche.ops.commands import keys

    with newsroom() as room:
        raise typer.Exit(keys.revoke(room, name))
