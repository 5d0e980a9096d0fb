"""What one alert costs, composed and handed to a mail server, beside the standard library's way."""

from __future__ import annotations

import asyncio
import email
import email.policy
import importlib
import importlib.util
import smtplib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from depesche.alerts.channel import Letter, make_channel
from depesche.alerts.letters.brief import StoryBrief
from depesche.alerts.letters.letter import Composer, Letterhead
from depesche.alerts.links import Links
from depesche.alerts.naming import MessageIds
from depesche.alerts.sending.courier import Courier
from depesche.lib.clock import Clock, epoch
from depesche.model.errors import DeliveryError, StoreError
from depesche.model.instrument import Evidence, Instrument, Mention
from depesche.model.story import ShareRef, Version
from depesche.model.subscription import (
    ALERT,
    INSTRUMENT,
    INTENT,
    SENT,
    Decision,
    Outgoing,
    Reason,
    Subscriber,
    Target,
)
from depesche.newsroom import Newsroom
from depesche.newsroom.base import DESK_WIRE
from depesche.ops.bench.inputs import generate
from depesche.ops.bench.tools.process import free_port, mail_server
from depesche.ops.bench.tools.trial import Bench, Figures, Meter, newsroom, rate, ratio, rounded, shown
from depesche.stories.incoming import Receipt

_TURN = 500  # letters of a chunk, as the courier sends them
_CARRIED = (
    2_000  # letters that the courier carries in its turn: a second's, roughly, as it tidies once a second
)
_RIVAL = 50  # letters that the standard library sends in its turn
_SENDER = "alerts@bench.example"
_SECRET = "a bench keeps no secrets"  # noqa: S105
_KEEP = timedelta(hours=6)


def measure(n: int) -> Figures:
    """Send *n* letters on one story twice: all in by a courier, and merely composed and sent; between loads the usual libraries send some."""
    issuers = generate.register(2)
    with newsroom() as room, ExitStack() as running:
        room.import_instruments(issuers)
        _follow(room, issuers[0], n + _TURN)
        version = _version(room, issuers)
        port = free_port()
        server = running.enter_context(mail_server(room.settings.data_dir, port, core=1))
        carrier = running.enter_context(closing(_carrier(room, port)))
        senders = {
            "smtplib": running.enter_context(_connected(port)).send_message,
            **_aiosmtplib(port, running),
        }
        head = Letterhead("Depesche", "Bench", _SENDER, ZoneInfo("Europe/Berlin"))
        links, ids = Links(_SECRET, "https://bench.example"), MessageIds(_SECRET, head.domain)
        composer = Composer(head, links, ids, room.clock, room.rights)
        figures = _trial(n, composer, version, issuers[0], room.clock, port, carrier.courier, _Usual(senders))
        with room.database.reading() as tx:
            uneven = tx.ledger.uneven(generate.START)
    if uneven:
        raise DeliveryError(f"{len(uneven)} decisions are not accounted for")
    return {"mail_server": "sink.py" if server.is_ours else "smtp-sink", **figures}


def _follow(room: Newsroom, share: Instrument, n: int) -> None:
    """Let *n* readers follow *share*."""
    at = epoch(generate.START)
    with room.database.transaction() as tx:
        key = tx.instruments.keys([share.isin])[share.isin]
        target = tx.targets.enter(Target(INSTRUMENT, share.isin, instrument=key)).key
        tx.bulk.subscribers(1, n, at)
        tx.bulk.subscriptions(((reader, target) for reader in range(1, n + 1)), at)


def _carrier(room: Newsroom, port: int) -> Newsroom:
    """Decide whom the story filed is told, and return a newsroom whose courier sends it to the mail server at *port*."""
    with room.database.reading() as tx:
        entries = tx.journal.after(tx.cursors.read(room.matcher.name))
    room.matcher.handle(entries)
    to_it = {"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"), "bounce_address": "bounce@bench.example"}
    return Newsroom(room.settings.model_copy(update=to_it), room.clock)


def _version(room: Newsroom, issuers: Sequence[Instrument]) -> Version:
    """File one story about both *issuers* and return its version."""
    story = next(generate.stories(1, issuers, mentioning=1.0))
    take, now = generate.take(story), room.clock.now()
    with room.database.transaction() as tx:
        filed = room.desk.file(take, _mentions(issuers), Receipt(DESK_WIRE, now), tx, now)
    with room.database.reading() as tx:
        found = tx.newsstand.version(filed.story or 0)
    if found is None:
        raise StoreError("the story was not filed")
    return found


def _mentions(issuers: Sequence[Instrument]) -> list[Mention]:
    evidence = (Evidence("supplied-isin", "identifiers", 0, 1, "ISIN"),)
    return [Mention(one.isin, one.name, 1.0, 1.0, True, evidence) for one in issuers]


def _connected(port: int) -> smtplib.SMTP:
    """Return a connection of the standard library's to the sink, which may just be starting."""
    for _ in range(400):
        try:
            return smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example", timeout=30)
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise DeliveryError("the sink does not listen")


class _Usual:
    """The usual ways to send a letter, each by its library's name: composed anew every time, over a kept connection."""

    def __init__(self, senders: Mapping[str, Callable[[EmailMessage], object]]) -> None:
        self._ways = {name: (sender, Meter()) for name, sender in senders.items()}
        self._count = 0

    def send(self, letters: Sequence[Letter], subject: str) -> None:
        """Send what is in *letters* each way."""
        parts = _parts(letters[0].data)
        for letter in letters:
            for sender, meter in self._ways.values():
                with meter:
                    sender(_usual(letter.recipient, subject, parts))
        self._count += len(letters)

    def cpu(self, name: str) -> float:
        """Return the CPU seconds of a letter."""
        return self._ways[name][1].cpu / max(self._count, 1)

    def cpu_us(self, name: str) -> float | None:
        """Return the CPU microseconds of a letter, None for a library that is not installed."""
        return self._ways[name][1].cpu_us(self._count) if name in self._ways else None


def _trial(
    n: int,
    composer: Composer,
    version: Version,
    share: Instrument,
    clock: Clock,
    port: int,
    courier: Courier,
    usual: _Usual,
) -> Figures:
    channel = make_channel("email", {"smtp_url": f"smtp://127.0.0.1:{port}", "mail_from": _SENDER}, clock)
    channel.open()
    all_in, compose, send = Meter(), Meter(), Meter()
    courier.run_once(at_most=_TURN)  # what is rendered once, and statements, are made
    carried = 0
    sent = size = 0
    now = clock.now()
    for start in shown(range(0, n, _TURN), "letters sent"):
        if start % _CARRIED == 0:
            with all_in:
                carried += courier.run_once(at_most=min(_CARRIED, n - start)).sent
        readers = [_reader(key, share, version, now) for key in range(start + 1, min(start + _TURN, n) + 1)]
        with compose:
            letters = [
                Letter(one.key, one.subscriber.address, composer.compose(one, brief))
                for one, brief in readers
            ]
        with send:
            handed = list(channel.send(letters, on_intent=_note, on_accepted=_note))
        sent += sum(one.state == SENT for one in handed)
        size = len(letters[0].data)
        usual.send(letters[:_RIVAL], version.headline)
    channel.close()
    if sent != n or carried < n:
        raise DeliveryError(f"{sent} and {carried} of {n} letters were taken")
    both = compose.cpu + send.cpu
    return {
        "letters": n,
        "letter_bytes": size,
        "all_in_cpu_us": all_in.cpu_us(carried),
        "all_in_letters_per_s": rate(carried, all_in.wall),
        "cpu_us_per_letter": rounded(both / n * 1e6),
        "split_cpu_us": {"compose": compose.cpu_us(n), "send": send.cpu_us(n)},
        "letters_per_s": rate(n, compose.wall + send.wall),
        "standard_library_cpu_us": usual.cpu_us("smtplib"),
        "aiosmtplib_cpu_us": usual.cpu_us("aiosmtplib"),
        "times_cheaper": ratio(usual.cpu("smtplib"), both / n),
        "all_in_times_cheaper": ratio(usual.cpu("smtplib"), all_in.cpu / carried),
        "budget": {"all_in_cpu_us": 70},
    }


def _reader(key: int, share: Instrument, version: Version, now: datetime) -> tuple[Outgoing, StoryBrief]:
    """Return the letter decided for reader number *key*, and what it is to tell."""
    address = f"reader.{key}@readers.example"
    follows = Reason(key, Target.share(share.isin, share.name))
    decision = Decision(
        f"{key}:{version.lineage}:{ALERT}", ALERT, key, f"<{key:036x}@bench.example>", now, now + _KEEP,
        version.story, version.lineage, version.key, key, (share.isin,),
    )  # fmt: skip
    letter = Outgoing(key, decision, Subscriber(key, address, address, "de"), INTENT, 1, now)
    return letter, StoryBrief(version, (ShareRef(share.isin, share.name),), (follows,))


def _note(_key: int) -> None:
    """Keep no journal: the courier keeps one."""


def _parts(data: bytes) -> tuple[str, str]:
    """Return the text and the HTML of a letter."""
    read = email.message_from_bytes(data, policy=email.policy.default)
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    if text is None or html is None:
        raise DeliveryError("the letter lacks a part")
    return text.get_content(), html.get_content()


def _usual(recipient: str, subject: str, parts: tuple[str, str]) -> EmailMessage:
    """Compose one letter as most programs do."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = _SENDER, recipient, subject
    letter.set_content(parts[0])
    letter.add_alternative(parts[1], subtype="html")
    return letter


def _aiosmtplib(port: int, stack: ExitStack) -> dict[str, Callable[[EmailMessage], object]]:
    """Return what sends a letter over a connection of aiosmtplib's that *stack* closes; nothing where it is not installed."""
    if importlib.util.find_spec("aiosmtplib") is None:
        return {}
    library = importlib.import_module("aiosmtplib")
    loop = stack.enter_context(asyncio.Runner())
    connection = library.SMTP(
        hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bench.example"
    )
    loop.run(connection.connect())
    stack.callback(lambda: loop.run(connection.quit()))
    return {"aiosmtplib": lambda letter: loop.run(connection.send_message(letter))}


BENCH = Bench("mail", "alerts composed and sent, beside the standard library", measure, 20_000)
