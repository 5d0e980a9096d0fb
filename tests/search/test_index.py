"""The index follows the journal, forgets what was killed, and can be deleted at any time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from depesche.bus.follow import catch_up
from depesche.model.errors import StoreError
from depesche.model.story import HELD
from depesche.search import generation
from depesche.search.index import IndexFollower, Searcher
from depesche.store.database import Database
from fakes import NOON, FakeClock

from .conftest import Paper


@pytest.fixture
def follow(database: Database, follower: IndexFollower, clock: FakeClock):
    return lambda: catch_up(database, [follower], clock)


def test_a_story_is_found_once_the_follower_has_seen_it(paper: Paper, follow, searcher: Searcher) -> None:
    story = paper.publish("Werft legt Zahlen vor", "Die Nordwerft hat im Quartal mehr Schiffe gebaut.")
    assert searcher.search("nordwerft").stories == ()
    follow()
    assert searcher.search("nordwerft").stories == (story,)
    assert searcher.search("nordwerft").total == 1


def test_a_killed_story_is_gone_at_once_and_from_the_index_too(
    paper: Paper, follow, searcher: Searcher, database: Database, tmp_path: Path
) -> None:
    story = paper.publish("Leuchtturm verkauft", "Der Turm wechselt den Besitzer.")
    other = paper.publish("Leuchtturm saniert", "Der Turm bekommt Farbe.")
    follow()
    paper.kill(story)
    late = searcher.search("leuchtturm")
    assert late.stories == (other,), "a late index leaks nothing"
    assert late.total == 1
    follow()
    fresh = Searcher(tmp_path / "search", database)
    assert fresh.search("leuchtturm").stories == (other,)
    assert _documents(tmp_path / "search") == 1


def test_an_embargoed_story_is_not_indexed(paper: Paper, follow, searcher: Searcher, tmp_path: Path) -> None:
    paper.publish("Geheime Fusion", "Zwei Reedereien schließen sich zusammen.", state=HELD)
    follow()
    assert searcher.search("fusion").stories == ()
    assert _documents(tmp_path / "search") == 0


def test_an_update_replaces_the_words_of_the_version_before(paper: Paper, follow, searcher: Searcher) -> None:
    story = paper.publish("Deich gebrochen", "Im Koog steht das Wasser.")
    follow()
    paper.publish("Deich geflickt", "Im Koog ist es trocken.", story=story)
    follow()
    assert searcher.search("gebrochen").stories == ()
    assert searcher.search("geflickt").stories == (story,)


def test_entries_handled_twice_do_no_harm(
    paper: Paper, follow, follower: IndexFollower, database: Database, searcher: Searcher
) -> None:
    paper.publish("Fähre fährt wieder", "Nach dem Sturm.")
    follow()
    with database.reading() as tx:
        entries = tx.journal.after(0)
    follower.handle([*entries, *entries])
    follower.handle(entries)
    assert searcher.search("fähre").total == 1


def test_a_deleted_index_is_rebuilt_and_answers_the_same(
    paper: Paper, follow, follower: IndexFollower, database: Database, searcher: Searcher, tmp_path: Path
) -> None:
    for number in range(30):
        paper.publish(f"Hafenbericht {number}", "Umschlag " + "steigt " * (number % 5), at=NOON)
    paper.kill(7)
    follow()
    before = [
        searcher.search(query, limit=50) for query in ("hafenbericht", "umschlag steigt", "hafenbericht 12")
    ]
    follower.close()
    shutil.rmtree(tmp_path / "search")
    assert searcher.search("hafenbericht").stories == ()
    again = IndexFollower(database, tmp_path / "search")
    told: list[tuple[int, int | None]] = []
    assert again.rebuild(lambda done, total: told.append((done, total))) == 29
    again.close()
    assert told[-1] == (29, 29)
    after = [
        searcher.search(query, limit=50) for query in ("hafenbericht", "umschlag steigt", "hafenbericht 12")
    ]
    assert after == before
    assert before[0].total == 29


def test_a_missing_index_is_rebuilt_before_the_next_entries_although_the_cursor_is_far(
    paper: Paper, follow, follower: IndexFollower, searcher: Searcher, tmp_path: Path
) -> None:
    old = paper.publish("Alte Nachricht über Krabben")
    follow()
    follower.close()
    shutil.rmtree(tmp_path / "search")
    new = paper.publish("Neue Nachricht über Krabben")
    follow()
    assert set(searcher.search("krabben").stories) == {old, new}


def test_an_index_deleted_under_a_running_follower_comes_back_with_the_next_entries(
    paper: Paper, follow, searcher: Searcher, tmp_path: Path
) -> None:
    old = paper.publish("Alte Nachricht über Krabben")
    follow()
    shutil.rmtree(tmp_path / "search")
    new = paper.publish("Neue Nachricht über Krabben")
    follow()
    assert set(searcher.search("krabben").stories) == {old, new}


def test_an_index_of_another_version_is_rebuilt(
    paper: Paper,
    follow,
    follower: IndexFollower,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper.publish("Nebel über der Elbe")
    follow()
    follower.close()
    monkeypatch.setattr(generation.document, "VERSION", 999)
    searcher = Searcher(tmp_path / "search", database)
    assert searcher.search("nebel").total == 0, "what another version wrote is not read"
    newer = IndexFollower(database, tmp_path / "search")
    assert newer.ensure()
    assert not newer.ensure()
    newer.close()
    assert searcher.search("nebel").total == 1
    assert len(list((tmp_path / "search").glob("v*-*"))) == 1


def test_a_rebuild_that_died_leaves_the_old_index_in_use(
    paper: Paper, follow, follower: IndexFollower, searcher: Searcher, tmp_path: Path, database: Database
) -> None:
    paper.publish("Sturm im Wattenmeer")
    follow()

    def die(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follower.rebuild(die)
    follower.close()
    assert searcher.search("sturm").total == 1
    again = IndexFollower(database, tmp_path / "search")
    again.rebuild()
    again.close()
    assert searcher.search("sturm").total == 1
    assert len(list((tmp_path / "search").glob("v*-*"))) == 1


def test_two_writers_are_refused(paper: Paper, follow, database: Database, tmp_path: Path) -> None:
    paper.publish("Ebbe und Flut")
    follow()
    second = IndexFollower(database, tmp_path / "search")
    with pytest.raises(StoreError, match="another process"):
        second.rebuild()


def test_a_searcher_follows_commits_of_another_process(
    paper: Paper, searcher: Searcher, database: Database, tmp_path: Path
) -> None:
    worker = (
        "import sys; from depesche.search.index import IndexFollower; from depesche.store.database import Database\n"
        "follower = IndexFollower(Database(sys.argv[1]), sys.argv[2])\n"
        "with follower._database.reading() as tx: entries = tx.journal.after(int(sys.argv[3]))\n"
        "follower.handle(entries); follower.close()"
    )
    for number, headline in enumerate(("Erste Boje", "Zweite Boje")):
        paper.publish(headline)
        command = [sys.executable, "-c", worker, database.url, str(tmp_path / "search"), str(number)]
        subprocess.run(command, check=True, timeout=60)
        assert searcher.search("boje").total == number + 1


def test_a_damaged_index_is_named_by_the_searcher_and_mended_by_the_follower(
    paper: Paper, follow, follower: IndexFollower, database: Database, tmp_path: Path
) -> None:
    paper.publish("Robben zählen")
    follow()
    follower.close()
    (home,) = (tmp_path / "search").glob("v*-*")
    (home / "meta.json").write_text("{")
    with pytest.raises(StoreError, match="delete"):
        Searcher(tmp_path / "search", database).search("robben")
    mended = IndexFollower(database, tmp_path / "search")
    mended.ensure()
    mended.close()
    assert Searcher(tmp_path / "search", database).search("robben").total == 1


def _documents(path: Path) -> int:
    import tantivy

    current = generation.current(path)
    assert current is not None
    return int(tantivy.Index.open(str(current)).searcher().num_docs)
