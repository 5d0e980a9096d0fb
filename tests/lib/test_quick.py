"""Classes made quickly behave as all frozen dataclasses do."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, replace

import pytest

from depesche.lib.quick import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Point:
    """A point with a name."""

    x: int
    y: int = 2
    name: str | None = None


def test_it_is_made_by_place_and_by_name() -> None:
    assert Point(1) == Point(x=1, y=2, name=None)
    assert repr(Point(1, 3, name="a")) == "Point(x=1, y=3, name='a')"
    assert type(Point(1)) is Point
    assert isinstance(Point(1), Point)


def test_it_stays_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 5  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del Point(1).x


@pytest.mark.parametrize(
    ("places", "names"), [((), {}), ((1, 2, "a", 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_wrong_arguments_are_refused(places: tuple[int, ...], names: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        Point(*places, **names)  # type: ignore[arg-type]


def test_it_can_be_hashed_copied_changed_and_pickled() -> None:
    one = Point(1, 3, "a")
    assert {one: 1}[Point(1, 3, "a")] == 1
    assert copy.deepcopy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one
    assert replace(one, y=4) == Point(1, 4, "a")
    assert asdict(one) == {"x": 1, "y": 3, "name": "a"}


def test_a_class_with_default_factories_is_refused() -> None:
    @dataclass(frozen=True, slots=True)
    class Bag:
        things: list[int] = field(default_factory=list)

    with pytest.raises(TypeError, match="Bag"):
        quickly_made(Bag)


def test_a_class_without_slots_is_refused() -> None:
    @dataclass(frozen=True)
    class Loose:
        x: int = 1

    with pytest.raises(TypeError, match="Loose"):
        quickly_made(Loose)
