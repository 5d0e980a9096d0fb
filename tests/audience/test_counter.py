"""Views counted by hand, by another way of counting, and under bad circumstances."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.audience.counter import Counter, purpose
from depesche.audience.generate import visits
from depesche.audience.robots import is_robot
from depesche.lib.clock import epoch, from_epoch
from depesche.model.audience import Visit
from fakes import FakeClock

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"
ANNA = Visit("192.0.2.10", BROWSER)
BERT = Visit("198.51.100.7", BROWSER)


def _clicks(counter: Counter, clock, times: list[float], story: int = 1, visit: Visit = ANNA) -> list[str]:
    start = epoch(clock.now())
    answers = []
    for at in times:
        clock.time = from_epoch(start + at)
        answers.append(counter.count(story, visit))
    clock.time = from_epoch(start)
    return answers


@pytest.mark.parametrize(
    ("times", "answers"),
    [
        ([0], ["counted"]),
        ([0, 29], ["counted", "repeat"]),
        ([0, 35], ["counted", "counted"]),
        ([0, 30], ["counted", "repeat"]),
        ([0, 30.001], ["counted", "counted"]),
        ([0, 20, 40], ["counted", "repeat", "repeat"]),
        ([0, 20, 40, 60, 80, 100], ["counted"] + ["repeat"] * 5),
        ([0, 30, 60, 90.5], ["counted", "repeat", "repeat", "counted"]),
        ([0.25, 30.25], ["counted", "repeat"]),
        ([0, 0, 0], ["counted", "repeat", "repeat"]),
        ([0, 31, 62], ["counted", "counted", "counted"]),
    ],
)
def test_clicks_of_one_reader_on_one_story(counter, clock, times, answers) -> None:
    assert _clicks(counter, clock, times) == answers


def test_another_story_and_another_reader_are_other_views(counter, clock) -> None:
    assert counter.count(1, ANNA) == "counted"
    clock.move(seconds=5)
    assert counter.count(2, ANNA) == "counted"
    assert counter.count(1, BERT) == "counted"
    clock.move(seconds=5)
    assert counter.count(1, ANNA) == "repeat"
    assert sum(counter.drain().views.values()) == 3


def test_another_browser_in_the_same_network_is_another_reader(counter) -> None:
    assert counter.count(1, ANNA) == "counted"
    assert counter.count(1, Visit(ANNA.address, BROWSER.replace("146", "145"))) == "counted"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.10", "192.0.2.250", True),
        ("192.0.2.10", "192.0.3.10", False),
        ("192.0.2.10", "::ffff:192.0.2.99", True),
        ("2001:db8:7:1::1", "2001:db8:7:ffff::9", True),
        ("2001:db8:7:1::1", "2001:db8:8:1::1", False),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("testclient", "testclient", True),
        ("testclient", "", False),
        ("a\0b", "a\0b", True),
    ],
)
def test_a_reader_is_a_network_not_an_address(counter, first, second, same) -> None:
    assert counter.count(1, Visit(first, BROWSER)) == "counted"
    assert counter.count(1, Visit(second, BROWSER)) == ("repeat" if same else "counted")


def test_the_view_moves_into_the_hour_of_the_last_click(counter, clock) -> None:
    clock.time = from_epoch(500_000 * 3_600 - 10)
    counter.count(1, ANNA)
    assert counter.drain().views == {(1, 499_999): 1}
    clock.move(seconds=20)
    assert counter.count(1, ANNA) == "repeat"
    assert counter.drain().views == {(1, 499_999): -1, (1, 500_000): 1}


def test_a_view_that_moved_before_it_was_drained_leaves_no_trace(counter, clock) -> None:
    clock.time = from_epoch(500_000 * 3_600 - 10)
    counter.count(1, ANNA)
    clock.move(seconds=20)
    counter.count(1, ANNA)
    assert counter.drain().views == {(1, 500_000): 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"sec-purpose": "prefetch;anonymous-client-ip"},
        {"purpose": "prefetch"},
        {"x-purpose": "preview"},
        {"x-moz": "prefetch"},
        {"x-moz": "Prefetch", "purpose": "something"},
    ],
)
def test_what_the_browser_fetches_ahead_is_not_read(counter, headers) -> None:
    assert counter.count(1, Visit(ANNA.address, ANNA.agent, purpose(headers))) == "prefetch"
    assert counter.count(1, ANNA) == "counted", "the visit that follows is the first"


def test_other_headers_have_no_purpose(counter) -> None:
    assert purpose({"accept": "text/html", "sec-fetch-mode": "no-cors"}) is None
    assert counter.count(1, Visit(ANNA.address, ANNA.agent, purpose({"purpose": "reading"}))) == "counted"


@pytest.mark.parametrize("story", [11, 0, -1, 2**63, 10**40])
def test_forged_stories_are_unknown(counter, story) -> None:
    assert counter.count(story, ANNA) == "unknown"
    assert not counter.drain().views


def test_robots_are_counted_as_robots(counter, clock) -> None:
    assert counter.count(1, Visit(ANNA.address, "curl/8.11.0")) == "robot"
    assert counter.count(1, Visit(ANNA.address, "")) == "robot"
    batch = counter.drain()
    assert batch.rejected == {(20_000, "robot"): 2}
    assert not batch.views
    assert not batch.coreads


def test_a_flood_from_one_address_is_cut_off_and_others_are_not(clock) -> None:
    counter = Counter(clock, exists=lambda story: True, rate_limit=50)
    answers = Tally(counter.count(story, ANNA) for story in range(1, 201))
    assert answers == {"counted": 50, "rate": 150}
    assert counter.count(1, Visit("192.0.2.11", BROWSER + " x")) == "counted"
    clock.move(seconds=60)
    assert counter.count(300, ANNA) == "counted"


def test_many_hosts_of_one_ipv6_network_are_one_address(clock) -> None:
    counter = Counter(clock, exists=lambda story: True, rate_limit=5)
    answers = [counter.count(n, Visit(f"2001:db8:1:1::{n:x}", BROWSER)) for n in range(1, 11)]
    assert answers == ["counted"] * 5 + ["rate"] * 5


@pytest.mark.parametrize("address", ["2001:db8:7:{:x}::1", "192.0.2.{}"])
def test_many_addresses_of_one_network_are_cut_off_later(clock, address) -> None:
    counter = Counter(clock, exists=lambda story: True, rate_limit=5)
    answers = Tally(counter.count(1, Visit(address.format(n % 200), f"{BROWSER} {n}")) for n in range(400))
    assert answers == {"counted": 50, "rate": 350}
    assert len(counter._floods._visits) <= 50, "what is refused needs no room"
    assert counter.count(1, Visit("198.51.100.7", BROWSER)) == "counted"
    clock.move(seconds=60)
    assert counter.count(1, Visit(address.format(1), BROWSER)) == "counted"


def test_memory_is_bounded_by_the_capacity(clock) -> None:
    counter = Counter(clock, exists=lambda story: True, rate_limit=0, capacity=100)
    answers = Tally(counter.count(1, Visit(f"10.{n // 250}.{n % 250}.1", BROWSER)) for n in range(500))
    assert answers == {"counted": 100, "rate": 400}
    clock.move(seconds=31)
    assert counter.count(1, Visit("10.9.9.1", BROWSER)) == "counted", "the next window has room again"


@pytest.mark.slow
def test_agents_without_end_get_right_answers_and_fill_no_memory(clock) -> None:
    counter = Counter(clock, exists=lambda story: True, rate_limit=0, capacity=20_000)
    answers: Tally = Tally()
    for n in range(200_000):
        if n % 10_000 == 0:
            clock.move(seconds=20)
        robot = " bot" if n % 10 == 0 else ""
        answers[
            counter.count(1, Visit(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", f"{BROWSER} {n}{robot}"))
        ] += 1
    assert answers == {"counted": 180_000, "robot": 20_000}
    assert len(counter._repeats) <= 40_000
    assert len(counter._trails) <= 40_000
    assert len(counter._floods._visits) <= 20_000
    batch = counter.drain()
    assert (len(batch.views), len(batch.coreads), len(batch.rejected)) == (1, 1, 1)


def test_at_midnight_nobody_is_known_any_more(counter, clock) -> None:
    clock.time = from_epoch(20_001 * 86_400 - 5)
    counter.count(1, ANNA)
    before = counter._salt._bytes
    clock.move(seconds=10)
    assert counter.count(1, ANNA) == "counted"
    assert counter._salt._bytes != before
    batch = counter.drain()
    assert batch.views == {(1, 480_023): 1, (1, 480_024): 1}
    assert all(i == j for _, i, j in batch.coreads)


def test_a_clock_that_steps_back_does_no_harm(counter, clock) -> None:
    assert counter.count(1, ANNA) == "counted"
    clock.move(seconds=-3_600)
    assert counter.count(1, ANNA) == "repeat"
    clock.move(seconds=20)
    assert counter.count(1, ANNA) == "repeat"
    clock.move(seconds=31)
    assert counter.count(1, ANNA) == "counted"
    assert sum(counter.drain().views.values()) == 2


def test_a_clock_that_steps_back_over_midnight_keeps_the_salt_of_the_day(counter, clock) -> None:
    clock.time = from_epoch(20_001 * 86_400 + 5)
    assert counter.count(1, ANNA) == "counted"
    clock.move(seconds=-10)
    assert counter.count(1, ANNA) == "repeat"
    clock.move(seconds=10)
    assert counter.count(1, ANNA) == "repeat"


def test_a_clock_that_was_far_ahead_does_not_keep_the_salt_for_ever(counter, clock) -> None:
    clock.move(seconds=400 * 86_400)
    counter.count(1, ANNA)
    ahead = counter._salt._bytes
    clock.move(seconds=-400 * 86_400)
    for _ in range(25):
        clock.move(seconds=3_600)
        counter.count(1, ANNA)
    assert counter._salt._bytes != ahead


def test_what_was_read_together_is_learned_both_ways(counter, clock) -> None:
    clock.time = from_epoch(20_000 * 86_400 + 7_200)
    counter.count(1, ANNA)
    counter.count(2, ANNA)
    coreads = counter.drain().coreads
    assert coreads[20_000, 1, 2] == pytest.approx(2.0)
    assert coreads[20_000, 2, 1] == pytest.approx(0.4)
    assert coreads[20_000, 1, 1] == coreads[20_000, 2, 2] == pytest.approx(16.0)


def test_a_batch_given_back_comes_again_with_the_rest(counter, clock) -> None:
    counter.count(1, ANNA)
    counter.count(1, ANNA)
    lost = counter.drain()
    assert not counter.drain()
    counter.count(2, ANNA)
    counter.give_back(lost)
    batch = counter.drain()
    hour = int(epoch(clock.now()) // 3_600)
    assert batch.views == {(1, hour): 1, (2, hour): 1}
    assert batch.rejected == {(20_000, "repeat"): 1}
    assert batch.coreads[20_000, 1, 1] == lost.coreads[20_000, 1, 1]


def test_threads_lose_and_double_nothing(clock) -> None:
    counter = Counter(clock, exists=lambda story: True, rate_limit=0)
    drained: list[int] = []

    def read(network: int) -> None:
        for story in range(1, 501):
            counter.count(story, Visit(f"10.0.{network}.1", BROWSER))
            if story % 100 == 0:
                drained.append(sum(counter.drain().views.values()))

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(drained) + sum(counter.drain().views.values()) == 2_000


def _recount(requests: list[tuple[float, int, Visit]], stories: int) -> tuple[Tally, Tally]:
    """Count by sorting whole chains, knowing nothing of windows; times become whole microseconds."""
    rejected: Tally = Tally()
    clicks: dict[tuple, list[int]] = {}
    for at, story, visit in requests:
        day = int(at // 86_400)
        if visit.purpose and ("prefetch" in visit.purpose or "preview" in visit.purpose):
            rejected[day, "prefetch"] += 1
        elif is_robot(visit.agent):
            rejected[day, "robot"] += 1
        elif not 1 <= story <= stories:
            rejected[day, "unknown"] += 1
        else:
            address = ip_address(visit.address)
            network = int(address) >> (8 if address.version == 4 else 80)
            clicks.setdefault((day, story, address.version, network, visit.agent), []).append(round(at * 1e6))
    views: Tally = Tally()
    for (day, story, *_), times in clicks.items():
        for at, following in zip(times, [*times[1:], None], strict=True):
            if following is not None and following - at <= 30_000_000:
                rejected[day, "repeat"] += 1
            else:
                views[story, at // 3_600_000_000] += 1
    return views, rejected


@pytest.mark.parametrize(
    ("seed", "n", "rate"),
    [(1, 30_000, 20.0), (2, 30_000, 20.0), pytest.param(3, 200_000, 150.0, marks=pytest.mark.slow)],
)
def test_an_independent_recount_agrees_to_the_last_view(clock, seed, n, rate) -> None:
    requests = list(visits(seed, n, start=20_001 * 86_400 - 700.0, rate=rate))
    counter = Counter(clock, exists=lambda story: story <= 200, rate_limit=0)
    views: Tally = Tally()
    rejected: Tally = Tally()
    for number, (at, story, visit) in enumerate(requests):
        clock.time = from_epoch(at)
        counter.count(story, visit)
        if number % 997 == 0:
            batch = counter.drain()
            views.update(batch.views)
            rejected.update(batch.rejected)
    batch = counter.drain()
    views.update(batch.views)
    rejected.update(batch.rejected)
    expected_views, expected_rejected = _recount(requests, 200)
    assert {key: n for key, n in views.items() if n} == expected_views
    assert rejected == expected_rejected
    assert {reason for _, reason in rejected} == {"prefetch", "robot", "unknown", "repeat"}


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0, 1, 5, 14, 29, 30, 31, 60, 200]), st.integers(1, 3), st.booleans()),
        max_size=40,
    )
)
def test_any_sequence_of_clicks_agrees_with_the_recount(steps) -> None:

    clock = FakeClock()
    counter = Counter(clock, exists=lambda story: True)
    requests = []
    for gap, story, anna in steps:
        clock.move(seconds=gap)
        requests.append((epoch(clock.now()), story, ANNA if anna else BERT))
        counter.count(story, requests[-1][2])
    batch = counter.drain()
    assert (batch.views, batch.rejected) == _recount(requests, 10)
