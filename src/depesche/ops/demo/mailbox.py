"""The demo's mailbox page: letters that would have gone to a mail server, to read and to click in.

A letter's HTML is shown in a frame that may run nothing and load nothing but pictures of this
portal; a link clicked there opens in place of the whole page, as it would from a mail program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from depesche.ops.demo.letters import Letter, Letterbox

PATH = "/mailbox"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_LETTER_POLICY = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'none'; frame-ancestors 'self'; base-uri 'self'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)

_GERMAN = {
    "language": "de", "title": "Briefe", "front": "Startseite", "from": "Von", "to": "An", "all": "Alle Briefe", "text": "Nur Text",
    "headers": "Alle Kopfzeilen", "frame": "Der Brief, wie ihn ein Mailprogramm zeigt",
    "about": "In dieser Vorführung verlässt kein Brief den Rechner. Was verschickt würde, liegt hier; die Verweise "
    "darin gehen, auch der zum Bestätigen.",
    "none": "Noch ist kein Brief da. Folgen Sie auf der Seite einer Aktie deren Nachrichten; die Bestätigung liegt gleich darauf hier.",
    "gone": "Diesen Brief gibt es nicht (mehr). Bei jedem Start der Vorführung wird der Briefkasten geleert.",
}  # fmt: skip
_ENGLISH = {
    "language": "en", "title": "Letters", "front": "Front page", "from": "From", "to": "To", "all": "All letters", "text": "Text only",
    "headers": "All headers", "frame": "The letter as a mail program shows it",
    "about": "In this demonstration no letter leaves the machine. What would be sent lies here, and its links work, "
    "the one that confirms as well.",
    "none": "No letter has come yet. Follow a share on its page; the letter that asks you to confirm will be here at once.",
    "gone": "There is no such letter (any more). The mailbox is emptied whenever the demonstration starts.",
}  # fmt: skip
_WORDS = {"": _GERMAN, "/en": _ENGLISH}


class Mailbox:
    """The pages of a letterbox, German at `/mailbox` and English at `/en/mailbox`; all other paths go to *portal*.

    *stylesheets* and *icon* are addresses of the portal's own, *zone* is that of the times shown.
    """

    def __init__(
        self,
        portal: ASGIApp,
        folder: Path,
        *,
        title: str,
        stylesheets: tuple[str, ...],
        icon: str,
        zone: ZoneInfo,
    ) -> None:
        self._portal = portal
        self._box = Letterbox(folder)
        self._zone = zone
        self._pages = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._pages.globals.update(portal_title=title, stylesheets=stylesheets, icon=icon, path=PATH)
        routes = []
        for prefix in _WORDS:
            routes += [
                Route(f"{prefix}{PATH}", self._list),
                Route(f"{prefix}{PATH}/{{key}}", self._show),
                Route(f"{prefix}{PATH}/{{key}}/html", self._html),
            ]
        self._app = Starlette(routes=routes)
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is asked of the mailbox and hand on everything else."""
        is_ours = scope["type"] == "http" and scope["path"].removeprefix("/en").split("/")[1:2] == [PATH[1:]]
        await (self._app if is_ours else self._portal)(scope, receive, send)

    def _list(self, request: Request) -> Response:
        return self._page("mailbox.html", request, {"letters": self._box.letters()})

    def _show(self, request: Request) -> Response:
        letter = self._box.letter(request.path_params["key"])
        if letter is None:
            return self._page("no_letter.html", request, {}, 404)
        return self._page("letter.html", request, {"letter": letter, "text": _linked(letter.text)})

    def _html(self, request: Request) -> Response:
        letter = self._box.letter(request.path_params["key"])
        headers = _HEADERS | {"Content-Security-Policy": _LETTER_POLICY}
        if letter is None:
            return HTMLResponse("", 404, headers)
        return HTMLResponse(_framed(letter), headers=headers)

    def _page(
        self, template: str, request: Request, what: Mapping[str, object], status: int = 200
    ) -> Response:
        words = _words(request)
        prefix = "" if words is _GERMAN else "/en"
        speech = {
            "say": words,
            "prefix": prefix,
            "clock": lambda at: format_time(at, "HH:mm", self._zone, words["language"]),
            "moment": lambda at: format_datetime(at, "long", self._zone, words["language"]),
        }
        body = self._pages.get_template(template).render(speech | dict(what))
        return HTMLResponse(body, status, _HEADERS | {"Content-Security-Policy": _PAGE_POLICY})


def _words(request: Request) -> dict[str, str]:
    return _WORDS["/en" if request.url.path.startswith("/en/") else ""]


def _linked(text: str) -> Markup:
    """Return *text* as HTML with its addresses as links."""
    parts, last = [], 0
    for found in _LINK.finditer(text):
        parts += [escape(text[last : found.start()]), Markup('<a href="{0}">{0}</a>').format(found[0])]
        last = found.end()
    return Markup("").join([*parts, escape(text[last:])])


def _framed(letter: Letter) -> str:
    """Return the letter's HTML with links that open in place of the page around the frame."""
    base = '<base target="_top">'
    html = letter.html
    return _HEAD.sub(lambda head: head[0] + base, html, count=1) if _HEAD.search(html) else base + html
