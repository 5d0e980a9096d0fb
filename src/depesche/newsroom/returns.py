"""The returns: whatever comes back of letters, and who is never mailed again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import structlog

from depesche.alerts.links import Links
from depesche.alerts.naming import MessageIds
from depesche.alerts.returns.bounces import BounceDesk, Patience
from depesche.alerts.returns.postbox import Postbox
from depesche.alerts.returns.suppression import SuppressionList
from depesche.lib.mailback.inbox import ImapInbox, Inbox, MaildirInbox, parse_imap
from depesche.lib.mailback.lmtp import LmtpDoor
from depesche.lib.mailing.verp import Verp
from depesche.model.errors import SettingsError
from depesche.newsroom.base import Base

_log = structlog.get_logger("newsroom")


class Returns(Base):
    """The doors for bounces and complaints, and the desk that judges them."""

    @cached_property
    def verp(self) -> Verp | None:
        """Marks the envelope sender of each letter; None where no box takes what comes back to such addresses."""
        if not self.settings.bounce_address:
            return None
        try:
            return Verp(self.secret, self.settings.bounce_address)
        except ValueError as error:
            raise SettingsError(f"bounce_address: {error}") from error

    def envelope_sender(self, subscriber: int, letter: int) -> str:
        """Return the envelope sender of the letter with that number (`model.bounce.letter_number`), empty for the channel's own."""
        return self.verp.sender(subscriber, letter) if self.verp else ""

    @cached_property
    def suppressed(self) -> SuppressionList:
        """The addresses that are never mailed."""
        return SuppressionList(self.secret)

    @cached_property
    def bounce_desk(self) -> BounceDesk:
        """Judges what comes back."""
        patience = Patience(self.settings.bounce_days, self.settings.bounce_window_days)
        links = Links(self.secret, self.settings.address, self.settings.languages)
        ids = MessageIds(self.secret, self.mail_domain)
        return BounceDesk(self.database, self.clock, self.suppressed, self.verp, patience, links, ids)

    @cached_property
    def postbox(self) -> Postbox:
        """The boxes in which reports arrive."""
        given = self.settings
        boxes: dict[str, Inbox] = {}
        if given.bounce_maildir:
            boxes["maildir"] = MaildirInbox(given.bounce_maildir)
        if url := given.bounce_imap.get_secret_value():
            try:
                boxes["imap"] = ImapInbox(parse_imap(url))
            except ValueError as error:
                raise SettingsError(f"bounce_imap: {error}") from error
        return Postbox(self.bounce_desk, boxes)

    def open_lmtp(self) -> LmtpDoor | None:
        """Listen for reports by LMTP, where a setting says so; whoever opens the door closes it.

        Raises:
            SettingsError: nobody can listen there.
        """
        place = self.settings.bounce_lmtp
        if not place:
            return None

        def take(raw: bytes, recipients: Sequence[str]) -> None:
            self.bounce_desk.take(raw, "lmtp", recipients)

        def say(error: Exception) -> None:
            _log.warning("a report was not taken and stays with its sender", reason=str(error))

        try:
            door = LmtpDoor(place, take, on_trouble=say)
        except (OSError, ValueError) as error:
            raise SettingsError(f"bounce_lmtp: {error}") from error
        door.start()
        return door
