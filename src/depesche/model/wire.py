"""The wire: a configured incoming line, with what may be shown of its stories."""

from __future__ import annotations

from dataclasses import dataclass

PUSH = "push"
FOLDER = "folder"
POLL = "poll"
QUEUE = "queue"

FULL = "full"
TEASER = "teaser"
HEADLINE = "headline"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a licence lets readers see of a wire's stories.

    `display` is full, teaser (the first `teaser_length` characters and a link to the
    provider) or headline. `notice` is the provider's liability notice and `copyright` the line under each
    story, plain text both. `syndication` lets the text leave in feeds; `sponsored` labels it as advertising.
    `pictures` lets pictures be fetched and shown. After `retention_days` the text is deleted; None keeps it.
    """

    display: str = FULL
    teaser_length: int = 300
    notice: str | None = None
    syndication: bool = True
    sponsored: bool = False
    pictures: bool = True
    copyright: str | None = None
    retention_days: float | None = None


NO_LICENCE = Rights(HEADLINE, syndication=False, pictures=False)
"""What is left of a wire that is not configured any more: its text may not have been ours for ever."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A configured incoming line.

    `kind` is push, folder, poll or queue. `format` names a wire format where the bytes alone do not tell.

    Push: `token` opens the door, or a signature made with `secret`. Poll and queue: `url` is asked with
    `headers`, which may hold keys; `items` is the dotted path of the list in a JSON answer ("." for the answer
    itself); `interval` fixes the seconds between two polls, None lets them follow the wire's own rhythm;
    `websub` lets hubs push what they announce. Queue: `acknowledge` is the address to DELETE, with {receipt}
    from the field or header called `receipt`. Folder: `subfolders` are looked into; `marker` is the ending
    of the file by which the sender says that an item is complete.

    `zone` holds for times without an offset, `language` for items that do not name theirs. `embargo_minutes`
    holds every item back that long after receipt unless it brings an embargo of its own. `silence_hours`
    says when silence is an alarm; None learns it.
    """

    name: str
    provider: str
    kind: str = PUSH
    format: str | None = None
    url: str | None = None
    path: str | None = None
    token: str | None = None
    language: str | None = None
    interval: float | None = None
    allow_private: bool = False
    pictures: bool = True
    rights: Rights = Rights()
    secret: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    items: str | None = None
    acknowledge: str | None = None
    receipt: str = "_wireq_receipt"
    websub: bool = True
    subfolders: bool = False
    marker: str | None = None
    zone: str | None = None
    embargo_minutes: float = 0.0
    silence_hours: float | None = None
