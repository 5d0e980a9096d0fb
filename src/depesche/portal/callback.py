"""The address to which hubs push what feeds announce: verification by GET, content by POST (W3C WebSub)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from depesche.model.errors import NotFound
from depesche.portal.ask import NOT_KEPT, TEXT, Page
from depesche.portal.body import read_body
from depesche.portal.edge.edge import PAGE
from depesche.portal.site import Site

# Plain text that is not sniffed: what a stranger made us repeat is never a page.
_PLAIN = {"X-Content-Type-Options": "nosniff"}
_SIGNATURES = ("x-hub-signature-256", "x-hub-signature")


def called_back(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of `/websub/{token}`.

    Whether a signature was right is not told: what is unsigned is dropped and answered alike.
    """

    async def endpoint(request: Request) -> Response:
        hubs, token = site.newsroom.hubs, request.path_params["token"]
        try:
            if request.method in ("GET", "HEAD"):
                return await _verified(site, request, token)
            body = await read_body(request, hubs.max_bytes)
            if body is None:
                return _answer(413, "too large\n")
            signature = next((request.headers[one] for one in _SIGNATURES if one in request.headers), None)
            if await run_in_threadpool(hubs.receive, token, body, signature):
                site.newsroom.bell.ring()
            return _answer(202, "")
        except NotFound:
            return _answer(404, "nothing was asked for here\n")
        except ClientDisconnect:
            return _answer(400, "the connection ended before the content did\n")

    return endpoint


async def _verified(site: Site, request: Request, token: str) -> Response:
    """Answer a hub's question; the edge wants every GET to make a page."""
    try:
        said, status = (
            await run_in_threadpool(site.newsroom.hubs.verify, token, dict(request.query_params)),
            200,
        )
    except NotFound:
        said, status = "nothing was asked for here\n", 404
    request.scope[PAGE] = Page(said, status, TEXT, cache=NOT_KEPT, headers=_PLAIN)
    return _answer(status, said)


def _answer(status: int, said: str) -> Response:
    return Response(said, status, {"Cache-Control": NOT_KEPT, **_PLAIN}, TEXT)
