"""Settings of wires: what is needed, what cannot be right, and where secrets come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from depesche import settings
from depesche.model.errors import SettingsError
from depesche.model.wire import Rights, Wire


def wire(**given: Any) -> Wire:
    (made,) = settings.read({"wires": [{"name": "coast", **given}]}).wires
    return made.wire()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "push"}, "needs token or secret"),
        ({"kind": "poll"}, "needs url"),
        ({"kind": "queue"}, "needs url"),
        ({"kind": "folder"}, "needs path"),
        ({"kind": "ftp"}, "kind"),
        ({"token": "t", "zone": "Mars/Olympus"}, "no time zone"),
        ({"kind": "queue", "url": "x", "acknowledge": "entry/"}, "must hold {receipt}"),
        ({"kind": "folder", "path": "in", "marker": "ok"}, "marker"),
        ({"token": "t", "retention_days": 0}, "retention_days"),
        ({"token": "t", "embargo_minutes": -1}, "embargo_minutes"),
        ({"token": "t", "silence_hours": 0}, "silence_hours"),
        ({"token": "t", "nonsense": 1}, "nonsense"),
    ],
)
def test_what_cannot_be_right_is_said(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        wire(**given)


def test_every_right_reaches_the_wire() -> None:
    made = wire(
        token="t", display="teaser", teaser_length=90, notice="n", copyright="c", syndication=False, sponsored=True,
        pictures=False, retention_days=7, zone="Europe/Berlin", embargo_minutes=15, silence_hours=4,
    )  # fmt: skip
    assert made.rights == Rights("teaser", 90, "n", False, True, False, "c", 7)
    assert (made.zone, made.embargo_minutes, made.silence_hours, made.pictures) == (
        "Europe/Berlin",
        15,
        4,
        False,
    )


def test_secrets_may_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("salt and pepper\n")
    monkeypatch.setenv("COAST_TOKEN", "tide")
    made = wire(
        kind="poll", url="https://api.example/", token="env:COAST_TOKEN", secret=f"file:{tmp_path}/key",
        headers={"X-Key": "env:COAST_TOKEN", "Accept-Language": "de"},
    )  # fmt: skip
    assert (made.token, made.secret) == ("tide", "salt and pepper")
    assert made.headers == (("X-Key", "tide"), ("Accept-Language", "de"))


@pytest.mark.parametrize("where", ["env:NOBODY_SET_THIS", "file:/nowhere/key"])
def test_a_secret_that_is_not_there_is_an_error(where: str) -> None:
    with pytest.raises(SettingsError, match=r"wire coast: token: there is no (env|file)"):
        wire(token=where)


def test_secrets_are_not_printed() -> None:
    made = settings.read(
        {"wires": [{"name": "coast", "token": "geheim", "secret": "geheim", "headers": {"X": "geheim"}}]}
    )
    assert "geheim" not in repr(made) + made.model_dump_json()
