"""Tell a WebSub hub that feeds have changed, so that it pushes them to those who asked it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from depesche.lib.web.http import Client, HttpError
from depesche.model import paths
from depesche.model.errors import DeliveryError
from depesche.model.journal import FILED, KILLED, RELEASED, RELINKED, WITHHELD, Entry
from depesche.portal.feeds import KINDS
from depesche.portal.ports import Newsroom
from depesche.portal.site import Site, provider_slug

_TOLD = frozenset({FILED, RELEASED, KILLED, WITHHELD, RELINKED})
_LATE = timedelta(hours=1)  # what changed longer ago has been fetched without us
_FORM = "application/x-www-form-urlencoded"
_MOST = 50  # addresses in one request


class HubPing:
    """Posts the addresses of changed feeds to the hub at *url*; a follower of the journal."""

    name = "hub"

    def __init__(self, site: Site, url: str, client: Client) -> None:
        self._site = site
        self._url = url
        self._client = client

    def handle(self, entries: Sequence[Entry]) -> None:
        """Tell the hub of every feed that *entries* may have changed.

        Raises:
            DeliveryError: the hub does not answer, or not well; the same entries come again.
        """
        since = self._site.newsroom.clock.now() - _LATE
        stories = dict.fromkeys(one.story for one in entries if one.kind in _TOLD and one.at >= since)
        if not stories:
            return
        changed = self.feeds(list(stories))
        for start in range(0, len(changed), _MOST):
            self._tell(changed[start : start + _MOST])

    def feeds(self, stories: Sequence[int]) -> list[str]:
        """Return the addresses of every feed in which *stories* stand, in every language and kind."""
        stems = ["/feed"]
        with self._site.newsroom.database.reading() as tx:
            for card in tx.newsstand.cards(stories):
                stems.append(f"{paths.provider(provider_slug(card.provider))}/feed")
                stems += [f"{paths.share(one.isin)}/feed" for one in card.shares]
            stems += [f"{paths.topic(code)}/feed" for code in tx.topics.of(stories)]
        return [
            self._site.url(f"{stem}.{kind}", language)
            for stem in dict.fromkeys(stems)
            for language in self._site.languages
            for kind in KINDS
        ]

    def _tell(self, addresses: Sequence[str]) -> None:
        body = urlencode([("hub.mode", "publish"), *(("hub.url", one) for one in addresses)]).encode()
        try:
            answer = self._client.send("POST", self._url, body, {"Content-Type": _FORM})
        except HttpError as error:
            raise DeliveryError(f"hub: {error.reason}", permanent=error.refused) from error
        if not 200 <= answer.status < 300:
            raise DeliveryError(f"hub: status {answer.status}")


def open_hub(newsroom: Newsroom, client: Client) -> HubPing | None:
    """Return the follower that tells the hub of the settings, None where they name none."""
    url = newsroom.settings.websub_hub
    return HubPing(Site(newsroom), url, client) if url else None
