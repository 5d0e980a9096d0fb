"""Errors of the API as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from depesche.portal.ask import NOT_KEPT, Page

PROBLEM = "application/problem+json"
MISSING = "What this address names does not exist, or is not public."
ELSEWHERE = "The addresses of this interface are in its documentation; all are read with GET."


class Unfit(Exception):
    """A parameter makes no sense; the message names it."""


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Page:
    """Return an error as RFC 9457 has it; *more* are members of its own kind."""
    what = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return Page(msgspec.json.encode(what), status, PROBLEM, cache=NOT_KEPT, headers=headers or {})
