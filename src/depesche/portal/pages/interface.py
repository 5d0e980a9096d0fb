"""The page of the API: its addresses, its limits, and where its description is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from depesche.model import paths
from depesche.portal.ask import Ask, Page
from depesche.portal.site import Site

DOCUMENT = f"{paths.API}/openapi.json"


@dataclass(frozen=True, slots=True)
class Operation:
    """An address with what it answers and what may be said with it."""

    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, str], ...]


def page(describe: Callable[[], dict[str, Any]]) -> Callable[[Site, Ask], Page]:
    """Return the handler of the page of what *describe* describes."""

    def show(site: Site, ask: Ask) -> Page:
        what = {
            "groups": list(_groups(describe())),
            "document": DOCUMENT,
            "api": site.address + paths.API,
            "per_minute": site.settings.api_per_minute,
        }
        return Page(
            site.print("api.html", ask.language, what, path=paths.API_PAGE), tags=frozenset({"interface"})
        )

    return show


def _groups(described: dict[str, Any]) -> Iterator[tuple[str, list[Operation]]]:
    """Yield the operations by their tag, in the order of the description."""
    found = [
        (item["get"]["tags"][0], _operation(path, item["get"])) for path, item in described["paths"].items()
    ]
    for tag, group in groupby(found, key=lambda one: one[0]):
        yield tag, [operation for _, operation in group]


def _operation(path: str, said: dict[str, Any]) -> Operation:
    asked = [one for one in said.get("parameters", ()) if one["in"] == "query"]
    return Operation(
        paths.API + path,
        said["summary"],
        said["description"].replace("`", ""),
        tuple((one["name"], one.get("description", "").replace("`", "")) for one in asked),
    )
