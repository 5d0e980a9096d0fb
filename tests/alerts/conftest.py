"""The small newsroom of these tests, on each kind of database."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from newsdesk import Newsroom

from depesche.store.database import Database
from fakes import FakeClock


@pytest.fixture
def newsroom(database: Database, clock: FakeClock) -> Newsroom:
    """A newsroom on each kind of database in turn."""
    return Newsroom(database, clock)
