"""The portal as an ASGI application: its routes, and how a request becomes an ask."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from depesche.model import paths
from depesche.model.errors import NotFound, StoreError
from depesche.portal import away, feeds, ledger, metrics
from depesche.portal.api.interface import Interface
from depesche.portal.ask import NOT_KEPT, TEXT, Ask, Page
from depesche.portal.body import read_body
from depesche.portal.callback import called_back
from depesche.portal.door import take_in
from depesche.portal.edge.edge import METHOD, PAGE, Edge
from depesche.portal.edge.press import open_pages
from depesche.portal.out import known, oembed, sitemaps
from depesche.portal.out.preview import Previews
from depesche.portal.pages import (
    archive,
    counting,
    embed,
    home,
    legal,
    most_read,
    notices,
    picture,
    provider,
    search,
    share,
    slot,
    story,
    styleguide,
    suggest,
    topic,
    versions,
)
from depesche.portal.pages import feeds as feed_list
from depesche.portal.pages import interface as interface_page
from depesche.portal.pages.following import follow, own, push
from depesche.portal.ports import Newsroom
from depesche.portal.site import Site

Handler = Callable[[Site, Ask], Page]


class _Number(IntegerConvertor):
    """A number that a key may be; one of thousands of digits is no address of ours."""

    regex = "[0-9]{1,18}"


register_url_convertor("number", _Number())

_FORM_BYTES = 8_192
_FORM_FIELDS = 40
_SAFE_VALUE = re.compile(r"[^\x00-\x1f\x7f]*")

_PAGES: Mapping[str, Handler] = {
    paths.HOME: home.show,
    paths.SEARCH: search.show,
    "/shares/{code}": share.show,
    "/shares/{code}/feed.{kind}": feeds.of_share,
    "/providers/{slug}/feed.{kind}": feeds.of_provider,
    "/search.{kind}": feeds.of_search,
    "/embed/shares/{code}": embed.show,
    paths.FEEDS: feed_list.show,
    paths.FEEDS_OPML: feed_list.opml,
    paths.STYLEGUIDE: styleguide.show,
    "/providers/{slug}": provider.show,
    "/topics/{code}": topic.show,
    "/topics/{code}/feed.{kind}": feeds.of_topic,
    paths.ARCHIVE: archive.show,
    "/archive/{period}": archive.show_period,
    "/slots/{place}": slot.show,
    paths.SUGGEST: suggest.show,
    "/news/{name}": story.show,
    "/news/{name}/versions": versions.show,
    "/news/{name}/versions/{number:number}": versions.show_one,
    "/feed.{kind}": feeds.home,
    paths.IMPRINT: legal.imprint,
    paths.PRIVACY: legal.privacy,
    paths.TRANSPARENCY: legal.transparency,
    paths.MOST_READ: most_read.show,
    paths.CONFIRM: follow.confirmation,
    paths.MANAGE: own.manage,
    paths.LEAVE: follow.leaving,
    paths.ERASE: own.erasing,
    paths.PUSH: push.key,
}
_FORMS: Mapping[str, Handler] = {
    paths.FOLLOW: follow.ask_for,
    paths.CONFIRM: follow.confirm,
    paths.LEAVE: follow.leave,
    paths.MANAGE: own.change,
    paths.EXPORT: own.export,
    paths.ERASE: own.erase,
    paths.PUSH: push.act,
}
_ONCE: Mapping[str, Handler] = {
    "/robots.txt": known.robots,
    "/.well-known/security.txt": known.security,
    "/manifest.webmanifest": known.manifest,
    "/sitemap.xml": sitemaps.index,
    "/sitemaps/{name}.xml": sitemaps.show,
    "/oembed": oembed.show,
    "/pictures/{name}": picture.show,
    "/slots/pictures/{name}": slot.picture,
    "/view/{story:number}.gif": counting.pixel,
    paths.WORKER: push.worker,
}


def create_app(newsroom: Newsroom) -> Edge:
    """Return the portal of *newsroom*."""
    site = Site(newsroom)
    routes: list[BaseRoute] = [Route("/intake/{wire}", take_in(site), methods=["POST"])]
    routes.append(Route("/websub/{token}", called_back(site), methods=["GET", "POST"]))
    routes += [Route(path, _looking(site, handler, site.main)) for path, handler in _ONCE.items()]
    interface = Interface(site)
    routes.append(Mount(paths.API, interface))
    routes.append(Route(paths.METRICS, _looking(site, metrics.show, site.main)))
    for path in (paths.LEDGER, f"{paths.LEDGER}/{{story:number}}"):
        routes.append(Route(path, _looking(site, ledger.show, site.main)))
    previews = Previews(site)
    routes.append(Route("/preview/{name}.png", _looking(site, previews.show, site.main)))
    routes.append(Route("/healthz", _looking(site, _healthz, site.main)))
    for language in site.languages:
        prefix = "" if language == site.main else f"/{language}"
        if prefix:
            routes.append(Route(prefix, _looking(site, home.find, language)))
        for path, handler in _PAGES.items():
            routes.append(Route(f"{prefix}{path}", _looking(site, handler, language)))
        for path, handler in _FORMS.items():
            routes.append(Route(f"{prefix}{path}", _sending(site, handler, language), methods=["POST"]))
        described = interface_page.page(interface.describe)
        routes.append(Route(f"{prefix}{paths.API_PAGE}", _looking(site, described, language)))
    inner = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _refusal(site),
            StoreError: _away(site),
            Exception: _failure(site),
        },
    )
    inner.router.redirect_slashes = False
    return Edge(inner, site, open_pages(site))


def _looking(
    site: Site, handler: Handler, language: str, missing: Handler = notices.not_found
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await _answer(site, handler, request, _ask(site, request, language), missing)

    return endpoint


def _sending(site: Site, handler: Handler, language: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        ask = _ask(site, request, language)
        try:
            body = await read_body(request, _FORM_BYTES)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            page = await run_in_threadpool(
                notices.refused, site, ask, 413, site.speech[language].say("That form is too large.")
            )
            return _response(request, page)
        return await _answer(site, handler, request, replace(ask, form=_fields(body)))

    return endpoint


async def _answer(
    site: Site, handler: Handler, request: Request, ask: Ask, missing: Handler = notices.not_found
) -> Response:
    try:
        page = await run_in_threadpool(handler, site, ask)
    except NotFound:
        page = await run_in_threadpool(missing, site, ask)
    return _response(request, page)


def _response(request: Request, page: Page) -> Response:
    request.scope[PAGE] = page
    return Response(page.raw, page.status, {"Cache-Control": page.cache, **page.headers}, page.media_type)


def _ask(site: Site, request: Request, language: str) -> Ask:
    path = request.scope["path"]
    if language != site.main:
        path = path.removeprefix(f"/{language}") or "/"
    return Ask(
        language=language,
        path=path,
        query=dict(request.query_params),
        values={name: str(value) for name, value in request.path_params.items()},
        headers=_headers(request),
        ip=request.client.host if request.client else "",
        method=request.scope.get(METHOD, request.method),
    )


def _headers(request: Request) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}


def _fields(body: bytes) -> dict[str, str]:
    try:
        found = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError:
        return {}
    return {name: value for name, value in found if _SAFE_VALUE.fullmatch(value)}


def _refusal(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        ask = _ask(site, request, _language_of(site, request))
        if status == 404:
            return _response(request, await run_in_threadpool(notices.not_found, site, ask))
        said = site.speech[ask.language].say("This address does not take that kind of request.")
        page = await run_in_threadpool(notices.refused, site, ask, status, said)
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        return _response(request, replace(page, headers=headers))

    return handler


def _failure(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, _error: Exception) -> Response:
        made = request.scope.get(PAGE)
        if isinstance(made, Page):  # the API has said it in its own way
            return _response(request, made)
        ask = _ask(site, request, _language_of(site, request))
        return _response(request, await run_in_threadpool(notices.failed, site, ask))

    return handler


def _away(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        failure = error if isinstance(error, StoreError) else StoreError(str(error))
        return _response(request, away.answer(site, request.scope["path"], failure))

    return handler


def _language_of(site: Site, request: Request) -> str:
    first = request.scope["path"].lstrip("/").partition("/")[0]
    return first if first in site.languages and first != site.main else site.main


def _healthz(site: Site, _ask: Ask) -> Page:
    """Say that the database answers; if it does not, the page is a failure."""
    with site.newsroom.database.reading() as tx:
        tx.journal.last()
    return Page("ok\n", media_type=TEXT, cache=NOT_KEPT)
