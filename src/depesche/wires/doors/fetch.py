"""Poll feeds and HTTP wires with good manners: conditional, never early, ever more slowly where it fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from depesche.lib.web.http import Response
from depesche.model.wire import POLL, Wire
from depesche.store.wires.polls import Poll
from depesche.store.wires.websub import ACTIVE
from depesche.wires.doors import manners
from depesche.wires.doors.listing import pieces
from depesche.wires.doors.rounds import Rounds

_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/json, application/xml;q=0.9, */*;q=0.5"
_HEAD = 4096
# What sites answer with status 200 when they mean that something is wrong: not kept, for the next poll may be well.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+)?html\b",
    re.IGNORECASE | re.DOTALL,
)
_log = structlog.get_logger("poll")


class Poller(Rounds):
    """Polls the wires of kind poll; `on_answer` is told of every new answer, to look for a hub in it."""

    kind = POLL
    on_answer: Callable[[Wire, Response], None] | None = None

    def ask(self, wire: Wire, poll: Poll) -> tuple[int, datetime | None]:
        """Poll one wire, at the address its site moved it to for good."""
        answer = self.client_of(wire).fetch(
            poll.moved_to or str(wire.url), _conditions(poll), secret=dict(wire.headers)
        )
        poll = self._moved(wire, poll, answer)
        if answer.status == 304:
            self._put(replace(poll, next_at=self._next(wire, answer), failures=0, last_error=None))
            return 0, None
        if answer.status == 200 and _PAGE.match(answer.body[:_HEAD]):
            self._put(self.failed(wire, poll, "the answer is a web page, not news"))
            return 0, None
        if answer.status in (200, 204) and (wire.items is not None or answer.body.strip()):
            return self._keep(wire, poll, answer), None
        if poll.moved_to and answer.status != 410 and answer.status not in manners.BUSY:
            poll = replace(poll, moved_to=None)  # the new home fails: ask the old one next
        return self.refused(wire, poll, answer)

    def failed(self, wire: Wire, poll: Poll, reason: str) -> Poll:
        """Return *poll* after one more failure; an address it moved to is not trusted any more."""
        return replace(super().failed(wire, poll, reason), moved_to=None)

    def _keep(self, wire: Wire, poll: Poll, answer: Response) -> int:
        now = self._clock.now()
        items = pieces(answer.body, wire.items)
        next_at = self._next(wire, answer)
        with self._database.transaction() as tx:
            kept = [
                tx.spool.add(
                    raw, wire=wire.name, provider=wire.provider, name=manners.shown(str(wire.url)), at=now,
                    format_name=wire.format, base=answer.url,
                )
                for raw in items
            ]  # fmt: skip
            new = sum(is_new for _, is_new in kept)
            fresh = replace(
                poll, next_at=next_at, etag=answer.headers.get("etag"), modified=answer.headers.get("last-modified"),
                last_item_at=now if new else poll.last_item_at, failures=0, last_error=None,
            )  # fmt: skip
            tx.polls.put(fresh)
        _log.info("polled", wire=wire.name, bytes=len(answer.body), new=new)
        if self.on_answer is not None:
            self.on_answer(wire, answer)
        return new

    def _next(self, wire: Wire, answer: Response) -> datetime:
        """Return when to ask again; where a hub pushes, a poll a day makes sure that nothing was missed."""
        with self._database.reading() as tx:
            pulse, lease = tx.health.get(wire.name), tx.websub.get(wire.name)
        wait = manners.wait_for(wire, pulse, answer)
        if (
            lease is not None
            and lease.state == ACTIVE
            and lease.lease_until
            and lease.lease_until > self._clock.now()
        ):
            wait = max(wait, timedelta(days=1))
        return self.later(wait)

    def _moved(self, wire: Wire, poll: Poll, answer: Response) -> Poll:
        """Ask the new address from now on, and tell the operator, whose setting it is."""
        asked = poll.moved_to or str(wire.url)
        if answer.status not in (200, 304) or answer.permanent_url in {"", asked}:
            return poll
        _log.warning(
            "moved permanently: change its url", wire=wire.name, to=manners.shown(answer.permanent_url)
        )
        return replace(poll, moved_to=answer.permanent_url)


def _conditions(poll: Poll) -> dict[str, str]:
    """Return the headers that make an unchanged answer short; validators are sent back exactly as they came."""
    headers = {"Accept": _ACCEPT}
    if poll.etag:
        headers["If-None-Match"] = poll.etag
    if poll.modified:
        headers["If-Modified-Since"] = poll.modified
    return headers
