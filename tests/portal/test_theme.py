"""An operator's own look: colours, logo and templates from a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from asking import Browser
from paper import Paper

from depesche import settings
from depesche.model.errors import SettingsError
from depesche.portal.app import create_app
from depesche.portal.assets import Assets
from depesche.portal.site import Site

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    folder = tmp_path / "theme"
    (folder / "templates").mkdir(parents=True)
    (folder / "theme.css").write_text(":root { --accent: #884400; }")
    (folder / "logo.svg").write_text(LOGO)
    (folder / "templates" / "imprint.html").write_text(
        '{% extends "depesche/imprint.html" %}{% block main %}<p class="house">Seit 1888</p>{{ super() }}{% endblock %}'
    )
    return folder


def test_colours_logo_and_templates_are_the_operators(
    furnished: tuple[Path, dict[str, int]], tmp_path: Path, theme: Path
) -> None:
    shutil.copytree(furnished[0], tmp_path / "data")
    paper = Paper.reopen(tmp_path / "data", base_url="http://portal.example", theme=theme, title="Hafenblatt")
    app = create_app(paper.room)
    browser = Browser(app)
    home = browser.get("/").text
    assert "Hafenblatt" in home
    logo = home.split('<img src="', 1)[1].split('"', 1)[0]
    assert browser.get(logo).text == LOGO
    style = home.split("<style>", 1)[1].split("</style>", 1)[0]
    assert style.rstrip().endswith(":root{--accent:#884400}")
    imprint = browser.get("/imprint").text
    more = next(part.split('"')[0] for part in imprint.split('href="') if part.startswith("/static/pages."))
    assert browser.get(more).text.rstrip().endswith(":root{--accent:#884400}"), (
        "the operator has the last word"
    )
    assert '<p class="house">Seit 1888</p>' in imprint
    assert "<h1>Impressum</h1>" in imprint
    browser.close()
    app.pages.close()
    paper.room.close()


def test_a_style_of_the_operators_cannot_end_the_element_it_is_written_into(tmp_path: Path) -> None:
    (tmp_path / "theme.css").write_text('.a::before { content: "</style><b>"; }')
    assets = Assets(tmp_path)
    assert "</" not in assets.style
    assert assets.style.rstrip().endswith('.a::before{content:"<\\/style><b>"}')


def test_a_changed_theme_prints_pages_anew(
    furnished: tuple[Path, dict[str, int]], tmp_path: Path, theme: Path
) -> None:
    shutil.copytree(furnished[0], tmp_path / "data")
    paper = Paper.reopen(tmp_path / "data", base_url="http://portal.example", theme=theme)
    before = Site(paper.room).edition
    assert Site(paper.room).edition == before
    (theme / "theme.css").write_text(":root { --accent: #004488; }")
    coloured = Site(paper.room).edition
    (theme / "templates" / "imprint.html").write_text("<p>neu</p>")
    assert len({before, coloured, Site(paper.room).edition}) == 3
    paper.room.close()


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match=r"theme: .*no folder"):
        settings.read({"theme": "/nowhere/theme"})
