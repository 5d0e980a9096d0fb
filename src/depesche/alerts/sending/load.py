"""What a courier takes on at a time: a chunk, or single letters; how it is claimed, and what becomes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from depesche.alerts import naming
from depesche.alerts.letters.brief import Brief
from depesche.alerts.matching.met import Meeting
from depesche.alerts.sending.gate import Gate
from depesche.model.subscription import (
    ALERT,
    DROPPED,
    EXPIRED,
    PENDING,
    SENT,
    UNCERTAIN,
    Decision,
    Outgoing,
)
from depesche.store.database import Transaction
from depesche.store.letters.chunks import Chunk
from depesche.store.letters.outbox import Fate

LEASE = timedelta(minutes=15)  # longer than any mail server may take to answer a letter
_UTC = ZoneInfo("UTC")
_TOGETHER = 20  # chunks in a load
_OVER = (DROPPED, EXPIRED)


@dataclass(frozen=True, slots=True)
class Load:
    """Letters a courier has claimed: those that may go, and how many were looked at; `chunks` where they are of such."""

    ready: dict[int, tuple[Outgoing, Brief]]
    claimed: int
    stopped: tuple[Fate, ...] = ()
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Loader:
    """Claims loads on one channel in the name of one courier; *zone* is the portal's."""

    channel: str
    courier: str
    ids: naming.MessageIds
    meeting: Meeting
    confirm_life: timedelta
    resend: bool = True
    most: int = 500
    zone: ZoneInfo = _UTC
    _nothing: Load = field(default_factory=lambda: Load({}, 0))

    def is_due(self, tx: Transaction, now: datetime) -> bool:
        """Tell whether there is anything to claim."""
        return tx.chunks.is_due(self.channel, now) or tx.outbox.is_due(
            now, resend=self.resend, channel=self.channel
        )

    def claim(self, tx: Transaction, now: datetime) -> Load:
        """Claim single letters or, where none are due, chunks, and judge each letter; settle those that may not go.

        The look comes after the claim in the same transaction: whoever changes a story later finds its letters claimed.
        """
        return self._claim_letters(tx, now) or self._claim_chunks(tx, now) or self._nothing

    def _claim_letters(self, tx: Transaction, now: datetime) -> Load | None:
        letters = tx.outbox.claim(now, self.most, resend=self.resend, channel=self.channel)
        if not letters:
            return None
        dispatches = tx.dispatches.get([one.decision.dispatch for one in letters if one.decision.dispatch])
        gate = Gate(tx, letters, dispatches, now, self.confirm_life, self.meeting, self.zone)
        ready, stopped = _judged(gate, letters)
        tx.outbox.settle([*stopped, *gate.also], now)
        tx.outbox.intend(list(ready), self.courier, now + LEASE)
        return Load(ready, len(letters), tuple(stopped))

    def _claim_chunks(self, tx: Transaction, now: datetime) -> Load | None:
        """Claim a chunk, or several small ones together, so that they share what a transaction costs."""
        ready: dict[int, tuple[Outgoing, Brief]] = {}
        stopped: list[Fate] = []
        going: list[Chunk] = []
        claimed = 0
        while claimed < _TOGETHER and (room := self.most - len(ready)) > 0:
            chunk = tx.chunks.claim(
                self.channel, self.courier, now, now + LEASE, *([room] if claimed else [])
            )
            if chunk is None:
                break
            claimed += 1
            letters = self.letters(chunk, tx)
            gate = Gate(
                tx,
                letters,
                {chunk.dispatch.key: chunk.dispatch},
                now,
                self.confirm_life,
                self.meeting,
                self.zone,
            )
            may_go, may_not = _judged(gate, letters)
            stopped += may_not
            if may_go:
                ready |= may_go
                going.append(chunk)
            else:
                self.settle_chunk(chunk, may_not, tx, now)
        return (
            Load(ready, max(len(ready) + len(stopped), 1), tuple(stopped), tuple(going)) if claimed else None
        )

    def letters(self, chunk: Chunk, tx: Transaction) -> list[Outgoing]:
        """Return the letters of *chunk*, in order of subscribers."""
        readers = tx.chunks.subscribers(list(chunk.recipients))
        one = chunk.dispatch
        return [
            Outgoing(
                Outgoing.of_chunk(chunk.key, key),
                Decision(
                    name := naming.letter(key, one), one.kind, key, self.ids.of(name), chunk.due_at, chunk.expires_at,
                    one.story, one.lineage, one.version, None, (), chunk.channel, one.key,
                ),
                reader, chunk.state, 0, one.decided_at,
            )
            for key, reader in readers.items()
        ]  # fmt: skip

    def settle(self, load: Load, fates: Sequence[Fate], tx: Transaction, now: datetime) -> None:
        """Say what became of each letter of *load*; *fates* holds one for every letter that was ready."""
        if not load.chunks:
            tx.outbox.settle(fates, now)
            return
        of_chunk: dict[int, list[Fate]] = defaultdict(list)
        for one in (*load.stopped, *fates):
            of_chunk[Outgoing.place(one.key)[0]].append(one)
        for chunk in load.chunks:
            self.settle_chunk(chunk, of_chunk[chunk.key], tx, now)

    def settle_chunk(self, chunk: Chunk, fates: Sequence[Fate], tx: Transaction, now: datetime) -> None:
        """Let those who were sent their letter stay in the chunk, the untried wait in another; the rest get rows of their own."""
        first = fates[0] if fates else Fate(0, DROPPED, "the readers are gone")
        if first.state in _OVER and all(
            (one.state, one.reason) == (first.state, first.reason) for one in fates
        ):
            tx.dispatches.untell(tx.chunks.drop(chunk, first.state, first.reason or "", now))
            return
        current = tx.chunks.hold(chunk.key)
        sent, left, single = BitMap(), dict[datetime, BitMap](), list[Fate]()
        sent_at: datetime | None = None
        for one in fates:
            key = Outgoing.place(one.key)[1]
            if key not in current:
                continue  # erased meanwhile
            if one.state == SENT:
                sent.add(key)
                sent_at = max(sent_at or one.sent_at or now, one.sent_at or now)
            elif one.state == PENDING and not one.tried and one.expires_at is None:
                left.setdefault(one.due_at or chunk.due_at, BitMap()).add(key)
            else:
                single.append(one)
        tx.outbox.decide((self._row(chunk, one) for one in single), chunk.dispatch.decided_at, single)
        untold = BitMap(Outgoing.place(one.key)[1] for one in single if one.state in _OVER and not one.tried)
        if untold and chunk.dispatch.kind == ALERT:
            tx.dispatches.untell({chunk.dispatch.lineage: untold})
        tx.chunks.finish(chunk, sent, sent_at or now, left)

    def _row(self, chunk: Chunk, fate: Fate) -> Decision:
        one, key = chunk.dispatch, Outgoing.place(fate.key)[1]
        return Decision(
            naming.row(key, one), one.kind, key, self.ids.of(naming.letter(key, one)), chunk.due_at, chunk.expires_at,
            one.story, one.lineage, one.version, None, (), chunk.channel, one.key,
        )  # fmt: skip

    # -- after a crash -------------------------------------------------------------------------

    def recover(
        self, tx: Transaction, recorded: dict[int, datetime | None], now: datetime, *, is_lost: bool
    ) -> None:
        """Say what became of the letters that a killed courier had claimed, by what its journal *recorded*.

        With the journal *is_lost*, and for couriers who have let their lease run out, every letter is in doubt.
        """
        mine, theirs = tx.outbox.intended(self.courier, now)
        tx.outbox.settle([self._recovered(key, recorded, now, is_lost=is_lost) for key in mine], now)
        ours, others = tx.chunks.leased(self.courier, now)
        self._recover_chunks(ours, recorded, tx, now, is_lost=is_lost)
        self._adopt(theirs, others, tx, now)

    def adopt(self, tx: Transaction, now: datetime) -> None:
        """Take on what other couriers had claimed and let go: their lease ran out, so they are gone, and all of it is in doubt."""
        self._adopt(tx.outbox.intended(self.courier, now)[1], tx.chunks.leased(self.courier, now)[1], tx, now)

    def _adopt(self, letters: Sequence[int], chunks: Sequence[Chunk], tx: Transaction, now: datetime) -> None:
        tx.outbox.settle([self._recovered(key, {}, now, is_lost=True) for key in letters], now)
        self._recover_chunks(chunks, {}, tx, now, is_lost=True)

    def _recover_chunks(
        self,
        chunks: Sequence[Chunk],
        recorded: Mapping[int, datetime | None],
        tx: Transaction,
        now: datetime,
        *,
        is_lost: bool,
    ) -> None:
        for chunk in chunks:
            keys = (Outgoing.of_chunk(chunk.key, one) for one in chunk.recipients)
            fates = [self._recovered(key, recorded, now, is_lost=is_lost) for key in keys]
            self.settle_chunk(chunk, fates, tx, now)

    def _recovered(
        self, key: int, recorded: Mapping[int, datetime | None], now: datetime, *, is_lost: bool
    ) -> Fate:
        answered_at = recorded.get(key)
        if answered_at is not None:
            return Fate(key, SENT, tried=True, sent_at=answered_at)
        if key in recorded or is_lost:
            reason = "the courier was stopped before the mail server's answer"
            return Fate(key, UNCERTAIN, reason, now if self.resend else None, tried=True)
        return Fate(key, PENDING)


def _judged(gate: Gate, letters: Iterable[Outgoing]) -> tuple[dict[int, tuple[Outgoing, Brief]], list[Fate]]:
    ready: dict[int, tuple[Outgoing, Brief]] = {}
    stopped: list[Fate] = []
    for one in letters:
        verdict = gate.judge(one)
        if isinstance(verdict, Fate):
            stopped.append(verdict)
        else:
            ready[one.key] = (one, verdict)
    return ready, stopped
