"""The picture desk: pictures from the web and from deliveries become safe, or are refused with a reason."""

from __future__ import annotations

import base64
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select
from tests.lib.servers import Answer, HttpServer

from depesche.lib.web.http import Client
from depesche.model import journal
from depesche.model.story import NEW, PUBLIC, Picture
from depesche.model.take import PictureRef, Take
from depesche.model.wire import HEADLINE, Rights, Wire
from depesche.store import schema
from depesche.store.database import Database
from depesche.wires.pictures import PictureDesk, _local, _NotYet, _Unusable
from fakes import NOON, FakeClock

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def drawn(colour: str = "navy", kind: str = "PNG", size: tuple[int, int] = (400, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


PNG = drawn()


class Bench:
    """Publishes stories with pictures and says what became of these."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.wires = {
            "coast": Wire("coast", "Küstenfunk", allow_private=True),
            "public": Wire("public", "Küstenfunk"),
            "plain": Wire("plain", "Küstenfunk", pictures=False),
            "heads": Wire("heads", "Küstenfunk", allow_private=True, rights=Rights(HEADLINE)),
        }
        client = Client(user_agent="Depesche", timeout=2, max_bytes=100_000)
        private = Client(user_agent="Depesche", timeout=2, max_bytes=100_000, allow_private=True)
        self.desk = PictureDesk(database, clock, self.wires, client, private=private)
        self.count = 0

    def publish(self, *hrefs: str, base: str | Path | None = None, wire: str = "coast") -> int:
        """File a story with pictures and return its version."""
        self.count += 1
        take = Take("test", "Küstenfunk", f"coast:{self.count}", "Boje", "Boje", language="de")
        with self.database.transaction() as tx:
            spool, _ = tx.spool.add(
                b"%d" % self.count,
                wire=wire,
                provider="Küstenfunk",
                name="x",
                at=NOON,
                base=str(base) if base else None,
            )
            row = tx.stories.begin(
                lineage=tx.stories.begin_lineage(NOON), wire=wire, take=take, slug="boje", headline_key="boje",
                order=(1, 0.0), at=NOON, sponsored=False,
            )  # fmt: skip
            made = tx.connection.execute(
                schema.takes.insert().values(
                    spool_id=spool, provider="Küstenfunk", guid=take.guid, fingerprint=take.guid, received_at=0.0,
                    story_id=row.id, number=1, action=NEW, fields_json="{}",
                )
            )  # fmt: skip
            version = tx.stories.append(
                row, take, take_key=made.inserted_primary_key[0], action=NEW, at=NOON, filed_at=NOON, released=True,
                correction=None,
            )  # fmt: skip
            tx.stories.advance(
                row,
                number=1,
                order=(1, 0.0),
                state=PUBLIC,
                current=version,
                at=NOON,
                slug="boje",
                headline_key="boje",
            )
            tx.pictures.refer(version, [PictureRef(href, "Eine Boje", "Küstenfunk") for href in hrefs])
        return version

    def stored(self, version: int) -> tuple[Picture, ...]:
        with self.database.reading() as tx:
            return tx.pictures.of_versions([version]).get(version, ())

    def reasons(self, version: int) -> list[str | None]:
        pictures = schema.version_pictures
        asked = select(pictures.c.reason).where(pictures.c.version_id == version).order_by(pictures.c.place)
        with self.database.reading() as tx:
            return list(tx.connection.execute(asked).scalars())

    def pictured(self) -> list[int]:
        with self.database.reading() as tx:
            return [entry.version for entry in tx.journal.after(0) if entry.kind == journal.PICTURED]


@pytest.fixture
def database(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Database]:
    shutil.copy(migrated_sqlite, tmp_path / "pictures.sqlite")
    opened = Database(f"sqlite:///{tmp_path}/pictures.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def bench(database: Database, clock: FakeClock) -> Bench:
    return Bench(database, clock)


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer({"/pics/boje.png": Answer(200, PNG, {"Content-Type": "text/html"})}) as server:
        yield server


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """A folder as a provider delivers it, and a secret beside it."""
    folder = tmp_path / "delivery"
    (folder / "img").mkdir(parents=True)
    (folder / "boje.png").write_bytes(PNG)
    (folder / "img" / "große boje.png").write_bytes(drawn("red"))
    (tmp_path / "secret.png").write_bytes(drawn("black"))
    return folder


def test_a_picture_from_the_web_is_kept_and_the_journal_told(bench: Bench, site: HttpServer) -> None:
    version = bench.publish(f"{site.url}/pics/boje.png")
    assert bench.desk.run_once() == 1
    (picture,) = bench.stored(version)
    assert (picture.width, picture.height, picture.media_type, picture.caption) == (
        400,
        300,
        "image/png",
        "Eine Boje",
    )
    with bench.database.reading() as tx:
        raw = tx.pictures.rendition(picture.sha256, picture.widths[0]) or b""
    assert Image.open(io.BytesIO(raw)).size[0] == picture.widths[0]
    assert bench.pictured() == [version]
    assert bench.desk.run_once() == 0
    assert len(site.asked) == 1


def test_a_picture_that_may_not_be_shown_is_not_even_fetched(bench: Bench, site: HttpServer) -> None:
    versions = [bench.publish(f"{site.url}/pics/boje.png", wire=wire) for wire in ("plain", "heads")]
    assert bench.desk.run_once() == 2
    assert [bench.reasons(one) for one in versions] == [["pictures of this wire are not shown"]] * 2
    assert site.asked == []


def test_relative_addresses_start_at_the_feed(bench: Bench, site: HttpServer) -> None:
    version = bench.publish(
        "boje.png", "/pics/boje.png", "../pics/boje.png", base=f"{site.url}/pics/feed.xml"
    )
    assert bench.desk.run_once() == 3
    assert len(bench.stored(version)) == 3


def test_a_picture_of_the_delivery_is_read_beside_the_item(bench: Bench, delivery: Path) -> None:
    hrefs = (
        "boje.png",
        "./boje.png",
        "img/große boje.png",
        "img/gro%C3%9Fe%20boje.png",
        "img//große boje.png",
    )
    version = bench.publish(*hrefs, base=delivery)
    by_hand = bench.publish("boje.png", base=delivery, wire="desk")
    assert bench.desk.run_once() == 6
    assert len(bench.stored(version)) == 5
    assert len(bench.stored(by_hand)) == 1


@pytest.mark.parametrize(
    "href",
    [
        "../secret.png", "img/../../secret.png", "..%2fsecret.png", "%2e%2e/secret.png", "..\\secret.png", "{outside}",
        "file://{outside}", "img/..", "", ".", "link.png", "linked/secret.png", "pipe.png", "//secret.png", "boje.png\0.jpg",
        "c:\\secret.png", "javascript:alert(1)", "ftp://example.org/boje.png", "//example.org/boje.png", "boje.png/x",
    ],
)  # fmt: skip
def test_nothing_is_read_outside_the_delivery(bench: Bench, delivery: Path, href: str) -> None:
    outside = delivery.parent / "secret.png"
    (delivery / "link.png").symlink_to(outside)
    (delivery / "linked").symlink_to(delivery.parent)
    os.mkfifo(delivery / "pipe.png")
    version = bench.publish(href.replace("{outside}", str(outside)), base=delivery)
    for _ in range(6):
        bench.desk.run_once()
        bench.clock.move(hours=1)
    assert bench.stored(version) == ()
    (reason,) = bench.reasons(version)
    assert reason
    assert bench.pictured() == []


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                "..",
                ".",
                "/",
                "\\",
                "%2e",
                "%2f",
                "%5c",
                "secret.png",
                "img",
                "in",
                "",
                "\0",
                "%00",
                "é",
                "\ud800",
                "~",
            ]
        ),
        max_size=7,
    )
)
def test_no_path_reaches_a_file_that_was_not_delivered(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    home = tmp_path_factory.getbasetemp() / "fence"
    (home / "in" / "img").mkdir(parents=True, exist_ok=True)
    (home / "secret.png").write_bytes(b"secret")
    with pytest.raises((_Unusable, _NotYet)):
        _local(home / "in", "/".join(parts))
    with pytest.raises((_Unusable, _NotYet)):
        _local(home / "in", "".join(parts))


@pytest.mark.parametrize(
    ("wire", "href", "reason"),
    [
        ("plain", "http://127.0.0.1:9/boje.png", "not shown"),
        ("gone", "http://127.0.0.1:9/boje.png", "no longer configured"),
        ("coast", "boje.png", "nothing it is relative to"),
        ("coast", "http://[::1/boje.png", "cannot be read"),
        ("public", "{site}/pics/boje.png", "127.0.0.1"),
        ("desk", "{site}/pics/boje.png", "127.0.0.1"),
        ("coast", "{site}/missing.png", "status 404"),
        ("coast", "{site}/page.html", "not a JPEG"),
        ("coast", "{site}/drawing.svg", "not a JPEG"),
        ("coast", "{site}/broken.png", "broken"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_reason(
    bench: Bench, site: HttpServer, wire: str, href: str, reason: str
) -> None:
    site.routes["/page.html"] = Answer(200, b"<html>")
    site.routes["/drawing.svg"] = Answer(200, b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
    site.routes["/broken.png"] = Answer(200, PNG[:100])
    version = bench.publish(href.replace("{site}", site.url), wire=wire)
    assert bench.desk.run_once() == 1
    assert bench.stored(version) == ()
    assert reason in (bench.reasons(version)[0] or "")


def test_a_site_out_of_order_is_asked_again_ever_more_slowly_and_at_last_given_up(
    bench: Bench, site: HttpServer, clock: FakeClock
) -> None:
    site.routes["/late.png"] = Answer(503)
    version = bench.publish(f"{site.url}/late.png")
    assert bench.desk.run_once() == 0
    assert bench.desk.run_once() == 0
    assert len(site.asked) == 1, "not before its time"
    clock.move(seconds=2)
    site.routes["/late.png"] = Answer(200, PNG)
    assert bench.desk.run_once() == 1
    assert len(bench.stored(version)) == 1
    lost = bench.publish(f"{site.url}/lost.png")
    site.routes["/lost.png"] = Answer(500)
    rounds = 0
    while bench.reasons(lost) == [None] and rounds < 20:
        bench.desk.run_once()
        clock.move(hours=1)
        rounds += 1
    assert rounds == 6
    assert bench.reasons(lost) == ["the site answered with status 500"]


def test_pictures_that_wait_hold_up_no_others(bench: Bench, site: HttpServer) -> None:
    good = bench.publish(f"{site.url}/pics/boje.png")
    for number in range(3):  # the newest are asked for first, twenty at a time
        bench.publish(*(f"http://127.0.0.1:9/{number}-{n}.png" for n in range(20)))
    for _ in range(4):
        bench.desk.run_once()
    assert len(bench.stored(good)) == 1


def test_a_picture_delivered_after_its_story_is_found(bench: Bench, delivery: Path, clock: FakeClock) -> None:
    version = bench.publish("late.png", base=delivery)
    assert bench.desk.run_once() == 0
    (delivery / "late.png").write_bytes(PNG[:200])
    clock.move(seconds=3)
    assert bench.desk.run_once() == 0, "half a picture may become a whole one"
    (delivery / "late.png").write_bytes(PNG)
    clock.move(seconds=11)
    assert bench.desk.run_once() == 1
    assert len(bench.stored(version)) == 1


def test_small_pictures_may_come_inside_the_item(bench: Bench) -> None:
    coded = base64.b64encode(PNG).decode()
    version = bench.publish(
        f"data:image/png;base64,{coded}", f"DATA:image/png;charset=x;BASE64,{coded[:40]}%0A{coded[40:]}"
    )
    assert bench.desk.run_once() == 2
    assert len(bench.stored(version)) == 2


@pytest.mark.parametrize(
    ("href", "reason"),
    [
        ("data:text/html;base64,PGI+", "no image"),
        ("data:image/png;base64,@@@@", "base64 is broken"),
        ("data:image/svg+xml,<svg/>", "not a JPEG"),
        ("data:image/png;base64," + "A" * 1_400_000, "more than 1000000 bytes"),
        ("data:,", "no image"),
        ("data:image/png;" + ";" * 100_000, "no image"),
    ],
)
def test_other_inline_data_is_refused(bench: Bench, href: str, reason: str) -> None:
    version = bench.publish(href)
    assert bench.desk.run_once() == 1
    assert reason in (bench.reasons(version)[0] or "")


def test_the_same_picture_of_two_stories_is_kept_once(bench: Bench, delivery: Path) -> None:
    versions = [bench.publish("boje.png", base=delivery) for _ in range(2)]
    assert bench.desk.run_once() == 2
    assert len({picture.sha256 for version in versions for picture in bench.stored(version)}) == 1
    assert sorted(bench.pictured()) == versions
