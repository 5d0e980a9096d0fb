"""From a publisher's hub to the front page, with real processes and sockets: subscribe, verify, push, print."""

from __future__ import annotations

import hashlib
import hmac
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from tests.lib.servers import Answer, Asked, HttpServer

sys.path.insert(0, str(Path(__file__).parent))
from conftest import Installation, free_port, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.allow_hosts(["127.0.0.1"])]


class Publisher:
    """A feed and its hub on one server: it verifies subscriptions from outside, as the protocol has it, and pushes what is new."""

    def __init__(self) -> None:
        self.entries = ["Boje vertrieben"]
        self.form: dict[str, str] = {}
        self.verified = threading.Event()
        self.server = HttpServer({"/feed": lambda _asked: Answer(200, self.feed()), "/hub": self._asked})

    def feed(self) -> bytes:
        found = "".join(
            f"<entry><id>urn:x:{n}</id><title>{title}</title><updated>2026-03-02T11:0{n}:00Z</updated>"
            f"<summary>Text.</summary></entry>"
            for n, title in enumerate(self.entries)
        )
        url = self.server.url
        links = f'<link rel="hub" href="{url}/hub"/><link rel="self" href="{url}/feed"/>'
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Küste</title>{links}{found}</feed>'.encode()

    def _asked(self, asked: Asked) -> Answer:
        self.form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        threading.Thread(target=self._verify).start()
        return Answer(202)

    def _verify(self) -> None:
        said = {"hub.mode": self.form["hub.mode"], "hub.topic": self.form["hub.topic"], "hub.challenge": "echo me",
                "hub.lease_seconds": "86400"}  # fmt: skip
        with urllib.request.urlopen(f"{self.form['hub.callback']}?{urlencode(said)}", timeout=30) as answer:
            if answer.read() == b"echo me":
                self.verified.set()

    def push(self, title: str, *, secret: str | None = None) -> int:
        """Publish one more entry to the subscriber; returns the status of its answer."""
        self.entries.append(title)
        body = self.feed()
        key = (secret or self.form["hub.secret"]).encode()
        signature = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
        headers = {"X-Hub-Signature": signature, "Content-Type": "application/atom+xml"}
        request = urllib.request.Request(self.form["hub.callback"], body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    with made.server:
        yield made


def shown(portal: str) -> str:
    with urllib.request.urlopen(portal, timeout=30) as answer:
        return str(answer.read().decode())


def test_what_a_hub_pushes_is_on_the_page_at_once(
    publisher: Publisher, installation: Installation, record_property: pytest.RecordProperty
) -> None:
    port = free_port()
    portal = f"http://127.0.0.1:{port}"
    installation.configure(
        f'base_url = "{portal}"\nport = {port}\n[[wires]]\nname = "coast"\nprovider = "Küstenfunk"\nkind = "poll"\n'
        f'url = "{publisher.server.url}/feed"\nallow_private = true\ninterval = 86400\n'
    )
    process = installation.start("serve")
    wait_until(lambda: process.poll() is not None or publisher.verified.is_set())
    assert process.poll() is None, (installation.folder / "serve.log").read_text()
    wait_until(lambda: "Boje vertrieben" in shown(portal))

    assert publisher.push("Forged", secret="guessed") == 202, "whether a signature was right is not told"
    publisher.entries.pop()
    times = []
    for title in ("Boje gefunden", "Boje geborgen", "Boje vermessen"):
        began = time.monotonic()
        assert publisher.push(title) == 202
        wait_until(lambda title=title: title in shown(portal))  # type: ignore[misc]
        times.append(round(time.monotonic() - began, 3))
    record_property("seconds from push to page", times)
    assert "Forged" not in shown(portal)
    assert sum(one.path == "/feed" for one in publisher.server.asked) == 1, (
        "the feed was asked once, for its hub"
    )
