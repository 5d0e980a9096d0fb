"""Run an installation's processes: portal, worker, or both in one."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

import structlog
import uvicorn
from starlette.types import ASGIApp

from depesche.lib import descriptors, memory
from depesche.model.errors import SettingsError
from depesche.newsroom import Newsroom
from depesche.ops.commands import output
from depesche.ops.worker import Crew, Worker
from depesche.portal.app import create_app
from depesche.portal.edge.bounds import bounded
from depesche.portal.edge.edge import Edge
from depesche.portal.edge.express import protocol
from depesche.portal.edge.press import open_press
from depesche.settings import Settings

_BACKLOG = 2048
_ENDING = (signal.SIGINT, signal.SIGTERM)
_OTHER_FILES = 2000  # beside the open pages: requests, the database, indexes
# A click is in every process's lists within a minute: written, told, heard and printed.
FLUSH_SECONDS = 1.0
_EXCHANGE_SECONDS = 14.0
_REFRESH_SECONDS = 30.0

_log = structlog.get_logger("server")


class Web:
    """The portal of this process: its application, its press, and the writing of its counts."""

    def __init__(self, newsroom: Newsroom, refresh_seconds: float = _REFRESH_SECONDS) -> None:
        self._newsroom = newsroom
        self._crew = Crew(newsroom)
        self._stale: set[int] = set()
        self._guard = threading.Lock()
        self._refresh_seconds = refresh_seconds
        self.press = open_press(newsroom)
        self.app = create_app(newsroom)

    def start(self) -> None:
        """Start the press and the writing of counts."""
        self._crew.follow(self.press)
        self._crew.repeat("counts", self._flush, FLUSH_SECONDS)
        self._crew.repeat("exchange", self._exchange, _EXCHANGE_SECONDS)
        self._crew.repeat("refresh", self._refresh, self._refresh_seconds)

    def stop(self) -> None:
        """Stop them; what was counted is written."""
        self._crew.stop()
        self._newsroom.flush_views()

    def _flush(self) -> bool:
        moved = self._newsroom.flush_views()
        with self._guard:
            self._stale |= moved
        return False

    def _exchange(self) -> bool:
        moved = self._newsroom.readership.exchange()
        with self._guard:
            self._stale |= moved
        return False

    def _refresh(self) -> bool:
        with self._guard:
            stale, self._stale = self._stale, set()
        if stale:
            self.press.refresh(stale)
        return False


def serve(
    newsroom: Newsroom,
    *,
    web: bool,
    worker: bool,
    listening: socket.socket | None = None,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    beside: Callable[[threading.Event], None] | None = None,
) -> None:
    """Run until a signal ends it.

    *listening* is a socket from `listen`, where it had to be opened before anything else; *around* wraps the
    portal's application; *beside* runs in a thread of its own until its event is set.

    Raises:
        SettingsError: the port cannot be listened on.
        StoreError: another process is the worker of this database already.
    """
    if web and listening is None:
        listening = listen(newsroom.settings)
    newsroom.fill_register()
    running: list[Worker | Web] = [*([Worker(newsroom)] if worker else []), *([Web(newsroom)] if web else [])]
    ears = Crew(newsroom)
    ended = threading.Event()
    companion = threading.Thread(target=beside, args=(ended,), name="beside", daemon=True) if beside else None
    try:
        for part in running:
            part.start()
        ears.hear_others()
        if companion:
            companion.start()
        memory.give_back()
        site = next((part for part in running if isinstance(part, Web)), None)
        if site and listening:
            descriptors.allow(newsroom.settings.live_connections + _OTHER_FILES)
            _answer(newsroom.settings, around(site.app), listening, site.app)
        else:
            output.errors.print("The worker runs; Ctrl-C ends it.")
            _wait_for_signal()
    finally:
        ended.set()
        if companion and companion.is_alive():
            companion.join(5)
        ears.stop()
        for part in reversed(running):
            part.stop()


def listen(settings: Settings) -> socket.socket:
    """Return a socket that listens where the settings say.

    Raises:
        SettingsError: somebody else listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"port: cannot listen on {settings.host}:{settings.port}: {error.strerror}"
        ) from error


class _Server(uvicorn.Server):
    """A server that lets open pages go before it waits for its connections to end."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would not end by itself, then everything else."""
        self._ending()
        await super().shutdown(sockets)


def _answer(settings: Settings, app: ASGIApp, listening: socket.socket, edge: Edge) -> None:
    port = listening.getsockname()[1]
    output.errors.print(f"The portal listens on http://{settings.host}:{port}/ - Ctrl-C ends it.")
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
        http=bounded(protocol(edge.hatch)),
    )
    for one in _ENDING:
        # Once it has shut down, the server raises the signal again; by default that would end us before all is written.
        signal.signal(one, _already_ending)
    _Server(config, edge.live.end).run(sockets=[listening])


def _already_ending(_signal: int, _frame: object) -> None:
    """Let whoever called the server put things away."""


def _wait_for_signal() -> None:
    ended = threading.Event()
    for one in _ENDING:
        signal.signal(one, lambda *_: ended.set())
    ended.wait()
