"""Tell the cache before the portal to forget every page that a change in the journal has made untrue."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from depesche.lib.web.http import Client, HttpError
from depesche.model.errors import DeliveryError
from depesche.model.journal import EXPIRED, KILLED, WITHHELD, Entry
from depesche.portal.edge.press import changes
from depesche.portal.edge.shared import PICTURES, STALE
from depesche.portal.edge.tail import tags_of
from depesche.portal.ports import Newsroom
from depesche.portal.site import Site

AGAIN = 0.4  # seconds; a process looks at the journal every 0.25 s, and may have told the cache the old page until then
_TAKE_PICTURES = frozenset({KILLED, WITHHELD, EXPIRED})
_ASKEW = timedelta(minutes=1)  # by which clocks of machines may differ
_MOST = 30  # keys in one request: what the strictest of the caches takes


class Purge:
    """Posts the keys of changed pages to the cache at *url*; a follower of the journal.

    They stand in the header `Surrogate-Key` and, as JSON, in the body. Each is posted twice, because what the cache fetches
    right after the first may be as old as that.
    """

    name = "purge"

    def __init__(
        self,
        site: Site,
        url: str,
        client: Client,
        key: str = "",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._site = site
        self._url = url
        self._client = client
        self._pause = pause
        self._lasts = timedelta(seconds=site.settings.cdn_seconds + STALE) + _ASKEW
        name, _, value = key.partition(":")
        self._secret = {name.strip(): value.strip()} if value else {}

    def handle(self, entries: Sequence[Entry]) -> None:
        """Let the cache forget what *entries* have changed.

        Raises:
            DeliveryError: the cache does not answer, or not well; the same entries come again.
        """
        since = self._site.newsroom.clock.now() - self._lasts
        lately = [one for one in entries if one.at >= since]
        keys = tags_of(self._site, lately, list(changes(self._site, lately))) if lately else set()
        if any(one.kind in _TAKE_PICTURES for one in entries):
            keys.add(PICTURES)
        if keys:
            self._forget(sorted(keys))
            self._pause(AGAIN)
            self._forget(sorted(keys))

    def _forget(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _MOST):
            some = keys[start : start + _MOST]
            headers = {"Surrogate-Key": " ".join(some), "Content-Type": "application/json"}
            try:
                answer = self._client.send(
                    "POST", self._url, json.dumps({"tags": some}).encode(), headers, secret=self._secret
                )
            except HttpError as error:
                raise DeliveryError(f"purge: {error.reason}") from error
            if not 200 <= answer.status < 300:
                raise DeliveryError(f"purge: status {answer.status}")


def open_purge(newsroom: Newsroom, client: Client) -> Purge | None:
    """Return the follower that empties the cache of the settings, None where they name none."""
    settings = newsroom.settings
    if not settings.cdn_purge_url:
        return None
    return Purge(Site(newsroom), settings.cdn_purge_url, client, settings.cdn_purge_key.get_secret_value())
