"""The HTML by which another site shows the news on a share in a frame."""

from __future__ import annotations

from html import escape

from depesche.model import paths
from depesche.portal.site import Site

SIZE = (480, 460)


def frame(site: Site, language: str, isin: str, name: str, size: tuple[int, int] = SIZE) -> str:
    """Return the frame of a share's news, *size* pixels wide and high."""
    words = site.speech[language].say("%(share)s: news", share=name)
    return (
        f'<iframe src="{escape(site.url(paths.embed(isin), language))}" title="{escape(words)}" width="{size[0]}" '
        f'height="{size[1]}" loading="lazy" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )
