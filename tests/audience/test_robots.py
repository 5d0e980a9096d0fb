"""Robots and readers by their user agents."""

from __future__ import annotations

import counter_robots
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depesche.audience import robots
from depesche.audience.robots import classify, is_robot, sort_out

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
READERS = [
    CHROME.format(141),
    "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
]
ROBOTS = [
    "Mozilla/5.0 (compatible; Examplebot/2.0; +https://robot.example/about)",
    "curl/8.11.0",
    "python-requests/2.32.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36",
    "Wget/1.24",
]


@pytest.mark.parametrize("agent", READERS)
def test_browsers_are_readers(agent: str) -> None:
    assert classify(agent) == (False, "-")
    assert not is_robot(agent)


@pytest.mark.parametrize("agent", ROBOTS)
def test_programs_are_robots_and_the_rule_is_named(agent: str) -> None:
    robot, rule = classify(agent)
    assert robot
    assert rule.startswith(("is-bot ", "counter-robots "))
    assert is_robot(agent)


@pytest.mark.parametrize("agent", ["", "   ", "\t"])
def test_no_agent_at_all_is_a_robot(agent: str) -> None:
    assert classify(agent) == (True, "empty")


def test_the_same_agent_always_has_the_same_rule() -> None:
    assert (
        classify("curl/8.11.0")[1]
        == r"is-bot ^[\w \.\-\(?:\):%]+(?:/v?\d+(?:\.\d+)?(?:\.\d{1,10})*?)?(?:,|$)"
    )


def test_sorting_out_answers_every_line_in_order() -> None:
    lines = list(sort_out([CHROME.format(140) + "\n", "\n", "curl/8.11.0\n"]))
    assert lines[0] == "reader\t-"
    assert lines[1] == "robot\tempty"
    assert lines[2].startswith("robot\tis-bot ")


_PIECES = sorted(
    {one.strip("^$").replace("\\", "") for one in robots._bots.patterns}
    | {
        "Mozilla/5.0 ",
        "(Linux; Android 15; K) ",
        "Chrome/141.0",
        "libhttp",
        " cubot",
        "google pixel",
        "(",
        ")",
        ";",
        "/",
        " ",
        "1.2",
        "Bot",
        "YETI/1",
    }
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(_PIECES), max_size=4).map("".join), st.text(max_size=60)))
def test_the_quick_way_finds_what_the_lists_find(agent: str) -> None:
    agent = agent.strip()[:512]
    slow = not agent or robots._bots.is_bot(agent) or counter_robots.is_robot_or_machine(agent)
    assert is_robot(agent) == slow


def test_many_and_long_agents_fill_no_memory() -> None:
    for n in range(robots._REMEMBERED + 200):
        is_robot(f"Examplebot/{n}")
    assert robots._is_robot.cache_info().currsize <= robots._REMEMBERED
    assert classify("x" * 1_000_000) == classify("x" * 2_000_000)
