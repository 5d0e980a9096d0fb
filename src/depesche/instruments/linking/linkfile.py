"""The lines of `depesche link`: stories in, mentions out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from depesche.model.errors import WireError
from depesche.model.instrument import Evidence, Mention
from depesche.model.take import Identifier, Take


def read_story(row: Mapping[str, Any]) -> tuple[str, Take]:
    """Return the id and the take of a line `{id, headline, body_text, language, identifiers?}`.

    Raises:
        WireError: a field is missing or of the wrong type.
    """
    if "id" not in row:
        raise WireError("id is missing")
    texts = {name: row.get(name) or "" for name in ("headline", "body_text", "language", "provider")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise WireError(f"{name} is not text")
    take = Take(
        format="link",
        provider=texts["provider"],
        guid=str(row["id"]),
        headline=texts["headline"],
        headline_raw=texts["headline"],
        language=texts["language"] or None,
        body_text=texts["body_text"],
        identifiers=tuple(_identifier(given) for given in _list(row.get("identifiers"))),
    )
    return str(row["id"]), take


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise WireError("identifiers is not a list")
    return value


def _identifier(given: Any) -> Identifier:
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("kind"), str)
        or not isinstance(given.get("value"), str)
    ):
        raise WireError("an identifier needs the texts kind and value")
    return Identifier(given["kind"], given["value"], given.get("mic"), given.get("name"))


def as_json(story: str, mentions: Iterable[Mention]) -> dict[str, Any]:
    """Return *mentions* as the object that `depesche link --json` prints for the story of that id."""
    return {"id": story, "mentions": [_mention(mention) for mention in mentions]}


def _mention(mention: Mention) -> dict[str, Any]:
    return {
        "isin": mention.isin,
        "ticker": mention.ticker,
        "mic": mention.mic,
        "name": mention.name,
        "identity": mention.identity,
        "relevance": mention.relevance,
        "published": mention.published,
        "evidence": [_evidence(evidence) for evidence in mention.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "kind": evidence.kind,
        "field": evidence.field,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
    }
