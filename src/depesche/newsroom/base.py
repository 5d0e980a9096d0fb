"""What every part of an installation is made of: settings, clock, database, secret, wires and clients."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from depesche.bus.follow import Bell
from depesche.lib.clock import Clock, SystemClock
from depesche.lib.web.http import Client
from depesche.lib.web.sites import Turns
from depesche.model.wire import NO_LICENCE, Rights, Wire
from depesche.settings import Settings
from depesche.store.database import Database

DESK_WIRE = "desk"
_OWN = Rights()


class Base:
    """The ground that the parts stand on, each built when first asked for."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.bell = Bell()

    @cached_property
    def database(self) -> Database:
        """The database, with the newest schema."""
        opened = Database(self.settings.database)
        opened.migrate()
        return opened

    @cached_property
    def wires(self) -> dict[str, Wire]:
        """The configured wires, by name."""
        return {one.name: one.wire() for one in self.settings.wires}

    def rights(self, wire: str) -> Rights:
        """Return what readers may see of the stories of *wire*: all of what an operator brought in by hand, and of what a
        wire brought that is configured no more, the headline alone, because its licence went with it.
        """
        configured = self.wires.get(wire)
        return configured.rights if configured else _OWN if wire == DESK_WIRE else NO_LICENCE

    @cached_property
    def secret(self) -> str:
        """The key that signs links; made once and kept in `data_dir` unless a setting gives it."""
        return self.settings.secret.get_secret_value() or kept_secret(self.settings.data_dir / "secret")

    @property
    def mail_domain(self) -> str:
        """The domain of the sender's address, for the identifiers of letters."""
        return self.settings.mail_from.rpartition("@")[2].rstrip(">") or "localhost"

    @cached_property
    def client(self) -> Client:
        """The guarded HTTP client."""
        return self._client()

    @cached_property
    def private_client(self) -> Client:
        """The HTTP client of wires that may fetch from private networks."""
        return self._client(allow_private=True)

    @cached_property
    def _turns(self) -> Turns:
        return Turns()

    def _client(self, *, allow_private: bool = False) -> Client:
        contact = self.settings.poll_contact or self.settings.address
        return Client(
            allow_private=allow_private,
            user_agent=f"Depesche (+{contact})",
            max_bytes=self.settings.max_item_bytes,
            turns=self._turns,
        )


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def kept_secret(path: Path, make: Callable[[], str] = _new_secret) -> str:
    """Return the secret in the file at *path*, which nobody else may read; the first to ask makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
    except FileExistsError:
        pass  # made at an earlier start
    return path.read_text()
