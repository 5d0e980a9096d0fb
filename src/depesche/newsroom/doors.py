"""The doors by which items come in, and how their wires stand."""

from __future__ import annotations

from functools import cached_property

from depesche.newsroom.base import Base
from depesche.wires import standing
from depesche.wires.doors.fetch import Poller
from depesche.wires.doors.folder import FolderWatch
from depesche.wires.doors.intake import Intake
from depesche.wires.doors.queue import QueueDoor
from depesche.wires.doors.websub import HubDoor
from depesche.wires.pictures import PictureDesk


class Doors(Base):
    """Push, poll, queue, hub and folder, and the desk that fetches pictures."""

    @cached_property
    def intake(self) -> Intake:
        """The push door."""
        return Intake(self.database, self.clock, self.wires, self.settings.max_item_bytes)

    @cached_property
    def picture_desk(self) -> PictureDesk:
        """Fetches pictures."""
        return PictureDesk(self.database, self.clock, self.wires, self.client, private=self.private_client)

    @cached_property
    def poller(self) -> Poller:
        """Polls feeds."""
        made = Poller(self.database, self.clock, self.wires, self.client, private=self.private_client)
        made.on_answer = self.hubs.notice
        return made

    @cached_property
    def queues(self) -> QueueDoor:
        """Empties queues."""
        return QueueDoor(self.database, self.clock, self.wires, self.client, private=self.private_client)

    @cached_property
    def hubs(self) -> HubDoor:
        """Subscribes to feeds at their hubs, if the portal has a public address."""
        given = self.settings
        return HubDoor(
            self.database, self.clock, self.wires, self.client, given.base_url, private=self.private_client,
            max_bytes=given.max_item_bytes,
        )  # fmt: skip

    @cached_property
    def folders(self) -> dict[str, FolderWatch]:
        """Watches over the folders of wires, by wire."""
        size = self.settings.max_item_bytes
        return {
            name: FolderWatch(self.database, self.clock, wire, size)
            for name, wire in self.wires.items()
            if wire.kind == "folder"
        }

    def standings(self) -> list[standing.Standing]:
        """Return how every configured wire stands."""
        with self.database.reading() as tx:
            return standing.standings(tx, self.wires.values(), self.clock.now())

    def watch_wires(self) -> list[standing.Standing]:
        """Look after every wire; returns those with whom something is wrong since now, or right again since now."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for name in self.wires:
                tx.health.begin(name, now)
            found = standing.standings(tx, self.wires.values(), now)
            return [one for one in found if tx.health.alarm(one.wire, one.alarm)]
