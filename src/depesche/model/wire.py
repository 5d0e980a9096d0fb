"""The wire: a configured incoming line, with what may be shown of its stories."""

from __future__ import annotations

from dataclasses import dataclass

FULL = "full"
TEASER = "teaser"
HEADLINE = "headline"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a licence lets readers see of a wire's stories.

    `display` is full, teaser (the first `teaser_length` characters and a link to the
    provider) or headline. `notice` is the provider's liability notice, plain text.
    """

    display: str = FULL
    teaser_length: int = 300
    notice: str | None = None
    syndication: bool = True
    sponsored: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """A configured incoming line.

    `kind` is push, folder or poll. `format` names a wire format where the bytes alone do not
    tell. `token` opens the push door. `interval` is the least time between two polls, in seconds.
    """

    name: str
    provider: str
    kind: str = "push"
    format: str | None = None
    url: str | None = None
    path: str | None = None
    token: str | None = None
    language: str | None = None
    interval: float = 300.0
    allow_private: bool = False
    pictures: bool = True
    rights: Rights = Rights()
