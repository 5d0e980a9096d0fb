"""The demo's letters, as they lie in the maildir."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from depesche.lib.clock import from_epoch

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._,:=+-]{5,200}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: `key` is its file's name, `at` when it was delivered."""

    key: str
    at: datetime
    message: EmailMessage

    @property
    def to(self) -> str:
        """Whom it is addressed to."""
        return str(self.message["To"] or "")

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """Its text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its HTML part."""
        return self._part("html")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Every header, in order."""
        return [(name, str(value)) for name, value in self.message.items()]

    def link(self, path: str) -> str | None:
        """Return the first address in the text part that leads to *path*."""
        found = re.search(rf"https?://[^\s<>]*{re.escape(path)}\?[^\s<>]+", self.text)
        return found[0] if found else None

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""


class Letterbox:
    """A maildir, read only; letters are kept once read, because they do not change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Letter] = {}

    def letters(self) -> list[Letter]:
        """Return every letter, newest first."""
        files = {path.name: path for part in ("new", "cur") for path in self._files(part)}
        for name in sorted(files.keys() - self._read.keys()):
            self._read[name] = _letter(files[name])
        return sorted((self._read[name] for name in files), key=lambda one: (one.at, one.key), reverse=True)

    def letter(self, key: str) -> Letter | None:
        """Return the letter called *key*, or None where there is none."""
        return next((one for one in self.letters() if one.key == key), None)

    def _files(self, part: str) -> list[Path]:
        folder = self._folder / part
        found = folder.iterdir() if folder.is_dir() else ()
        return [path for path in found if _NAME.fullmatch(path.name) and path.is_file()]


def _letter(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Letter(path.name, from_epoch(path.stat().st_mtime), message)
