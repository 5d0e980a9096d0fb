"""Count readers, not requests, and keep nothing about any of them."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from hashlib import blake2b

from depesche.audience.alsoread import Click, gather
from depesche.audience.repeats import Full, Repeats
from depesche.audience.robots import is_robot
from depesche.audience.trail import MEMORY, Trails
from depesche.lib.clock import Clock, epoch
from depesche.model.audience import (
    COUNTED,
    DAY,
    HOUR,
    PREFETCH,
    RATE,
    REPEAT,
    ROBOT,
    UNKNOWN,
    Batch,
    Visit,
)

_SECOND = 1_000_000
_HOUR, _DAY = HOUR * _SECOND, DAY * _SECOND
_HIGHEST_STORY = 2**63 - 1
_PURPOSE_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD = ("prefetch", "prerender", "preview")
_ADDRESSES = 10  # of a network (/24, IPv6 /48) may come as often as one may
_CLICKS = 5_000  # of which each is remembered; then they become sums


def purpose(headers: Mapping[str, str]) -> str | None:
    """Return what *headers*, whose names are lower case or compared regardless of it, say of a request's purpose."""
    said = [headers[name] for name in _PURPOSE_HEADERS if name in headers]
    return ", ".join(said) if said else None


class Counter:
    """Counts views by the rules that the portal publishes, and collects what was read after what.

    A visit is refused, for the first of these reasons that holds, as prefetch, rate (more than
    *rate_limit* visits a minute from one address or IPv6 /64, or ten times as many from its network; 0 is no
    limit), robot, unknown or repeat.
    *exists* tells whether readers can see a story; it is asked outside the lock and should be quick.

    A reader is a keyed hash of network (/24, IPv6 /48) and agent. Its key is random, is held here alone
    and dies at midnight UTC, or after 24 hours should the clock step back; with it dies every
    reader, so a chain of clicks ends at midnight. Hours and days are the clock's; gaps are measured on
    a time that stands still while the clock steps back.
    """

    def __init__(
        self, clock: Clock, *, exists: Callable[[int], bool], rate_limit: int = 300, capacity: int = 500_000
    ) -> None:
        self._clock = clock
        self._exists = exists
        self._lock = threading.Lock()
        self._time = _SteadyTime()
        self._salt = _Salt()
        self._floods = _Floods(rate_limit, capacity)
        self._repeats = Repeats(capacity)
        self._trails: Trails[int] = Trails(MEMORY * _SECOND, capacity)
        self._start_batch()

    def count(self, story: int, visit: Visit) -> str:
        """Count *visit* to *story*; return `counted` or the reason of its rejection."""
        if visit.purpose is not None and _is_ahead(visit.purpose):
            return self._reject(PREFETCH)
        address, network = _parts(visit.address)
        with self._lock:
            self._tick()
            if self._floods.is_one(address, network, self._time.steady):
                return self._note(RATE)
        # Both may take a while for what was never seen before; nobody is to wait for that.
        if is_robot(visit.agent):
            return self._reject(ROBOT)
        if not 0 < story <= _HIGHEST_STORY or not self._exists(story):
            return self._reject(UNKNOWN)
        raw = network + b"\0" + visit.agent.encode("utf-8", "surrogatepass")
        with self._lock:
            return self._admit(story, self._salt.key(raw))

    def drain(self) -> Batch:
        """Return what was counted since the last call; the caller stores it, or gives it back."""
        with self._lock:
            self._learn()
            views = {key: n for key, n in self._views.items() if n}
            batch = Batch(views, self._coreads, self._rejected, self._steps)
            self._start_batch()
        return batch

    def give_back(self, batch: Batch) -> None:
        """Take *batch* again, because it could not be stored; the next one contains it."""
        with self._lock:
            for view, n in batch.views.items():
                self._views[view] = self._views.get(view, 0) + n
            for pair, weight in batch.coreads.items():
                self._coreads[pair] = self._coreads.get(pair, 0.0) + weight
            for step, n in batch.steps.items():
                self._steps[step] = self._steps.get(step, 0) + n
            for rejection, n in batch.rejected.items():
                self._rejected[rejection] = self._rejected.get(rejection, 0) + n

    def _start_batch(self) -> None:
        self._views: dict[tuple[int, int], int] = {}
        self._coreads: dict[tuple[int, int, int], float] = {}
        self._steps: dict[tuple[int, int, int], int] = {}
        self._rejected: dict[tuple[int, str], int] = {}
        self._clicks: list[Click] = []

    def _learn(self) -> None:
        """Turn the clicks into weights, many at once: that is the cheapest."""
        gather(self._clicks, self._coreads, self._steps)
        self._clicks.clear()

    def _tick(self) -> None:
        """Read the clock; begin a new salt, and know nobody any more, when it is time."""
        self._time.read(self._clock)
        if self._salt.renew(self._time.day, self._time.steady):
            self._floods.forget()
            self._repeats.forget()
            self._trails.forget()

    def _reject(self, reason: str) -> str:
        with self._lock:
            self._tick()
            return self._note(reason)

    def _note(self, reason: str) -> str:
        key = self._time.day, reason
        self._rejected[key] = self._rejected.get(key, 0) + 1
        return reason

    def _admit(self, story: int, reader: int) -> str:
        hour = self._time.hour
        try:
            before = self._repeats.click(reader, story, self._time.steady, hour)
        except Full:
            return self._note(RATE)
        if before is None:
            self._add_view(story, hour, 1)
            self._clicks.append(
                (story, self._trails.step(reader, story, self._time.steady), self._time.seconds)
            )
            if len(self._clicks) >= _CLICKS:
                self._learn()
            return COUNTED
        if before != hour:
            # Of a chain the last click is the view: it moves on with it, and the sum stays.
            self._add_view(story, before, -1)
            self._add_view(story, hour, 1)
        return self._note(REPEAT)

    def _add_view(self, story: int, hour: int, n: int) -> None:
        view = story, hour
        self._views[view] = self._views.get(view, 0) + n


class _SteadyTime:
    """The clock's time, and beside it one in microseconds that never runs backwards."""

    __slots__ = ("_hour_began", "_lag", "_read", "day", "hour", "seconds", "steady")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.steady = self.hour = self.day = 0
        self._read = self._hour_began = 0
        self._lag = 0

    def read(self, clock: Clock) -> None:
        self.seconds = epoch(clock.now())
        now = round(self.seconds * _SECOND)
        if now < self._read:
            self._lag += self._read - now
        self._read = now
        self.steady = now + self._lag
        if not 0 <= now - self._hour_began < _HOUR:
            self.hour, self.day = now // _HOUR, now // _DAY
            self._hour_began = self.hour * _HOUR


class _Salt:
    """The key under which readers are hashed, for one day; never written anywhere."""

    def __init__(self) -> None:
        self._day: int | None = None
        self._born = 0
        self._bytes = b""
        self._keyed = blake2b(digest_size=8)

    def renew(self, day: int, now: int) -> bool:
        """Begin a new salt if the old one's day is over; tell whether that was so."""
        if self._day is not None and day <= self._day and now - self._born < DAY * _SECOND:
            return False
        self._day, self._born, self._bytes = day, now, secrets.token_bytes(16)
        self._keyed = blake2b(digest_size=8, key=self._bytes)
        return True

    def key(self, raw: bytes) -> int:
        salted = self._keyed.copy()  # half the work of beginning with the key
        salted.update(raw)
        return int.from_bytes(salted.digest())


class _Floods:
    """How often each address and network came in this minute, by a hash that differs in each process.

    Who has a network of IPv6 has 65,536 addresses of it, and none of them would be one too many.
    """

    def __init__(self, limit: int, capacity: int) -> None:
        self._limit = limit
        self._most = limit * _ADDRESSES
        self._capacity = capacity
        self._minute = 0
        self._visits: dict[int, int] = {}
        self._networks: dict[int, int] = {}

    def is_one(self, address: bytes, network: bytes, now: int) -> bool:
        """Note a visit; tell whether it is one too many."""
        if not self._limit:
            return False
        minute = now // (60 * _SECOND)
        if minute != self._minute:
            self._minute, self._visits, self._networks = minute, {}, {}
        one, all_of = hash(address), hash(network)
        visits, others = self._visits.get(one, 0), self._networks.get(all_of, 0)
        if visits >= self._limit or others >= self._most:
            return True
        if not visits and len(self._visits) >= self._capacity:
            return True
        self._visits[one] = visits + 1
        self._networks[all_of] = others + 1
        return False

    def forget(self) -> None:
        self._visits, self._networks = {}, {}


def _is_ahead(said: str) -> bool:
    return any(word in said.lower() for word in _AHEAD)


def _parts(address: str) -> tuple[bytes, bytes]:
    """Return the address whose visits are bounded and the network that is part of the reader.

    An IPv4 address written as IPv6 is the IPv4 address; what is no address stands for itself.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        packed = socket.inet_pton(family, address.partition("%")[0])
    except (OSError, ValueError):  # no address, or one with a null byte in it
        packed = address.encode(errors="replace")[:64]
        return packed, packed
    if packed.startswith(b"\0" * 10 + b"\xff\xff"):
        packed = packed[12:]
    return (packed[:4], packed[:3]) if len(packed) == 4 else (packed[:8], packed[:6])
