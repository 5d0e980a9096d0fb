"""How many requests one network may make: kept in memory, or counted in the log of consents, which all processes share."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)
_MOST_NETWORKS = 50_000
_WIDER, _WIDE_BITS = 20, (16, 32)


def network(address: str, bits: tuple[int, int] = (24, 48)) -> str:
    """Return the network that *address* is counted under: /24 for IPv4, /48 for IPv6, anything else as it is.

    With other *bits* it is a wider or narrower one.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, bits[0] if ip.version == 4 else bits[1]), strict=False))


class HourlyLimit:
    """Counts what each network did within the last hour; safe for use by threads.

    Networks are as for `network`, with its *bits*.
    """

    def __init__(self, most: int, bits: tuple[int, int] = (24, 48)) -> None:
        self._most = most
        self._bits = bits
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._turn = threading.Lock()

    def admit(self, address: str, now: datetime) -> bool:
        """Count one request from *address*; tells whether it is within the limit. A refused one does not count."""
        key = network(address, self._bits)
        with self._turn:
            times = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while times and times[0] <= now - _HOUR:
                times.popleft()
            if len(times) >= self._most:
                return False
            times.append(now)
            while len(self._seen) > _MOST_NETWORKS:
                self._seen.popitem(last=False)
            return True


class NetworkLimit:
    """Lets a network ask so often an hour, and the wider one it is part of, /16 or /32, twenty times as often.

    Whoever has an IPv6 /32 has 65,536 networks of /48 to ask from.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._near = HourlyLimit(most)
        self._wide = HourlyLimit(most * _WIDER, _WIDE_BITS)

    def admit(self, address: str, now: datetime) -> bool:
        """Count one request from *address*; tells whether it is within both limits."""
        return self._near.admit(address, now) and self._wide.admit(address, now)

    def allows(self, address: str, asked: Mapping[str, int]) -> bool:
        """Tell whether one more from *address* is within both limits, where so many were *asked* from each address in the last hour."""
        near = wide = 0
        here, around = network(address), network(address, _WIDE_BITS)
        for one, n in asked.items():
            if network(one, _WIDE_BITS) == around:
                wide += n
                near += n if network(one) == here else 0
        return near < self._most and wide < self._most * _WIDER
