"""What can go wrong, named once; edges translate these, nobody swallows them."""

from __future__ import annotations


class DepescheError(Exception):
    """The root of every error of ours."""


class WireError(DepescheError):
    """An item cannot be taken in; the message names the field and the reason."""


class NotAStory(WireError):
    """The item is well-formed but is no story: a photo, a planning item, an empty package."""


class NotFound(DepescheError):
    """What was asked for does not exist, or is not public."""


class Refused(DepescheError):
    """A request is understood and declined; the message says why, in words fit for its sender."""


class TooMany(Refused):
    """A request is fit but one of too many; it may be made again after `seconds`."""

    def __init__(self, reason: str, seconds: int = 3600) -> None:
        super().__init__(reason)
        self.seconds = seconds


class SettingsError(DepescheError):
    """A setting is missing or cannot be right."""


class StoreError(DepescheError):
    """The database cannot do what was asked of it."""


class DeliveryError(DepescheError):
    """A letter could not be handed over.

    `permanent` means that trying again cannot help.
    """

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
