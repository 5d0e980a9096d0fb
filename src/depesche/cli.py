"""The command line: one function a command, no logic."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from depesche.lib import memory
from depesche.model.errors import DepescheError

app = typer.Typer(
    help="Depesche: a financial-news portal that you host yourself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
instruments_app = typer.Typer(help="The register of shares.", no_args_is_help=True)
audience_app = typer.Typer(help="What readers do.", no_args_is_help=True)
spool_app = typer.Typer(help="Items as received, before and after they were read.", no_args_is_help=True)
lineage_app = typer.Typer(help="Which stories continue each other.", no_args_is_help=True)
app.add_typer(instruments_app, name="instruments")
app.add_typer(lineage_app, name="lineage")
topics_app = typer.Typer(help="Names of media topics.", no_args_is_help=True)
app.add_typer(topics_app, name="topics")
app.add_typer(audience_app, name="audience")
app.add_typer(spool_app, name="spool")
suppressions_app = typer.Typer(help="Addresses that are never mailed.", no_args_is_help=True)
app.add_typer(suppressions_app, name="suppressions")
letters_app = typer.Typer(help="What readers are written.", no_args_is_help=True)
app.add_typer(letters_app, name="letters")
bounces_app = typer.Typer(help="What comes back from letters.", no_args_is_help=True)
app.add_typer(bounces_app, name="bounces")
webhooks_app = typer.Typer(help="Programs that are told of stories.", no_args_is_help=True)
app.add_typer(webhooks_app, name="webhooks")
keys_app = typer.Typer(help="Keys of partners who use the API.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")

_DAY = ["%Y-%m-%d"]
Files = Annotated[list[Path], typer.Argument(help="Files to read.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Format = Annotated[str | None, typer.Option("--format", help="Wire format; without it the bytes tell.")]
Provider = Annotated[str, typer.Option("--provider", help="Provider of items that do not name theirs.")]


@contextmanager
def _newsroom(**given: Any) -> Iterator[Any]:
    from depesche import settings
    from depesche.newsroom import Newsroom
    from depesche.ops import logs

    logs.configure()
    room = Newsroom(settings.read(given))
    try:
        yield room
    finally:
        room.close()


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run portal and worker on one machine."""
    from depesche.ops import server

    with _newsroom(**_some(host=host, port=port)) as room:
        server.serve(room, web=True, worker=True)


@app.command()
def web(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run the portal alone; a worker runs elsewhere."""
    from depesche.ops import server

    with _newsroom(**_some(host=host, port=port)) as room:
        server.serve(room, web=True, worker=False)


@app.command()
def worker(
    standby: Annotated[
        bool,
        typer.Option("--standby", help="Wait while another worker runs, and take its place when it is gone."),
    ] = False,
) -> None:
    """Run the worker alone; the portal runs elsewhere."""
    from depesche.ops import server
    from depesche.ops import standby as waiting

    with _newsroom() as room:
        if standby:
            waiting.run(room)
        else:
            server.serve(room, web=False, worker=True)


@app.command()
def demo(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    speed: Annotated[float, typer.Option(help="How many times faster the wire plays.", min=0.1)] = 1.0,
) -> None:
    """Play a bundled, invented wire: portal, readers and letters, nothing to configure."""
    from depesche.ops import demo as played

    played.run(_some(host=host, port=port), speed)


@app.command()
def parse(files: Files, format_name: Format = None, provider: Provider = "", json: Json = False) -> None:
    """Print the takes in FILES as read and copy-edited, without storing anything."""
    from depesche.ops import desk_commands

    with _newsroom() as room:
        raise typer.Exit(desk_commands.parse(room, files, format_name, provider, as_json=json))


@app.command()
def ingest(
    files: Files,
    format_name: Format = None,
    provider: Provider = "",
    wire: Annotated[str, typer.Option(help="Wire the items belong to.")] = "desk",
    json: Json = False,
) -> None:
    """Spool, parse and file FILES, or every file of a folder; print what became of each story."""
    from depesche.ops import desk_commands

    with _newsroom() as room:
        raise typer.Exit(desk_commands.ingest(room, files, wire, format_name, provider, as_json=json))


@app.command()
def link(
    register: Annotated[Path, typer.Option(help="CSV of instruments.", exists=True, dir_okay=False)],
    file: Annotated[
        Path | None, typer.Argument(help="Stories, one JSON object a line; - or nothing: standard input.")
    ] = None,
    json: Json = False,
) -> None:
    """Print the shares that each story mentions, with the evidence."""
    from depesche.ops import desk_commands

    with _newsroom() as room:
        raise typer.Exit(desk_commands.link(room, register, file, as_json=json))


@app.command()
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
    from depesche.ops import relink as relinking

    with _newsroom() as room:
        raise typer.Exit(relinking.relink(room, every=every, only_progress=progress, as_json=json))


@app.command()
def trace(
    story: Annotated[str, typer.Argument(help="Story id, slug or address.")], json: Json = False
) -> None:
    """Print a story's way from take to letter."""
    from depesche.ops import trace as tracing

    with _newsroom() as room:
        raise typer.Exit(tracing.trace(room, story, as_json=json))


@app.command()
def ledger(
    story: Annotated[str, typer.Argument(help="Story id, slug or address; the newest ones without it.")] = "",
    reader: Annotated[str, typer.Option(help="Only what the reader with this address was to get.")] = "",
    json: Json = False,
) -> None:
    """Print what became of every letter that was decided; exits with 1 if any is not accounted for."""
    from depesche.ops import ledger as keeping

    with _newsroom() as room:
        raise typer.Exit(keeping.ledger(room, story, reader, as_json=json))


@app.command()
def check(json: Json = False) -> None:
    """Check settings, database, disk and wires before a public start."""
    from depesche.ops import health

    with _newsroom() as room:
        raise typer.Exit(health.check(room, as_json=json))


@app.command()
def wires(
    ask: Annotated[
        str | None,
        typer.Option(help="Ask this polled wire or queue at once, even one whose site said that it is gone."),
    ] = None,
    json: Json = False,
) -> None:
    """Print how every wire stands: last item, lag, refusals, and whether it is silent for longer than usual."""
    from depesche.ops import wires as standing

    with _newsroom() as room:
        raise typer.Exit(standing.ask_now(room, ask) if ask else standing.show(room, as_json=json))


@app.command()
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
    from depesche.ops import wires as history

    moment = None if since is None else since.replace(tzinfo=UTC)
    with _newsroom() as room:
        raise typer.Exit(history.reparse(room, wire, moment, dry=dry_run, as_json=json))


@app.command("settings")
def show_settings(json: Json = False) -> None:
    """Print every setting with its value, secrets left out, and what it is for."""
    from depesche.ops import health

    with _newsroom() as room:
        raise typer.Exit(health.show_settings(room.settings, as_json=json))


@app.command()
def consent(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    json: Json = False,
    html: Annotated[bool, typer.Option("--html", help="A page to print.")] = False,
) -> None:
    """Print the proof of consent of one reader: every act, with its exact words, times and addresses."""
    from depesche.ops import readers

    with _newsroom() as room:
        raise typer.Exit(readers.consent(room, address, as_json=json, as_html=html))


@app.command("export-reader")
def export_reader(address: Annotated[str, typer.Argument(help="E-mail address.")]) -> None:
    """Print everything stored about one reader, as JSON."""
    from depesche.ops import readers

    with _newsroom() as room:
        raise typer.Exit(readers.export(room, address))


@app.command("erase-reader")
def erase_reader(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Erase everything stored about one reader."""
    from depesche.ops import readers

    if not yes:
        typer.confirm(f"Erase {address} for good?", abort=True)
    with _newsroom() as room:
        raise typer.Exit(readers.erase(room, address))


@app.command()
def rebuild(what: Annotated[str, typer.Argument(help="search or pages")]) -> None:
    """Make what is derived from the stories anew: the search index or the page store."""
    from depesche.ops import derived

    with _newsroom() as room:
        raise typer.Exit(derived.rebuild(room, what))


@app.command()
def backup(target: Annotated[Path, typer.Argument(help="File to write; must not exist.")]) -> None:
    """Write a consistent copy of the SQLite database while everything runs."""
    from depesche.ops import derived

    with _newsroom() as room:
        raise typer.Exit(derived.backup(room, target))


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="What to measure.")],
    n: Annotated[int | None, typer.Option("--n", help="Size of the trial.", min=1)] = None,
) -> None:
    """Measure one part on generated, seeded input and print the figures as JSON."""
    from depesche.ops import bench as benches

    raise typer.Exit(benches.run(name, n))


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
    from depesche.ops import register

    with _newsroom() as room:
        raise typer.Exit(register.import_instruments(room, source, file, is_complete=complete, as_json=json))


@instruments_app.command()
def find(text: Annotated[str, typer.Argument(help="Name, ISIN, WKN or ticker.")], json: Json = False) -> None:
    """Find instruments by name, ISIN, WKN or ticker."""
    from depesche.ops import register

    with _newsroom() as room:
        raise typer.Exit(register.find_instruments(room, text, as_json=json))


@instruments_app.command("show")
def show_instrument(
    code: Annotated[str, typer.Argument(help="ISIN, WKN or ticker.")], json: Json = False
) -> None:
    """Print all that is known of an instrument, who asserted it, and its history."""
    from depesche.ops import register

    with _newsroom() as room:
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
    from depesche.ops import register

    with _newsroom() as room:
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
    from depesche.ops import register

    with _newsroom() as room:
        raise typer.Exit(
            register.quarantine(room, keep=keep, take=take, renamed=renamed, every=every, as_json=json)
        )


@suppressions_app.command("list")
def list_suppressed(json: Json = False) -> None:
    """List the addresses that are not mailed, with the reason; by hash where no reader of that address is left."""
    from depesche.ops import returns

    with _newsroom() as room:
        raise typer.Exit(returns.list_suppressed(room, as_json=json))


@suppressions_app.command("show")
def show_suppressed(
    address: Annotated[str, typer.Argument(help="E-mail address.")], json: Json = False
) -> None:
    """Print what the list and the reports say of an address."""
    from depesche.ops import returns

    with _newsroom() as room:
        raise typer.Exit(returns.show(room, address, as_json=json))


@suppressions_app.command("add")
def add_suppressed(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
) -> None:
    """Never mail an address, whether or not it follows something."""
    from depesche.ops import returns

    with _newsroom() as room:
        raise typer.Exit(returns.add(room, address, reason))


@suppressions_app.command("lift")
def lift_suppressed(
    address: Annotated[str, typer.Argument(help="E-mail address.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
) -> None:
    """Mail an address again."""
    from depesche.ops import returns

    with _newsroom() as room:
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
    from depesche.ops import returns

    with _newsroom() as room:
        raise typer.Exit(returns.list_reports(room, meaning, as_json=json))


@bounces_app.command("show")
def show_bounce(report: Annotated[int, typer.Argument(help="Number of the report.")]) -> None:
    """Print what was kept of a report that nobody could make out."""
    from depesche.ops import returns

    with _newsroom() as room:
        raise typer.Exit(returns.show_report(room, report))


@bounces_app.command("read")
def read_bounces(files: Files, json: Json = False) -> None:
    """Take in reports from FILES, as if they had come by a door."""
    from depesche.ops import returns

    with _newsroom() as room:
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
    from depesche.ops import webhooks

    with _newsroom() as room:
        raise typer.Exit(webhooks.add(room, url, targets, updates=updates, as_json=json))


@webhooks_app.command("list")
def list_webhooks(json: Json = False) -> None:
    """List the webhooks, what they follow, and their secrets."""
    from depesche.ops import webhooks

    with _newsroom() as room:
        raise typer.Exit(webhooks.list_(room, as_json=json))


@webhooks_app.command("remove")
def remove_webhook(
    url: Annotated[str, typer.Argument(help="Its address.")],
    target: Annotated[str | None, typer.Option(help="End this one alone, written as for `add`.")] = None,
) -> None:
    """End what a webhook follows."""
    from depesche.ops import webhooks

    with _newsroom() as room:
        raise typer.Exit(webhooks.remove(room, url, target))


@webhooks_app.command("test")
def test_webhook(url: Annotated[str, typer.Argument(help="Its address.")]) -> None:
    """Post an event without a story to a webhook, and print its answer."""
    from depesche.ops import webhooks

    with _newsroom() as room:
        raise typer.Exit(webhooks.test(room, url))


@app.command()
def reconcile(
    log: Annotated[Path, typer.Option(help="Log of Postfix.", exists=True, dir_okay=False)],
    rotated: Annotated[bool, typer.Option("--rotated", help="Read the rotated files beside it too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
    json: Json = False,
) -> None:
    """Settle letters in doubt by the mail server's log; those it does not know stay in doubt."""
    from depesche.ops import returns

    with _newsroom() as room:
        raise typer.Exit(returns.reconcile(room, log, rotated=rotated, dry=dry_run, as_json=json))


@topics_app.command("import")
def import_topics(
    file: Annotated[Path, typer.Argument(help="CSV with the columns code, name_en, name_de, broader.")],
) -> None:
    """Take in names of IPTC media topics beyond those of the economy, which are there."""
    from depesche.ops import topics

    with _newsroom() as room:
        raise typer.Exit(topics.import_topics(room, file))


@lineage_app.command("show")
def show_lineage(story: Annotated[int, typer.Argument(help="Story id.")], json: Json = False) -> None:
    """Print the lineage of a story: what continues it, and what duplicates what."""
    from depesche.ops import lineage

    with _newsroom() as room:
        raise typer.Exit(lineage.show_of(room, story, as_json=json))


@lineage_app.command()
def join(
    one: Annotated[int, typer.Argument(help="Story id.")],
    other: Annotated[int, typer.Argument(help="Story id.")],
) -> None:
    """Join the lineages of two stories, for good."""
    from depesche.ops import lineage

    with _newsroom() as room:
        raise typer.Exit(lineage.join(room, one, other))


@lineage_app.command()
def split(story: Annotated[int, typer.Argument(help="Story id.")]) -> None:
    """Give a story a lineage of its own, apart from the others for good."""
    from depesche.ops import lineage

    with _newsroom() as room:
        raise typer.Exit(lineage.split(room, story))


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
    from depesche.ops import audience

    raise typer.Exit(audience.replay(clicks))


@audience_app.command()
def explain(
    story: Annotated[str, typer.Argument(help="Story id, slug or address.")], json: Json = False
) -> None:
    """Print what is offered beside a story, and how many readers went on to it."""
    from depesche.ops import audience

    with _newsroom() as room:
        raise typer.Exit(audience.explain(room, story, as_json=json))


@audience_app.command()
def spikes(
    days: Annotated[int, typer.Option(help="Days to look back.", min=1)] = 7, json: Json = False
) -> None:
    """List hours in which a story had over three times its usual views and a hundred on top."""
    from depesche.ops import audience

    with _newsroom() as room:
        raise typer.Exit(audience.spikes(room, days, as_json=json))


@audience_app.command()
def export(
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First day, UTC.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last day, UTC.")] = None,
    format_name: Annotated[
        Literal["csv", "parquet"], typer.Option("--format", help="csv or parquet.")
    ] = "csv",
    target: Annotated[
        Path | None, typer.Option("--output", help="File to write; without it, standard output.")
    ] = None,
) -> None:
    """Write the views of each story and day in the columns of COUNTER."""
    from depesche.ops import audience

    with _newsroom() as room:
        since, until = (one.date() if one else None for one in (first, last))
        raise typer.Exit(audience.export(room, since, until, target, format_name))


@audience_app.command()
def classify() -> None:
    """Read user agents on standard input; print reader or robot, a tab, and the rule."""
    from depesche.ops import audience

    raise typer.Exit(audience.classify(sys.stdin))


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
    from depesche.ops import letters

    with _newsroom() as room:
        raise typer.Exit(letters.preview(room, story, kind or (), language or (), out, as_json=json))


@spool_app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="waiting, filed or refused; without it, what is not filed.")
    ] = None,
    json: Json = False,
) -> None:
    """List items that are not filed, with the reason."""
    from depesche.ops import spool

    with _newsroom() as room:
        raise typer.Exit(spool.list_items(room, state, as_json=json))


@spool_app.command()
def show(key: Annotated[int, typer.Argument(help="Number of the item.")]) -> None:
    """Write an item's bytes to standard output."""
    from depesche.ops import spool

    with _newsroom() as room:
        raise typer.Exit(spool.show(room, key))


@spool_app.command()
def retry(
    keys: Annotated[
        list[int] | None, typer.Argument(help="Numbers of items; none: every refused one.")
    ] = None,
    json: Json = False,
) -> None:
    """Parse refused items again."""
    from depesche.ops import spool

    with _newsroom() as room:
        raise typer.Exit(spool.retry(room, keys, as_json=json))


@spool_app.command()
def drop(key: Annotated[int, typer.Argument(help="Number of the item.")]) -> None:
    """Forget a refused item for good."""
    from depesche.ops import spool

    with _newsroom() as room:
        raise typer.Exit(spool.drop(room, key))


@keys_app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Whose key it is; a name is used once.")],
    per_minute: Annotated[
        int, typer.Option(help="Requests a minute, of each web process.", min=1, max=1_000_000)
    ] = 600,
    json: Json = False,
) -> None:
    """Make a key for the API and print it, this once."""
    from depesche.ops import keys

    with _newsroom() as room:
        raise typer.Exit(keys.add(room, name, per_minute, as_json=json))


@keys_app.command("list")
def list_keys(json: Json = False) -> None:
    """List every key that there is or was, without the keys themselves."""
    from depesche.ops import keys

    with _newsroom() as room:
        raise typer.Exit(keys.list_keys(room, as_json=json))


@keys_app.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="Whose key it is.")]) -> None:
    """End a key; the next request with it is refused."""
    from depesche.ops import keys

    with _newsroom() as room:
        raise typer.Exit(keys.revoke(room, name))


def _some(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


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
