"""Every setting, with its default and a help text.

Settings come, strongest first, from `DEPESCHE_...` environment variables, from files named by
`DEPESCHE_..._FILE` (for secrets) and from `depesche.toml` in the working folder or at `DEPESCHE_CONFIG`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from depesche.model.errors import SettingsError
from depesche.model.wire import Rights, Wire

PREFIX = "DEPESCHE_"
LANGUAGES = ("de", "en")


class WireSettings(BaseModel):
    """One `[[wires]]` table: an incoming line and what its licence allows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*$", description="short name of the wire, used in addresses and commands"
    )
    provider: str = Field(default="", description="provider shown to readers; empty: as the items say")
    kind: Literal["push", "folder", "poll", "queue"] = Field(default="push", description="how items arrive")
    format: str | None = Field(default=None, description="wire format, where the bytes alone do not tell")
    url: str | None = Field(default=None, description="address to poll, or of the queue to empty")
    headers: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="headers sent to that site and no other, such as a key; a value `env:NAME` or `file:PATH` is read from there",
    )
    items: str | None = Field(
        default=None,
        description="where a JSON answer lists its items, keys joined by dots; `.`: the answer is the list; empty: the answer is one item",
    )
    interval: float | None = Field(
        default=None,
        ge=1,
        description="least seconds between two polls; empty: the wire's own rhythm, 1 minute to a day",
    )
    websub: bool = Field(default=True, description="let the hub that a feed names push what is new")
    acknowledge: str | None = Field(
        default=None,
        description="address to DELETE once an item of the queue is safe, with {receipt}; empty: asking removes it",
    )
    receipt: str = Field(
        default="_wireq_receipt",
        description="the field of an item, or header of an answer, that holds the receipt",
    )
    path: Path | None = Field(default=None, description="folder to watch")
    subfolders: bool = Field(default=False, description="look into the subfolders, too")
    marker: str | None = Field(
        default=None,
        pattern=r"^\.[A-Za-z0-9]+$",
        description="ending of the file by which the sender says that an item is complete, such as `.ok`; empty: none is waited for",
    )
    token: SecretStr | None = Field(
        default=None, description="bearer token that opens the push door; or `env:`, `file:`"
    )
    secret: SecretStr | None = Field(
        default=None, description="key of the signatures that open the push door; or `env:`, `file:`"
    )
    language: str | None = Field(default=None, description="language of items that do not name theirs")
    zone: str | None = Field(default=None, description="time zone of times that name none; empty: UTC")
    allow_private: bool = Field(default=False, description="let this wire fetch from private networks")
    silence_hours: float | None = Field(
        default=None,
        gt=0,
        description="hours without an item that are an alarm; empty: learned from the wire's rhythm",
    )
    pictures: bool = Field(default=True, description="fetch and show the wire's pictures")
    display: Literal["full", "teaser", "headline"] = Field(
        default="full", description="how much of a story readers see"
    )
    teaser_length: int = Field(default=300, ge=1, description="characters of a teaser")
    notice: str | None = Field(default=None, description="the provider's notice under each story")
    copyright: str | None = Field(default=None, description="copyright line under each story")
    syndication: bool = Field(default=True, description="may the text leave in feeds")
    sponsored: bool = Field(default=False, description="label every story as an advertisement")
    retention_days: float | None = Field(
        default=None, gt=0, description="days after which a story's text is deleted; empty: never"
    )
    embargo_minutes: float = Field(
        default=0.0,
        ge=0,
        description="minutes for which every item without an embargo of its own is held back",
    )

    @model_validator(mode="after")
    def _complete(self) -> WireSettings:
        needed = {"poll": "url", "folder": "path", "queue": "url"}.get(self.kind)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"a wire of kind {self.kind} needs {needed}")
        if self.kind == "push" and self.token is None and self.secret is None:
            raise ValueError("a wire of kind push needs token or secret")
        if self.acknowledge is not None and "{receipt}" not in self.acknowledge:
            raise ValueError("acknowledge must hold {receipt}")
        return self

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str | None) -> str | None:
        return None if zone is None else _zone(zone)

    def wire(self) -> Wire:
        """Return the wire as the departments know it.

        Raises:
            SettingsError: a secret is not where the settings say.
        """
        rights = Rights(
            self.display, self.teaser_length, self.notice, self.syndication, self.sponsored, self.pictures, self.copyright,
            self.retention_days,
        )  # fmt: skip
        return Wire(
            name=self.name, provider=self.provider, kind=self.kind, format=self.format, url=self.url,
            path=None if self.path is None else str(self.path), token=self._told("token", self.token),
            language=self.language, interval=self.interval, allow_private=self.allow_private, pictures=self.pictures, rights=rights,
            secret=self._told("secret", self.secret), items=self.items, acknowledge=self.acknowledge, receipt=self.receipt,
            headers=tuple((name, self._told(f"headers.{name}", value) or "") for name, value in self.headers.items()),
            websub=self.websub, subfolders=self.subfolders, marker=self.marker, zone=self.zone,
            embargo_minutes=self.embargo_minutes, silence_hours=self.silence_hours,
        )  # fmt: skip

    def _told(self, name: str, given: SecretStr | None) -> str | None:
        """Return a secret, read from the environment or the file that it names."""
        value = None if given is None else given.get_secret_value()
        where, _, place = (value or "").partition(":")
        try:
            if where == "env":
                return os.environ[place]
            if where == "file":
                return Path(place).read_text().rstrip("\r\n")
        except (KeyError, OSError, ValueError) as error:
            raise SettingsError(f"wire {self.name}: {name}: there is no {where} {place}") from error
        return value


class AdvertSettings(BaseModel):
    """One `[[adverts]]` table: an advertisement, where it stands and when."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$", description="short name, used in addresses")
    place: Literal["home-list", "home-rail", "story-text", "story-rail", "share-rail", "search-rail"] = Field(
        description="the slot it stands in"
    )
    width: int = Field(
        ge=50, le=1600, description="width in pixels of the page; narrower screens scale pictures"
    )
    height: int = Field(ge=20, le=1200, description="height in pixels, kept free before it arrives")
    picture: Path | None = Field(default=None, description="file of a picture, PNG, JPEG, GIF or WebP")
    html: str | None = Field(default=None, description="text with simple markup, cleaned like a story's")
    frame: str | None = Field(
        default=None, description="https address of another host to show in a sandboxed frame"
    )
    link: str | None = Field(default=None, description="where a click on picture or text leads")
    alt: str = Field(default="", description="what the picture or frame shows, for those who do not see it")
    start: date | None = Field(
        default=None, alias="from", description="first day of the flight, in the portal's zone"
    )
    until: date | None = Field(default=None, description="last day of the flight")
    weight: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="how often it has its turn, compared with others in the same slot",
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> AdvertSettings:
        if sum(one is not None for one in (self.picture, self.html, self.frame)) != 1:
            raise ValueError("an advertisement needs one of picture, html and frame")
        if self.picture is not None and not self.alt:
            raise ValueError("a picture needs alt")
        if self.start and self.until and self.until < self.start:
            raise ValueError("until is before from")
        return self

    @field_validator("frame", "link")
    @classmethod
    def _is_an_address(cls, url: str | None, info: ValidationInfo) -> str | None:
        allowed = ("https",) if info.field_name == "frame" else ("https", "http")
        if url is not None:
            parts = urlsplit(url)
            if parts.scheme not in allowed or not parts.hostname or re.search(r"[\s;,'\"\x00-\x1f]", url):
                raise ValueError(f"must be an address that begins with {' or '.join(allowed)}://")
        return url


class Settings(BaseSettings):
    """All settings of one installation."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data_dir: Path = Field(
        default=Path("var"), description="folder for the database, the indexes and the mail folder"
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="SQLAlchemy URL, sqlite:///... or postgresql://...; empty: SQLite in data_dir",
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on")
    base_url: str = Field(default="", description="public address of the portal; empty: http://host:port")
    trusted_proxies: str = Field(
        default="127.0.0.1", description="proxies whose X-Forwarded-For is believed, separated by commas"
    )
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="key that signs links in letters; empty: made once and kept in data_dir",
    )

    title: str = Field(default="Depesche", description="name of the portal")
    operator: str = Field(default="", description="who runs the portal, for letters and the imprint")
    languages: tuple[str, ...] = Field(
        default=("de", "en"), min_length=1, description="languages of the interface, the main one first"
    )
    zone: str = Field(default="Europe/Berlin", description="time zone of the times shown")
    theme: Path | None = Field(
        default=None,
        description="folder with theme.css, logo.svg and templates of your own; empty: as delivered",
    )
    imprint: str = Field(default="", description="text of the imprint; paragraphs separated by empty lines")
    privacy: str = Field(
        default="", description="text of the privacy page; paragraphs separated by empty lines"
    )
    privacy_version: str = Field(
        default="1", description="version of the privacy text, kept with each consent"
    )

    wires: tuple[WireSettings, ...] = Field(default=(), description="the incoming wires")
    max_item_bytes: int = Field(default=20_000_000, ge=1000, description="largest item that a door takes in")
    poll_contact: str = Field(
        default="", description="contact address in the User-Agent of polls; empty: base_url"
    )
    lineage_hours: int = Field(
        default=72, ge=1, description="hours within which a series is the same running story"
    )

    link_identity: float = Field(
        default=0.9, ge=0, le=1, description="least certainty that a share is meant, for a published link"
    )
    link_relevance: float = Field(
        default=0.5, ge=0, le=1, description="least relevance of a story for a share, for a published link"
    )

    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="mail server, smtp://, smtp+starttls:// or smtps://user:password@host:port; empty: the mail folder",
    )
    mail_from: str = Field(default="depesche@localhost", description="sender of letters")
    mail_dir: Path | None = Field(
        default=None, description="maildir for letters when smtp_url is empty; default: data_dir/mail"
    )
    bounce_address: str = Field(
        default="",
        description="envelope sender of letters, to which each letter's own mark is added behind a +; its domain must deliver `local+anything` to one box; empty: mail_from, without a mark",
    )
    bounce_maildir: Path | None = Field(
        default=None, description="maildir in which reports of mail servers and complaints arrive"
    )
    bounce_imap: SecretStr = Field(
        default=SecretStr(""),
        description="IMAP folder in which they arrive, imaps:// or imap+starttls://user:password@host:port/folder",
    )
    bounce_lmtp: str = Field(
        default="", description="where the worker takes them by LMTP, host:port or unix:/path"
    )
    bounce_days: int = Field(
        default=5,
        ge=1,
        description="days with a soft bounce, without a success since, after which an address is suppressed",
    )
    bounce_window_days: int = Field(
        default=30, ge=1, description="days within which soft bounces are counted"
    )
    dkim_key: Path | None = Field(
        default=None,
        description="file with the RSA or Ed25519 key that signs letters; empty: the mail server signs",
    )
    dkim_selector: str = Field(default="depesche", description="selector of the key's record in the DNS")
    dkim_domain: str = Field(default="", description="domain that signs; empty: that of mail_from")
    mail_hosts: tuple[str, ...] = Field(
        default=(),
        description="host names or addresses from which letters leave for the world, for `depesche check`; empty: the host of smtp_url",
    )
    dns_server: str = Field(
        default="",
        description="DNS server that `depesche check` asks, address or address:port; empty: the system's",
    )
    mail_connections: int = Field(
        default=5, ge=1, le=50, description="connections to the mail server; a courier serves up to five"
    )
    mail_per_domain_minute: int = Field(
        default=0, ge=0, description="letters a minute to the addresses of one domain; 0: no limit"
    )
    web_push: bool = Field(
        default=True, description="offer notices in the browser wherever something can be followed"
    )
    push_key: Path | None = Field(
        default=None,
        description="file with the private key (P-256, PEM) by which push services know us; empty: one is made and kept in data_dir",
    )
    push_services: tuple[str, ...] = Field(
        default=(
            "fcm.googleapis.com",
            "jmt17.google.com",
            "push.services.mozilla.com",
            "notify.windows.com",
            "push.apple.com",
        ),
        description="hosts of push services that browsers may name, each with all below it; *: any",
    )
    post_private: bool = Field(
        default=False, description="post notices and webhooks to private networks, too, and by http there"
    )
    webhook_timeout: float = Field(
        default=10.0, gt=0, description="seconds that a webhook has for its answer"
    )
    reader_webhooks: int = Field(
        default=3,
        ge=0,
        le=20,
        description="webhooks that one reader may enter on her own page, at public https addresses that repeat a challenge; 0: only the operator enters any",
    )
    mail_resend: bool = Field(
        default=True, description="send a letter again when its answer was lost; false: keep it as uncertain"
    )
    ledger_days: int = Field(
        default=90, ge=1, description="days for which it can be told who got which letter, and when"
    )
    alert_hours: float = Field(default=6.0, gt=0, description="hours after which an unsent alert expires")
    confirm_hours: float = Field(
        default=48.0, gt=0, description="hours within which a subscription must be confirmed"
    )
    requests_per_day: int = Field(
        default=5, ge=1, description="confirmation letters one address may cause in a day"
    )
    follow_per_hour: int = Field(
        default=30, ge=1, description="subscription requests one network may make in an hour"
    )
    target_per_hour: int = Field(
        default=500, ge=1, description="requests an hour to follow the same share, provider, search or story"
    )
    confirmations_per_hour: int = Field(
        default=2000,
        ge=1,
        description="confirmation letters the whole portal may send in an hour; more is an alarm, and refused",
    )
    unconfirmed_days: float = Field(
        default=30.0, ge=1, description="days after which an address that never confirmed is erased"
    )

    rate_limit: int = Field(default=120, ge=1, description="views a minute that one address may have counted")
    mailbox_path: str = Field(
        default="",
        description="page of this host that shows the letters sent, linked after subscribing; for demonstrations only",
    )
    security_contact: str = Field(
        default="",
        description="address for reports of security holes, mailto: or https:, told in /.well-known/security.txt; empty: none",
    )
    websub_hub: str = Field(
        default="", description="WebSub hub that is told of changed feeds and named in them; empty: none"
    )
    cdn_purge_url: str = Field(
        default="",
        description="where a shared cache before the portal (CDN, Varnish) is told what to forget; empty: none may keep pages",
    )
    cdn_purge_key: SecretStr = Field(
        default=SecretStr(""),
        description="header that proves this to the cache, such as `Authorization: Bearer ...`",
    )
    cdn_seconds: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="seconds for which that cache may keep a page that it is not told to forget",
    )
    live_connections: int = Field(
        default=5000,
        ge=0,
        description="open pages that one process tells of new stories; further ones reload",
    )

    count_by: Literal["beacon", "request"] = Field(
        default="beacon",
        description="count a view when the page says that it is seen, or when it is asked for (not behind a cache)",
    )
    view_log: Path | None = Field(
        default=None, description="file that also gets the counts, as JSON lines; empty: none"
    )
    also_read: int = Field(default=6, ge=0, le=20, description="entries of the also-read list")
    also_read_sponsored: bool = Field(
        default=False, description="let advertisements stand in also-read and most-read lists"
    )
    api_per_minute: int = Field(
        default=60,
        ge=0,
        description="API requests a minute that one network may make without a key, of each web process; 0: keys only",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="bearer token that opens /metrics; empty: only programs on the same machine may read it",
    )

    adverts: tuple[AdvertSettings, ...] = Field(default=(), description="advertisements; none by default")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        return _zone(zone)

    @field_validator("theme")
    @classmethod
    def _theme_exists(cls, theme: Path | None) -> Path | None:
        if theme is not None and not theme.is_dir():
            raise ValueError(f"there is no folder {theme}")
        return theme

    @field_validator("adverts")
    @classmethod
    def _advert_names_differ(cls, adverts: tuple[AdvertSettings, ...]) -> tuple[AdvertSettings, ...]:
        names = [advert.name for advert in adverts]
        if len(set(names)) < len(names):
            raise ValueError("two advertisements have the same name")
        return adverts

    @field_validator("languages")
    @classmethod
    def _languages_are_spoken(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for one in languages:
            if one not in LANGUAGES:
                raise ValueError(f"{one!r} is not one of {', '.join(LANGUAGES)}")
        return tuple(dict.fromkeys(languages))

    @field_validator("wires")
    @classmethod
    def _names_differ(cls, wires: tuple[WireSettings, ...]) -> tuple[WireSettings, ...]:
        names = [wire.name for wire in wires]
        if len(set(names)) < len(names):
            raise ValueError("two wires have the same name")
        return wires

    @property
    def address(self) -> str:
        """The public address of the portal, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir}/depesche.sqlite"

    @property
    def mail_folder(self) -> Path:
        """The maildir that takes letters when there is no mail server."""
        return self.mail_dir or self.data_dir / "mail"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, secret files, TOML."""
        toml = Path(os.environ.get(PREFIX + "CONFIG", "depesche.toml"))
        return (
            init_settings,
            env_settings,
            _SecretFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls, toml),
        )


def _zone(name: str) -> str:
    """Return the name of a time zone that there is."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error
    return name


class _SecretFiles(PydanticBaseSettingsSource):
    """Read `DEPESCHE_NAME_FILE`: the value is in the file it names, without the newline at its end."""

    def get_field_value(self, field: object, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Return the contents of the file named for *field_name*."""
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (None if path is None else Path(path).read_text().rstrip("\r\n"), field_name, False)

    def __call__(self) -> dict[str, Any]:
        """Return every value that has a file."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def read(given: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings; *given* ones win over every source.

    Raises:
        SettingsError: a setting is unknown, missing or cannot be right; the message names each, and no secret.
    """
    config = os.environ.get(PREFIX + "CONFIG")
    if config and not Path(config).is_file():
        raise SettingsError(f"{PREFIX}CONFIG: there is no file {config}")
    try:
        return Settings(**(given or {}))
    except ValidationError as error:
        said = [
            f"{'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}"
            for one in error.errors(include_input=False)
        ]
        raise SettingsError("; ".join(said)) from error
    except (OSError, ValueError) as error:
        raise SettingsError(str(error)) from error
