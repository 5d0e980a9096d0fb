"""What operators, senders and readers get wrong: a clear answer each, and nothing lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from site_walk import get, post

from conftest import Installation, wait_until

TOKEN = "nur-fuer-den-probelauf"
WIRE = f'[[wires]]\nname = "kontor"\nprovider = "Kontor"\nkind = "push"\ntoken = "{TOKEN}"\n'


BOMB = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><newsItem xmlns="http://iptc.org/std/nar/2006-10-01/">&c;</newsItem>'


@pytest.mark.parametrize(
    ("words", "raw", "reason"),
    [
        ((), b'{"uri": "urn:x", "headline": ', "json"),
        ((), b"\x00\x01\x02 no format at all", "format"),
        ((), b"", "empty"),
        (("--format", "newsml_g2"), BOMB, "bomb"),
    ],
    ids=["broken", "unknown", "empty", "bomb"],
)
def test_an_unreadable_file_is_named_and_kept(
    installation: Installation, words: tuple[str, ...], raw: bytes, reason: str
) -> None:
    path = installation.folder / "item"
    path.write_bytes(raw)
    done = installation.run("ingest", *words, path, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}: ")
    assert reason in done.stderr.lower()
    [kept] = [json.loads(line) for line in installation.run("spool", "list", "--json").stdout.splitlines()]
    assert (kept["state"], kept["bytes"]) == ("refused", len(raw))
    assert reason in kept["reason"].lower()
    assert installation.run("spool", "show", kept["spool"]).stdout.encode() == raw
    again = installation.run("spool", "retry", kept["spool"], check=False)
    assert (again.returncode, "1 refused again" in again.stdout) == (1, True)
    assert installation.run("spool", "drop", kept["spool"]).stdout == ""
    assert installation.run("spool", "list", "--json").stdout == ""


def test_one_bad_file_does_not_stop_the_others(installation: Installation) -> None:
    folder = installation.folder / "items"
    folder.mkdir()
    (folder / "1.json").write_text("{")
    (folder / "2.json").write_text(
        json.dumps(
            {
                "uri": "urn:k:2",
                "versioncreated": "2026-03-02T10:00:00Z",
                "type": "text",
                "headline": "Gut",
                "body_text": "Es ist gut.",
            }
        )
    )
    done = installation.run("ingest", "--json", folder, installation.folder / "missing.json", check=False)
    assert done.returncode == 1
    assert [json.loads(line)["headline"] for line in done.stdout.splitlines()] == ["Gut"]
    assert "1.json: " in done.stderr
    assert "missing.json: No such file" in done.stderr
    parsed = installation.run("parse", "--json", folder / "1.json", folder / "2.json", check=False)
    assert (parsed.returncode, json.loads(parsed.stdout)["headline"]) == (1, "Gut")


def test_a_wrong_isin_links_nothing(installation: Installation) -> None:
    path = installation.folder / "item.json"
    item = {
        "uri": "urn:k:3", "versioncreated": "2026-03-02T10:00:00Z", "type": "text", "headline": "Zahlen",
        "body_text": "Das Papier (ISIN DE0007164601) legt zu.",
        "organisation": [{"name": "Niemand AG", "symbols": [{"symboltype": "ISIN", "symbol": "DE0007164601"}]}],
    }  # fmt: skip
    path.write_text(json.dumps(item))
    [filed] = [json.loads(line) for line in installation.run("ingest", "--json", path).stdout.splitlines()]
    assert filed["action"] == "new"
    steps = installation.run("trace", filed["story"]).stdout
    assert "no share" in steps
    assert "SAP" not in steps


def test_an_unknown_format_is_named(installation: Installation) -> None:
    path = installation.folder / "a.json"
    path.write_text("{}")
    done = installation.run("parse", "--format", "telex", path, check=False)
    assert done.returncode == 1
    assert "'telex' is not one of" in done.stderr


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('zone = "Europe/Lummerland"', "zone: "),
        ("port = 99999", "port: "),
        ('database_url = "mysql://u:geheim@h/d"', "neither sqlite nor postgresql"),
        ('farbe = "blau"', "farbe: "),
        ('[[wires]]\nname = "a"\nkind = "poll"', "needs url"),
        ("das ist kein toml", ""),
    ],
)
def test_a_wrong_setting_is_one_clear_line(installation: Installation, toml: str, said: str) -> None:
    installation.configure(toml)
    done = installation.run("spool", "list", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("depesche: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr


def test_a_taken_port_is_one_clear_line(installation: Installation) -> None:
    address = installation.serve()
    done = installation.run("web", "--port", address.rpartition(":")[2], check=False)
    assert (done.returncode, "cannot listen" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
    second = installation.run("worker", check=False)
    assert (second.returncode, "another process is the worker" in second.stderr) == (1, True)


def test_the_doors_answer_clearly(installation: Installation) -> None:
    installation.configure(WIRE)
    address = installation.serve()
    good = json.dumps(
        {
            "uri": "urn:k:1",
            "versioncreated": "2026-03-02T10:00:00Z",
            "type": "text",
            "headline": "Gut",
            "body_text": "Es ist gut.",
        }
    )
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    door = f"{address}/intake/kontor"
    assert post(door, good.encode(), {"Authorization": "Bearer falsch"})[0] == 401
    assert post(door, good.encode())[0] == 401
    assert post(f"{address}/intake/niemand", good.encode(), bearer)[0] in {401, 404}
    assert post(door, b"", bearer)[0] == 400
    assert get(door)[0] == 405
    first, again = post(door, good.encode(), bearer), post(door, good.encode(), bearer)
    assert (first[0], again[0]) in {(202, 202), (202, 200)}
    assert post(door, b"{ not json", bearer)[0] == 202, "kept first, read later"
    wait_until(lambda: b"Gut" in get(f"{address}/")[2])
    refused = [json.loads(line) for line in installation.run("spool", "list", "--json").stdout.splitlines()]
    assert len(refused) == 1
    assert refused[0]["state"] == "refused"


def test_shares_that_do_not_exist(installation: Installation) -> None:
    address = installation.serve()
    for code in ("ZZ0000KORA04", "ZZ0000KORA03", "DE000BASF112", "xyz", "../../etc/passwd", "%00", "A" * 300):
        assert get(f"{address}/shares/{code}")[0] == 404, code
    form = b"isin=ZZ0000KORA03&email=leserin%40example.org&consent=yes"
    headers = {
        "Origin": address,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    status, body = post(f"{address}/follow", form, headers)
    assert status == 404
    assert "Aktie" in body.decode()
    assert not (installation.folder / "var" / "mail" / "new").is_dir() or not list(
        (installation.folder / "var" / "mail" / "new").iterdir()
    )


def test_an_empty_portal_says_what_to_do_next(installation: Installation) -> None:
    address = installation.serve()
    page = get(f"{address}/")[2].decode()
    assert "depesche ingest" in page
    assert "depesche.toml" in page
    assert get(f"{address}/en/")[0] == 200
    for path in (
        "/feed.atom",
        "/feed.json",
        "/sitemap.xml",
        "/robots.txt",
        "/search?q=x",
        "/imprint",
        "/privacy",
        "/transparency",
        "/healthz",
    ):
        assert get(f"{address}{path}")[0] == 200, path
