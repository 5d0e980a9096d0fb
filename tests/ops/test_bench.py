"""The benches: each runs small and prints what it promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from depesche.instruments.linking.linker import Linker
from depesche.model.errors import SettingsError, WireError
from depesche.model.identifiers import is_isin
from depesche.ops import bench
from depesche.ops.bench import rest
from depesche.ops.bench.inputs import generate, writers
from depesche.ops.bench.tools.trial import percentile, ratio, rounded
from depesche.stories.copyediting import copydesk
from depesche.wires import format as wire_format
from depesche.wires import parse

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "bench.md"

PROMISED = {
    "alerts": (
        5000,
        "subscriptions small_story.p50_cpu_ms small_story.p95_cpu_ms small_story.p50_wall_ms small_story.p95_wall_ms "
        "giant_recipients giant_story.cpu_s giant_story.wall_s resident_mb.before resident_mb.after_matching carried "
        "cpu_us_per_letter letters_per_s uneven_dispatches budget.small_story_cpu_ms budget.giant_story_s budget.resident_mb "
        "budget.cpu_us_per_letter",
    ),
    "alsoread": (30, "HR@1 HR@5 HR@10 HR@20 MRR@20 NDCG@10 update_us list_us days clicks predictions baseline.HR@10 budget.list_us"),
    "beacon": (100, "reports rounds counted requests_per_s cpu_us requests_per_cpu_s budget.requests_per_cpu_s"),
    "ingest": (1100, "files spooled.filed wall_s cpu_s peak_mb over_time database_mb budget.peak_mb"),
    "intake": (
        60,
        "item_bytes issuers sqlite.items_per_s sqlite.items_per_cpu_s sqlite.cpu_ms_per_item sqlite.split_cpu_ms.spool "
        "sqlite.split_cpu_ms.parse_and_edit sqlite.split_cpu_ms.link sqlite.split_cpu_ms.file sqlite.wall_ms_per_item.spool "
        "sqlite.wall_ms_per_item.batch sqlite.mentions_per_item sqlite.json_loads_cpu_ms sqlite.times_json_loads sqlite.alone.n "
        "sqlite.alone.p50_wall_ms sqlite.alone.p99_wall_ms sqlite.alone.p50_cpu_ms sqlite.alone.p99_cpu_ms sqlite.alone.spool.p99_wall_ms "
        "budget.cpu_ms_per_item",
    ),
    "hostile": (
        60,
        "resident_mb queries.asked queries.refused queries.resident_mb storm.wrong long_heads.refused slow_heads.others_status "
        "live.admitted live.told live.kib_each deaf.taken_mb deaf.resident_mb",
    ),
    "latency": (
        10,
        "stories_per_s told letters p50_ms p95_ms p99_ms max_ms fed_late_ms worker_cpu_s load uneven_dispatches budget.p99_ms",
    ),
    "link": (
        200,
        "names instruments stories story_characters cpu_ms p50_wall_ms p95_wall_ms p50_cpu_ms p95_cpu_ms mentions_per_story "
        "published_per_story build_cpu_s linker_mb register_mb budget.cpu_ms",
    ),
    "mail": (
        60,
        "letters letter_bytes cpu_us_per_letter split_cpu_us.compose split_cpu_us.send letters_per_s standard_library_cpu_us "
        "aiosmtplib_cpu_us times_cheaper all_in_cpu_us all_in_letters_per_s all_in_times_cheaper budget.all_in_cpu_us",
    ),
    "match": (
        300,
        "distinct stories story_characters hits_per_story document_cpu_ms mean_cpu_ms p50_cpu_ms p95_cpu_ms p50_wall_ms p95_wall_ms "
        "resident_mb load_cpu_s load_wall_s load_cpu_us_per_search while_loading.matches while_loading.p95_wall_ms change_cpu_ms "
        "plain_compared plain_difference plain_cpu_ms times_cheaper budget.p50_cpu_ms",
    ),
    "pages": (
        30,
        "stories filed_cpu_ms rendered.n rendered.cpu_ms rendered.split_cpu_ms.also_read rendered.split_cpu_ms.read "
        "rendered.split_cpu_ms.template rendered.p50_wall_ms rendered.p95_wall_ms printed.languages printed.cpu_ms_per_story page.raw_bytes "
        "page.compressed_bytes stored.any.cpu_us stored.any.requests_per_s stored.hot.cpu_us stored.hot.requests_per_s nginx "
        "web_resident_mb web_private_mb budget.nginx_over_stored",
    ),
    "parse": (
        30,
        *(
            " ".join(
                f"formats.{name}.{key}"
                for name in (*writers.ITEMS, *writers.FEEDS)
                for key in (
                    "stories",
                    "bytes_per_story",
                    "stories_per_cpu_s",
                    "cpu_us.read",
                    "cpu_us.edit",
                    "bare_parser_cpu_us",
                )
            ),
        ),
    ),
    "rest": (
        1,
        "settled_s first.start_wall_s first.start_cpu_s first.resident_mb first.idle_cpu_percent again.start_cpu_s "
        "demo.playing.resident_mb demo.playing.cores_used demo.at_rest.start_cpu_s demo.at_rest.resident_mb",
    ),
    "search": (
        40,
        "stories index_cpu_ms_per_story word.p50_wall_ms word.p95_wall_ms word.p95_cpu_ms word.hits and.p95_wall_ms phrase.p95_wall_ms "
        "phrase.hits mixed.p95_cpu_ms page.p95_cpu_ms budget.p95_wall_ms",
    ),
    "views": (
        400,
        "visits counted visits_per_played_s visits_per_cpu_s cpu_us_per_visit split_cpu_us.count split_cpu_us.write batch commit_each_cpu_us "
        "commit_each_wall_us times_cheaper recount_difference budget.visits_per_cpu_s",
    ),
}  # fmt: skip
SLOW = {"hostile", "latency", "rest", "pages", "ingest", "beacon"}


def looked_up(figures: Any, key: str) -> object:
    for part in key.split("."):
        figures = figures[part]
    return figures


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in PROMISED]
)
def test_a_bench_prints_what_it_promises(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "_SETTLE", 0.1)
    monkeypatch.setattr(rest, "_PLAYED", 0.5)
    n, keys = PROMISED[name]
    assert bench.run(name, n) == 0
    (line,) = capsys.readouterr().out.splitlines()
    figures = json.loads(line)
    assert (figures["bench"], figures["n"]) == (name, n)
    for key in keys.split():
        value = looked_up(figures, key)
        assert value is None or value == {} or isinstance(value, dict | list) or float(value) >= 0, key


def test_every_bench_is_promised_and_documented() -> None:
    assert set(bench.load()) == set(PROMISED)
    written = DOCS.read_text()
    for name, one in bench.load().items():
        assert f"## `depesche bench {name}`" in written
        assert one.help
        assert one.n > 0
        for key in PROMISED[name][1].split():
            assert f"`{key.rpartition('.')[2]}`" in written, key


def test_an_unknown_bench_is_named_with_those_there_are() -> None:
    with pytest.raises(
        SettingsError, match=r"'haste' is not one of alerts, alsoread, beacon, hostile, ingest"
    ):
        bench.run("haste", None)


def test_intake_leaves_a_database_alone_that_holds_stories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEPESCHE_BENCH_POSTGRES", f"sqlite:///{tmp_path}/one.sqlite")
    assert bench.run("intake", 1) == 0
    assert json.loads(capsys.readouterr().out)["postgres"]["alone"]["n"] == 1
    with pytest.raises(SettingsError, match="is not empty"):
        bench.run("intake", 1)


def test_the_same_seed_invents_the_same_news() -> None:
    issuers = generate.register(20)
    assert issuers == generate.register(20)
    assert list(generate.stories(5, issuers)) == list(generate.stories(5, issuers))
    assert list(generate.stories(5, issuers)) != list(generate.stories(5, issuers, seed=1))
    assert all(is_isin(one.isin) and one.isin.startswith("ZZ") for one in issuers)


def test_invented_stories_are_found_about_their_issuers() -> None:
    issuers = generate.register(50)
    linker = Linker(issuers)
    for story in generate.stories(20, issuers, mentioning=1.0):
        found = {one.isin for one in linker.link(generate.take(story))}
        assert found == {one.isin for one in story.issuers}


@pytest.mark.parametrize("name", [*writers.ITEMS, *writers.FEEDS])
def test_invented_items_are_read_whole(name: str) -> None:
    formats = wire_format.load()
    stories = list(generate.stories(4, generate.register(5), mentioning=1.0))
    items = writers.ITEMS.get(name)
    raws = [items[1](one) for one in stories] if items else [writers.FEEDS[name](stories)]
    read = [one for raw in raws for one in parse.takes(raw, formats)]
    assert not [one for one in read if isinstance(one, WireError)]
    edited = [copydesk.edit(one) for one in read]
    is_teletype = name == "iptc7901"  # which has neither guids nor seconds
    assert is_teletype or [one.guid for one in edited] == [one.guid for one in stories]
    assert [one.version_created for one in edited] == [
        one.at.replace(second=0) if is_teletype else one.at for one in stories
    ]
    for one, story in zip(edited, stories, strict=True):
        assert one.headline == story.headline
        assert one.sign_off == "/ke/mf/st"
        assert one.dateline
        assert one.dateline.places == (story.place,)
        assert [words for words in one.body_text.split("\n\n") if len(words) > 100] == list(story.paragraphs)
        assert one.series == (story.series if items else None)


def test_figures_have_four_digits_and_survive_nothing() -> None:
    assert rounded(1234.567) == 1235.0
    assert (ratio(3.0, 2.0), ratio(1.0, 0.0)) == (1.5, None)
    assert [percentile([5.0, 1.0, 3.0], share) for share in (0, 50, 99)] == [1.0, 3.0, 5.0]
    assert percentile([], 50) == 0.0
