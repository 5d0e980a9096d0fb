"""Pictures of versions and the bytes of their renditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, FromClause, bindparam, func, select, update

from depesche.model.story import PUBLIC, Picture
from depesche.model.take import PictureRef
from depesche.store import schema
from depesche.store.sql import Rows, insert

WAITING = "waiting"
STORED = "stored"
REFUSED = "refused"
WEBP = "webp"
AVIF = "avif"


@dataclass(frozen=True, slots=True)
class WaitingPicture:
    """A picture that a version names and nobody has fetched yet; `base` is where a relative `href` starts."""

    version: int
    place: int
    href: str
    base: str | None
    wire: str
    story: int
    lineage: int
    action: str


class RenditionRow(msgspec.Struct, array_like=True):
    """A rendition with its picture, and where it stands in a version."""

    version_id: int
    place: int
    caption: str | None
    credit: str | None
    sha256: str
    media_type: str
    width: int
    height: int
    size: int
    format: str


class Pictures:
    """Picture references of versions, pictures by the hash of their bytes, and their renditions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def refer(self, version: int, pictures: Iterable[PictureRef], *, like: int | None = None) -> None:
        """Note the pictures that *version* names, in their order; those that the version *like* has need not be fetched again."""
        fetched = self._fetched(like) if like is not None else {}
        rows = [
            {
                "version_id": version, "place": place, "href": one.href, "state": STORED if one.href in fetched else WAITING,
                "sha256": fetched[one.href].sha256 if one.href in fetched else None,
                "caption": one.caption or (fetched[one.href].caption if one.href in fetched else None),
                "credit": one.credit or (fetched[one.href].credit if one.href in fetched else None),
            }
            for place, one in enumerate(pictures)
        ]  # fmt: skip
        if rows:
            self._connection.execute(_v.insert(), rows)

    def _fetched(self, version: int) -> dict[str, Any]:
        """Return what was stored of a version's pictures, by the address they were fetched from."""
        found = select(_v.c.href, _v.c.sha256, _v.c.caption, _v.c.credit).where(
            _v.c.version_id == version, _v.c.state == STORED
        )
        return {r.href: r for r in self._connection.execute(found)}

    def waiting(self, limit: int = 20) -> list[WaitingPicture]:
        """Return pictures still to be fetched."""
        statement = (
            select(
                _v.c.version_id, _v.c.place, _v.c.href, _sp.c.base, _s.c.wire,
                _ver.c.story_id, _s.c.lineage_id, _ver.c.action,
            )
            .select_from(_v)
            .join(_ver, _ver.c.id == _v.c.version_id)
            .join(_s, _s.c.id == _ver.c.story_id)
            .outerjoin(schema.takes, schema.takes.c.id == _ver.c.take_id)
            .outerjoin(_sp, _sp.c.id == schema.takes.c.spool_id)
            .where(_v.c.state == WAITING)
            .order_by(_v.c.version_id.desc(), _v.c.place)
            .limit(limit)
        )  # fmt: skip
        return [
            WaitingPicture(r.version_id, r.place, r.href, r.base, r.wire, r.story_id, r.lineage_id, r.action)
            for r in self._connection.execute(statement)
        ]

    def keep(
        self,
        sha256: str,
        media_type: str,
        width: int,
        height: int,
        renditions: Mapping[int, bytes],
        more: Mapping[tuple[int, str], bytes] | None = None,
    ) -> None:
        """Keep a picture's bytes, *renditions* in WebP by width and *more* by width and format; the same again changes nothing."""
        row = {"sha256": sha256, "media_type": media_type, "width": width, "height": height}
        self._connection.execute(insert(self._connection, _p).values(row).on_conflict_do_nothing())
        sized = {(size, WEBP): raw for size, raw in renditions.items()} | dict(more or {})
        for (size, kind), raw in sized.items():
            rendition = {"sha256": sha256, "width": size, "format": kind, "bytes": raw}
            self._connection.execute(insert(self._connection, _r).values(rendition).on_conflict_do_nothing())

    def settle(
        self,
        version: int,
        place: int,
        *,
        sha256: str | None = None,
        reason: str | None = None,
        caption: str | None = None,
        credit: str | None = None,
    ) -> None:
        """Say what became of a version's picture: stored as *sha256*, or refused for *reason*.

        *caption* and *credit* are what the picture says of itself; what the item says stands above them.
        """
        statement = update(_v).where(_v.c.version_id == version, _v.c.place == place)
        self._connection.execute(
            statement.values(
                sha256=sha256, reason=reason, state=STORED if sha256 else REFUSED,
                caption=func.coalesce(_v.c.caption, caption), credit=func.coalesce(_v.c.credit, credit),
            )
        )  # fmt: skip

    def drop_orphans(self, limit: int = 200) -> int:
        """Delete pictures that no version shows any more; returns how many."""
        shown = select(_v.c.place).where(_v.c.sha256 == _p.c.sha256).exists()
        orphans = list(self._connection.execute(select(_p.c.sha256).where(~shown).limit(limit)).scalars())
        if orphans:
            self._connection.execute(_r.delete().where(_r.c.sha256.in_(orphans)))
            self._connection.execute(_p.delete().where(_p.c.sha256.in_(orphans)))
        return len(orphans)

    def wires_showing(self, sha256: str) -> frozenset[str]:
        """Return the wires of the public stories that have the picture in the version readers see now.

        Whether their rights let it be shown is not decided here.
        """
        statement = (
            select(_s.c.wire)
            .distinct()
            .select_from(_v)
            .join(_ver, _ver.c.id == _v.c.version_id)
            .join(_s, _s.c.current_id == _ver.c.id)
            .where(_v.c.sha256 == sha256, _ver.c.released, _s.c.state == PUBLIC)
        )
        return frozenset(self._connection.execute(statement).scalars())

    def rendition(self, sha256: str, width: int, kind: str = WEBP) -> bytes | None:
        """Return the bytes of a rendition, whoever may see it: ask `wires_showing` first."""
        statement = select(_r.c.bytes).where(_r.c.sha256 == sha256, _r.c.width == width, _r.c.format == kind)
        raw = self._connection.execute(statement).scalar()
        return None if raw is None else bytes(raw)

    def of_versions(self, versions: Sequence[int]) -> dict[int, tuple[Picture, ...]]:
        """Return the stored pictures of each version, in the item's order."""
        if not versions:
            return {}
        rows = self._connection.execute(_of_versions, {"versions": list(versions)})
        return {version: pictures(some) for version, some in groupby(rows, key=lambda r: int(r.version_id))}


_v = schema.version_pictures
_p = schema.pictures
_r = schema.renditions
_s = schema.stories
_ver = schema.versions
_sp = schema.spool
_renditions = (
    select(
        _v.c.version_id, _v.c.place, _v.c.caption, _v.c.credit, _p.c.sha256, _p.c.media_type, _p.c.width, _p.c.height,
        _r.c.width.label("size"), _r.c.format,
    )
    .join(_p, _p.c.sha256 == _v.c.sha256)
    .join(_r, _r.c.sha256 == _p.c.sha256)
    .order_by(_v.c.version_id, _v.c.place, _r.c.width, _r.c.format)
)  # fmt: skip
_of_versions = _renditions.where(_v.c.version_id.in_(bindparam("versions", expanding=True)))


def pictures_of(versions: FromClause) -> Rows[RenditionRow]:
    """Return the renditions of the stored pictures of a row of *versions*, beside it."""
    return Rows(RenditionRow, _renditions.where(_v.c.version_id == versions.c.id), versions)


def pictures(renditions: Iterable[Any]) -> tuple[Picture, ...]:
    """Return the pictures of one version, given their *renditions* in order."""
    found = [list(some) for _, some in groupby(renditions, key=lambda r: r.place)]
    return tuple(_picture(some[0], [(r.size, r.format) for r in some]) for some in found)


def _picture(r: Any, sizes: list[tuple[int, str]]) -> Picture:
    widths = tuple(width for width, kind in sizes if kind == WEBP)
    has_avif = all((width, AVIF) in sizes for width in widths)
    plain = next((one for one in sizes if one[1] not in (WEBP, AVIF)), None)
    return Picture(
        r.sha256,
        r.media_type,
        r.width,
        r.height,
        widths,
        r.caption,
        r.credit,
        (AVIF, WEBP) if has_avif else (WEBP,),
        plain,
    )
