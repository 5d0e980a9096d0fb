"""What channels have in common that post each letter to an address of its reader's own."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import groupby

from depesche.alerts.channel import Handed, Letter
from depesche.lib.clock import Clock
from depesche.lib.web.poster import Post, Posted, Poster
from depesche.model.errors import SettingsError
from depesche.model.subscription import DEAD, PENDING, SENT

OPTIONS = {
    "user_agent": "what the portal calls itself to other sites",
    "private": "yes: addresses on private networks, and http there, are posted to",
    "networks": "networks, with blanks between them, that are posted to as if they were public",
    "timeout": "seconds that a whole post may take",
}
_LONGEST_WAIT = timedelta(hours=1)
_LEAST_WAIT = timedelta(seconds=5)
_SAID = 120  # characters of an answer that are kept as its reason


class PostChannel:
    """A channel whose recipients are addresses of the web.

    *prepare* makes the post of a letter, *judge* reads the answer to it; *guarded* posts to addresses that readers named, if not
    the same *poster* does. One that does not answer holds up nobody: many posts are under way
    at once, each within its time.
    """

    def __init__(
        self,
        poster: Poster,
        prepare: Callable[[Letter], Post],
        judge: Callable[[Posted, datetime], Handed],
        clock: Clock,
        guarded: Poster | None = None,
    ) -> None:
        self._poster = poster
        self._guarded = guarded or poster
        self._prepare = prepare
        self._judge = judge
        self._clock = clock

    def open(self) -> None:
        """Do nothing: each address is connected to when something goes there."""

    def send(
        self,
        letters: Iterable[Letter],
        *,
        on_intent: Callable[[int], None],
        on_accepted: Callable[[int], None],
    ) -> Iterator[Handed]:
        """Post *letters*, many at once, and yield the answers as they come."""
        for poster, some in groupby(letters, self._poster_of):
            unfit: list[Handed] = []
            for answer in poster.post(self._posts(some, on_intent, unfit)):
                handed = self._judge(answer, self._clock.now())
                if handed.state == SENT:
                    on_accepted(handed.key)
                yield handed
                while unfit:
                    yield unfit.pop()
            yield from unfit

    def _poster_of(self, letter: Letter) -> Poster:
        is_owned = letter.order is not None and letter.order.subscriber.owner is not None
        return self._guarded if is_owned else self._poster

    def _posts(
        self, letters: Iterable[Letter], on_intent: Callable[[int], None], unfit: list[Handed]
    ) -> Iterator[Post]:
        for one in letters:
            try:
                post = self._prepare(one)
            except ValueError as error:
                unfit.append(Handed(one.key, DEAD, str(error)))
                continue
            on_intent(one.key)
            yield post

    def close(self) -> None:
        """Hang up everywhere."""
        self._poster.close()
        self._guarded.close()


def make_poster(
    options: Mapping[str, str], *, timeout: float, at_once: int = 32, per_site: int = 4
) -> Poster:
    """Return the poster that *options* ask for; *at_once* and *per_site* as for `Poster`.

    Raises:
        SettingsError: an option cannot be right.
    """
    try:
        return Poster(
            user_agent=options.get("user_agent") or "Depesche",
            timeout=float(options.get("timeout") or timeout),
            at_once=at_once,
            per_site=per_site,
            allow_private=options.get("private") == "yes",
            allowed=[ipaddress.ip_network(one) for one in options.get("networks", "").split()],
        )
    except ValueError as error:
        raise SettingsError(f"networks: {error}") from error


def postponed(answer: Posted, now: datetime) -> Handed:
    """Return what is told of a letter that is to be tried again, at the time the other side asks for."""
    return Handed(answer.key, PENDING, said(answer), answer.status, again_at=wanted_at(answer, now))


def said(answer: Posted) -> str:
    """Return in few words how a post went."""
    if not answer.status:
        return answer.reason
    words = " ".join(answer.body.decode(errors="replace").split())
    words = "".join(char for char in words if char.isprintable())[:_SAID]
    return f"{answer.status} {words}".rstrip()


def wanted_at(answer: Posted, now: datetime) -> datetime | None:
    """Return when the other side wants to be asked again (Retry-After, RFC 9110), within reason; None where it does not say."""
    told = answer.headers.get("retry-after", "").strip()
    if not told:
        return None
    if told.isascii() and told.isdigit():
        wait = timedelta(seconds=min(int(told[:9]), 86400))
    else:
        try:
            at = parsedate_to_datetime(told)
        except ValueError:
            return None
        if at.tzinfo is None:
            return None
        wait = at - now
    return now + min(max(wait, _LEAST_WAIT), _LONGEST_WAIT)
