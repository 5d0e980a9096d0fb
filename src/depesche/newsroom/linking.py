"""The register and the linker."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property

from depesche.instruments import decisions, register
from depesche.instruments.linking.linker import Linker, Thresholds
from depesche.instruments.linking.relink import Relinker
from depesche.lib.clock import Clock
from depesche.model.instrument import Instrument
from depesche.newsroom.base import Base
from depesche.settings import Settings
from depesche.stories import topics


class Linking(Base):
    """The register as it is now, and the linker made of it."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        super().__init__(settings, clock)
        self._linker: tuple[int, Linker] | None = None
        self._linking = threading.Lock()

    def fill_register(self) -> int:
        """Fill an empty register from what ships with the program; returns how many instruments are new."""
        with self.database.reading() as tx:
            has_topics, has_instruments = tx.topics.count(), tx.instruments.count()
        if not has_topics:
            with self.database.transaction() as tx:
                tx.topics.put(topics.shipped())
        if has_instruments:
            return 0
        with self.database.transaction() as tx:
            return decisions.take_in(tx, register.default_register(), self.clock.now()).new

    def import_instruments(self, instruments: Iterable[Instrument]) -> int:
        """Add *instruments*, checked and judged, to the register; returns how many are new."""
        with self.database.transaction() as tx:
            new = tx.instruments.put(instruments, self.clock.now())
            decisions.choose_primaries(tx)
        return new

    @property
    def linker(self) -> Linker:
        """The linker for the register as it is now."""
        return self.linker_now()[1]

    @cached_property
    def relinker(self) -> Relinker:
        """Links the archive anew when the register has changed."""
        return Relinker(self.database, self.clock, self.linker_now)

    def linker_now(self) -> tuple[int, Linker]:
        """Return the register's revision and the linker made of it; a change of the register makes another."""
        with self._linking:
            with self.database.reading() as tx:
                revision = tx.instruments.revision()
                if self._linker is None or self._linker[0] != revision:
                    thresholds = Thresholds(self.settings.link_identity, self.settings.link_relevance)
                    self._linker = revision, Linker(tx.instruments.all(), thresholds)
            return self._linker
