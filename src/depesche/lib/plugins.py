"""Find plug-ins: every module of a package, then every installed entry point."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from typing import Protocol, TypeVar


class Named(Protocol):
    """Anything that carries the name under which it is found."""

    @property
    def name(self) -> str:
        """Return the plug-in's name."""
        ...


T = TypeVar("T", bound=Named)


def load(package: str, attribute: str, kind: type[T]) -> dict[str, T]:
    """Return every plug-in of *package*, by name, in alphabetical order.

    A module offers one by binding *attribute* to a *kind*; an installed
    distribution does so with an entry point in the group named *package*.

    Raises:
        TypeError: something offered is not a *kind*.
        ValueError: two plug-ins share a name; silence would hide which one runs.
    """
    home = importlib.import_module(package)
    modules = [
        importlib.import_module(f"{package}.{found.name}") for found in pkgutil.iter_modules(home.__path__)
    ]
    offered = [getattr(module, attribute) for module in modules if hasattr(module, attribute)]
    offered += [entry.load() for entry in entry_points(group=package)]
    by_name: dict[str, T] = {}
    for plugin in offered:
        if not isinstance(plugin, kind):
            raise TypeError(f"{package}: {plugin!r} is not a {kind.__name__}")
        if plugin.name in by_name:
            raise ValueError(f"{package}: two plug-ins are called {plugin.name}")
        by_name[plugin.name] = plugin
    return dict(sorted(by_name.items()))
