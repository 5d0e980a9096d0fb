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
STYLE, THEME_STYLE, LOGO = "portal.css", "theme.css", "logo.svg"

_URL = re.compile(rb'url\("([a-z0-9./-]+)"\)')
_LOOSE = re.compile(rb'("[^"]*")|(/\*.*?\*/\s*)|\s*([{};,])\s*|\s+', re.DOTALL)
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
    """Every file under `static`, by the name the templates use and by its address.

    A *theme* is a folder whose `theme.css` is put after our style sheet, and whose other files, those of its templates
    left out, stand beside ours or in the place of one with the same name.
    """

    def __init__(self, theme: Path | None = None) -> None:
        self._named: dict[str, Asset] = {}
        files = _files(ROOT)
        if theme is not None:
            files |= {name: file for name, file in _files(theme).items() if name != THEME_STYLE}
        for name in sorted(
            files, key=lambda one: (one.endswith(".css"), one)
        ):  # a style sheet names the others
            self._add(name, files[name].read_bytes() + (_own_style(theme) if name == STYLE else b""))
        self._placed = {one.path: one for one in self._named.values()}
        joined = "".join(one.etag for one in self._named.values())
        self.edition = hashlib.sha256(joined.encode()).hexdigest()[:16]

    def __call__(self, name: str) -> str:
        """Return the address of the file called *name*."""
        return self._named[name].path

    @property
    def logo(self) -> str | None:
        """The address of the theme's own logo, if it has one."""
        found = self._named.get(LOGO)
        return None if found is None else found.path

    def at(self, path: str) -> Asset | None:
        """Return the file at *path*."""
        return self._placed.get(path)

    @property
    def all(self) -> Mapping[str, Asset]:
        """Every file by its name."""
        return self._named

    def _add(self, name: str, body: bytes) -> None:
        file = Path(name)
        if file.suffix == ".css":
            body = tightened(body)
            body = _URL.sub(lambda found: b'url("' + self(found[1].decode()).encode() + b'")', body)
        digest = hashlib.sha256(body).hexdigest()[:12]
        path = f"{PREFIX}{name.removesuffix(file.suffix)}.{digest}{file.suffix}"
        media_type = _TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._named[name] = Asset(path, media_type, body, f'"{digest}"')


def _files(root: Path) -> dict[str, Path]:
    found = (one for one in root.rglob("*") if one.is_file() and one.suffix not in {".txt", ".html"})
    return {one.relative_to(root).as_posix(): one for one in found}


def _own_style(theme: Path | None) -> bytes:
    file = None if theme is None else theme / THEME_STYLE
    return b"\n" + file.read_bytes() if file is not None and file.is_file() else b""


def tightened(css: bytes) -> bytes:
    """Return *css* without comments and the white space that only people need."""
    return _LOOSE.sub(lambda found: found[1] or found[3] or (b"" if found[2] else b" "), css)
