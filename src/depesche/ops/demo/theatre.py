"""Runs the demo in one process: portal with mailbox, worker, and the player beside them."""

from __future__ import annotations

import socket
import threading
from zoneinfo import ZoneInfo

import uvicorn

from depesche.model.errors import SettingsError
from depesche.newsroom import Newsroom
from depesche.ops import output
from depesche.ops.demo.mailbox import PATH, Mailbox
from depesche.ops.demo.player import Demo
from depesche.ops.demo.stage import set_up
from depesche.ops.server import Web
from depesche.ops.worker import Worker
from depesche.portal.assets import Assets
from depesche.settings import Settings


def show(settings: Settings, speed: float) -> None:
    """Play with *settings*, which are a demo's, until a signal ends it.

    Raises:
        SettingsError: the folder holds something else, or the port cannot be listened on.
    """
    listening = _bound(settings)
    settings = settings.model_copy(update={"port": listening.getsockname()[1]})
    set_up(settings)
    say = output.console.print
    say(f"\n  [bold]{settings.address}/[/bold]          das Portal (alles darin ist erfunden)")
    say(f"  [bold]{settings.address}{PATH}[/bold]   die Briefe, die es verschickt\n")
    room = Newsroom(settings)
    try:
        demo = Demo(room, speed=speed, console=output.console)
        demo.prepare()
        _perform(room, demo, listening)
    finally:
        room.close()


def _perform(room: Newsroom, demo: Demo, listening: socket.socket) -> None:
    ended, parts = threading.Event(), (Worker(room), Web(room))
    player = threading.Thread(target=demo.play, args=(ended,), name="demo", daemon=True)
    try:
        for part in parts:
            part.start()
        player.start()
        uvicorn.Server(_config(room.settings, parts[1])).run(sockets=[listening])
    finally:
        ended.set()
        if player.is_alive():
            player.join(5)
        for part in reversed(parts):
            part.stop()


def _config(settings: Settings, web: Web) -> uvicorn.Config:
    assets = Assets()
    app = Mailbox(
        web.app, settings.mail_folder, title=settings.title, stylesheet=assets("portal.css"), icon=assets("icon.svg"),
        zone=ZoneInfo(settings.zone),
    )  # fmt: skip
    return uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies, timeout_graceful_shutdown=5,
    )  # fmt: skip


def _bound(settings: Settings) -> socket.socket:
    """Return a socket on the address to listen on: links in letters need its port before anything else begins."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise SettingsError(
            f"port: cannot listen on {settings.host}:{settings.port}: {error.strerror}"
        ) from error
