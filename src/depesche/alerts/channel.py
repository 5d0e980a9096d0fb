"""The shape of a channel, by which letters leave: a plug-in, one file each in `channels/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from depesche.lib.clock import Clock
from depesche.lib.plugins import load
from depesche.lib.quick import quickly_made
from depesche.model.errors import SettingsError
from depesche.model.subscription import Outgoing


@quickly_made
@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter: its row in the outbox, where it goes, its bytes, and whom to tell that it came back.

    An empty `sender` stands for the channel's own. `order` is what the letter carries out, for channels that need to know its
    subject, its reader's keys or its expiry.
    """

    key: int
    recipient: str
    data: bytes
    sender: str = ""
    order: Outgoing | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Handed:
    """How the hand-over of a letter went.

    `state` is one of the outbox's: sent, dead (trying again cannot help), pending (try again later)
    or uncertain (the other side may have it). `code` is the other side's answer, 0 where it gave none;
    `at_recipient` tells that it knew the recipient when it refused; `again_at` when it wants to be asked again.
    """

    key: int
    state: str
    reason: str | None = None
    code: int = 0
    at_recipient: bool = False
    again_at: datetime | None = None


class Channel(Protocol):
    """A way out; used by one thread."""

    def open(self) -> None:
        """Make ready to send; a channel that is open stays so.

        Raises:
            DeliveryError: nothing can be sent now.
        """
        ...

    def send(
        self,
        letters: Iterable[Letter],
        *,
        on_intent: Callable[[int], None],
        on_accepted: Callable[[int], None],
    ) -> Iterator[Handed]:
        """Hand over *letters* and yield one answer for each that was taken from them.

        *on_intent* is called with a letter's key before the other side can take charge of it, *on_accepted* at
        once when it has. When the way is lost, no further letter is taken.
        """
        ...

    def close(self) -> None:
        """Hang up; the channel may be opened again."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelType:
    """What a plug-in offers: its name, its options with their help, and how to make a channel of them."""

    name: str
    options: Mapping[str, str]
    make: Callable[[Mapping[str, str], Clock], Channel]


def channel_types() -> dict[str, ChannelType]:
    """Return every channel there is, by name."""
    return load("depesche.alerts.channels", "CHANNEL", ChannelType)


def make_channel(name: str, options: Mapping[str, str], clock: Clock) -> Channel:
    """Return the channel called *name*, not yet open.

    Raises:
        SettingsError: there is no such channel, or it has no such option.
    """
    kind = channel_types().get(name)
    if kind is None:
        raise SettingsError(f"there is no channel {name!r}")
    if unknown := sorted(set(options) - set(kind.options)):
        raise SettingsError(f"channel {name} has no option {', '.join(unknown)}")
    return kind.make(options, clock)
