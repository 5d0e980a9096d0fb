"""Commands that run an installation and look after it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from depesche.cli.base import Json, Panel, newsroom, some

panel = Panel("Running it")


@panel.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run portal and worker on one machine."""
    from depesche.ops import server

    with newsroom(**some(host=host, port=port)) as room:
        server.serve(room, web=True, worker=True)


@panel.command()
def web(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run the portal alone; a worker runs elsewhere."""
    from depesche.ops import server

    with newsroom(**some(host=host, port=port)) as room:
        server.serve(room, web=True, worker=False)


@panel.command()
def worker(
    standby: Annotated[
        bool,
        typer.Option("--standby", help="Wait while another worker runs, and take its place when it is gone."),
    ] = False,
) -> None:
    """Run the worker alone; the portal runs elsewhere."""
    from depesche.ops import server
    from depesche.ops import standby as waiting

    with newsroom() as room:
        if standby:
            waiting.run(room)
        else:
            server.serve(room, web=False, worker=True)


@panel.command()
def demo(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    speed: Annotated[float, typer.Option(help="How many times faster the wire plays.", min=0.1)] = 1.0,
) -> None:
    """Play a bundled, invented wire: portal, readers and letters, nothing to configure."""
    from depesche.ops import demo as played

    played.run(some(host=host, port=port), speed)


@panel.command()
def check(json: Json = False) -> None:
    """Check settings, database, disk and wires before a public start."""
    from depesche.ops import health

    with newsroom() as room:
        raise typer.Exit(health.check(room, as_json=json))


@panel.command("settings")
def show_settings(json: Json = False) -> None:
    """Print every setting with its value, secrets left out, and what it is for."""
    from depesche.ops import health

    with newsroom() as room:
        raise typer.Exit(health.show_settings(room.settings, as_json=json))


@panel.command()
def rebuild(what: Annotated[str, typer.Argument(help="search or pages")]) -> None:
    """Make what is derived from the stories anew: the search index or the page store."""
    from depesche.ops.commands import derived

    with newsroom() as room:
        raise typer.Exit(derived.rebuild(room, what))


@panel.command()
def backup(target: Annotated[Path, typer.Argument(help="File to write; must not exist.")]) -> None:
    """Write a consistent copy of the SQLite database while everything runs."""
    from depesche.ops.commands import derived

    with newsroom() as room:
        raise typer.Exit(derived.backup(room, target))


@panel.command()
def bench(
    name: Annotated[str, typer.Argument(help="What to measure.")],
    n: Annotated[int | None, typer.Option("--n", help="Size of the trial.", min=1)] = None,
) -> None:
    """Measure one part on generated, seeded input and print the figures as JSON."""
    from depesche.ops import bench as benches

    raise typer.Exit(benches.run(name, n))
