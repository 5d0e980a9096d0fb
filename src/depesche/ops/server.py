"""Run an installation's processes: portal, worker, or both in one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import structlog
import uvicorn

from depesche.model.errors import SettingsError
from depesche.newsroom import Newsroom
from depesche.ops import output
from depesche.ops.worker import Crew, Worker
from depesche.portal.app import create_app
from depesche.portal.press import open_press

_FLUSH_SECONDS = 1.0
_REFRESH_SECONDS = 60.0

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
        self._crew.repeat("counts", self._flush, _FLUSH_SECONDS)
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

    def _refresh(self) -> bool:
        with self._guard:
            stale, self._stale = self._stale, set()
        if stale:
            self.press.refresh(stale)
        return False


def serve(
    newsroom: Newsroom, *, web: bool, worker: bool, while_running: Callable[[], None] | None = None
) -> None:
    """Run until a signal ends it; *while_running* is called once everything runs.

    Raises:
        SettingsError: the port cannot be listened on.
        StoreError: another process is the worker of this database already.
    """
    newsroom.fill_register()
    running = [
        part for part in (Worker(newsroom) if worker else None, Web(newsroom) if web else None) if part
    ]
    try:
        for part in running:
            part.start()
        if while_running:
            while_running()
        site = next((part for part in running if isinstance(part, Web)), None)
        if site:
            _listen(newsroom, site)
        else:
            output.errors.print("The worker runs; Ctrl-C ends it.")
            _wait_for_signal()
    finally:
        for part in reversed(running):
            part.stop()


def _listen(newsroom: Newsroom, site: Web) -> None:
    settings = newsroom.settings
    config = uvicorn.Config(
        site.app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=5,
    )
    try:
        listening = config.bind_socket()
    except SystemExit as error:
        raise SettingsError(f"port: cannot listen on {settings.host}:{settings.port}") from error
    listening.listen(config.backlog)  # whoever reads the next line and connects at once waits instead of being refused
    port = listening.getsockname()[1]
    output.errors.print(f"The portal listens on http://{settings.host}:{port}/ - Ctrl-C ends it.")
    uvicorn.Server(config).run(sockets=[listening])


def _wait_for_signal() -> None:
    ended = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    ended.wait()
