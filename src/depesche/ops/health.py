"""Check an installation before and while it runs, and print its settings."""

from __future__ import annotations

import shutil
from datetime import timedelta

from pydantic import SecretStr

from depesche.model.errors import DepescheError
from depesche.newsroom import Newsroom
from depesche.ops import mail_checks
from depesche.ops.commands import output
from depesche.settings import PREFIX, Settings

_LEAST_FREE = 1_000_000_000
_WATCHED = timedelta(days=7)


def check(room: Newsroom, *, as_json: bool) -> int:
    """Print what is right and what is not; returns 1 if something must be put right before a public start."""
    findings = [*_settings(room.settings), *_disk(room), *_store(room), *mail_checks.findings(room)]
    for what, fine, said in findings:
        if as_json:
            output.json_line({"check": what, "ok": fine, "detail": said})
    if not as_json:
        output.table(
            ("check", "", "detail"),
            [(what, "ok" if fine else "failed", said) for what, fine, said in findings],
        )
    return int(not all(fine for _, fine, _ in findings))


def _settings(settings: Settings) -> list[tuple[str, bool, str]]:
    public = settings.address.startswith("https://")
    return [
        ("base_url", public, settings.address if public else f"{settings.address}: a public portal needs https"),
        ("imprint", bool(settings.imprint), "present" if settings.imprint else "empty: required by law before a public start"),
        ("privacy", bool(settings.privacy), "present" if settings.privacy else "empty: required by law before a public start"),
        ("operator", bool(settings.operator), settings.operator or "empty: letters must say who sends them"),
        ("smtp_url", bool(settings.smtp_url.get_secret_value()), "set" if settings.smtp_url.get_secret_value() else f"empty: letters stay in {settings.mail_folder}"),
        ("wires", bool(settings.wires), ", ".join(wire.name for wire in settings.wires) or "none configured"),
    ]  # fmt: skip


def _disk(room: Newsroom) -> list[tuple[str, bool, str]]:
    folder = room.settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    return [("disk", free > _LEAST_FREE, f"{free / 1e9:.1f} GB free in {folder}")]


def _store(room: Newsroom) -> list[tuple[str, bool, str]]:
    try:
        with room.database.reading() as tx:
            spool = tx.spool.counts()
            last, cursors = tx.journal.last(), tx.cursors.all()
            letters = tx.ledger.counts()
            uneven = tx.ledger.uneven(room.clock.now() - _WATCHED)
            asked = tx.readers.requests(room.clock.now() - timedelta(hours=1))
    except DepescheError as error:
        return [("database", False, str(error))]
    refused = spool.get("refused", 0)
    behind = {name: last - seq for name, seq in cursors.items()}
    return [
        ("database", True, "sqlite" if room.database.is_sqlite else "postgresql"),
        ("spool", not refused, ", ".join(f"{n} {state}" for state, n in sorted(spool.items())) or "empty"),
        ("followers", all(lag < 1000 for lag in behind.values()), ", ".join(f"{name} {lag} behind" for name, lag in behind.items()) or "none yet"),
        ("confirmations", asked < room.settings.confirmations_per_hour, f"{asked} asked for within an hour"),
        ("ledger", not uneven, f"{len(uneven)} decisions of the last week are not accounted for" if uneven else "even"),
        ("letters", not letters.get("dead", 0), ", ".join(f"{n} {state}" for state, n in sorted(letters.items())) or "none yet"),
        *((f"wire {one.wire}", not one.alarm, one.alarm or one.error or one.state) for one in room.standings()),
    ]  # fmt: skip


def show_settings(settings: Settings, *, as_json: bool) -> int:
    """Print every setting: its environment variable, its value and its help text; secrets are not shown."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = "***" if value.get_secret_value() else ""
        elif name == "wires":
            value = ", ".join(wire.name for wire in value)
        rows.append((f"{PREFIX}{name.upper()}", str(value), field.description or ""))
    if as_json:
        for variable, value, said in rows:
            output.json_line({"setting": variable, "value": value, "help": said})
    else:
        output.table(("setting", "value", "help"), rows)
    return 0
