"""Following in a browser: the service worker, and what it and the pages' script ask. A GET shows; only a POST changes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from depesche.alerts.following.pushdesk import Browser
from depesche.model.errors import NotFound, Refused, TooMany
from depesche.model.subscription import Subscriber, Subscription, Target
from depesche.portal.ask import JSON, NOT_KEPT, REVALIDATE, Ask, Page
from depesche.portal.edge.origin import is_foreign
from depesche.portal.pages.following import follow
from depesche.portal.pages.following.consent import Consent
from depesche.portal.site import Site

_ICON = "icon-192.png"


def worker(site: Site, _ask: Ask) -> Page:
    """Return the service worker; browsers look for a new one at each visit.

    Raises:
        NotFound: the portal pushes nothing. A browser then forgets the worker it has.
    """
    _or_none(site)
    source = site.assets.all["sw.js"].body.decode().replace(f'"{_ICON}"', json.dumps(site.assets(_ICON)))
    return Page(
        source, media_type="text/javascript", cache=REVALIDATE, headers={"Service-Worker-Allowed": "/"}
    )


def key(site: Site, _ask: Ask) -> Page:
    """Return the key by which push services know us.

    Raises:
        NotFound: the portal pushes nothing.
    """
    _or_none(site)
    return _json({"key": site.newsroom.push_key})


def act(site: Site, ask: Ask) -> Page:
    """Follow, look, stop or move, as the form says, for the browser whose subscription it brings.

    Raises:
        NotFound: the portal pushes nothing.
    """
    _or_none(site)
    say = site.speech[ask.language].say
    if is_foreign(site, ask.headers):
        return _json({"reason": say("This was sent from another site. Nothing was changed.")}, 403)
    does = _ACTS.get(ask.form.get("act", ""))
    if does is None:
        return _json({"reason": say("This form is not complete. Nothing was changed.")}, 400)
    try:
        return _json(does(site, ask))
    except NotFound as error:
        return _json({"reason": str(error)}, 404)
    except TooMany as error:
        return _json({"reason": str(error)}, 429, {"Retry-After": str(error.seconds)})
    except Refused as error:
        return _json({"reason": str(error)}, 400)


def _follow(site: Site, ask: Ask) -> Mapping[str, object]:
    target = site.newsroom.opt_in.settled(follow.wanted(site, ask), ask.language)
    shown = Consent.of(site, ask.language, target)
    if "choice" in ask.form:
        shown = Consent.among(site, ask.language, [(target, target.name)])
    reader = site.newsroom.push_desk.follow(
        _browser(ask), target, ask.language, ask.ip, shown.push_text, follow.source_of(ask)
    )
    return {"following": True, "manage": site.newsroom.push_desk.manage_link(reader, ask.language)}


def _look(site: Site, ask: Ask) -> Mapping[str, object]:
    return _standing(site, ask, site.newsroom.push_desk.look(_browser(ask), ask.language, ask.ip))


def _stop(site: Site, ask: Ask) -> Mapping[str, object]:
    desk, browser = site.newsroom.push_desk, _browser(ask)
    desk.stop(browser, follow.wanted(site, ask), ask.language, ask.ip)
    return _standing(site, ask, desk.look(browser, ask.language, ask.ip))


def _move(site: Site, ask: Ask) -> Mapping[str, object]:
    former = Browser(ask.form.get("former-endpoint", ""), "", ask.form.get("former-auth", ""))
    return {"moved": site.newsroom.push_desk.move(former, _browser(ask), ask.language, ask.ip)}


def _standing(
    site: Site, ask: Ask, found: tuple[Subscriber, list[Subscription]] | None
) -> Mapping[str, object]:
    """Return whether a browser follows what its page is about, and where all that it follows is shown."""
    if found is None:
        return {"following": False}
    reader, running = found
    wanted = follow.wanted(site, ask)
    is_following = any(_is_same(one.target, wanted) for one in running)
    return {"following": is_following, "manage": site.newsroom.push_desk.manage_link(reader, ask.language)}


_ACTS = {"follow": _follow, "look": _look, "stop": _stop, "move": _move}


def _is_same(one: Target, other: Target) -> bool:
    return (one.kind, one.value) == (other.kind, other.value)


def _browser(ask: Ask) -> Browser:
    return Browser(ask.form.get("endpoint", ""), ask.form.get("p256dh", ""), ask.form.get("auth", ""))


def _or_none(site: Site) -> None:
    if not site.settings.web_push:
        raise NotFound("push")


def _json(said: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None) -> Page:
    more = {"X-Robots-Tag": "noindex", **(headers or {})}
    return Page(json.dumps(said, ensure_ascii=False), status, JSON, cache=NOT_KEPT, headers=more)
