"""Following a share by e-mail: ask, confirm, see what one follows, leave. A GET shows; only a POST changes."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from depesche.model import paths
from depesche.model.errors import NotFound, Refused, TooMany
from depesche.model.subscription import Target
from depesche.portal.ask import NOT_KEPT, Ask, Page
from depesche.portal.pages import notices
from depesche.portal.pages.consent import Consent
from depesche.portal.site import Site

_LONGEST_SOURCE = 300
_SAME_ORIGIN = "same-origin"


def ask_for(site: Site, ask: Ask) -> Page:
    """Take the request to follow a share; the answer does not tell whether the address was known."""
    if is_foreign(site, ask.headers):
        return _refuse(
            site,
            ask,
            403,
            site.speech[ask.language].say(
                "This form was sent from another site, so nothing was stored. Please use the form on our page."
            ),
        )
    isin, address = ask.form.get("isin", ""), ask.form.get("email", "").strip()
    with site.newsroom.database.reading() as tx:
        share = tx.instruments.by_isin(isin.strip().upper()) if isin.isascii() else None
    if share is None:
        return _refuse(
            site,
            ask,
            404,
            site.speech[ask.language].say(
                "We do not carry this share. Please look for it with the search and follow it on its page."
            ),
        )
    consent = Consent.of(site, ask.language, share.isin, share.name)
    source = _source(ask)
    try:
        site.newsroom.opt_in.request(address, Target.share(share.isin), ask.language, ask.ip, consent.text, source)
    except NotFound as error:
        return _refuse(site, ask, 404, str(error))
    except TooMany as error:
        return notices.too_many(site, ask, str(error), error.seconds)
    except Refused as error:
        what = {"share": share, "consent": consent, "address": address, "reason": str(error), "back": source}
        return _answer(site, ask, "follow_again.html", what, 400)
    what = {
        "share": share,
        "address": address,
        "back": source,
        "mailbox": site.settings.mailbox_path,
    }
    return _answer(site, ask, "follow_asked.html", what)


def confirmation(site: Site, ask: Ask) -> Page:
    """Show what a confirmation is about, and the button that confirms."""
    token = ask.query.get("token", "")
    try:
        found = site.newsroom.opt_in.peek(token, ask.language)
    except Refused as error:
        return _refuse(site, ask, 400, str(error))
    return _answer(site, ask, "confirm.html", {"subscription": found, "token": token})


def confirm(site: Site, ask: Ask) -> Page:
    """Confirm a subscription."""
    try:
        found = site.newsroom.opt_in.confirm(_token(ask), ask.ip, ask.language)
    except Refused as error:
        return _refuse(site, ask, 400, str(error))
    return _answer(site, ask, "confirmed.html", {"subscription": found})


def manage(site: Site, ask: Ask) -> Page:
    """Show what the holder of a link follows, each with the button that ends it."""
    return _own(site, ask, "manage.html")


def leaving(site: Site, ask: Ask) -> Page:
    """Show what a leave link would end, and the button that does."""
    return _own(site, ask, "leave.html")


def leave(site: Site, ask: Ask) -> Page:
    """End subscriptions; a mail program sends the same without the button (RFC 8058), so the link alone suffices."""
    number = ask.form.get("subscription", "")
    only = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    try:
        ended = site.newsroom.opt_in.leave(_token(ask), ask.ip, only, ask.language)
    except Refused as error:
        return _refuse(site, ask, 400, str(error))
    return _answer(
        site, ask, "left.html", {"ended": ended, "token": _token(ask), "was_one": only is not None}
    )


def is_foreign(site: Site, headers: Mapping[str, str]) -> bool:
    """Tell whether a form was sent from another site's page: by Sec-Fetch-Site, in older browsers by Origin.

    No page holds a token for this, so that all readers get the same page; and there is no cookie
    whose power another site could borrow.
    """
    fetched = headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched != _SAME_ORIGIN
    origin = headers.get("origin")
    if origin is None:
        return False
    return host_of(origin) not in {headers.get("host", ""), urlsplit(site.address).netloc}


def host_of(address: str) -> str:
    """Return host and port of an address that was sent to us; nothing where it is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _own(site: Site, ask: Ask, template: str) -> Page:
    token = ask.query.get("token", "")
    try:
        subscriber, found = site.newsroom.opt_in.subscriptions(token, ask.language)
    except Refused as error:
        return _refuse(site, ask, 400, str(error))
    return _answer(
        site, ask, template, {"address": subscriber.address, "subscriptions": found, "token": token}
    )


def _token(ask: Ask) -> str:
    return ask.query.get("token") or ask.form.get("token", "")


def _source(ask: Ask) -> str:
    """Return the page of ours that held the form, as it says itself; the proof of consent names it."""
    said = ask.form.get("from", "")
    is_ours = said.startswith("/") and not said.startswith("//") and said.isprintable() and "\\" not in said
    return said if is_ours and len(said) <= _LONGEST_SOURCE else paths.HOME


def _refuse(site: Site, ask: Ask, status: int, reason: str) -> Page:
    return _answer(site, ask, "refused.html", {"reason": reason, "status": status}, status)


def _answer(site: Site, ask: Ask, template: str, what: Mapping[str, object], status: int = 200) -> Page:
    body = site.print(template, ask.language, what, path="")
    return Page(
        body, status, cache=NOT_KEPT, headers={"Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
    )
