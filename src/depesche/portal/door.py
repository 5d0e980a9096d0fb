"""The push door: a wire's sender posts an item with token or signature, and is told that it is safe before anyone reads it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from depesche.model.errors import NotFound, Refused
from depesche.portal.ask import JSON, NOT_KEPT
from depesche.portal.body import read_body
from depesche.portal.site import Site
from depesche.wires.doors.intake import Proof, TooLarge, WrongToken

_BEARER = "bearer "
_NAMES = ("slug", "content-location")  # how a sender may call the item, for people


def take_in(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of `POST /intake/{wire}`; answers are JSON with a reason where something is wrong."""

    async def endpoint(request: Request) -> Response:
        try:
            return _answer(202, await _receive(site, request))
        except NotFound as error:
            return _answer(404, {"error": str(error)})
        except WrongToken as error:
            return _answer(401, {"error": str(error)})
        except _Packed as error:
            return _answer(415, {"error": str(error)})
        except TooLarge as error:
            return _answer(413, {"error": f"{error}; nothing was kept"})
        except Refused as error:
            return _answer(400, {"error": f"{error}; nothing was kept"})
        except ClientDisconnect:
            return _answer(400, {"error": "the connection ended before the item did; nothing was kept"})

    return endpoint


async def _receive(site: Site, request: Request) -> dict[str, object]:
    """Ask for the token before reading the body, so that a stranger cannot make us take in megabytes."""
    intake, wire = site.newsroom.intake, request.path_params["wire"]
    said = request.headers.get("authorization", "")
    token = said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else None
    await run_in_threadpool(intake.admit, wire, token, _proof(request))
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _Packed("items are taken as they are: send it without Content-Encoding")
    body = await read_body(request, intake.max_bytes)
    if body is None:
        raise TooLarge(f"the item is larger than {intake.max_bytes} bytes")
    name = next((request.headers[one] for one in _NAMES if one in request.headers), "push")
    receipt = await run_in_threadpool(intake.receive, wire, token, body, name, _proof(request))
    site.newsroom.bell.ring()
    return {"item": receipt.key, "new": receipt.new}


class _Packed(Refused):
    """The item came packed; what is unpacked for strangers may fill any memory."""


def _proof(request: Request) -> Proof | None:
    """Return the signature that came with an item, if one did."""
    signature = request.headers.get("x-signature")
    return Proof(signature, request.headers.get("x-timestamp", "").strip()) if signature else None


def _answer(status: int, what: dict[str, object]) -> Response:
    headers = {"Cache-Control": NOT_KEPT}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(what), status, headers, JSON)
