"""Runs the demo in one process: portal with mailbox, worker, and the player beside them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from starlette.types import ASGIApp

from depesche.newsroom import Newsroom
from depesche.ops import server
from depesche.ops.commands import output
from depesche.ops.demo.mailbox import PATH, Mailbox
from depesche.ops.demo.player import Demo
from depesche.ops.demo.stage import set_up
from depesche.portal.assets import Assets
from depesche.settings import Settings


def show(settings: Settings, speed: float) -> None:
    """Play with *settings*, which are a demo's, until a signal ends it.

    Raises:
        SettingsError: the folder holds something else, or the port cannot be listened on.
    """
    listening = server.listen(settings)  # first of all: links in letters carry its port
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    set_up(settings)
    say = output.console.print
    say(f"\n  [bold]{settings.address}/[/bold]          das Portal (alles darin ist erfunden)")
    say(f"  [bold]{settings.address}{PATH}[/bold]   die Briefe, die es verschickt\n")
    room = Newsroom(settings)
    try:
        demo = Demo(room, speed=speed, console=output.console)
        demo.prepare()
        around = _with_mailbox(settings)
        server.serve(room, web=True, worker=True, listening=listening, around=around, beside=demo.play)
    finally:
        room.close()


def _with_mailbox(settings: Settings) -> Callable[[ASGIApp], ASGIApp]:
    assets = Assets()

    def around(portal: ASGIApp) -> ASGIApp:
        return Mailbox(
            portal, settings.mail_folder, title=settings.title, stylesheets=(assets("portal.css"), assets("pages.css")), icon=assets("icon.svg"),
            zone=ZoneInfo(settings.zone),
        )  # fmt: skip

    return around
