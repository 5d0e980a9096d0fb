"""Webhooks on a reader's own page: forms alone, no script, and the secret once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from asking import Desk
from paper import BAHN
from test_own import act, follow, log, manage_token
from tests.lib.servers import Answer, Asked, HttpServer

from depesche.alerts.following.challenge import Challenger
from depesche.alerts.following.readerhooks import Limits, ReaderHooks
from depesche.alerts.links import Links
from depesche.alerts.posting import make_poster

_NEAR = {"networks": "127.0.0.0/8 ::1/128"}  # this machine as if it were a public one


@pytest.fixture
def program() -> Iterator[HttpServer]:
    """A program that echoes challenges."""

    def answer(asked: Asked) -> Answer:
        return Answer(200, str(json.loads(asked.body)["challenge"]).encode())

    with HttpServer({"/news": answer}) as server:
        yield server


@pytest.fixture
def ida(desk: Desk) -> Desk:
    """A portal with a reader who follows a share, and where programs of this machine may be named."""
    room = desk.paper.room
    limits = Limits(1, 1000, 0.2, ports=None)
    challenger = Challenger(lambda: make_poster(_NEAR, timeout=0.2), room.clock)
    links = Links(room.secret, room.settings.address, room.settings.languages)
    room.reader_hooks = ReaderHooks(room.database, room.clock, links, challenger, limits, "1")
    follow(desk, f"instrument:{BAHN}")
    return desk


def _page(desk: Desk) -> str:
    return desk.browser.get(f"/follow/manage?token={manage_token(desk)}").text


def test_adding_shows_the_secret_once_and_removing_ends_it(ida: Desk, program: HttpServer) -> None:
    url = f"{program.url}/news"
    assert "Webhook eintragen" in _page(ida)
    added = act(ida, "hook", url=url, subscription="")
    assert added.status == 200
    assert "no-store" in added.headers["cache-control"]
    secret = re.search(r"<code>(\S+)</code>", added.text)
    assert secret is not None
    page = _page(ida)
    assert url in page
    assert secret[1] not in page
    again = act(ida, "hook", url=url, subscription="")
    assert (again.status, secret[1] in again.text) == (303, False)
    assert act(ida, "hook", url=url + "?2", subscription="").status == 429
    key = re.search(r'name="webhook" value="(\d+)"', page)
    assert key is not None
    assert act(ida, "hook-remove", webhook=key[1]).status == 303
    assert url not in _page(ida).partition("<details")[0]
    said = [one.form_text for one in log(ida) if one.event == "changed"]
    assert said == [f"Webhook eingetragen: {url}", f"Webhook entfernt: {url}"]


def test_other_sites_and_gets_do_nothing(ida: Desk, program: HttpServer) -> None:
    form = {"token": manage_token(ida), "act": "hook", "url": f"{program.url}/news"}
    assert ida.browser.post("/follow/manage", form, site="cross-site").status == 403
    ida.browser.get(f"/follow/manage?token={form['token']}&act=hook&url={form['url']}")
    assert program.asked == []


def test_what_is_refused_is_said_in_words(ida: Desk) -> None:
    mute = act(ida, "hook", url="http://127.0.0.1:9/")
    assert mute.status == 400
    assert "nicht innerhalb von 0.2 Sekunden" in mute.text
    assert act(ida, "hook", url="javascript:alert(1)").status == 400
    assert act(ida, "hook-remove", webhook="1").status == 400
    assert act(ida, "hook-resume", webhook="x").status == 400


def test_where_it_is_switched_off_the_page_does_not_offer_it(desk: Desk) -> None:
    room = desk.paper.room
    room.settings = room.settings.model_copy(update={"reader_webhooks": 0})
    follow(desk, f"instrument:{BAHN}")
    assert "Webhook" not in _page(desk)
    assert act(desk, "hook", url="https://program.example/").status == 400
