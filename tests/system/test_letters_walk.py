"""What readers do by links and forms alone, against a running portal: follow, confirm, set, leave, be erased, and what letters come of it."""

from __future__ import annotations

import json
import mailbox
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from site_walk import get, post

from bounce_letters import dsn, group
from conftest import Installation, wait_until
from depesche.model.identifiers import isin_with_check_digit

ISIN = isin_with_check_digit("ZZ0000LOTSE")
TOKEN = "nur-fuer-diesen-lauf"
ANNA, BERT, CARLA, DORA, EMIL = (f"{name}@example.org" for name in ("anna", "bert", "carla", "dora", "emil"))

pytestmark = pytest.mark.slow


class Walk:
    """A running portal with one wire and one share, its readers and their letters."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.box = installation.folder / "reports"
        for part in ("new", "cur", "tmp"):
            (self.box / part).mkdir(parents=True)
        installation.configure(
            'title = "Revierblatt"\noperator = "Probe"\nbounce_address = "bounce@example.org"\n'
            f'bounce_maildir = "{self.box}"\n'
            f'[[wires]]\nname = "hafen"\nprovider = "Hafen & Seil"\nkind = "push"\ntoken = "{TOKEN}"\n'
        )
        register = installation.folder / "register.csv"
        register.write_text(
            f"isin,name,wkn,ticker,mic,aliases\n{ISIN},Lotsen Werke AG,A0LTS1,LOT,XETR,Lotsen Werke\n"
        )
        installation.run("instruments", "import", "plain_csv", register)
        self.portal = installation.serve()

    def push(self, guid: str, headline: str, text: str, **more: Any) -> None:
        """Push a story and wait until it is on its page."""
        made = {
            "uri": f"urn:hafen:{guid}", "version": "1", "versioncreated": (datetime.now(UTC) - timedelta(seconds=1)).isoformat(),
            "type": "text", "pubstatus": "usable", "language": "de", "headline": headline, "body_html": f"<p>{text}</p>",
        }  # fmt: skip
        status, body = post(
            f"{self.portal}/intake/hafen",
            json.dumps(made | more).encode(),
            {"Authorization": f"Bearer {TOKEN}"},
        )
        assert status == 202, body

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form of the portal's own."""
        url = path if path.startswith("http") else f"{self.portal}{path}"
        headers = {"Origin": self.portal, "Content-Type": "application/x-www-form-urlencoded"}
        status, body = post(url, urlencode(fields).encode(), headers)
        return status, body.decode()

    def letters(self, to: str, kind: str = "alert") -> list[Message]:
        """Return the letters to an address that confirm (kind `confirm`) or tell (`alert`)."""
        folder = self.installation.folder / "var" / "mail"
        if not all((folder / part).is_dir() for part in ("tmp", "new", "cur")):
            return []
        found = [one for one in mailbox.Maildir(folder, create=False) if one["To"] == to]
        found = [one for one in found if ("/follow/confirm" in text_of(one)) == (kind == "confirm")]
        return sorted(found, key=lambda one: str(one["Date"]))

    def count(self, **wanted: int) -> None:
        """Wait until each reader has so many letters that tell, and no more come."""
        people = {name: f"{name}@example.org" for name in wanted}
        wait_until(lambda: all(len(self.letters(people[name])) >= n for name, n in wanted.items()))
        time.sleep(1.5)
        assert {name: len(self.letters(people[name])) for name in wanted} == wanted

    def follow(self, address: str, target: str, **more: str) -> None:
        """Send the follow box; a scanner looks at the link in the letter, then its owner presses the button."""
        before = len(self.letters(address, "confirm"))
        status, page = self.send("/follow", target=target, email=address, **{"from": "/"}, **more)
        assert status == 200, page
        wait_until(lambda: len(self.letters(address, "confirm")) > before)
        link = link_of(self.letters(address, "confirm")[-1], "confirm")
        for _ in range(2):
            assert get(link)[0] == 200
        assert '"confirmed"' not in self.consents(address)[-1]
        assert self.send(link)[0] == 200
        assert '"confirmed"' in self.consents(address)[-1]

    def consents(self, address: str) -> list[str]:
        """Return the lines of an address's proof."""
        return self.installation.run("consent", address, "--json").stdout.splitlines()

    def manage(self, address: str) -> str:
        """Return the token of the page with everything that an address follows."""
        return link_of(self.letters(address)[-1], "manage").partition("token=")[2]


def text_of(letter: Message) -> str:
    part = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr]


def link_of(letter: Message, what: str) -> str:
    found = re.search(rf"http://\S+/follow/{what}\?token=[\w.-]+", text_of(letter))
    assert found is not None, text_of(letter)
    return found[0]


def test_readers_by_links_and_forms_alone(installation: Installation) -> None:
    walk = Walk(installation)
    walk.push(
        "1", "ROUNDUP/Seilbau: Lotsen Werke planen am Hang", f"Die Lotsen Werke AG (ISIN {ISIN}) planen."
    )
    wait_until(lambda: b"planen am Hang" in get(f"{walk.portal}/")[2])
    story = int(re.findall(r'href="/news/[^"]*-(\d+)"', get(f"{walk.portal}/")[2].decode())[0])

    walk.follow(ANNA, f"instrument:{ISIN}")
    walk.follow(BERT, "provider:Hafen & Seil", updates="1")
    walk.follow(CARLA, "search:Zuschuss -Regen")
    walk.follow(DORA, f"lineage:{story}")
    walk.follow(EMIL, f"instrument:{ISIN}", cadence="digest")
    status, page = walk.send("/follow", target="search:Zuschuss", email="nobody at all", **{"from": "/"})
    assert status == 400
    assert "confirmed" not in page

    walk.push("2", "ROUNDUP 2/Seilbau: Lotsen Werke bekommen Zuschuss", f"Der Kreis hilft (ISIN {ISIN}).")
    walk.count(anna=1, bert=1, carla=1, dora=1, emil=0)
    assert "Lotsen Werke AG" in text_of(walk.letters(ANNA)[0]).splitlines()[0]
    assert "Hafen & Seil" in text_of(walk.letters(BERT)[0])
    assert "Zuschuss -Regen" in text_of(walk.letters(CARLA)[0])

    walk.push("3", "ROUNDUP 3/Seilbau: Lotsen Werke nennen Zuschuss", f"Es sind neun Kreuzer (ISIN {ISIN}).")
    walk.count(anna=1, bert=2, carla=1, dora=2, emil=0)

    # Bert pauses, Carla wants her letters collected; then part 2 is corrected, and withdrawn.
    until = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    assert walk.send("/follow/manage", token=walk.manage(BERT), act="pause", until=until)[0] == 200
    hours = {"hour5": "1", "quiet_from": "22:00", "quiet_to": "06:30", "zone": "Europe/Vienna"}
    assert walk.send("/follow/manage", token=walk.manage(CARLA), act="hours", **hours)[0] == 200
    assert "22:00" in walk.consents(CARLA)[-1]
    assert (
        walk.send("/follow/manage", token=walk.manage(CARLA), act="hours", zone="Nowhere/Else", hour5="1")[0]
        == 400
    )
    assert walk.send("/follow/manage", token=walk.manage(CARLA), act="hours", hour5="1", zone="UTC")[0] == 200

    walk.push("2", "", "", version="3", pubstatus="canceled", body_html="", ednote="Nur für das Haus.")
    walk.count(anna=2, bert=2, carla=2, dora=3, emil=0)
    for address in (ANNA, CARLA, DORA):
        told = walk.letters(address)[-1]
        assert "zurückgezogen" in text_of(told)
        assert "bekommen Zuschuss" not in text_of(told), "a kill does not repeat the story"
        assert "für das Haus" not in text_of(told), "this wire marks no note as public"

    # One click, without cookies or a page of ours; the same link opens nothing else and ends nothing twice.
    leave = str(walk.letters(ANNA)[0]["List-Unsubscribe"])[1:-1]
    assert get(leave)[0] == 200
    assert '"left"' not in walk.consents(ANNA)[-1]
    assert post(leave, b"List-Unsubscribe=One-Click")[0] == 200
    assert '"left"' in walk.consents(ANNA)[-1]
    assert post(leave, b"List-Unsubscribe=One-Click")[0] == 200
    foreign = leave.partition("token=")[2]
    assert walk.send("/follow/manage", token=foreign, act="resume")[0] == 400
    assert walk.send("/follow/erase", token=foreign)[0] == 400

    # Dora's mailbox is gone.
    letter = walk.letters(DORA)[-1]
    report = dsn(
        group(said="smtp; 550 5.1.1 no such user", final=f"rfc822; {DORA}"), to="bounce@example.org", message_id=str(letter["Message-ID"])
    )  # fmt: skip
    quoted = f"List-Unsubscribe: {letter['List-Unsubscribe']}\nSubject: "
    (walk.box / "new" / "1.report").write_bytes(
        report.replace(b"\nSubject: Halden", f"\n{quoted}Halden".encode())
    )
    wait_until(
        lambda: (
            DORA not in installation.run("bounces", "list").stderr and not list((walk.box / "new").iterdir())
        )
    )
    assert "gone" in installation.run("bounces", "list").stdout

    # Carla takes her data along and goes.
    status, data = walk.send("/follow/export", token=walk.manage(CARLA))
    assert status == 200
    assert {"subscriber", "subscriptions", "consents", "letters"} <= json.loads(data).keys()
    token = walk.manage(CARLA)
    assert walk.send("/follow/erase", token=token)[0] == 200
    assert walk.send("/follow/export", token=token)[0] == 400
    assert installation.run("consent", CARLA, "--json", check=False).stdout == ""

    walk.push("9", "Lotsen Werke mit Zuschuss im Tal", f"Neues von den Lotsen Werken AG (ISIN {ISIN}).")
    walk.count(anna=2, bert=2, dora=3, emil=0)

    found = json.loads(get(f"{walk.portal}/metrics/ledger")[2])
    assert found["even"]
    states = {
        key: sum(d[key] for s in found["stories"] for d in s["dispatches"])
        for key in ("matched", "sent", "bounced", "pending")
    }
    assert states["bounced"] == 1
    assert states["pending"] >= 1, "Emil's digest waits for its hour"
    assert installation.run("ledger").returncode == 0
    mine = installation.run("ledger", "--reader", ANNA, "--json").stdout.splitlines()
    kinds = [(one["kind"], one["state"]) for one in map(json.loads, mine)]
    assert [one for one in kinds if one[0] in ("alert", "kill")] == [("alert", "sent"), ("kill", "sent")]
