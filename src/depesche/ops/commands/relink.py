"""Link the archive anew, in front of a person."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from depesche.newsroom import Newsroom
from depesche.ops.commands import output

_AT_ONCE = 200


def relink(room: Newsroom, *, every: bool, only_progress: bool, as_json: bool) -> int:
    """Finish what is to be linked anew, or begin with every story; prints how many stories have other shares now."""
    if only_progress:
        left = room.relinker.left()
        said = (
            f"{left} stories at most are still to be looked at"
            if left
            else "The archive is linked by the register of today."
        )
        output.record(as_json, {"left": left}, said)
        return 0
    room.fill_register()
    if every:
        room.relinker.begin()
    looked, changed = 0, 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hide = as_json or not output.errors.is_terminal
    with Progress(*columns, console=output.errors, transient=True, disable=hide) as progress:
        bar = progress.add_task("relink", total=room.relinker.left())
        while done := room.relinker.step(_AT_ONCE):
            looked, changed = looked + done.looked_at, changed + done.changed
            progress.update(bar, completed=looked, total=looked + done.left)
    room.bell.ring()
    said = f"{looked} stories looked at, {changed} have other shares or evidence now"
    output.record(as_json, {"looked_at": looked, "changed": changed}, said)
    return 0
