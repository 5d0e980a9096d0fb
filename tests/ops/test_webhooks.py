"""The operator's commands for webhooks, at a program that answers as it should and one that does not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lib"))

from servers import Answer, Asked, HttpServer

from depesche.model.identifiers import isin_with_check_digit
from depesche.model.instrument import Instrument
from depesche.newsroom import Newsroom
from depesche.ops.commands import readers, webhooks
from depesche.settings import Settings
from fakes import FakeClock

SHARE = isin_with_check_digit("ZZTORVIK001")


def echo(asked: Asked) -> Answer:
    told = json.loads(asked.body)
    return Answer(200, told.get("challenge", "thanks").encode())


@pytest.fixture
def room(tmp_path: Path, clock: FakeClock) -> Iterator[Newsroom]:
    made = Newsroom(Settings(data_dir=tmp_path, secret="s" * 40, post_private=True), clock)  # type: ignore[arg-type]
    made.import_instruments([Instrument(SHARE, "Torvik Shipping", source="test")])
    yield made
    made.close()


@pytest.fixture
def program() -> Iterator[HttpServer]:
    with HttpServer({"/hook": echo}) as server:
        yield server


def test_a_webhook_from_beginning_to_end(
    room: Newsroom, program: HttpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{program.url}/hook"
    assert webhooks.add(room, url, [SHARE, "search:Reederei"], updates=True, as_json=True) == 0
    added = json.loads(capsys.readouterr().out)
    assert added["url"] == url
    assert added["secret"].startswith("whsec_")
    assert [(one["kind"], one["name"], one["confirmed"]) for one in added["followed"]] == [
        ("instrument", "Torvik Shipping", True), ("search", "Reederei", True),
    ]  # fmt: skip
    assert webhooks.list_(room, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == added
    assert webhooks.test(room, url) == 0
    assert readers.consent(room, url, as_json=True, as_html=False) == 0
    assert "requested" in capsys.readouterr().out
    assert webhooks.remove(room, url, SHARE) == 0
    assert webhooks.remove(room, url, SHARE) == 1
    assert webhooks.remove(room, url, None) == 0
    capsys.readouterr()
    assert webhooks.list_(room, as_json=False) == 0
    assert "follows" not in capsys.readouterr().out


@pytest.mark.parametrize("target", ["ZZ0000000000", "provider:Niemand", "moon:full", "search:", "lineage:77"])
def test_what_cannot_be_followed(
    room: Newsroom, program: HttpServer, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    url = f"{program.url}/hook"
    assert webhooks.add(room, url, [target], updates=False, as_json=False) == 1
    assert url in capsys.readouterr().err
    assert program.asked == []


def test_a_program_that_does_not_answer(
    room: Newsroom, program: HttpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    program.routes["/mute"] = Answer(500, b"not now")
    assert webhooks.add(room, f"{program.url}/mute", [SHARE], updates=False, as_json=False) == 1
    assert "500 not now" in capsys.readouterr().err
    assert webhooks.test(room, f"{program.url}/mute") == 1
    assert webhooks.test(room, "https://nobody.example/") == 1
    assert webhooks.remove(room, "https://nobody.example/", None) == 1


def test_the_keys_are_made_once_and_kept(room: Newsroom) -> None:
    first = room.push_key
    assert (room.settings.data_dir / "push.pem").stat().st_mode & 0o777 == 0o600
    again = Newsroom(room.settings, room.clock)
    assert again.push_key == first
    couriers = room.post_couriers
    assert [one.run_once().sent for one in couriers] == [0, 0]
