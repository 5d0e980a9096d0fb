"""Media topics: their names, and which version is about which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from depesche.lib.clock import epoch
from depesche.model.story import PUBLIC
from depesche.store import schema
from depesche.store.prepared import new_rows
from depesche.store.sql import insert


@dataclass(frozen=True, slots=True)
class Topic:
    """A term of the IPTC media topics with its German and English names; `broader` is the term above it."""

    code: str
    name_de: str
    name_en: str
    broader: str | None = None
    source: str = ""

    def name(self, language: str) -> str:
        """Return the name in an interface *language*, the English one where there is no other."""
        return self.name_de if language == "de" else self.name_en


class Topics:
    """The tables of topics."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """Return how many topics have a name."""
        return int(self._connection.execute(select(func.count()).select_from(_t)).scalar_one())

    def put(self, topics: Iterable[Topic]) -> int:
        """Keep *topics*, renaming those that are here; returns how many there were."""
        rows = [
            {"code": one.code, "name_de": one.name_de, "name_en": one.name_en, "broader": one.broader, "source": one.source}
            for one in topics
        ]  # fmt: skip
        if rows:
            statement = insert(self._connection, _t)
            again = {name: statement.excluded[name] for name in ("name_de", "name_en", "broader", "source")}
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["code"], set_=again), rows
            )
        return len(rows)

    def named(self, codes: Sequence[str]) -> dict[str, Topic]:
        """Return those of *codes* that have a name."""
        if not codes:
            return {}
        return {r.code: _topic(r) for r in self._connection.execute(_named, {"codes": list(codes)})}

    def of(self, stories: Sequence[int]) -> list[str]:
        """Return the codes that public ones among *stories* are about, the most frequent first."""
        if not stories:
            return []
        return [str(r.code) for r in self._connection.execute(_of, {"stories": list(stories)})]

    def narrower(self, code: str) -> list[Topic]:
        """Return the topics right under *code* that stories were about, by code."""
        return [_topic(r) for r in self._connection.execute(_narrower, {"code": code})]

    def file(self, version: int, at: datetime, codes: Iterable[str]) -> None:
        """Note that a version is about the topics *codes*."""
        rows = [{"version_id": version, "code": one, "at": epoch(at)} for one in dict.fromkeys(codes)]
        _file.run_all(self._connection, rows)


_t = schema.topics
_v = schema.version_topics
_s = schema.stories
_file = new_rows(_v)
_named = select(_t).where(_t.c.code.in_(bindparam("codes", expanding=True)))
_of = (
    select(_v.c.code)
    .join(_s, _s.c.current_id == _v.c.version_id)
    .where(_s.c.id.in_(bindparam("stories", expanding=True)), _s.c.state.concat("") == PUBLIC)
    .group_by(_v.c.code)
    .order_by(func.count().desc(), _v.c.code)
)
_narrower = (
    select(_t).where(_t.c.broader == bindparam("code"), _t.c.code.in_(select(_v.c.code))).order_by(_t.c.code)
)


def _topic(r: object) -> Topic:
    return Topic(r.code, r.name_de, r.name_en, r.broader, r.source)  # type: ignore[attr-defined]
