"""A courier in a process of its own, for tests that kill it: DATABASE_URL FOLDER SMTP_URL SECONDS_SINCE_1970.

Runs with the search path of the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

from newsdesk import Newsroom

from depesche.lib.clock import from_epoch
from depesche.store.database import Database
from fakes import FakeClock

url, folder, smtp_url, now = sys.argv[1:]
newsroom = Newsroom(Database(url), FakeClock(from_epoch(float(now))))
courier = newsroom.courier(Path(folder), smtp_url, chunk=40)
while True:
    done = courier.run_once()
    if done.trouble or not any(
        (done.sent, done.postponed, done.dead, done.expired, done.dropped, done.uncertain)
    ):
        break
courier.close()
newsroom.database.close()
