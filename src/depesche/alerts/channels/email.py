"""Letters by e-mail: to a mail server, or into a maildir where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from email.utils import parseaddr
from itertools import chain, islice
from pathlib import Path

from depesche.alerts.channel import Channel, ChannelType, Handed, Letter
from depesche.lib.clock import Clock
from depesche.lib.mailing import smtp
from depesche.lib.mailing.dkim import Signer
from depesche.lib.mailing.maildir import deliver_to_maildir
from depesche.model.errors import DeliveryError, SettingsError
from depesche.model.subscription import DEAD, PENDING, SENT, UNCERTAIN

_FEW = 20  # letters go over the first connection alone: the others are not made for less


class MailServer:
    """The channel to an SMTP server, over connections that are kept between two runs: one, for many letters up to *connections*."""

    def __init__(
        self,
        server: smtp.Server,
        sender: str,
        sign: Callable[[bytes], bytes] | None = None,
        connections: int = 1,
    ) -> None:
        self._first, *self._others = (smtp.Connection(server) for _ in range(connections))
        self._sender = sender
        self._sign = sign or _unsigned

    def open(self) -> None:
        """Connect, unless the connection still stands: servers end one that has long been idle."""
        for one in (self._first, *self._others):
            one.drop_if_forsaken()
        if self._first.is_open:
            return
        try:
            self._first.open()
        except smtp.SmtpError as error:
            raise DeliveryError(str(error), permanent=error.permanent) from error

    def send(
        self,
        letters: Iterable[Letter],
        *,
        on_intent: Callable[[int], None],
        on_accepted: Callable[[int], None],
    ) -> Iterator[Handed]:
        """Hand over *letters*, pipelined where the server offers it, and after the first few by turns over all connections."""
        # The composer's letters have the line ends and dots that SMTP asks for.
        mails = (
            smtp.Message(one.sender or self._sender, one.recipient, self._sign(one.data), True, one.key)
            for one in letters
        )
        for outcome in self._outcomes(
            mails, lambda mail: on_intent(mail.key), lambda mail: on_accepted(mail.key)
        ):
            key, code = outcome.message.key, outcome.code
            if outcome.sent:
                yield Handed(key, SENT, None, code, True)
                continue
            said = f"{code} {outcome.text}" if code else outcome.text
            yield Handed(key, _state(outcome), said, code, at_recipient=outcome.at in ("RCPT", "."))

    def _outcomes(
        self,
        mails: Iterator[smtp.Message],
        on_intent: Callable[[smtp.Message], None],
        on_accepted: Callable[[smtp.Message], None],
    ) -> Iterator[smtp.Outcome]:
        few = islice(mails, _FEW) if self._others else mails
        yield from self._first.send(few, on_intent=on_intent, on_accepted=on_accepted)
        if not self._first.is_open or (more := next(mails, None)) is None:
            return
        with suppress(
            smtp.SmtpError
        ):  # a server that takes no more connections gets the letters over those it took
            for one in self._others:
                if not one.is_open:
                    one.open()
        everyone = (self._first, *self._others)
        yield from smtp.send_over(
            everyone, chain([more], mails), on_intent=on_intent, on_accepted=on_accepted
        )

    def close(self) -> None:
        """Take leave of the server."""
        for one in (self._first, *self._others):
            one.close()


def _unsigned(data: bytes) -> bytes:
    """Leave the signature to the mail server."""
    return data


def _signer(options: Mapping[str, str], clock: Clock) -> Callable[[bytes], bytes] | None:
    file = options.get("dkim_key", "")
    if not file:
        return None
    domain = options.get("dkim_domain") or parseaddr(options.get("mail_from", ""))[1].rpartition("@")[2]
    try:
        signer = Signer(domain, options.get("dkim_selector", ""), Path(file).read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"dkim_key: {error}") from error
    return lambda letter: signer.sign(letter, clock.now())


def _state(outcome: smtp.Outcome) -> str:
    if outcome.uncertain:
        return UNCERTAIN
    return DEAD if outcome.permanent else PENDING


class MailFolder:
    """The channel into a maildir; a letter is there once its file is safe on disk, with the line ends of a file."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def open(self) -> None:
        """Make the folder."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError(f"{self._folder}: {error}") from error

    def send(
        self,
        letters: Iterable[Letter],
        *,
        on_intent: Callable[[int], None],
        on_accepted: Callable[[int], None],
    ) -> Iterator[Handed]:
        """Deliver *letters*, one file each; a disk that takes no more ends it."""
        for one in letters:
            on_intent(one.key)
            try:
                deliver_to_maildir(self._folder, one.data.replace(b"\r\n", b"\n"), self._clock)
            except OSError as error:
                yield Handed(one.key, PENDING, f"{self._folder}: {error}")
                return
            on_accepted(one.key)
            yield Handed(one.key, SENT)

    def close(self) -> None:
        """Nothing is held open between two letters."""


def _make(options: Mapping[str, str], clock: Clock) -> Channel:
    url = options.get("smtp_url", "")
    if url:
        try:
            server = smtp.parse_url(url)
        except ValueError as error:
            raise SettingsError(f"smtp_url: {error}") from error
        sender, connections = (
            parseaddr(options.get("mail_from", ""))[1],
            int(options.get("smtp_connections") or 1),
        )
        return MailServer(server, sender, _signer(options, clock), connections)
    if not options.get("mail_folder"):
        raise SettingsError("e-mail needs smtp_url or mail_folder")
    return MailFolder(Path(options["mail_folder"]), clock)


CHANNEL = ChannelType(
    "email",
    {
        "smtp_url": "mail server, smtp://, smtp+starttls:// or smtps://user:password@host:port",
        "smtp_connections": "over how many connections at once many letters go to it",
        "mail_folder": "maildir that takes the letters when smtp_url is empty",
        "mail_from": "envelope sender of letters that bring none of their own",
        "dkim_key": "file with the key that signs letters; empty: they leave unsigned",
        "dkim_selector": "selector of the key's record in the DNS",
        "dkim_domain": "domain that signs; empty: that of mail_from",
    },
    _make,
)
