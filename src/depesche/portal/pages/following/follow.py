"""Following by e-mail: ask, confirm, leave. A GET shows; only a POST changes."""

from __future__ import annotations

from collections.abc import Mapping

from depesche.model import paths
from depesche.model.errors import NotFound, Refused, TooMany
from depesche.model.subscription import DIGEST, INSTANT, INSTRUMENT, LINEAGE, SEARCH, TARGET_KINDS, Target
from depesche.portal.ask import NOT_KEPT, Ask, Page
from depesche.portal.edge.origin import is_foreign
from depesche.portal.pages import notices
from depesche.portal.pages.following import followed, saving
from depesche.portal.pages.following.consent import Consent, agreed, called
from depesche.portal.site import Site

_LONGEST_SOURCE = 300
_SAME_ORIGIN = "same-origin"


def ask_for(site: Site, ask: Ask) -> Page:
    """Take the request to follow something; the answer does not tell whether the address was known."""
    if is_foreign(site, ask.headers):
        return refuse_foreign(site, ask)
    speech, source = site.speech[ask.language], source_of(ask)
    address = ask.form.get("email", "").strip()
    try:
        target = site.newsroom.opt_in.settled(wanted(site, ask), ask.language)
    except NotFound as error:
        return refuse(site, ask, 404, str(error))
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    shown = Consent.of(site, ask.language, target)
    has_choice = "choice" in ask.form
    chosen = Consent.among(site, ask.language, [(target, target.name)]) if has_choice else shown
    digest = ask.form.get("cadence") == DIGEST
    updates = "updates" in ask.form and (has_choice or not shown.is_story)
    what = {"name": called(speech, target), "target": target, "address": address, "back": source}
    try:
        site.newsroom.opt_in.request(
            address, target, ask.language, ask.ip, agreed(chosen, speech, digest=digest, updates=updates), source,
            cadence=DIGEST if digest else INSTANT, updates=updates or target.kind == LINEAGE,
        )  # fmt: skip
    except TooMany as error:
        return notices.too_many(site, ask, str(error), error.seconds)
    except Refused as error:
        again = {"consent": shown, "reason": str(error), "digest": digest, "updates": updates}
        return answer(site, ask, "follow_again.html", what | again, 400)
    with site.newsroom.database.reading() as tx:
        what["place"] = followed.of(tx, target).path
    what |= {"mailbox": site.settings.mailbox_path, "most": site.settings.requests_per_day}
    return answer(site, ask, "follow_asked.html", what)


def confirmation(site: Site, ask: Ask) -> Page:
    """Show what a confirmation is about, and the button that confirms."""
    token = ask.query.get("token", "")
    try:
        found = site.newsroom.opt_in.peek(token, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    return _about(site, ask, "confirm.html", found.target, {"subscription": found, "token": token})


def confirm(site: Site, ask: Ask) -> Page:
    """Confirm a subscription."""
    if is_foreign(site, ask.headers):
        return refuse_foreign(site, ask)
    try:
        found = site.newsroom.opt_in.confirm(token_of(ask), ask.ip, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    return _about(site, ask, "confirmed.html", found.target, {"subscription": found})


def leaving(site: Site, ask: Ask) -> Page:
    """Show what a leave link would end, and the button that does."""
    token = ask.query.get("token", "")
    try:
        _, found = site.newsroom.opt_in.subscriptions(token, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    return answer(site, ask, "leave.html", {"followed": followed.every(site, found), "token": token})


def leave(site: Site, ask: Ask) -> Page:
    """End subscriptions; a mail program sends the same without the button (RFC 8058), so the link alone suffices."""
    only = number_of(ask)
    try:
        ended = site.newsroom.opt_in.leave(token_of(ask), ask.ip, only, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    what = {"ended": followed.every(site, ended), "token": token_of(ask), "was_one": only is not None}
    return answer(site, ask, "left.html", what)


def refuse_foreign(site: Site, ask: Ask) -> Page:
    """Return the page for a form that another site sent."""
    said = site.speech[ask.language].say(
        "This form was sent from another site, so nothing was stored. Please use the form on our page."
    )
    return refuse(site, ask, 403, said)


def token_of(ask: Ask) -> str:
    """Return the token of a signed link, from the address or from a form."""
    return ask.query.get("token") or ask.form.get("token", "")


def number_of(ask: Ask, field: str = "subscription") -> int | None:
    """Return the number in a *field* of a form, by itself the subscription that it names."""
    number = ask.form.get(field, "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


def refuse(site: Site, ask: Ask, status: int, reason: str) -> Page:
    """Return a page that says why not."""
    return answer(site, ask, "refused.html", {"reason": reason, "status": status}, status)


def answer(site: Site, ask: Ask, template: str, what: Mapping[str, object], status: int = 200) -> Page:
    """Return a page that nobody keeps and no search engine lists."""
    body = site.print(template, ask.language, what, path="")
    return Page(
        body, status, cache=NOT_KEPT, headers={"Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
    )


def _about(site: Site, ask: Ask, template: str, target: Target, what: dict[str, object]) -> Page:
    with site.newsroom.database.reading() as tx:
        what["place"] = followed.of(tx, target).path
    name = called(site.speech[ask.language], target)
    return answer(site, ask, template, what | {"name": name, "target": target})


def wanted(site: Site, ask: Ask) -> Target:
    """Return what a form asks to follow; a form may also name a share by its ISIN alone."""
    kind, _, value = ask.form.get("target", f"{INSTRUMENT}:{ask.form.get('isin', '')}").partition(":")
    if kind not in TARGET_KINDS:
        raise NotFound(site.speech[ask.language].say("We do not have that, or not any more."))
    if kind == SEARCH:
        return saving.target_of(site, ask.language, " ".join(value.split()))
    return Target.share(value) if kind == INSTRUMENT else Target(kind, value)


def source_of(ask: Ask) -> str:
    """Return the page of ours that held the form, as it says itself; the proof of consent names it."""
    said = ask.form.get("from", "")
    is_ours = said.startswith("/") and not said.startswith("//") and said.isprintable() and "\\" not in said
    return said if is_ours and len(said) <= _LONGEST_SOURCE else paths.HOME
