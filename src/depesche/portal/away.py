"""What is answered while the database is away: to people a page, to programs a line, to all 503 and when to come again."""

from __future__ import annotations

import json

import structlog

from depesche.model import paths
from depesche.model.errors import StoreError
from depesche.portal.api.problems import problem
from depesche.portal.ask import JSON, NOT_KEPT, Ask, Page
from depesche.portal.pages import notices
from depesche.portal.site import Site

SECONDS = 10  # after which a program may come again
_DOORS = ("/intake/", "/websub/")
_log = structlog.get_logger("portal")


def answer(site: Site, path: str, error: StoreError) -> Page:
    """Return the answer to a request for *path* that failed with *error*; nothing it brought was stored."""
    _log.warning("no answer for want of the database", path=path[:200], reason=str(error))
    headers = {"Retry-After": str(SECONDS)}
    if path.startswith(_DOORS):
        said = json.dumps({"error": "the database does not answer; nothing was kept, please send it again"})
        return Page(said, 503, JSON, cache=NOT_KEPT, headers=headers)
    if path.startswith((f"{paths.API}/", paths.VIEW)):
        page = problem(503, "The database does not answer. Please try again in a moment.")
        return Page(page.raw, 503, page.media_type, cache=NOT_KEPT, headers=headers)
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    language = first if first in site.languages and first != site.main else site.main
    return notices.busy(site, Ask(language, path))
