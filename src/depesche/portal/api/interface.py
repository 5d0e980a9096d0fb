"""The API as an ASGI application that is only loaded when somebody first asks it something.

Loading costs a quarter of a second of CPU time and some megabytes, which installations without such readers keep.
"""

from __future__ import annotations

import threading
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from depesche.portal.site import Site


class Interface:
    """Stands in the place of the application and makes it once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app: Any = None
        self._loading = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        app: ASGIApp = self._app or await run_in_threadpool(self.load)
        await app(scope, receive, send)

    def describe(self) -> dict[str, Any]:
        """Return what the application says of itself."""
        from depesche.portal.api.description import describe

        return describe(self.load(), self._site)

    def load(self) -> Any:
        """Return the application."""
        with self._loading:
            if self._app is None:
                from depesche.portal.api.application import make

                self._app = make(self._site)
        return self._app
