"""Packages of NewsML-G2: lists of references to items, in groups that say what each is to the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from depesche.lib import text
from depesche.model.take import USABLE, Link
from depesche.wires.reading import fields, xml
from depesche.wires.reading.xml import Element

_PICTURES = frozenset({"picture", "graphic"})
_WORDS = frozenset({"", "summary", "abstract", "teaser", "lead"})


@dataclass(frozen=True, slots=True)
class Reference:
    """An item that a package refers to, with what the package says of it; `role` is that of its group."""

    role: str
    guid: str
    href: str
    kind: str
    title: str
    summary: str
    is_free: bool  # neither withheld nor under an embargo

    @property
    def is_picture(self) -> bool:
        """Tell whether this stands beside a story rather than being one."""
        return self.kind in _PICTURES


def groups(root: Element) -> list[list[Reference]]:
    """Return the references of the package *root*, group by group."""
    found = []
    for group in root.iter("{*}group"):
        role = _last(group.get("role") or group.get("roleuri") or "")
        if told := [_reference(one, role) for one in xml.children(group, "itemRef")]:
            found.append(told)
    return found


def _reference(one: Element, role: str) -> Reference:
    kind = xml.child(one, "itemClass")
    said = xml.child(one, "pubStatus")
    is_free = said is None or fields.status(said.get("qcode") or said.get("uri") or "") == USABLE
    names = [xml.words(each) for name in ("headline", "title") for each in xml.children(one, name)]
    summaries = [
        xml.words(each)
        for each in xml.children(one, "description")
        if _last(each.get("role") or each.get("roleuri") or "").lower() in _WORDS
    ]
    return Reference(
        role,
        text.line(one.get("residref") or one.get("guidref") or ""),
        text.line(one.get("href") or ""),
        _last(kind.get("qcode") or kind.get("uri") or "").lower() if kind is not None else "",
        next(filter(None, names), ""),
        next(filter(None, summaries), ""),
        is_free and xml.child(one, "embargoed") is None,
    )


def _last(told: str) -> str:
    return told.strip().rstrip("/").replace("/", ":").replace("#", ":").rpartition(":")[2]


def copy(told: Sequence[Sequence[Reference]]) -> str:
    """Return the stories that a package names as a list in HTML, empty when it tells nothing of them."""
    lines = []
    for one in (one for group in told for one in group if one.is_free and not one.is_picture):
        title, summary = xml.escaped(one.title), xml.escaped(one.summary)
        if title and summary:
            lines.append(f"<li><strong>{title}</strong><br>{summary}</li>")
        elif title or summary:
            lines.append(f"<li>{title or summary}</li>")
    return f"<ul>{''.join(lines)}</ul>" if lines else ""


def links(told: Sequence[Sequence[Reference]], without: str = "") -> Iterator[Link]:
    """Yield a link to each item that a package refers to, but for the one called *without*; the group's role is the relation."""
    for one in (one for group in told for one in group):
        if (one.guid or one.href) and one.guid != without:
            yield Link(one.role or "related", one.href or None, one.guid or None)


def pictures_of(guid: str, told: Sequence[Sequence[Reference]]) -> set[str]:
    """Return the pictures that stand in a group with the story called *guid* and no other."""
    found: set[str] = set()
    for group in told:
        if [one.guid for one in group if not one.is_picture] == [guid]:
            found |= {one.guid for one in group if one.is_picture}
    return found
