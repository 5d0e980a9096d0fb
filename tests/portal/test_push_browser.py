"""Notices in a real browser, as far as it goes without its maker's push service.

Chromium subscribes only at Google's servers, so here the subscription itself is a stand-in with real keys at a local push service; what that service
was sent is opened with those keys and given to Chromium, which wakes the service worker with it. Permission, worker, notification and click are
the browser's own.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from paper import BAHN, Paper
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect, sync_playwright
from test_browser import ARGUMENTS

from depesche.bus.follow import catch_up
from depesche.portal.app import create_app
from push_service import PushService, UserAgent

pytestmark = pytest.mark.browser

STAND_IN = """
PushManager.prototype.getSubscription = async () => {
  const kept = localStorage.getItem("subscription");
  return kept && { endpoint: JSON.parse(kept).endpoint, toJSON: () => JSON.parse(kept) };
};
PushManager.prototype.subscribe = async function (options) {
  localStorage.setItem("asked", JSON.stringify(options));
  localStorage.setItem("subscription", JSON.stringify(SUBSCRIPTION));
  return this.getSubscription();
};
"""


@dataclass
class Served:
    base: str
    paper: Paper
    service: PushService
    worker: ThreadPoolExecutor

    def tell(self) -> int:
        """Let matcher and courier do their work, in a thread that is theirs; returns how many notices left."""
        return self.worker.submit(self._tell).result()

    def _tell(self) -> int:
        room = self.paper.room
        catch_up(room.database, [room.matcher], self.paper.clock)
        return room.post_couriers[0].run_once().sent


@pytest.fixture(scope="module")
def served(
    furnished: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The furnished portal on a port of loopback, and a push service on another."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(furnished[0], folder, dirs_exist_ok=True)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        paper = Paper.reopen(folder, base_url=base, push_services=("*",), post_private=True)
        app = create_app(paper.room)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        with PushService(lambda: paper.clock.now().timestamp()) as service:
            made = Served(base, paper, service, ThreadPoolExecutor(1))
            made.tell()
            yield made
            assert service.wrong == []
        app.live.end()
        server.should_exit = True
        thread.join()
    app.pages.close()
    made.worker.submit(paper.room.close).result()
    made.worker.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def agent(served: Served) -> UserAgent:
    return served.service.browser()


@pytest.fixture
def context(chromium: Browser, served: Served, agent: UserAgent) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 900, "height": 900})
    made.grant_permissions(["notifications"], origin=served.base)
    subscription = json.dumps({"endpoint": agent.endpoint, "keys": agent.keys})
    made.add_init_script(STAND_IN.replace("SUBSCRIPTION", subscription))
    yield made
    made.close()


def open_share(context: BrowserContext, served: Served) -> tuple[Page, list[str]]:
    """Open a share's page and listen to what goes wrong on it."""
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{served.base}/shares/{BAHN}")
    return page, wrong


def follow(page: Page) -> None:
    page.get_by_role("button", name="In diesem Browser benachrichtigen").click()
    expect(
        page.get_by_role("status").filter(has_text="Sie werden in diesem Browser benachrichtigt.")
    ).to_be_visible()


def deliver(page: Page, served: Served, notices: list[dict[str, Any]]) -> CDPSession:
    """Wake the service worker with each of *notices*, as the browser does when its push service calls."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    session.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    for one in notices:
        session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": served.base, "registrationId": found[0], "data": json.dumps(one)},
        )
    return session


def shown(page: Page, title: str) -> list[dict[str, Any]]:
    """Return the notices on the screen once there is one with that title."""
    script = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
        ({ title, body, tag, lang, data, actions }) => ({ title, body, tag, lang, data, actions: actions.map((one) => one.title) }))"""
    for _ in range(250):
        found: list[dict[str, Any]] = page.evaluate(script)
        if any(one["title"] == title for one in found):
            return found
        page.wait_for_timeout(20)
    raise AssertionError(f"no notice {title!r}: {found}")


def click(context: BrowserContext, action: str = "") -> str:
    """Click the notice on the screen, and return the page that the worker opens.

    Nobody's finger is on it, so that Chromium would refuse the window: the worker's wish is noted instead.
    """
    worker = context.service_workers[0]
    opened: str = worker.evaluate(
        """async (action) => {
            const [notification] = await registration.getNotifications();
            let opened = "", done;
            clients.openWindow = async (address) => { opened = address; };
            const event = new NotificationEvent("notificationclick", { notification, action });
            event.waitUntil = (promise) => { done = promise; };
            dispatchEvent(event);
            await done;
            return opened;
        }""",
        action,
    )
    return opened


def test_from_the_button_to_the_story_and_its_end(
    served: Served, context: BrowserContext, agent: UserAgent
) -> None:
    page, wrong = open_share(context, served)
    assert context.service_workers == [], "nothing is registered before the click"
    follow(page)
    options = page.evaluate("JSON.parse(localStorage.getItem('asked'))")
    assert options == {"userVisibleOnly": True, "applicationServerKey": served.paper.room.push_key}

    served.paper.file(
        "bahn-push",
        "Küstenbahn SE eröffnet neue Strecke",
        "Die Küstenbahn SE eröffnet eine Strecke nach Musterhaven.",
    )
    assert served.tell() == 1
    notices = agent.fetch()
    deliver(page, served, notices)
    (notice,) = shown(page, "Küstenbahn SE eröffnet neue Strecke")
    assert notice["body"].endswith("Sie folgen der Aktie Küstenbahn SE.")
    assert notice["lang"] == "de"
    assert notice["actions"] == ["Einstellungen", "Abbestellen"]
    assert click(context) == notices[0]["url"]
    page.goto(notices[0]["url"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Küstenbahn SE eröffnet neue Strecke")

    page.goto(f"{served.base}/shares/{BAHN}")  # the story's own page would load itself anew
    served.paper.kill("bahn-push")
    assert served.tell() == 1
    deliver(page, served, [notices[0], *(withdrawn := agent.fetch())])
    (notice,) = shown(page, "Zurückgezogen: eine Meldung von Nordlicht Nachrichten")
    assert "Strecke" not in notice["title"] + notice["body"]
    assert click(context, "manage") == withdrawn[0]["manage"]
    page.goto(withdrawn[0]["manage"])
    expect(page.get_by_text("Benachrichtigungen in einem Browser")).to_be_visible()
    expect(page.get_by_text("Küstenbahn SE").first).to_be_visible()

    deliver(page, served, withdrawn)
    shown(page, withdrawn[0]["title"])
    assert click(context, "leave") == ""
    shown(page, "Abbestellt. Hierzu kommen keine Benachrichtigungen mehr.")
    served.paper.file("bahn-push-2", "Küstenbahn SE baut weiter", "Die Küstenbahn SE baut weiter.")
    assert served.tell() == 0
    page.goto(f"{served.base}/shares/{BAHN}")
    expect(page.get_by_role("button", name="In diesem Browser benachrichtigen")).to_have_attribute(
        "aria-pressed", "false"
    )
    assert [one for one in wrong if "410" not in one] == []


def test_the_button_remembers_and_stops(served: Served, context: BrowserContext, agent: UserAgent) -> None:
    page, wrong = open_share(context, served)
    follow(page)
    page.reload()
    button = page.get_by_role("button", name="In diesem Browser nicht mehr benachrichtigen")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("link", name="Wem dieser Browser folgt")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    button.click()
    expect(page.get_by_role("button", name="In diesem Browser benachrichtigen")).to_be_visible()
    served.paper.file("bahn-push-3", "Küstenbahn SE fährt wieder", "Die Küstenbahn SE fährt wieder.")
    assert served.tell() == 0
    assert wrong == []


def test_a_changed_subscription_is_told_by_the_worker_and_by_the_next_visit(
    served: Served, context: BrowserContext, agent: UserAgent
) -> None:
    page, wrong = open_share(context, served)
    follow(page)
    by_worker, by_page = served.service.browser(), served.service.browser()
    context.service_workers[0].evaluate(
        """async (fresh) => {
            const event = new Event("pushsubscriptionchange");
            event.newSubscription = { toJSON: () => fresh };
            let done;
            event.waitUntil = (promise) => { done = promise; };
            dispatchEvent(event);
            await done;
        }""",
        {"endpoint": by_worker.endpoint, "keys": by_worker.keys},
    )
    fresh = json.dumps({"endpoint": by_page.endpoint, "keys": by_page.keys})
    page.evaluate("(fresh) => localStorage.setItem('subscription', fresh)", fresh)
    page.reload()
    expect(page.get_by_role("button", name="In diesem Browser nicht mehr benachrichtigen")).to_be_visible()
    served.paper.file("bahn-push-4", "Küstenbahn SE kauft Züge", "Die Küstenbahn SE kauft Züge.")
    assert served.tell() == 1
    assert [len(one.fetch()) for one in (agent, by_worker, by_page)] == [0, 0, 1]
    assert wrong == []


def test_a_subscription_made_for_another_key_is_made_anew(
    served: Served, context: BrowserContext, agent: UserAgent
) -> None:
    page, wrong = open_share(context, served)
    page.evaluate(
        """() => {
            const former = { options: { applicationServerKey: new Uint8Array([4, 1, 2]).buffer }, unsubscribe: async () => {
                localStorage.setItem("former", "gone");
            } };
            const get = PushManager.prototype.getSubscription;
            PushManager.prototype.getSubscription = function () {
                return localStorage.getItem("asked") ? get.call(this) : former;
            };
        }"""
    )
    follow(page)
    assert page.evaluate("localStorage.getItem('former')") == "gone"
    served.paper.file("bahn-push-5", "Küstenbahn SE zieht um", "Die Küstenbahn SE zieht um.")
    served.tell()
    assert len(agent.fetch()) == 1
    assert wrong == []


def test_without_permission_or_script_nothing_is_asked(served: Served, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 900, "height": 900})
    page, _ = open_share(context, served)
    page.evaluate("Notification.requestPermission = async () => 'denied'")
    page.get_by_role("button", name="In diesem Browser benachrichtigen").click()
    expect(
        page.get_by_role("status").filter(has_text="erlaubt dieser Seite keine Benachrichtigungen")
    ).to_be_visible()
    assert context.service_workers == []
    context.close()
    context = chromium.new_context(java_script_enabled=False)
    page, _ = open_share(context, served)
    expect(page.get_by_role("button", name="In diesem Browser benachrichtigen")).to_have_count(0)
    expect(page.get_by_role("button", name="Kostenlos abonnieren")).to_be_visible()
    context.close()
