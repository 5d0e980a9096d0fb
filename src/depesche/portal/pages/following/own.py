"""A reader's own page, by the signed link of a letter: everything followed, and all that can be set about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from urllib.parse import quote

import msgspec

from depesche.alerts.following.frontdesk import FrontDesk, clock_time
from depesche.model import paths
from depesche.model.errors import Refused, TooMany
from depesche.model.subscription import (
    CHANGED,
    CONFIRMED,
    DIGEST,
    EXPORTED,
    IGNORED,
    INSTANT,
    LEFT,
    REQUESTED,
)
from depesche.portal.ask import JSON, NOT_KEPT, Ask, Page, redirect
from depesche.portal.edge.origin import is_foreign
from depesche.portal.i18n import words
from depesche.portal.pages import notices
from depesche.portal.pages.following import followed, hooks
from depesche.portal.pages.following.follow import answer, number_of, refuse, refuse_foreign, token_of
from depesche.portal.site import Site

_EVENTS = {
    REQUESTED: words("asked for"),
    CONFIRMED: words("confirmed"),
    LEFT: words("stopped"),
    CHANGED: words("changed"),
    EXPORTED: words("handed out"),
    IGNORED: words("asked for, no letter sent"),
}
_ZONES = (
    "Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/London", "Europe/Paris", "Europe/Madrid", "Europe/Warsaw", "Europe/Athens",
    "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "UTC",
)  # fmt: skip
_SAVED = "saved"


def manage(site: Site, ask: Ask) -> Page:
    """Show what the holder of a link follows, and every setting."""
    return _show(site, ask, ask.query.get("token", ""))


def _show(site: Site, ask: Ask, token: str, reason: str = "") -> Page:
    """Show the page; with a *reason*, what was typed into one of its forms stands there still, and the reason beside it."""
    desk, wrong = site.newsroom.front_desk, ask.form.get("act", "") if reason else ""
    try:
        reader, found, log = desk.look(token, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    zone, now = desk.zone_of(reader), site.newsroom.clock.now()
    paused = reader.paused_until if reader.paused_until and reader.paused_until > now else None
    what = {
        "reader": reader,
        "followed": followed.every(site, found),
        "token": token,
        "is_saved": _SAVED in ask.query,
        "wrong": wrong,
        "reason": reason,
        "typed": ask.form,
        "hours": [
            (hour, f"hour{hour}" in ask.form if wrong == "hours" else hour in reader.digest_hours)
            for hour in range(24)
        ],
        "quiet": [None if one is None else clock_time(one) for one in (reader.quiet_from, reader.quiet_to)],
        "zone": zone.key,
        "zones": _ZONES,
        "paused": paused.astimezone(zone) if paused else None,
        "log": [(one, _EVENTS.get(one.event, one.event)) for one in reversed(log)],
        "collected": any(one.cadence == DIGEST for one in found),
        "webhooks": hooks.entered(site, reader, ask.language),
        "webhook_words": hooks.WORDS,
    }
    return answer(site, ask, "manage.html", what, 400 if reason else 200)


def change(site: Site, ask: Ask) -> Page:
    """Change what one form of the page is about, and show the page again."""
    act = _ACTS.get(ask.form.get("act", ""))
    if is_foreign(site, ask.headers):
        return refuse_foreign(site, ask)
    if act is None:
        said = site.speech[ask.language].say("This form is not complete. Nothing was changed.")
        return refuse(site, ask, 400, said)
    token = token_of(ask)
    try:
        made = act(site, ask)
    except TooMany as error:
        return notices.too_many(site, ask, str(error), error.seconds)
    except Refused as error:
        return _show(site, ask, token, str(error))
    if made is not None:
        return made
    path = site.href(paths.MANAGE, ask.language)
    return redirect(f"{path}?token={quote(token)}&{_SAVED}=1", 303)


def export(site: Site, ask: Ask) -> Page:
    """Hand out everything that is kept about a reader, as a file."""
    if is_foreign(site, ask.headers):
        return refuse_foreign(site, ask)
    try:
        found = site.newsroom.front_desk.export(token_of(ask), ask.ip, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    text = json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": 'attachment; filename="depesche.json"', "X-Robots-Tag": "noindex"}
    return Page(text, media_type=JSON, cache=NOT_KEPT, headers=headers)


def erasing(site: Site, ask: Ask) -> Page:
    """Ask whether the reader means to be erased."""
    token = ask.query.get("token", "")
    try:
        reader, found, _ = site.newsroom.front_desk.look(token, ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    return answer(site, ask, "erase.html", {"reader": reader, "n": len(found), "token": token})


def erase(site: Site, ask: Ask) -> Page:
    """Erase a reader."""
    if is_foreign(site, ask.headers):
        return refuse_foreign(site, ask)
    try:
        site.newsroom.front_desk.erase(token_of(ask), ask.language)
    except Refused as error:
        return refuse(site, ask, 400, str(error))
    return answer(site, ask, "erased.html", {})


def _manner(desk: FrontDesk, token: str, ask: Ask) -> None:
    cadence = DIGEST if ask.form.get("cadence") == DIGEST else INSTANT
    desk.set_manner(
        token, ask.ip, ask.language, number_of(ask) or 0, cadence=cadence, updates="updates" in ask.form
    )


def _hours(desk: FrontDesk, token: str, ask: Ask) -> None:
    hours = [hour for hour in range(24) if f"hour{hour}" in ask.form]
    quiet = _minutes(ask.form.get("quiet_from", "")), _minutes(ask.form.get("quiet_to", ""))
    desk.set_hours(
        token, ask.ip, ask.language, hours=hours, quiet=quiet, zone=ask.form.get("zone", "").strip()
    )


def _pause(desk: FrontDesk, token: str, ask: Ask) -> None:
    try:
        until = date.fromisoformat(ask.form.get("until", ""))
    except ValueError:
        until = date.min.replace(year=1970)  # refused as a day that has begun
    desk.pause(token, ask.ip, ask.language, until)


def _resume(desk: FrontDesk, token: str, ask: Ask) -> None:
    desk.pause(token, ask.ip, ask.language, None)


def _speak(desk: FrontDesk, token: str, ask: Ask) -> None:
    desk.speak(token, ask.ip, ask.language, ask.form.get("tongue", ""))


def _at_desk(act: Callable[[FrontDesk, str, Ask], None]) -> Callable[[Site, Ask], None]:
    return lambda site, ask: act(site.newsroom.front_desk, token_of(ask), ask)


_ACTS: dict[str, Callable[[Site, Ask], Page | None]] = {
    "manner": _at_desk(_manner),
    "hours": _at_desk(_hours),
    "pause": _at_desk(_pause),
    "resume": _at_desk(_resume),
    "speak": _at_desk(_speak),
    "hook": hooks.add,
    "hook-resume": hooks.resume,
    "hook-remove": hooks.remove,
}


def _minutes(said: str) -> int | None:
    """Read a time of day; None for an empty field, and for what no time field sends."""
    hours, _, minutes = said.partition(":")
    if not (len(said) >= 4 and said.isascii() and hours.isdigit() and minutes[:2].isdigit()):
        return None
    return int(hours) * 60 + int(minutes[:2]) if int(hours) < 24 and int(minutes[:2]) < 60 else None
