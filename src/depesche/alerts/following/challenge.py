"""The challenge: what a program must repeat before anything else is posted to its address."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

import msgspec

from depesche.alerts.posting import said
from depesche.alerts.signature import signed
from depesche.lib.clock import Clock, rfc3339
from depesche.lib.web.addresses import Forbidden
from depesche.lib.web.poster import Post, Posted, Poster
from depesche.model.errors import Refused

_LONGEST = 1024  # characters of an address
_CHALLENGE = "challenge"


class Challenger:
    """Posts to one address at a time; *make_poster* makes what posts, with its allowed addresses and the time a post may take."""

    def __init__(self, make_poster: Callable[[], Poster], clock: Clock) -> None:
        self._make_poster = make_poster
        self._clock = clock

    def check(self, url: str) -> None:
        """Say whether *url* may be posted to, as far as that can be seen without asking anybody.

        Raises:
            Refused: it may not; the message says why.
        """
        poster = self._make_poster()
        try:
            if len(url) > _LONGEST:
                raise Refused("the address is too long")
            poster.check(url)
        except Forbidden as error:
            raise Refused(str(error)) from error
        finally:
            poster.close()

    def challenge(self, url: str, secret: str) -> None:
        """Let the program at *url* prove that it wants what is to come.

        Raises:
            Refused: it did not repeat the challenge; the message says what it did instead.
        """
        challenge = secrets.token_urlsafe(24)
        answer = self.post(url, secret, {"event": _CHALLENGE, "challenge": challenge})
        if not 200 <= answer.status < 300:
            raise Refused(f"the challenge was not answered: {said(answer)}")
        if not hmac.compare_digest(_echo(answer.body).encode(), challenge.encode()):
            raise Refused("the answer to the challenge does not repeat it")

    def post(self, url: str, secret: str, event: dict[str, str]) -> Posted:
        """Post an *event* that is about no story, and return the answer."""
        now = self._clock.now()
        identifier = f"{event['event']}-{secrets.token_hex(8)}"
        body = msgspec.json.encode({"id": identifier, **event, "decided_at": rfc3339(now)})
        poster = self._make_poster()
        try:
            return next(iter(list(poster.post([Post(0, url, body, signed(secret, identifier, now, body))]))))
        finally:
            poster.close()


def _echo(body: bytes) -> str:
    """Return the challenge in an answer: the JSON field of that name, or the whole text."""
    text = body.decode(errors="replace").strip()
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    if isinstance(found, dict):
        return str(found.get(_CHALLENGE, ""))
    return found if isinstance(found, str) else text
