"""Following in a browser, as its page and its service worker ask for it: from our own pages alone, with proof."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asking import Answer, Browser, Desk
from paper import BAHN, WERFT, Paper

from depesche.portal.app import create_app
from push_service import UserAgent

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/"


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent(ENDPOINT + "abc")


def send(
    desk: Desk,
    agent: UserAgent,
    act: str,
    target: str = f"instrument:{BAHN}",
    path: str = "/push",
    **more: str,
) -> Answer:
    form = {
        "act": act,
        "endpoint": agent.endpoint,
        **agent.keys,
        "target": target,
        "from": f"/shares/{BAHN}",
        **more,
    }
    return desk.browser.post(path, form)


def test_follow_look_stop(desk: Desk, agent: UserAgent) -> None:
    assert send(desk, agent, "look").json() == {"following": False}
    told = send(desk, agent, "follow").json()
    assert told["following"]
    assert send(desk, agent, "look").json() == told
    assert not send(desk, agent, "look", f"instrument:{WERFT}").json()["following"]
    assert send(desk, agent, "stop").json() == {"following": False, "manage": told["manage"]}
    assert not send(desk, agent, "look").json()["following"]


def test_the_words_agreed_to_are_those_on_the_page(desk: Desk, agent: UserAgent) -> None:
    send(desk, agent, "follow")
    with desk.paper.room.database.reading() as tx:
        reader = tx.subscriptions.by_identity(f"webpush:{agent.endpoint}")
        assert reader is not None
        log = tx.subscriptions.consents(reader.key)
    shown = re.sub(r"<[^>]+>", "", desk.browser.get(f"/shares/{BAHN}").text)
    assert [one.event for one in log] == ["requested", "confirmed"]
    assert log[0].form_text
    assert log[0].form_text in shown
    assert (log[0].source, log[0].ip) == (f"/shares/{BAHN}", "192.0.2.7")


def test_every_kind_of_thing_is_followed(desk: Desk, agent: UserAgent) -> None:
    for target in (f"instrument:{BAHN}", "provider:Nordlicht Nachrichten", "search:falkenwerft", "lineage:1"):
        assert send(desk, agent, "follow", target).json()["following"], target
        assert send(desk, agent, "look", target).json()["following"], target
    for target in ("instrument:ZZ0000000000", "moon:full", "provider:Niemand", "lineage:99999"):
        assert send(desk, agent, "follow", target).status == 404, target
    assert send(desk, agent, "follow", "search:bis:2020").status == 400


def test_the_page_of_everything_a_browser_follows(desk: Desk, agent: UserAgent) -> None:
    told = send(desk, agent, "follow", path="/en/push").json()
    parts = urlsplit(told["manage"])
    assert parts.path == "/en/follow/manage"
    page = desk.browser.get(f"{parts.path}?{parts.query}")
    assert "Küstenbahn SE" in page.text
    assert "Notices in one browser" in page.text
    assert agent.endpoint not in page.text
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token is not None
    assert desk.browser.post("/follow/leave", {"token": token[1]}).status == 200
    assert not send(desk, agent, "look").json()["following"]


def test_only_our_own_pages_may_ask(desk: Desk, agent: UserAgent) -> None:
    form = {"act": "follow", "endpoint": agent.endpoint, **agent.keys, "target": f"instrument:{BAHN}"}
    assert desk.browser.post("/push", form, site="cross-site").status == 403
    assert desk.browser.post("/push", form, site=None, origin="https://evil.example").status == 403
    assert desk.browser.post("/push", form, site="same-site").status == 403
    with desk.paper.room.database.reading() as tx:
        assert tx.subscriptions.by_identity(f"webpush:{agent.endpoint}") is None


@pytest.mark.parametrize(
    "form",
    [
        {}, {"act": "follow", "endpoint": ""}, {"act": "nothing"}, {"act": "follow", "endpoint": "https://10.0.0.1/"}, {"act": "follow", "endpoint": "https://evil.example/a"},
        {"act": "follow", "p256dh": "x"}, {"act": "follow", "auth": "x"}, {"act": "move"}, {"act": "move", "former-endpoint": "x", "endpoint": ""},
    ],
)  # fmt: skip
def test_what_is_incomplete_or_false_is_refused(desk: Desk, agent: UserAgent, form: dict[str, str]) -> None:
    whole = (
        {"endpoint": agent.endpoint, **agent.keys, "target": f"instrument:{BAHN}"}
        if form.keys() - {"act"}
        else {}
    )
    answer = desk.browser.post("/push", {**whole, **form})
    assert answer.status == 400
    assert answer.json()["reason"]
    assert answer.headers["content-type"] == "application/json"


def test_a_browser_moves(desk: Desk, agent: UserAgent) -> None:
    send(desk, agent, "follow")
    fresh = UserAgent(ENDPOINT + "def")
    former = {"former-endpoint": agent.endpoint, "former-auth": agent.keys["auth"]}
    assert send(desk, fresh, "move", **(former | {"former-auth": fresh.keys["auth"]})).json() == {
        "moved": False
    }
    assert send(desk, fresh, "move", **former).json() == {"moved": True}
    assert send(desk, fresh, "look").json()["following"]
    assert send(desk, agent, "look").json() == {"following": False}


def test_many_from_one_network_wait(desk: Desk) -> None:
    answers = [send(desk, UserAgent(f"{ENDPOINT}{n}"), "follow") for n in range(31)]
    assert [one.status for one in answers] == [200] * 30 + [429]
    assert answers[-1].headers["retry-after"] == "3600"


def test_the_worker_and_the_key(desk: Desk) -> None:
    worker = desk.browser.get("/sw.js")
    assert worker.status == 200
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["service-worker-allowed"] == "/"
    assert "no-cache" in worker.headers["cache-control"]
    icon = re.search(r'const icon = "([^"]+)"', worker.text)
    assert icon is not None
    assert desk.browser.get(icon[1]).headers["content-type"] == "image/png"
    assert 'fetch"' not in worker.text, "pages are none of its business"
    assert desk.browser.get("/push").json() == {"key": desk.paper.room.push_key}
    assert desk.browser.get("/push").headers["cache-control"] == "no-store"


def test_the_script_is_where_a_box_is_and_nowhere_else(desk: Desk) -> None:
    def has_script(path: str) -> bool:
        return "/static/push." in desk.browser.get(path).text

    assert all(
        map(
            has_script,
            (
                f"/shares/{BAHN}",
                desk.path("main"),
                "/providers/nordlicht-nachrichten",
                "/search?q=falkenwerft",
            ),
        )
    )
    assert not any(map(has_script, ("/", "/imprint", "/feeds")))
    assert "Push-Dienst" in desk.browser.get("/privacy").text
    assert "trusted-types worker" in desk.browser.get("/").headers["content-security-policy"]


def test_a_portal_may_do_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: UserAgent) -> None:
    monkeypatch.setattr("depesche.portal.edge.edge.CHECK", 0.0)
    paper = Paper.empty(tmp_path, base_url="http://portal.example", web_push=False)
    app = create_app(paper.room)
    desk = Desk(paper, {}, app, Browser(app))
    assert "data-push" not in desk.browser.get(f"/shares/{BAHN}").text
    assert [desk.browser.get(path).status for path in ("/sw.js", "/push")] == [404, 404]
    assert send(desk, agent, "follow").status == 404
    assert "Push-Dienst" not in desk.browser.get("/privacy").text
    desk.browser.close()
    app.pages.close()
    paper.room.close()
