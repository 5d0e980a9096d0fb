"""What the portal needs of the newsroom, so that its pages can be read without knowing how that is built."""

from __future__ import annotations

from typing import Protocol

from depesche.alerts.following.frontdesk import FrontDesk
from depesche.alerts.following.pushdesk import PushDesk
from depesche.alerts.following.readerhooks import ReaderHooks
from depesche.audience.readership import Readership
from depesche.bus.follow import Bell
from depesche.lib.clock import Clock
from depesche.model.audience import Visit
from depesche.model.instrument import Instrument
from depesche.model.story import StoryPage
from depesche.model.subscription import Subscriber, Subscription, Target
from depesche.model.wire import Rights
from depesche.search.facets import Facets
from depesche.settings import Settings
from depesche.store.database import Database, Transaction
from depesche.wires.doors.intake import Intake
from depesche.wires.doors.websub import HubDoor


class Counter(Protocol):
    """Counts visits."""

    def count(self, story: int, visit: Visit) -> str:
        """Count *visit*; return `counted` or why not."""
        ...


class Hits(Protocol):
    """What a search found: stories by key, best first, and shares."""

    @property
    def total(self) -> int:
        """How many stories match."""
        ...

    @property
    def stories(self) -> tuple[int, ...]:
        """The keys on this page of results; they may include stories that are not public any more."""
        ...

    @property
    def shares(self) -> tuple[Instrument, ...]:
        """Instruments whose code or name was typed."""
        ...

    @property
    def facets(self) -> Facets:
        """What the stories have in common, counted."""
        ...

    @property
    def has_more(self) -> bool:
        """Tell whether there are older stories that nobody counted."""
        ...


class Searcher(Protocol):
    """Answers searches."""

    def search(
        self,
        query: str,
        *,
        language: str | None = None,
        limit: int = 20,
        offset: int = 0,
        by_time: bool = False,
        with_facets: bool = False,
    ) -> Hits:
        """Return what matches *query*, the best first or *by_time* the newest."""
        ...


class OptIn(Protocol):
    """Subscriptions and consent; each raises `Refused` with words fit for the reader, in *language*."""

    def request(
        self,
        address: str,
        target: Target,
        language: str,
        ip: str,
        form_text: str,
        source: str,
        *,
        cadence: str = ...,
        updates: bool | None = ...,
    ) -> None:
        """Take a request and send the letter that asks for confirmation."""
        ...

    def settled(self, target: Target, language: str) -> Target:
        """Return a target with the name that people know it by."""
        ...

    def peek(self, token: str, language: str | None = None) -> Subscription:
        """Return what a confirmation is about, without confirming."""
        ...

    def confirm(self, token: str, ip: str, language: str | None = None) -> Subscription:
        """Confirm a subscription."""
        ...

    def subscriptions(self, token: str, language: str | None = None) -> tuple[Subscriber, list[Subscription]]:
        """Return the reader of a link, and what the link is about and still runs."""
        ...

    def leave(
        self, token: str, ip: str, subscription: int | None = None, language: str | None = None
    ) -> list[Subscription]:
        """End what a link is about, or only *subscription* of it; returns what ended."""
        ...


class Newsroom(Protocol):
    """The parts of an installation that pages are made of."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def database(self) -> Database:
        """The database."""
        ...

    @property
    def counter(self) -> Counter:
        """Counts visits."""
        ...

    @property
    def readership(self) -> Readership:
        """What readers do."""
        ...

    @property
    def searcher(self) -> Searcher:
        """Answers searches."""
        ...

    @property
    def opt_in(self) -> OptIn:
        """Subscriptions and consent."""
        ...

    @property
    def front_desk(self) -> FrontDesk:
        """What readers see and change of themselves."""
        ...

    @property
    def reader_hooks(self) -> ReaderHooks:
        """What programs follow that readers named."""
        ...

    @property
    def push_desk(self) -> PushDesk:
        """What browsers follow."""
        ...

    @property
    def push_key(self) -> str:
        """The key by which push services know us."""
        ...

    @property
    def bell(self) -> Bell:
        """Wakes the followers."""
        ...

    @property
    def intake(self) -> Intake:
        """The push door."""
        ...

    @property
    def hubs(self) -> HubDoor:
        """Subscriptions at the hubs of feeds."""
        ...

    def saved_form(self, query: str) -> str:
        """Return the one spelling under which a search is kept; raises `CannotSave`."""
        ...

    def rights(self, wire: str) -> Rights:
        """Return what readers may see of the stories of *wire*."""
        ...

    def story_page(self, tx: Transaction, story: int) -> StoryPage | None:
        """Return everything the page of *story* shows, as *tx* sees it; None where it is not public."""
        ...
