"""Write the next migration from the difference between the migrations so far and the schema."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from depesche.store.database import Database
from depesche.store.migrate import config


def main(subject: str) -> None:
    """Migrate an empty database to the newest revision and let Alembic write what is missing, numbered on."""
    if not re.search(r"\w", subject):
        sys.exit('say what the migration does: make migration NAME="add a column"')
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.sqlite'}"
        database = Database(url)
        database.migrate()
        database.close()
        made = config(url)
        head = ScriptDirectory.from_config(made).get_current_head() or "0000"
        command.revision(made, message=subject, autogenerate=True, rev_id=f"{int(head) + 1:04d}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
