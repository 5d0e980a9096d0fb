"""How often somebody may ask in a minute."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

WINDOW = 60.0  # seconds
_MOST = 20_000  # who is remembered; beyond, those whose minute began first are forgotten


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to a request: `left` more may come within `seconds`, the whole ones until the minute is over."""

    is_allowed: bool
    left: int
    seconds: int


class Limiter:
    """Counts the requests of each asker in minutes that begin with the first; of this process alone."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: str, limit: int) -> Turn:
        """Count a request of *who*, who may make *limit* a minute."""
        now = self._now()
        with self._lock:
            began, used = self._windows.get(who, (now, 0))
            if now >= began + WINDOW or began > now:
                self._windows.pop(who, None)
                began, used = now, 0
            allowed = used < limit
            self._windows[who] = began, used + allowed
            while len(self._windows) > _MOST:
                self._windows.popitem(last=False)
        return Turn(
            allowed,
            max(limit - used - allowed, 0),
            min(max(math.ceil(began + WINDOW - now), 1), round(WINDOW)),
        )


def network_of(address: str) -> str:
    """Return the network whose requests count together: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped) if mapped else found.exploded[:19]
