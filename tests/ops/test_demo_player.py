"""The whole demo, played fast through a real newsroom, ends as it should."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from depesche import settings as configuration
from depesche.bus import follow
from depesche.model import paths
from depesche.model.errors import SettingsError
from depesche.model.story import KILLED
from depesche.newsroom import Newsroom
from depesche.ops.demo import script
from depesche.ops.demo.player import Demo
from depesche.ops.demo.stage import demo_settings, set_up
from depesche.portal.app import create_app
from fakes import FakeClock

PELLANDIS = "ZZ000PLD3031"
PRIVATE = ("040 5550 114", "0170 555", "0421 5550", "0151 555", "040 5550 100", "0451 5550", "0152 555", "ove.vierck", "jella.toenning",
           "Gefälschte Mitteilung, Herkunft")  # fmt: skip


@dataclass
class Showing:
    room: Newsroom
    demo: Demo
    clock: FakeClock
    told: io.StringIO
    held: bool = False

    def work(self) -> None:
        """Do once what the worker's threads do all the time."""
        for watch in self.room.folders.values():
            watch.scan()
            watch.scan()
        self.room.release_embargoes()
        while self.room.file_waiting():
            pass
        while self.room.picture_desk.run_once():
            pass
        follow.catch_up(self.room.database, [self.room.matcher, self.room.index_follower], self.clock)
        self.room.courier.run_once()
        self.room.flush_views()

    def look_for_embargoed(self) -> None:
        """Note whether the embargoed story is on the stand before its time."""
        with self.room.database.reading() as tx:
            there = any("verdient im dritten" in card.headline for card in tx.newsstand.home(100))
        self.held = self.held or there

    @property
    def lines(self) -> list[str]:
        return self.told.getvalue().splitlines()


@pytest.fixture(scope="module")
def showing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showing]:
    """The demo after its last scene."""
    base = configuration.read({"data_dir": tmp_path_factory.mktemp("var")})
    settings = demo_settings(base)
    set_up(settings)
    clock, told = FakeClock(), io.StringIO()
    room = Newsroom(settings, clock)
    made = Showing(room, Demo(room, console=Console(file=told, width=200)), clock, told)
    made.demo.prepare()
    made.demo.begin()
    for second in range(0, 400, 2):
        made.demo.step()
        made.work()
        if second < 100:
            made.look_for_embargoed()
        if made.demo.is_over:
            break
        clock.move(seconds=2)
    made.demo.step()
    made.work()
    yield made
    room.index_follower.close()
    room.close()


def test_the_whole_script_is_played_and_everything_is_filed(showing: Showing) -> None:
    assert showing.demo.is_over
    with showing.room.database.reading() as tx:
        assert tx.spool.counts() == {"filed": len(script.archive()) + len(script.live())}
        assert len(tx.newsstand.public_ids()) == 45


def test_the_register_holds_the_invented_and_nobody_else(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        assert tx.instruments.count() == 16


def test_the_strike_is_one_lineage_of_three_stories(showing: Showing) -> None:
    chains = lineages(showing, "Hafenstreik")
    assert len(chains) == 1
    assert [(line.series.number, line.action) for line in chains[0] if line.series] == [
        (3, "new"),
        (2, "new"),
        (None, "new"),
    ]


def lineages(showing: Showing, topic: str) -> list[tuple[object, ...]]:
    with showing.room.database.reading() as tx:
        cards = [card for card in tx.newsstand.home(100) if card.series and card.series.topic == topic]
        return [tx.newsstand.chain(lineage) for lineage in dict.fromkeys(card.lineage for card in cards)]


def test_a_war_is_about_nobody_s_share(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        war = [
            card for card in tx.newsstand.home(100) if card.series and card.series.topic == "Grenzkonflikt"
        ]
    assert war
    assert all(card.shares == () for card in war)


def test_a_correction_says_what_was_wrong(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        story = next(card.story for card in tx.newsstand.home(100) if "180 Elektrobusse" in card.headline)
        version = tx.newsstand.version(story)
    assert version
    assert (version.number, version.action) == (2, "correction")
    assert "nicht 480" in (version.correction or "")


def test_the_killed_story_is_gone_with_a_notice(showing: Showing, ask) -> None:
    key = killed(showing)
    answer = ask(
        create_app(showing.room), paths.story(key, "pellandis-pharma-bieter-bereitet-uebernahmeangebot-vor")
    )
    assert answer.status in (301, 410)
    if answer.status == 301:
        answer = ask(create_app(showing.room), answer.headers["location"])
    assert answer.status == 410
    assert "war gefälscht" in answer.text
    assert "38 Euro" not in answer.text
    for address in (
        "/",
        "/feed.atom",
        "/feed.json",
        "/sitemap.xml",
        "/search?q=Bieter",
        f"/shares/{PELLANDIS}",
    ):
        assert "bernahmeangebot" not in ask(create_app(showing.room), address).text


def killed(showing: Showing) -> int:
    with showing.room.database.reading() as tx:
        found = [key for key in range(1, 80) if (at := tx.newsstand.standing(key)) and at.state == KILLED]
    assert len(found) == 1
    return found[0]


def test_the_embargoed_story_shows_in_time_and_not_before(showing: Showing) -> None:
    assert not showing.held
    told = [line for line in showing.lines if "Sperrfrist" in line]
    assert [re.split(r"\s{2,}", line)[2] for line in told] == ["Sperrfrist", "Sperrfrist vorbei"]
    with showing.room.database.reading() as tx:
        assert any("verdient im dritten" in card.headline for card in tx.newsstand.home(100))


def test_each_follower_gets_one_letter_a_lineage(showing: Showing) -> None:
    letters = Counter(
        (letter.to, re.sub(r"^.*Hafenstreik: ", "", letter.subject))
        for letter in showing.demo.letterbox.letters()
    )
    assert set(letters.values()) == {1}
    mira, jonas = (
        sorted(subject for to, subject in letters if to.startswith(name)) for name in ("mira", "jonas")
    )
    assert mira == sorted([
        "Bitte bestätigen: Nachrichten zu Elbkai Logistik AG",
        "Bitte bestätigen: Nachrichten zu Pellandis Pharma AG",
        "Kräne stehen still - Reedereien weichen aus",
        "Strike halts container traffic at North Sea ports",
        "Pellandis Pharma: Bieter bereitet Übernahmeangebot vor",
        "Zurückgezogen: eine Meldung von Nordlicht Wirtschaftsdienst",
    ])  # fmt: skip
    assert jonas == sorted([
        "Please confirm: news on Elbkai Logistik AG",
        "Please confirm: news on Luvhaven SE",
        "Please confirm: news on Voltrund SE",
        "Kräne stehen still - Reedereien weichen aus",
        "Strike halts container traffic at North Sea ports",
        "Voltrund erhält Auftrag über 480 Elektrobusse",
        "Correction: Voltrund erhält Auftrag über 180 Elektrobusse",
        "Luvhaven verdient im dritten Quartal deutlich mehr",
        "AKTIE IM FOKUS: Luvhaven springen nach Zahlen an",
    ])  # fmt: skip


def test_followers_gave_their_consent_through_the_letter(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        for one in script.FOLLOWERS:
            reader = tx.subscriptions.by_identity(one.address)
            assert reader
            assert sorted(act.event for act in tx.subscriptions.consents(reader.key)) == ["confirmed"] * len(
                one.isins
            ) + ["requested"] * len(one.isins)


def test_readers_are_counted_and_robots_are_not(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        cards = tx.newsstand.home(100)
        day = int(showing.clock.now().timestamp() // 86_400)
        refused = {reason for _, reason in tx.views.rejections(day - 3, day)}
    assert sum(card.views for card in cards) > 4_000
    assert sum(card.views > 0 for card in cards) > 35
    assert refused >= {"robot", "repeat", "prefetch", "unknown"}


def test_also_read_lists_are_learned_from_them(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        story = next(card.story for card in tx.newsstand.home(100) if "verdient im dritten" in card.headline)
    assert [kind for _, kind in showing.room.readership.also_read(story)].count("read") >= 3


def test_every_picture_arrives(showing: Showing) -> None:
    with showing.room.database.reading() as tx:
        assert tx.pictures.waiting(100) == []
        cards = tx.newsstand.home(100)
    assert sum(card.picture is not None for card in cards) == 20


def test_nothing_private_is_anywhere(showing: Showing, ask) -> None:
    app = create_app(showing.room)
    with showing.room.database.reading() as tx:
        cards = tx.newsstand.home(100)
    addresses = ["/", "/en/", "/feed.atom", "/feed.json", "/sitemap.xml", "/search?q=Redaktion", "/search?q=Vierck",
                 *(paths.story(card.story, card.slug) for card in cards),
                 *(paths.versions(card.story, card.slug) for card in cards if card.versions > 1)]  # fmt: skip
    for address in addresses:
        answer = ask(app, address)
        assert answer.status == 200, address
        assert not [words for words in PRIVATE if words in answer.text], address
    letters = "".join(letter.text + letter.html for letter in showing.demo.letterbox.letters())
    assert not [words for words in PRIVATE if words in letters + showing.told.getvalue()]


def test_rights_are_kept(showing: Showing, ask) -> None:
    app = create_app(showing.room)
    with showing.room.database.reading() as tx:
        cards = {card.provider: card for card in tx.newsstand.home(100)}
    teaser, headline, advert = (
        cards[name] for name in ("Kontor Presse Service", "Marktnotizen", "Anlegerwelt Spezial")
    )
    page = ask(app, paths.story(teaser.story, teaser.slug)).text
    assert "https://kontor-presse.example/" in page
    assert "verpfändete" not in page
    assert "Über den Preis wird verhandelt" not in ask(app, paths.story(headline.story, headline.slug)).text
    assert advert.sponsored


def test_the_terminal_tells_the_story_in_short_lines(showing: Showing) -> None:
    what = [re.split(r"\s{2,}", line)[2] for line in showing.lines]
    assert what[0] == "bereit"
    assert what[-1] == "Ende"
    assert {
        "neu",
        "ROUNDUP",
        "ROUNDUP 2",
        "ROUNDUP 3",
        "Korrektur",
        "zurückgezogen",
        "neue Fassung",
        "Brief",
        "bestätigt",
    } <= set(what)
    assert len(showing.lines) == len(script.live()) + 1 + 15 + 5 + 2


def test_a_folder_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    settings = demo_settings(configuration.read({"data_dir": tmp_path}))
    settings.data_dir.mkdir()
    (settings.data_dir / "thesis.txt").write_text("three years of work")
    with pytest.raises(SettingsError, match="not made by a demo"):
        set_up(settings)
    assert (settings.data_dir / "thesis.txt").read_text() == "three years of work"


def test_a_folder_of_an_earlier_showing_is_made_anew(tmp_path: Path) -> None:
    settings = demo_settings(configuration.read({"data_dir": tmp_path}))
    set_up(settings)
    (settings.data_dir / "old.sqlite").touch()
    set_up(settings)
    assert not (settings.data_dir / "old.sqlite").exists()
    assert (settings.data_dir / "inbox" / "nwd" / "pictures" / "harbour.jpg").is_file()


def test_nothing_of_the_operator_s_own_is_used(tmp_path: Path) -> None:
    base = configuration.read(
        {
            "data_dir": tmp_path,
            "smtp_url": "smtp://mail.example",
            "base_url": "https://news.example",
            "port": 8111,
        }
    )
    settings = demo_settings(base)
    assert settings.smtp_url.get_secret_value() == ""
    assert settings.address == "http://127.0.0.1:8111"
    assert settings.data_dir == tmp_path / "demo"
