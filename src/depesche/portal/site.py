"""The site: the newsroom, its words and its templates; turns a template and what it shows into a page."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from depesche.instruments import markets
from depesche.lib.clock import rfc3339
from depesche.lib.text import slugify
from depesche.model import paths
from depesche.portal.assets import Assets
from depesche.portal.i18n import LOCALES, NAMES, Speech
from depesche.portal.ports import Newsroom
from depesche.portal.slots import Slots

TEMPLATES = Path(__file__).parent / "templates"
_WEB = ("https://", "http://")
_OURS = "depesche/"
_SAYS_CORRECTION = re.compile(
    r"(?:Korrektur|Berichtigung|Corrections?|Corrigendum)\s*[:\N{EN DASH}-]\s*", re.IGNORECASE
)
_LEFTWARD = ("ar", "fa", "he", "ur")
_TO_THE_LEFT = Markup(' dir="rtl"')
_CONSTANT = re.compile(
    r"""\{\{ (?:_\((?:"(?P<words>[^"]+)"|'(?P<quoted>[^']+)')\)|asset\('(?P<asset>[^']+)'\)|href\(paths\.(?P<constant>[A-Z_]+)\)) \}\}"""
)


class Site:
    """One portal; safe to use from several threads."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.settings = newsroom.settings
        self.languages: tuple[str, ...] = self.settings.languages
        self.main = self.languages[0]
        self.address = self.settings.address
        self.assets = Assets(self.settings.theme)
        zone = ZoneInfo(self.settings.zone)
        self.slots = Slots(self.settings.adverts, zone)
        self.speech = {language: Speech(language, zone) for language in self.languages}
        self._templates = {language: self._environment(language) for language in self.languages}
        self._providers: dict[str, str] = {}
        self._asking = threading.Lock()

    def print(self, template: str, language: str, what: Mapping[str, object], *, path: str = "") -> str:
        """Return *template* in *language* showing *what*; *path* is the page's own, for its links to other languages."""
        return self._templates[language].get_template(template).render(what, path=path)

    def href(self, path: str, language: str) -> str:
        """Return the address of *path* within this portal, in an interface *language*."""
        return paths.localized(path, language, self.main)

    def url(self, path: str, language: str | None = None) -> str:
        """Return the full public address of *path*."""
        return self.address + self.href(path, language or self.main)

    @cached_property
    def edition(self) -> str:
        """A name for templates, words and settings: what is printed under another must be printed again."""
        made = hashlib.sha256(self.assets.edition.encode())
        files = [*TEMPLATES.rglob("*.html"), *LOCALES.glob("*.po"), *Path(__file__).parent.rglob("*.py")]
        if self.settings.theme is not None:
            files += self.settings.theme.rglob("*.html")
        for file in sorted(files):
            made.update(file.read_bytes())
        made.update(
            self.settings.model_dump_json(
                exclude={"secret", "database_url", "smtp_url", "cdn_purge_key"}
            ).encode()
        )
        return made.hexdigest()[:16]

    def market(self, mic: str) -> str:
        """Return what people call the market with that code."""
        return markets.called(mic)

    def provider(self, slug: str) -> str | None:
        """Return the name of the provider with public stories whose address ends in *slug*."""
        if slug not in self._providers:
            with self._asking, self.newsroom.database.reading() as tx:
                self._providers = {
                    provider_slug(one.provider): one.provider for one in tx.newsstand.providers()
                }
        return self._providers.get(slug)

    def _constants(self, language: str) -> Callable[[re.Match[str]], str]:
        """Return what says a constant expression of a template once and for all, as HTML."""
        say = self.speech[language].say

        def stand_in(found: re.Match[str]) -> str:
            words, asset, constant = found["words"] or found["quoted"], found["asset"], found["constant"]
            if words:
                return str(escape(say(words)))
            return self.assets(asset) if asset else self.href(getattr(paths, constant), language)

        return stand_in

    def _environment(self, language: str) -> Environment:
        speech = self.speech[language]
        made = Environment(
            loader=_Loader(self.settings.theme, self._constants(language)), autoescape=True, undefined=StrictUndefined, auto_reload=False,
            trim_blocks=True, lstrip_blocks=True, cache_size=100,
        )  # fmt: skip
        made.context_class = _Context
        made.globals.update(
            _=speech.say,
            count=speech.count,
            number=speech.number,
            when=speech.when,
            stamp=lru_cache(maxsize=8192)(partial(_stamp, speech)),
            tongue=lru_cache(maxsize=256)(partial(_tongue, language)),
            asset=self.assets,
            href=lambda path: self.href(path, language),
            in_language=self.href,
            full_in=self.url,
            full=lambda path: self.url(path, language),
            oembed=lambda path: self.address + paths.oembed(self.url(path, language)),
            provider_path=lambda name: paths.provider(provider_slug(name)),
            paths=paths,
            slots=self.slots,
            language=language,
            languages=[(one, NAMES[one]) for one in self.languages],
            title=self.settings.title,
            operator=self.settings.operator,
            is_web=is_web,
            amends=amends,
        )
        return made


class _Context(Context):
    """Calls what templates call directly: nothing of ours but macros wants to be told where it is called from."""

    def call(
        self, called: Callable[..., object], /, *given: object,
        _loop_vars: object = None, _block_vars: object = None, **named: object,
    ) -> object:  # fmt: skip
        if type(called) is Macro:
            return super().call(called, *given, **named)
        return called(*given, **named)


class _Loader(FileSystemLoader):
    """Loads templates with their constant words and addresses already written out: fewer calls for each page.

    A template in the folder `templates` of a *theme* takes the place of ours with the same name; under
    `depesche/` ours can still be had, to be extended.
    """

    def __init__(self, theme: Path | None, stand_in: Callable[[re.Match[str]], str]) -> None:
        super().__init__(TEMPLATES if theme is None else [theme / "templates", TEMPLATES])
        self._ours = FileSystemLoader(TEMPLATES)
        self._stand_in = stand_in

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Return a template's source, as Jinja asks for it."""
        if template.startswith(_OURS):
            source, file, is_current = self._ours.get_source(environment, template.removeprefix(_OURS))
        else:
            source, file, is_current = super().get_source(environment, template)
        return _CONSTANT.sub(self._stand_in, source), file, is_current


@lru_cache(maxsize=1024)
def provider_slug(name: str) -> str:
    """Return the end of a provider's address; a name without Latin letters gets one made of its bytes."""
    return slugify(name) or "p-" + hashlib.sha256(name.encode()).hexdigest()[:10]


def is_web(url: str | None) -> bool:
    """Tell whether *url* may be linked to: an address of the web, and nothing that a browser would run."""
    return url is not None and url.lower().startswith(_WEB)


def amends(correction: str) -> str:
    """Return what a provider says of a correction, without the word that stands over it on our pages anyway."""
    said = _SAYS_CORRECTION.match(correction)
    rest = correction[said.end() :] if said else ""
    return rest[:1].upper() + rest[1:] if rest else correction


def trusted(html: str) -> Markup:
    """Mark *html* as safe: copy that was cleaned when it was filed, and nothing else."""
    return Markup(html)  # noqa: S704


def _stamp(speech: Speech, at: datetime, style: str) -> Markup:
    """Return *at* as the element that people and machines read."""
    exact = rfc3339(at.replace(microsecond=0))
    return Markup('<time datetime="{}">{}</time>').format(exact, speech.when(at, style))


def _tongue(language: str, code: str) -> Markup:
    """Return the attribute that says a text's language, where it is not the page's."""
    if not code or code[:2] == language:
        return Markup("")
    return Markup(' lang="{}"').format(code) + (_TO_THE_LEFT if code[:2] in _LEFTWARD else "")
