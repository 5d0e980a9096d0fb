"""The demo: an invented world of news, played through the newsroom's real doors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def run(given: Mapping[str, Any], speed: float) -> None:
    """Play the demo until a signal ends it; *given* settings may name host and port, *speed* shortens every wait.

    Raises:
        SettingsError: the demo's folder holds something else, or the port cannot be listened on.
    """
    from depesche import settings
    from depesche.ops import logs
    from depesche.ops.demo.stage import demo_settings
    from depesche.ops.demo.theatre import show

    logs.configure()
    show(demo_settings(settings.read(given)), speed)
