"""The API's routes, as a FastAPI application that describes itself; loaded by `interface` when first asked.

A route takes its parameters, lets the module of its noun answer, and hands the answer to the edge, which sends it
like any page: with its ETag, compressed, kept while nothing in it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from depesche.model.errors import NotFound, StoreError
from depesche.portal import away
from depesche.portal.api import changes, counts, instruments, searches, stories
from depesche.portal.api import parameters as p
from depesche.portal.api.answers import CACHE, chosen
from depesche.portal.api.description import Described, describe
from depesche.portal.api.problems import ELSEWHERE, MISSING, Unfit, problem
from depesche.portal.ask import JSON, Ask, Page
from depesche.portal.edge.edge import PAGE
from depesche.portal.site import Site
from depesche.store.stories.catalogue import TOLD

_UNHEARD: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


class Answer(Response):
    """A page on its way to the edge, which sends it."""

    def __init__(self, page: Page) -> None:
        super().__init__(status_code=page.status)
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leave the page where the edge finds it."""
        scope[PAGE] = self.page
        await super().__call__(scope, receive, send)


def make(site: Site) -> FastAPI:
    """Return the application that answers for *site*; it speaks to no telemetry, whatever the environment says."""
    app = FastAPI(
        title=f"{site.settings.title} API", version="1", openapi_url=None, docs_url=None, redoc_url=None,
        redirect_slashes=False, telemetry=_UNHEARD,
        exception_handlers={
            NotFound: _missing, Unfit: _unfit, RequestValidationError: _invalid, HTTPException: _refused,
            StoreError: _away(site), Exception: _failed,
        },
    )  # fmt: skip
    routes = Routes(site, lambda: describe(app, site))
    for path, name, described in _TABLE:
        app.get(
            path, response_class=Response, response_model=None, operation_id=name, tags=[described.tag],
            summary=described.summary, description=described.description,
            responses={200: described.answer()},
        )(getattr(routes, name))  # fmt: skip
    app.get("/openapi.json", include_in_schema=False, response_class=Response, response_model=None)(
        routes.document
    )
    return app


class Routes:
    """One method a route."""

    def __init__(self, site: Site, described: Callable[[], dict[str, Any]]) -> None:
        self._site = site
        self._described = described

    def stories(
        self, request: Request, provider: p.Provider = None, isin: p.Isin = None, language: p.Language = None, topic: p.Topic = None,
        since: p.Since = None, until: p.Until = None, limit: p.Limit = stories.LISTED, cursor: p.Cursor = None, form: p.Format = None,
    ) -> Response:  # fmt: skip
        """List stories."""
        wish = stories.Wish(provider, isin, language, topic, since, until)
        return self._formed(
            request, form, lambda found: stories.listed(self._site, wish, limit, cursor, found)
        )

    def story(self, request: Request, story: p.Story, form: p.Format = None) -> Response:
        """Show one story."""
        return self._formed(request, form, lambda found: stories.one(self._site, story, found))

    def versions(self, story: p.Story) -> Response:
        """List the versions of a story."""
        return Answer(stories.versions(self._site, story))

    def version(self, request: Request, story: p.Story, number: p.Number, form: p.Format = None) -> Response:
        """Show one version."""
        return self._formed(request, form, lambda found: stories.one(self._site, story, found, number))

    def differences(self, story: p.Story, number: p.Number, against: p.Against = None) -> Response:
        """Compare two versions."""
        return Answer(stories.differences(self._site, story, number, against))

    def mentions(self, story: p.Story) -> Response:
        """List the shares of a story."""
        return Answer(stories.mentions(self._site, story))

    def instruments(self, name: p.Named, limit: p.Limit = 10) -> Response:
        """Find instruments."""
        return Answer(instruments.found(self._site, name, limit))

    def instrument(self, code: p.Code) -> Response:
        """Show one instrument."""
        return Answer(instruments.one(self._site, code))

    def search(
        self, query: p.Words, sort: p.Sort = "best", limit: p.Limit = 20, cursor: p.Cursor = None
    ) -> Response:
        """Search stories."""
        return Answer(searches.search(self._site, query, sort, limit, cursor))

    def changes(
        self, after: p.After = None, kinds: p.Kinds = None, story: p.OfStory = None, limit: p.ManyChanges = changes.LISTED
    ) -> Response:  # fmt: skip
        """Follow the journal."""
        wanted = tuple(kinds.split(",")) if kinds else TOLD
        if unknown := set(wanted).difference(TOLD):
            raise Unfit(f"kinds holds {min(unknown)}, but may hold {', '.join(TOLD)}")
        return Answer(changes.feed(self._site, after, wanted, story, limit))

    def views(
        self, request: Request, story: p.Story, by: p.By = None, since: p.From = None, until: p.To = None
    ) -> Response:
        """Count the views of a story."""
        return self._counted(request, counts.views, story, by, since, until)

    def also_read(self, request: Request, story: p.Story, limit: p.Fewer = None) -> Response:
        """List what readers of a story went on to."""
        return self._counted(request, counts.also_read, story, limit)

    def most_read(
        self, request: Request, period: p.Period = None, lang: p.Lang = None, share: p.OfShare = None, provider: p.OfProvider = None,
        topic: p.OfTopic = None, limit: p.Few = None,
    ) -> Response:  # fmt: skip
        """List what was read most."""
        return self._counted(request, counts.most_read, None, period, lang, share, provider, topic, limit)

    def document(self) -> Response:
        """Describe all of this."""
        return Answer(Page(msgspec.json.encode(self._described()), media_type=JSON, cache=CACHE))

    def _formed(self, request: Request, form: str | None, make: Callable[[str], Page]) -> Response:
        found = chosen(request.headers.get("accept", ""), form)
        if found is None:
            return Answer(
                problem(
                    406, "The header Accept names none of the formats that there are; see the documentation."
                )
            )
        return Answer(make(found))

    def _counted(
        self, request: Request, make: Callable[[Site, Ask], Page], story: int | None, *_described: object
    ) -> Response:
        """Let the counts answer, which read and judge their parameters themselves."""
        values = {} if story is None else {"story": str(story)}
        return Answer(
            make(self._site, Ask(self._site.main, request.scope["path"], dict(request.query_params), values))
        )


async def _missing(_request: Request, _error: Exception) -> Response:
    return Answer(problem(404, MISSING))


async def _unfit(_request: Request, error: Exception) -> Response:
    return Answer(problem(400, str(error)))


async def _invalid(_request: Request, error: Exception) -> Response:
    """Say which parameters make no sense, without repeating them."""
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    wrong = [{"parameter": str(one["loc"][-1]), "detail": str(one["msg"])} for one in found]
    said = "; ".join(f"{one['parameter']}: {one['detail']}" for one in wrong)
    return Answer(problem(422, said, errors=wrong))


async def _refused(_request: Request, error: Exception) -> Response:
    return Answer(problem(error.status_code if isinstance(error, HTTPException) else 500, ELSEWHERE))


async def _failed(_request: Request, _error: Exception) -> Response:
    return Answer(problem(500, "Something went wrong here. It has been noted."))


def _away(site: Site) -> Callable[[Request, Exception], Any]:
    async def handler(request: Request, error: Exception) -> Response:
        failure = error if isinstance(error, StoreError) else StoreError(str(error))
        return Answer(away.answer(site, request.scope["path"], failure))

    return handler


_TABLE: tuple[tuple[str, str, Described], ...] = (
    ("/stories", "stories", Described("Stories", "List stories, newest first",
     "Every public story counts for itself. What arrives while you page moves nothing: go on with `next` until it "
     "is null; where few stories fit, a part may be short, even empty, and yet go on.", "Stories", many=True)),
    ("/stories/{story:int}", "story", Described("Stories", "One story as it stands now",
     "A story that was withdrawn answers 410 with the public reason.", "Story", formats=True)),
    ("/stories/{story:int}/versions", "versions", Described("Stories", "The versions of a story", "Newest first.", "Versions")),
    ("/stories/{story:int}/versions/{number:int}", "version", Described("Stories", "One version of a story",
     "As readers could see it then.", "Story", formats=True)),
    ("/stories/{story:int}/versions/{number:int}/differences", "differences", Described("Stories", "What changed in a version",
     "Word by word, as far as the text may leave.", "Differences")),
    ("/stories/{story:int}/mentions", "mentions", Described("Stories", "The shares that a story is about",
     "With the evidence for each; without evidence there is no mention.", "Mentions")),
    ("/instruments", "instruments", Described("Instruments", "Find instruments", "By name, ISIN, WKN or ticker.", "Instruments")),
    ("/instruments/{code}", "instrument", Described("Instruments", "One instrument", "By ISIN, WKN or ticker.", "Instrument")),
    ("/search", "search", Described("Search", "Search stories",
     "In the query language of the page, with snippets and counts. Results move while stories arrive; to miss nothing, follow the changes.",
     "Search")),
    ("/changes", "changes", Described("Changes", "Follow what becomes of stories",
     "The journal, in order: ask for `next` again and again, and nothing is missed. An embargoed version is told when it is released, "
     "and a kill, a withdrawal or the end of a licence when it happens. An answer may be empty and yet move on.", "Changes")),
    ("/stories/{story:int}/views", "views", Described("Counts", "How often a story was read",
     "Days and hours are UTC; those without a view are left out.", "Views")),
    ("/stories/{story:int}/also-read", "also_read", Described("Counts", "What readers of a story went on to",
     "Each with why it is there.", "AlsoRead")),
    ("/most-read", "most_read", Described("Counts", "What was read most", "In an hour, a day or a week.", "MostRead")),
)  # fmt: skip
