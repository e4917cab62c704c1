"""Orders of enclosures: a place is told only where every rival is surely below or above."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

from verifier.frontends.from_numpy.lift import lift
from verifier.numerals.balls import Balls, precision
from verifier.numerals.tokens import Maybe
from verifier.readers.decide import _order
from verifier.readers.value import read

Line = list[tuple[str, str]]  # middles and radii
BARELY = "1.0000000000000000000000001"


def order(line: Line) -> tuple[list[object], list[bool]]:
    with precision(128):
        return _order([arb(middle, radius) for middle, radius in line], Balls())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([("3", "0"), ("1", "0"), ("2", "0")], [1, 2, 0]),
        ([(BARELY, "0"), ("1", "0")], [1, 0]),  # one float, two numbers
        ([("1", "0"), (BARELY, "0")], [0, 1]),
    ],
)
def test_what_is_apart_is_ordered(line: Line, expected: list[int]) -> None:
    assert order(line) == (expected, [False] * len(line))


@pytest.mark.parametrize(
    ("line", "together"),
    [
        ([("5", "4"), ("6", "0.1"), ("7", "0.1")], {0, 1, 2}),  # the wide one may be the largest
        ([("0", "0"), ("5", "4"), ("6", "0.1"), ("20", "0")], {1, 2}),
        ([("1", "0"), ("nan", "0"), ("2", "0")], {0, 1, 2}),
    ],
)
def test_a_wide_ball_keeps_open_all_it_may_exceed(line: Line, together: set[int]) -> None:
    placed, _ = order(line)
    for position, place in enumerate(placed):
        if isinstance(place, Maybe):
            assert place.options >= together
        else:
            assert position not in together
            assert place == position


def test_equal_values_are_tied_in_the_order_they_came() -> None:
    placed, ties = order([("2", "0"), ("1", "0"), ("2", "0"), ("1", "0")])
    assert placed == [1, 3, 0, 2]
    assert ties == [True] * 4


TIED = np.array([False, False, True])
MOVES = {
    "reshape": (lambda m: m.reshape(3, 1), TIED[:, None]),
    "broadcast": (lambda m: np.broadcast_to(m, (2, 3)), np.array([TIED, TIED])),
    "gather": (lambda m: m[[2, 0]], np.array([True, False])),
    "both": (lambda m: m & (m | True), TIED),
    "where": (lambda m: np.where(m, m, True), TIED),
}


@pytest.mark.parametrize(("move", "expected"), MOVES.values(), ids=MOVES)
def test_a_tie_stays_one_where_its_decision_goes(move: Any, expected: np.ndarray) -> None:
    point = {"x": np.array([1.0, -1.0, 0.0])}
    lifted = lift(lambda leaves: move(leaves["x"] > 0), point)
    reading = read([lifted.output], point, Balls())
    assert np.array_equal(reading.ties[lifted.output], expected)


def test_places_that_are_moved_stay_whole_numbers() -> None:
    point = {"x": np.array([0.4, -1.2, 0.7, 1.5])}
    lifted = lift(lambda leaves: np.argsort(leaves["x"])[-2:], point)
    found = read([lifted.output], point, Balls())[lifted.output]
    assert found.tolist() == [2, 3]
