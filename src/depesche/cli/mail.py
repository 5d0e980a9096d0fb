"""Commands about letters, webhooks and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from depesche.cli.base import Files, Json, Panel, newsroom

panel = Panel("Letters")

suppressions_app = panel.group("suppressions", "Addresses that are never mailed.")
letters_app = panel.group("letters", "What readers are written.")
bounces_app = panel.group("bounces", "What comes back from letters.")
webhooks_app = panel.group("webhooks", "Programs that are told of stories.")


@panel.command()
def ledger(
    story: Annotated[str, typer.Argument(help="Story id, slug or address; the newest ones without it.")] = "",
    reader: Annotated[str, typer.Option(help="Only what the reader with this address was to get.")] = "",
    json: Json = False,
) -> None:
    """Print what became of every letter that was decided; exits with 1 if any is not accounted for."""
    from depesche.ops.commands import ledger as keeping

    with newsroom() as room:
        raise typer.Exit(keeping.ledger(room, story, reader, as_json=json))


@suppressions_app.command("list")
def list_suppressed(json: Json = False) -> None:
    """List the addresses that are not mailed, with the reason; by hash where no reader of that address is left."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.list_suppressed(room, as_json=json))


@suppressions_app.command("show")
def show_suppressed(
    address: Annotated[str, typer.Argument(help="E-mail address.")], json: Json = False
) -> None:
    """Print what the list and the reports say of an address."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.show(room, address, as_json=json))


@suppressions_app.command("add")
def add_suppressed(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
) -> None:
    """Never mail an address, whether or not it follows something."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.add(room, address, reason))


@suppressions_app.command("lift")
def lift_suppressed(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
) -> None:
    """Mail an address again."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.lift(room, address, reason))


@bounces_app.command("list")
def list_bounces(
    meaning: Annotated[
        str | None,
        typer.Option(help="gone, full, soft, ours, complaint, delayed, delivered, unproven or unread."),
    ] = None,
    json: Json = False,
) -> None:
    """List the newest reports on letters and what they mean."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.list_reports(room, meaning, as_json=json))


@bounces_app.command("show")
def show_bounce(report: Annotated[int, typer.Argument(help="Number of the report.")]) -> None:
    """Print what was kept of a report that nobody could make out."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.show_report(room, report))


@bounces_app.command("read")
def read_bounces(files: Files, json: Json = False) -> None:
    """Take in reports from FILES, as if they had come by a door."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.read(room, files, as_json=json))


@webhooks_app.command("add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Address to post to.")],
    targets: Annotated[
        list[str],
        typer.Argument(help="What to follow: an ISIN, provider:NAME, search:QUERY or lineage:NUMBER."),
    ],
    updates: Annotated[
        bool, typer.Option("--updates", help="Tell of later parts and versions, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Let a program follow something, once it has answered a challenge; prints the secret of its signatures."""
    from depesche.ops.commands import webhooks

    with newsroom() as room:
        raise typer.Exit(webhooks.add(room, url, targets, updates=updates, as_json=json))


@webhooks_app.command("list")
def list_webhooks(json: Json = False) -> None:
    """List the webhooks, what they follow, and their secrets."""
    from depesche.ops.commands import webhooks

    with newsroom() as room:
        raise typer.Exit(webhooks.list_(room, as_json=json))


@webhooks_app.command("remove")
def remove_webhook(
    url: Annotated[str, typer.Argument(help="Its address.")],
    target: Annotated[str | None, typer.Option(help="End this one alone, written as for `add`.")] = None,
) -> None:
    """End what a webhook follows."""
    from depesche.ops.commands import webhooks

    with newsroom() as room:
        raise typer.Exit(webhooks.remove(room, url, target))


@webhooks_app.command("test")
def test_webhook(url: Annotated[str, typer.Argument(help="Its address.")]) -> None:
    """Post an event without a story to a webhook, and print its answer."""
    from depesche.ops.commands import webhooks

    with newsroom() as room:
        raise typer.Exit(webhooks.test(room, url))


@panel.command()
def reconcile(
    log: Annotated[Path, typer.Option(help="Log of Postfix.", exists=True, dir_okay=False)],
    rotated: Annotated[bool, typer.Option("--rotated", help="Read the rotated files beside it too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
    json: Json = False,
) -> None:
    """Settle letters in doubt by the mail server's log; those it does not know stay in doubt."""
    from depesche.ops.commands import returns

    with newsroom() as room:
        raise typer.Exit(returns.reconcile(room, log, rotated=rotated, dry=dry_run, as_json=json))


@letters_app.command()
def preview(
    story: Annotated[str, typer.Argument(help="Number, slug or address of the story.")],
    kind: Annotated[
        list[str] | None, typer.Option(help="alert, update, correction and so on; none: every kind.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="de or en; none: both.")] = None,
    out: Annotated[Path, typer.Option(help="Folder that gets the letters.")] = Path("letters"),
    json: Json = False,
) -> None:
    """Write the letters that a story makes, as HTML, text and eml, with a page that shows them; none is sent."""
    from depesche.ops.commands import letters

    with newsroom() as room:
        raise typer.Exit(letters.preview(room, story, kind or (), language or (), out, as_json=json))
