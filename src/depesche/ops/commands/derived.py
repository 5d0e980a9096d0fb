"""Make derived things anew, and copy what is not derived."""

from __future__ import annotations

from pathlib import Path

from rich.progress import Progress

from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.portal.edge.press import open_pages
from depesche.portal.site import Site


def rebuild(room: Newsroom, what: str) -> int:
    """Rebuild the search index or the page store; returns 1 for anything else."""
    if what == "search":
        with Progress(console=output.errors, disable=not output.errors.is_terminal) as bar:
            task = bar.add_task("search", total=None)
            done = room.index_follower.rebuild(lambda n, total: bar.update(task, completed=n, total=total))
        output.console.print(f"{done} stories indexed")
        return 0
    if what == "pages":
        open_pages(Site(room)).clear()
        output.console.print("The page store is empty; pages are printed again as they are asked for.")
        return 0
    output.complain(what, "is neither search nor pages")
    return 1


def backup(room: Newsroom, target: Path) -> int:
    """Copy the SQLite database to *target*; returns 1 if that cannot be."""
    if not room.database.is_sqlite:
        output.complain("backup", "the database is PostgreSQL: use pg_dump")
        return 1
    if target.exists():
        output.complain(target, "exists already")
        return 1
    room.database.copy_to(target)
    output.console.print(f"{target}: {target.stat().st_size:,} bytes")
    return 0
