"""Linkers for the tests: over invented issuers, and over the register of the first start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from invented import INVENTED

from depesche.instruments.lexicon.names import tiered
from depesche.instruments.linking.linker import Linker
from depesche.instruments.register import Merged, default_register

SHARED = Path(__file__).parents[3] / "shared" / "instruments"
collect_ignore = [] if SHARED.is_dir() else ["test_long_lists.py"]


@pytest.fixture(scope="session")
def invented() -> Linker:
    """A linker that knows invented issuers only."""
    return Linker(tiered(INVENTED))


@pytest.fixture(scope="session")
def default() -> Merged:
    """The register of the first start."""
    return default_register()


@pytest.fixture(scope="session")
def real(default: Merged) -> Linker:
    """A linker over the register of the first start."""
    return Linker(default.instruments)
