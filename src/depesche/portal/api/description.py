"""What the API says of itself, as OpenAPI 3.1: the routes as FastAPI knows them, the shapes as they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI

from depesche.model import paths
from depesche.portal.api import shapes
from depesche.portal.api.examples import EXAMPLES
from depesche.portal.ask import JSON
from depesche.portal.out import newsml_g2, ninjs
from depesche.portal.site import Site

_PROBLEMS = {
    "400": "A parameter makes no sense.",
    "401": "The key opens nothing, or this portal answers to keys only.",
    "403": "The licence does not let this leave in an exchange format.",
    "404": "There is no such thing, or it is not public.",
    "406": "None of the formats that the header Accept names.",
    "410": "The story was withdrawn for good.",
    "414": "The query is too long.",
    "422": "A parameter has not the form that it must have; `errors` names it.",
    "429": "Too many requests in a minute; `Retry-After` says when to come again.",
    "503": "The database does not answer; `Retry-After` says when to come again.",
}
_ONLY_FORMATS = {"403", "406"}
_INTRODUCTION = (
    "Public stories with their shares, for programs. All is read with GET and obeys the same display rights as the pages. Times are "
    "RFC 3339 in UTC. Answers carry an `ETag` and may be asked for again with `If-None-Match`. Errors are `application/problem+json`. "
    "Nobody needs a key; with one (header `Authorization: Bearer …` or `X-API-Key`) the limit is the key's own. `RateLimit` says what "
    "is left of this minute."
)


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of a route; `shape` names its answer, which may come in exchange formats as one or as `many`."""

    tag: str
    summary: str
    description: str
    shape: str
    formats: bool = False
    many: bool = False

    def answer(self) -> dict[str, Any]:
        """Return what is said of the answer."""
        content: dict[str, Any] = {
            JSON: {
                "schema": {"$ref": f"#/components/schemas/{self.shape}"},
                "example": EXAMPLES[self.shape],
            }
        }
        item = {"type": "object", "required": ["uri"], "properties": {"uri": {"type": "string"}}}
        if self.formats:
            content[ninjs.MEDIA_TYPE] = {"schema": item}
            content[newsml_g2.ITEM_TYPE] = {"schema": {"type": "string"}}
        if self.many:
            content[ninjs.MEDIA_TYPE] = {"schema": {"type": "array", "items": item}}
            content[newsml_g2.MESSAGE_TYPE] = {"schema": {"type": "string"}}
        return {"description": "Found.", "content": content}


def describe(app: FastAPI, site: Site) -> dict[str, Any]:
    """Return the description of *app* as it answers for *site*."""
    made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(app.openapi()))
    made["info"] |= {"description": _INTRODUCTION, "license": {"name": "As each story's provider allows"}}
    made["servers"] = [{"url": site.address + paths.API}]
    made["security"] = [{}, {"bearer": []}, {"header": []}]
    _, schemas = msgspec.json.schema_components(shapes.ANSWERS, ref_template="#/components/schemas/{name}")
    made["components"] = {
        "schemas": schemas,
        "responses": {
            code: {
                "description": said,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for code, said in _PROBLEMS.items()
        },
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        },
    }
    for item in made["paths"].values():
        _complete(item["get"])
    return made


def _complete(operation: dict[str, Any]) -> None:
    """Name what every route may answer, and leave out that a parameter may be null: it may be missing."""
    has_formats = len(operation["responses"]["200"]["content"]) > 1
    operation["responses"] |= {
        code: {"$ref": f"#/components/responses/{code}"}
        for code in _PROBLEMS
        if has_formats or code not in _ONLY_FORMATS
    }
    operation["responses"]["304"] = {"description": "What `If-None-Match` names is still true."}
    for one in operation.get("parameters", ()):
        schema = one["schema"]
        if "anyOf" in schema:
            kept = next(each for each in schema.pop("anyOf") if each.get("type") != "null")
            one["schema"] = {**kept, **schema}
        one["schema"].pop("title", None)
