"""The proof of consent of one reader, for a court or an authority: each act with its words, times and addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from depesche.lib.clock import rfc3339
from depesche.model.subscription import Consent, Subscriber
from depesche.newsroom import Newsroom

_STYLE = (
    "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:11pt/1.5 Georgia,serif;color:#111;background:#fff}"
    "h1{font-size:17pt}h2{margin:1.6em 0 .4em;font-size:12pt}table{width:100%;border-collapse:collapse}"
    "th,td{padding:.25em 1em .25em 0;border-bottom:1px solid #ccc;text-align:left;vertical-align:top;font-weight:400}"
    "th{width:11rem;color:#444}td{white-space:pre-line;overflow-wrap:anywhere}section{break-inside:avoid}@page{margin:20mm}"
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `utc` to the microsecond, `local` in the portal's zone; empty fields were not part of it."""

    event: str
    utc: str
    local: str
    address: str
    kind: str = ""
    value: str = ""
    name: str = ""
    ip: str = ""
    page: str = ""
    privacy_version: str = ""
    words: str = ""

    def rows(self) -> list[tuple[str, str]]:
        """Return the fields that say something, each with what it is called."""
        named = (
            ("time, UTC", self.utc), ("time, local", self.local), ("address", self.address), ("what", self._what),
            ("network address", self.ip), ("page", self.page), ("privacy text", self.privacy_version), ("words", self.words),
        )  # fmt: skip
        return [(name, said) for name, said in named if said]

    @property
    def _what(self) -> str:
        if not self.kind:
            return ""
        code = f" ({self.value})" if self.value != self.name else ""
        return f"{self.kind}: {self.name}{code}"


@dataclass(frozen=True, slots=True)
class Proof:
    """Every act of one reader, oldest first, and what stands above them."""

    heading: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...]


def of(room: Newsroom, reader: Subscriber, acts: Sequence[Consent]) -> Proof:
    """Return the proof of *reader* from the log."""
    zone = ZoneInfo(room.settings.zone)
    now = room.clock.now()
    heading = (
        ("portal", f"{room.settings.title}, {room.settings.address}"),
        ("operator", room.settings.operator or "not set"),
        ("address as given", reader.address),
        ("address compared as", reader.identity),
        ("printed", f"{rfc3339(now)} ({_local(now, zone)})"),
    )
    return Proof(heading, tuple(_act(one, zone) for one in acts))


def _act(one: Consent, zone: ZoneInfo) -> Act:
    target = one.target
    return Act(
        one.event, rfc3339(one.at), _local(one.at, zone), one.address,
        target.kind if target else "", target.value if target else "", target.name if target else "",
        one.ip or "", one.source or "", one.privacy_version or "", one.form_text or "",
    )  # fmt: skip


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z} ({zone.key})"


def as_html(proof: Proof) -> str:
    """Return *proof* as a page of its own, made to be printed."""
    parts = [
        Markup(
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Proof of consent</title><style>'
        ),
        Markup(_STYLE),  # noqa: S704 - a constant of ours
        Markup("</style></head><body><h1>Proof of consent</h1>"),
        _table(proof.heading),
    ]
    for number, one in enumerate(proof.acts, 1):
        parts.append(Markup("<section><h2>{}. {}</h2>").format(number, one.event))
        parts += [_table(one.rows()), Markup("</section>")]
    return str(Markup("").join([*parts, Markup("</body></html>\n")]))


def _table(rows: Sequence[tuple[str, str]]) -> Markup:
    lines = (Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(*row) for row in rows)
    return Markup("<table>{}</table>").format(Markup("").join(lines))
