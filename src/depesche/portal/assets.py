"""Style, script, fonts and drawings: read once, named by their content, so that browsers keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent / "static"
PREFIX = "/static/"

_URL = re.compile(rb'url\("([a-z0-9./-]+)"\)')
_TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its address; `body` is as the browser gets it."""

    path: str
    media_type: str
    body: bytes
    etag: str


class Assets:
    """Every file under `static`, by the name the templates use and by its address."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._named: dict[str, Asset] = {}
        files = sorted(one for one in root.rglob("*") if one.is_file() and one.suffix != ".txt")
        for file in sorted(files, key=lambda one: one.suffix == ".css"):  # a style sheet names the others
            self._add(file)
        self._placed = {one.path: one for one in self._named.values()}
        joined = "".join(one.etag for one in self._named.values())
        self.edition = hashlib.sha256(joined.encode()).hexdigest()[:16]

    def __call__(self, name: str) -> str:
        """Return the address of the file called *name*."""
        return self._named[name].path

    def at(self, path: str) -> Asset | None:
        """Return the file at *path*."""
        return self._placed.get(path)

    @property
    def all(self) -> Mapping[str, Asset]:
        """Every file by its name."""
        return self._named

    def _add(self, file: Path) -> None:
        name = file.relative_to(self._root).as_posix()
        body = file.read_bytes()
        if file.suffix == ".css":
            body = _URL.sub(lambda found: b'url("' + self(found[1].decode()).encode() + b'")', body)
        digest = hashlib.sha256(body).hexdigest()[:12]
        path = f"{PREFIX}{name.removesuffix(file.suffix)}.{digest}{file.suffix}"
        media_type = _TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._named[name] = Asset(path, media_type, body, f'"{digest}"')
