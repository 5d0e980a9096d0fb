"""How many files and connections this process may have open."""

from __future__ import annotations

import resource


def allow(wanted: int) -> int:
    """Raise the limit of open files to *wanted*, as far as the system lets us; returns the limit now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return soft
