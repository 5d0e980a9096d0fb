"""Commands about stories and what ties them together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from depesche.cli.base import Json, Panel, newsroom

panel = Panel("Stories")

lineage_app = panel.group("lineage", "Which stories continue each other.")
topics_app = panel.group("topics", "Names of media topics.")


@panel.command()
def trace(
    story: Annotated[str, typer.Argument(help="Story id, slug or address.")], json: Json = False
) -> None:
    """Print a story's way from take to letter."""
    from depesche.ops.commands import trace as tracing

    with newsroom() as room:
        raise typer.Exit(tracing.trace(room, story, as_json=json))


@topics_app.command("import")
def import_topics(
    file: Annotated[Path, typer.Argument(help="CSV with the columns code, name_en, name_de, broader.")],
) -> None:
    """Take in names of IPTC media topics beyond those of the economy, which are there."""
    from depesche.ops.commands import topics

    with newsroom() as room:
        raise typer.Exit(topics.import_topics(room, file))


@lineage_app.command("show")
def show_lineage(story: Annotated[int, typer.Argument(help="Story id.")], json: Json = False) -> None:
    """Print the lineage of a story: what continues it, and what duplicates what."""
    from depesche.ops.commands import lineage

    with newsroom() as room:
        raise typer.Exit(lineage.show_of(room, story, as_json=json))


@lineage_app.command()
def join(
    one: Annotated[int, typer.Argument(help="Story id.")],
    other: Annotated[int, typer.Argument(help="Story id.")],
) -> None:
    """Join the lineages of two stories, for good."""
    from depesche.ops.commands import lineage

    with newsroom() as room:
        raise typer.Exit(lineage.join(room, one, other))


@lineage_app.command()
def split(story: Annotated[int, typer.Argument(help="Story id.")]) -> None:
    """Give a story a lineage of its own, apart from the others for good."""
    from depesche.ops.commands import lineage

    with newsroom() as room:
        raise typer.Exit(lineage.split(room, story))
