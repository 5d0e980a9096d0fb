"""Style, script, fonts and drawings: read once, named by their content, so that browsers keep them for ever."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

ROOT = Path(__file__).parent / "static"
PREFIX = "/static/"
STYLE, MORE_STYLE, THEME_STYLE, LOGO = "portal.css", "pages.css", "theme.css", "logo.svg"
SCRIPT = "portal.js"

_URL = re.compile(rb'url\("([a-z0-9./-]+)"\)')
_LOOSE = re.compile(rb'("[^"]*")|(/\*.*?\*/\s*)|;?\s*(\})\s*|\s*([{;,])\s*|(:)\s+|\s+', re.DOTALL)
_TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}

_SEEN = (
    'const d=document,s=d.querySelector("[data-view]"),on=["visibilitychange","prerenderingchange"],look=()=>{'
    'if(d.visibilityState!="visible"||d.prerendering)return;on.forEach(n=>d.removeEventListener(n,look));'
    's.seen=fetch(s.dataset.view,{method:"POST",body:new URLSearchParams({story:s.dataset.story}),keepalive:true,credentials:"omit",priority:"low"});'
    's.seen.catch(()=>{});s.dispatchEvent(new Event("seen"))},wait=()=>{on.forEach(n=>d.addEventListener(n,look));look()};'
    'if(s){wait();addEventListener("pageshow",e=>{if(e.persisted)wait()})}'
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its address; `body` is as the browser gets it."""

    path: str
    media_type: str
    body: bytes
    etag: str


class Assets:
    """Every file under `static`, by the name the templates use and by its address.

    A *theme* is a folder whose `theme.css` is put after each of our style sheets, and whose other files, those of its templates
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
            own = _own_style(theme) if name in {STYLE, MORE_STYLE} else b""
            self._add(name, files[name].read_bytes() + own)
        self._placed = {one.path: one for one in self._named.values()}
        joined = "".join(one.etag for one in self._named.values())
        self.edition = hashlib.sha256(joined.encode()).hexdigest()[:16]

    def __call__(self, name: str) -> str:
        """Return the address of the file called *name*."""
        return self._named[name].path

    @cached_property
    def style(self) -> Markup:
        """The style sheet that is written into pages, so that none waits for it before it is painted."""
        return Markup(self._named[STYLE].body.decode().replace("</", "<\\/"))  # noqa: S704 - ours and the operator's

    @cached_property
    def loader(self) -> Markup:
        """The script that is written into pages: fetches ours once the page is painted."""
        return Markup(f'requestAnimationFrame(()=>setTimeout(()=>import("{self(SCRIPT)}")))')  # noqa: S704

    @cached_property
    def seen(self) -> Markup:
        """The script that is written into stories: reports that one is seen, however soon it is left."""
        return Markup(_SEEN)  # noqa: S704

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


def hashed(inline: str) -> str:
    """Return the source by which a content policy admits a style or script that says exactly *inline*."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


def _files(root: Path) -> dict[str, Path]:
    found = (one for one in root.rglob("*") if one.is_file() and one.suffix not in {".txt", ".html"})
    return {one.relative_to(root).as_posix(): one for one in found}


def _own_style(theme: Path | None) -> bytes:
    file = None if theme is None else theme / THEME_STYLE
    return b"\n" + file.read_bytes() if file is not None and file.is_file() else b""


def tightened(css: bytes) -> bytes:
    """Return *css* without comments and the white space that only people need."""
    return _LOOSE.sub(_tight, css)


def _tight(found: re.Match[bytes]) -> bytes:
    said, comment, end, sign, colon = found.groups()
    return said or end or sign or colon or (b"" if comment else b" ")
