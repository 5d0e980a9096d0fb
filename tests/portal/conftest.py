"""A furnished portal: made once, copied for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from asking import Browser, Desk
from paper import Paper, furnish

from depesche.portal.app import create_app

ADDRESS = "http://portal.example"


def _desk(paper: Paper, keys: dict[str, int]) -> Desk:
    app = create_app(paper.room)
    return Desk(paper, keys, app, Browser(app))


def _close(desk: Desk) -> None:
    desk.browser.close()
    desk.app.pages.close()
    desk.paper.room.index_follower.close()
    desk.paper.room.close()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The folder of a furnished newsroom, to be copied, and its stories."""
    folder = tmp_path_factory.mktemp("furnished")
    desk = _desk(paper := Paper.empty(folder, base_url=ADDRESS), furnish(paper))
    desk.index()
    _close(desk)
    return folder, desk.keys


def _copied(furnished: tuple[Path, dict[str, int]], folder: Path) -> Desk:
    shutil.copytree(furnished[0], folder, dirs_exist_ok=True)
    return _desk(Paper.reopen(folder, base_url=ADDRESS), furnished[1])


@pytest.fixture(scope="module")
def shown(furnished: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A furnished portal that tests only look at."""
    desk = _copied(furnished, tmp_path_factory.mktemp("shown"))
    yield desk
    _close(desk)


@pytest.fixture
def desk(
    furnished: tuple[Path, dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A furnished portal that looks at the journal before each answer."""
    monkeypatch.setattr("depesche.portal.edge.edge.CHECK", 0.0)
    desk = _copied(furnished, tmp_path / "data")
    yield desk
    _close(desk)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A portal without a story."""
    monkeypatch.setattr("depesche.portal.edge.edge.CHECK", 0.0)
    desk = _desk(Paper.empty(tmp_path, base_url=ADDRESS), {})
    yield desk
    _close(desk)
