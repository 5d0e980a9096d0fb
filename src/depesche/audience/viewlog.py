"""A log of counts for other programs: JSON lines that say how often, and nothing of who."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from depesche.lib.clock import from_epoch, rfc3339
from depesche.model.audience import DAY, HOUR, Batch


def write_log(path: Path, batch: Batch, at: datetime) -> None:
    """Append the counts of *batch*, a line for each story and hour and for each reason, in one write.

    `views` may be negative, where a view moved on into the next hour; the sums are those of the database.

    Raises:
        OSError: the file cannot be written.
    """
    written = rfc3339(at)
    lines: list[dict[str, object]] = [
        {"at": written, "story": story, "hour": rfc3339(from_epoch(hour * HOUR)), "views": n}
        for (story, hour), n in sorted(batch.views.items())
    ]
    lines += [
        {"at": written, "day": from_epoch(day * DAY).date().isoformat(), "rejected": reason, "visits": n}
        for (day, reason), n in sorted(batch.rejected.items())
    ]
    raw = "".join(json.dumps(line) + "\n" for line in lines).encode()
    if raw:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(file, raw)
        finally:
            os.close(file)
