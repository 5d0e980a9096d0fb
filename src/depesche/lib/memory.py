"""Keep the C library from hoarding memory that Python has let go of; does nothing where it has no such knobs."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h


def few_arenas(most: int = 2) -> None:
    """Let threads share *most* heaps: by default glibc opens up to eight a core, each with holes of its own."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_ARENA_MAX, most)


def give_back() -> None:
    """Return free memory to the system, after a start that needed more than what follows."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
