"""Whatever happens in whatever order: no letter without consent, no second alert, no word of what was withdrawn."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from newsdesk import DOMAIN, HALDEN, MIRABEL, SECRET, Newsroom, token_of

from depesche.alerts.channel import Handed, Letter
from depesche.alerts.naming import MessageIds
from depesche.alerts.sending.courier import Courier
from depesche.alerts.sending.digester import Digester
from depesche.model.errors import Refused
from depesche.model.story import PUBLIC
from depesche.model.subscription import Decision, Outgoing
from depesche.model.take import WITHHELD
from depesche.store.database import Database
from depesche.store.schema import metadata
from fakes import FakeClock

READERS = st.sampled_from(["anna@example.org", "bert@example.org", "carla@example.org"])
SHARES = st.sampled_from([HALDEN, MIRABEL])
TOPICS = st.sampled_from(["Seilbahnen", "Schlepplifte", "Sessellifte"])
PARTS = st.integers(1, 2)
ANSWERS = st.lists(st.sampled_from(["sent", "sent", "pending", "uncertain", "dead", "die"]), max_size=6)


class _Died(BaseException):
    """What a killed process feels."""


class _Erratic:
    """A channel that answers as told, checks each letter as it is taken, and remembers what may have arrived."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.answers: list[str] = []

    def open(self) -> None:
        """It is always open."""

    def close(self) -> None:
        """It is always open."""

    def send(
        self,
        letters: Iterable[Letter],
        *,
        on_intent: Callable[[int], None],
        on_accepted: Callable[[int], None],
    ) -> Iterator[Handed]:
        for one in letters:
            answer = self.answers.pop() if self.answers else "sent"
            on_intent(one.key)
            self.machine.check(one, answer)
            if answer == "die":
                raise _Died
            if answer == "sent":
                on_accepted(one.key)
            yield Handed(one.key, answer)


class Machine(RuleBasedStateMachine):
    """A newsroom to which readers, the desk, the worker and the mail server do anything at any time."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="alerts"))
        self.database = Database("sqlite://")
        with self.database.transaction() as tx:
            metadata.create_all(tx.connection)
        self.room = Newsroom(self.database, FakeClock(), requests_per_day=1000)
        self.channel = _Erratic(self)
        self.digester = Digester(self.database, self.room.clock, MessageIds(SECRET, DOMAIN))
        self.courier = self._courier()
        self.confirmed: set[tuple[str, str]] = set()
        self.version = 1
        self.told: set[tuple[str, int]] = set()
        self.names: dict[tuple[str, int], tuple[str, str]] = {}
        for reader in ("anna@example.org", "bert@example.org", "carla@example.org"):
            self.room.follow(reader, HALDEN)
            self.confirmed.add((reader, HALDEN))

    def teardown(self) -> None:
        if hasattr(self, "courier"):
            self.courier.close()
            self.database.close()
            shutil.rmtree(self.folder)

    def _courier(self) -> Courier:
        return Courier(
            self.database, self.room.clock, self.channel, self.room.composer, journal=self.folder / "journal"
        )

    def check(self, letter: Letter, answer: str) -> None:
        """Hold a letter that is being handed over against what its reader said and heard."""
        found = next(
            one
            for kind in ("alert", "correction", "kill", "retraction", "confirmation", "manage", "digest")
            for one in self.room.letters(kind)
            if one.key == letter.key
        )
        decision, reader = found.decision, letter.recipient
        if decision.kind == "digest":
            self.check_digest(found, answer)
            return
        if decision.kind == "confirmation":
            assert (reader, decision.reasons[0]) not in self.confirmed
            return
        reasons = decision.reasons or self.room.met(decision)
        assert {(reader, isin) for isin in reasons} & self.confirmed, "nobody consented to this letter"
        if decision.kind == "manage":
            return
        self.check_story(found, letter, answer)

    def check_digest(self, found: Outgoing, answer: str) -> None:
        """Hold everything that a digest carries against what its reader said and heard."""
        with self.database.reading() as tx:
            items = tx.outbox.carried([found.key])[found.key]
        assert items
        for item in items:
            reader = item.subscriber.address
            assert {(reader, isin) for isin in self.room.met(item.decision)} & self.confirmed
            self.check_alert(item.decision, reader, item.decision.message_id, answer)

    def check_story(self, found: Outgoing, letter: Letter, answer: str) -> None:
        decision, reader = found.decision, letter.recipient
        story = decision.story or 0
        with self.database.reading() as tx:
            standing = tx.newsstand.standing(story)
        assert standing is not None
        if decision.kind == "kill":
            assert (reader, story) in self.told, "withdrawn before a reader who never heard of it"
            assert standing.state == "killed"
            return
        assert standing.state == PUBLIC, "a story that is not on show is told"
        if decision.kind == "correction":
            assert (reader, story) in self.told
            return
        name = "<" + letter.data.split(b"Message-ID: <", 1)[1].split(b">", 1)[0].decode() + ">"
        self.check_alert(decision, reader, name, answer)

    def check_alert(self, decision: Decision, reader: str, name: str, answer: str) -> None:
        """Hold an alert against those before it."""
        story, lineage = decision.story or 0, decision.lineage or 0
        with self.database.reading() as tx:
            standing = tx.newsstand.standing(story)
        assert standing is not None
        assert standing.state == PUBLIC
        earlier, answered = self.names.get((reader, lineage), (name, ""))
        assert earlier == name, "a second alert on one lineage"
        # A courier that dies after a refusal asks again, and is refused again.
        assert answered != "sent", "an accepted alert is sent again"
        self.names[reader, lineage] = (name, answer)
        if answer in ("sent", "uncertain", "die"):
            self.told.add((reader, story))

    @rule(reader=READERS, share=SHARES)
    def asks(self, reader: str, share: str) -> None:
        self.room.ask(reader, share)

    @rule(reader=READERS, share=SHARES)
    def confirms(self, reader: str, share: str) -> None:
        try:
            key = self.room.subscription(reader, share).key
            self.room.optin.confirm(token_of(self.room.links.confirm(key)), "192.0.2.7")
        except (AssertionError, StopIteration, Refused):
            return
        self.confirmed.add((reader, share))
        self.room.clock.move(seconds=1)

    @rule(reader=READERS, share=SHARES)
    def leaves(self, reader: str, share: str) -> None:
        try:
            found = self.room.subscription(reader, share)
        except (AssertionError, StopIteration):
            return
        self.room.optin.leave(token_of(self.room.links.leave(found.subscriber, [found.key])), "192.0.2.7")
        self.confirmed.discard((reader, share))

    @rule(reader=READERS, share=SHARES, cadence=st.sampled_from(["instant", "digest"]))
    def wants_it_otherwise(self, reader: str, share: str, cadence: str) -> None:
        try:
            found = self.room.subscription(reader, share)
        except (AssertionError, StopIteration):
            return
        with self.database.transaction() as tx:
            tx.subscriptions.set_manner(found.key, cadence=cadence, updates=False)

    @rule(reader=READERS, quiet=st.sampled_from([None, (11 * 60, 13 * 60)]))
    def wants_quiet(self, reader: str, quiet: tuple[int, int] | None) -> None:
        with self.database.transaction() as tx:
            found = tx.subscriptions.by_identity(reader)
            assert found is not None
            tx.subscriptions.set_hours(found.key, digest_hours=[13, 16], quiet=quiet, zone=None)

    @rule(topic=TOPICS, part=PARTS, shares=st.sets(SHARES, min_size=1))
    def files(self, topic: str, part: int, shares: set[str]) -> None:
        self.version += 1
        self.room.roundup(
            part, shares=sorted(shares), version=str(self.version), body_html=f"<p>{self.version}</p>"
        )

    @rule(topic=TOPICS, part=PARTS)
    def corrects(self, topic: str, part: int) -> None:
        self.version += 1
        self.room.correct(f"{topic}-{part}", version=str(self.version))

    @rule(topic=TOPICS, part=PARTS)
    def withholds(self, topic: str, part: int) -> None:
        self.version += 1
        self.room.roundup(part, topic, shares=(), version=str(self.version), status=WITHHELD)

    @rule(topic=TOPICS, part=PARTS)
    def kills(self, topic: str, part: int) -> None:
        self.room.kill(f"{topic}-{part}")

    @rule(again=st.booleans())
    def the_matcher_runs(self, again: bool) -> None:
        self.room.follow_journal(after=0 if again else None)

    @rule(topic=TOPICS, part=PARTS, answers=ANSWERS)
    def news_is_told(self, topic: str, part: int, answers: list[str]) -> None:
        self.files(topic, part, {HALDEN})
        self.the_matcher_runs(again=False)
        self.the_courier_runs(answers)

    @rule(answers=ANSWERS)
    def the_courier_runs(self, answers: list[str]) -> None:
        self.channel.answers = answers
        self.digester.run_once()
        try:
            self.courier.run_once()
        except _Died:
            self.courier.close()
            self.courier = self._courier()

    @rule(minutes=st.sampled_from([1, 10, 200]))
    def time_passes(self, minutes: int) -> None:
        self.room.clock.move(minutes=minutes)
        self.room.optin.expire()

    @invariant()
    def every_letter_is_accounted_for(self) -> None:
        if hasattr(self, "database"):
            with self.database.reading() as tx:
                for story in range(1, 7):
                    assert tx.ledger.balance(story).is_even


TestAnyOrder = Machine.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
